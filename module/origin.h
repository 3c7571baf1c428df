/* SPDX-License-Identifier: GPL-2.0 */
/* The origin of a region's pages, if it is not zeros: SWAPLAB_BACK, SWAPLAB_PAGER. */
#ifndef _SWAPLAB_ORIGIN_H
#define _SWAPLAB_ORIGIN_H

#include "region.h"

struct swaplab_pager;
struct swaplab_transfer;

/**
 * struct swaplab_origin - a page of a file, or of a pager
 * @file: the file, with a reference; NULL: it is not from a file
 * @index: of the page in the file
 * @pager: the pager, with a reference; NULL: it is not from a pager
 * @supply: by which the pager supplies it, see swaplab_pager_begin_transfer(); or NULL
 *
 * With neither it is zeros.
 */
struct swaplab_origin {
	struct file *file;
	pgoff_t index;
	struct swaplab_pager *pager;
	const struct swaplab_transfer *supply;
};

/* Did the region ever have an origin? Stays true, under the xa_lock of region->pages. */
static inline bool swaplab_origin_has_any(struct swaplab_region *region)
{
	return READ_ONCE(region->origins) || READ_ONCE(region->pager);
}

bool swaplab_origin_get(struct swaplab_region *region, pgoff_t index,
			struct swaplab_origin *origin);
void swaplab_origin_put(const struct swaplab_origin *origin);
bool swaplab_origin_is(struct swaplab_region *region, pgoff_t index,
		       const struct swaplab_origin *origin);
struct file *swaplab_origin_file(struct file *file, pgoff_t index);
int swaplab_origin_set(struct swaplab_region *region, pgoff_t first, pgoff_t last,
		       struct file *file, pgoff_t index);
void swaplab_origin_inherit(struct swaplab_region *region,
			    struct swaplab_region *parent);
void swaplab_origin_drop(struct swaplab_region *region);
unsigned int swaplab_origin_count(struct swaplab_region *region);
struct folio *swaplab_origin_find(const struct swaplab_origin *origin);
int swaplab_origin_read(const struct swaplab_origin *origin);

#endif /* _SWAPLAB_ORIGIN_H */
