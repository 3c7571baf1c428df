/* SPDX-License-Identifier: GPL-2.0 */
/* Page maps as text and as pictures. */
#ifndef SWAPLAB_DRAW_H
#define SWAPLAB_DRAW_H

#include <stdio.h>
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
extern const char *const draw_colours[NR_KINDS];

enum kind draw_kind(unsigned char state);
enum kind draw_kind_of_block(const struct pagemap *map, size_t first, size_t nr);
size_t draw_pages_per_block(size_t nr_pages, size_t nr_blocks);
const char *const *draw_glyphs(void);
void draw_legend(size_t per_block);
void draw_svg_text(FILE *file, const char *text);
void draw_svg_legend(FILE *file, size_t per_block, int y);
void draw_text(const struct pagemap *map, unsigned int columns,
	       unsigned int rows);
void draw_svg(const struct pagemap *map, const char *path);

#endif /* SWAPLAB_DRAW_H */
