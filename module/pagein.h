/* SPDX-License-Identifier: GPL-2.0 */
/* Bringing a page in: zeroed, copied from a file, supplied by a pager, or read from its slot. */
#ifndef _SWAPLAB_PAGEIN_H
#define _SWAPLAB_PAGEIN_H

#include "origin.h"
#include "region.h"

int swaplab_pagein_init(void);
void swaplab_pagein_exit(void);
void swaplab_pagein_flush(void);

int swaplab_pagein_zero(struct swaplab_region *region, pgoff_t index,
			struct swaplab_frame *frame, gfp_t gfp);
int swaplab_pagein_origin(struct swaplab_region *region, pgoff_t index,
			  struct swaplab_frame *frame,
			  const struct swaplab_origin *origin, struct folio *from);
int swaplab_pagein_supply(struct swaplab_region *region, pgoff_t index,
			  struct swaplab_frame *frame, struct swaplab_pager *pager,
			  const struct swaplab_transfer *supply);
struct folio *swaplab_pagein_copy_and_lock(struct swaplab_region *region,
					   struct swaplab_frame *old,
					   struct swaplab_frame *frame);
struct folio *swaplab_pagein_zero_and_lock(struct swaplab_region *region,
					   pgoff_t index,
					   struct swaplab_frame *frame,
					   gfp_t gfp);
struct folio *swaplab_pagein_origin_and_lock(struct swaplab_region *region,
					     pgoff_t index,
					     struct swaplab_frame *frame,
					     const struct swaplab_origin *origin,
					     struct folio *from);
struct swaplab_io *swaplab_pagein_begin(struct swaplab_region *region,
					pgoff_t index, void *entry,
					struct swaplab_frame *frame);
void swaplab_pagein_submit(struct swaplab_io *io);
struct swaplab_io *swaplab_pagein_start(struct swaplab_region *region,
					pgoff_t index, void *entry,
					struct swaplab_frame *frame);
struct swaplab_io *swaplab_pagein_begin_ahead(struct swaplab_region *region,
					      pgoff_t index, void *entry,
					      struct swaplab_frame *frame,
					      unsigned int flags);
bool swaplab_pagein_extend(struct swaplab_io *io, pgoff_t index, void *entry,
			   struct swaplab_frame *frame, unsigned int flags);
void swaplab_pagein_submit_ahead(struct swaplab_io *io);
void swaplab_pagein_mute(struct swaplab_io *io);
bool swaplab_pagein_is_done(struct swaplab_io *io);
int swaplab_pagein_finish(struct swaplab_io *io);
struct folio *swaplab_pagein_finish_and_lock(struct swaplab_io *io);

#endif /* _SWAPLAB_PAGEIN_H */
