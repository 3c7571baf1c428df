/* SPDX-License-Identifier: GPL-2.0 */
/* Page maps of a region, taken one after the other, beside each other. */
#ifndef SWAPLAB_STRIP_H
#define SWAPLAB_STRIP_H

#include "pagemap.h"

/* More do not fit a line of text. */
#define STRIP_MAX_TEXT	34
#define STRIP_MAX	1000

/**
 * struct strip - page maps
 * @maps: the maps
 * @seconds: when each was taken, after the first one
 * @nr: how many
 */
struct strip {
	struct pagemap *maps;
	double *seconds;
	unsigned int nr;
};

struct strip strip_take(pid_t pid, int fd, double every, unsigned int nr);
void strip_text(const struct strip *strip);
void strip_svg(const struct strip *strip, const char *path);
void strip_free(struct strip *strip);

#endif /* SWAPLAB_STRIP_H */
