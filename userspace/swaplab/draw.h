/* SPDX-License-Identifier: GPL-2.0 */
/* Page maps as text and as pictures. */
#ifndef SWAPLAB_DRAW_H
#define SWAPLAB_DRAW_H

#include "pagemap.h"

/**
 * enum kind - the kinds of pages in a map
 * @ABSENT: never touched, or discarded
 * @SWAPPED: in the swap file only
 * @RESIDENT: in a frame, and none of the kinds below
 * @REFERENCED: used since the policy last looked
 * @DIRTY: newer than any copy in the swap file
 * @LOCKED: kept by SWAPLAB_LOCK
 * @NR_KINDS: how many
 */
enum kind { ABSENT, SWAPPED, RESIDENT, REFERENCED, DIRTY, LOCKED, NR_KINDS };

extern const char *const draw_names[NR_KINDS];

enum kind draw_kind(unsigned char state);
void draw_text(const struct pagemap *map, unsigned int columns,
	       unsigned int rows);
void draw_svg(const struct pagemap *map, const char *path);

#endif /* SWAPLAB_DRAW_H */
