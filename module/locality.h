/* SPDX-License-Identifier: GPL-2.0 */
/* Locality: in which parts of a region the neighbours of a page are worth reading with it. */
#ifndef _SWAPLAB_LOCALITY_H
#define _SWAPLAB_LOCALITY_H

#include <linux/spinlock.h>
#include <linux/types.h>

/* Parts that are remembered, and blocks that were read around lately. */
#define SWAPLAB_LOCALITY_PARTS	32
#define SWAPLAB_LOCALITY_BLOCKS	64

/* The smallest block and the largest, in pages. */
#define SWAPLAB_AROUND_LEAST	8
#define SWAPLAB_AROUND_MOST	64U

/**
 * struct swaplab_part - how far reads around pay in a part of a region
 * @nr: the number of the part, plus one; 0: this is free
 * @credit: pages that may be read on account of those that were used
 * @nr_lent: pages that were read on trust, without a use since
 * @nr_read: pages read since the size of the block was looked at
 * @nr_used: uses since then, as far as they tell of density
 * @order: the block has 2^order pages
 */
struct swaplab_part {
	u32 nr;
	s16 credit;
	u16 nr_lent;
	u16 nr_read;
	u16 nr_used;
	u8 order;
};

/**
 * struct swaplab_block - a piece of SWAPLAB_AROUND_MOST pages that was read around
 * @nr: the number of the piece, plus one; 0: this is free
 * @clock: misses of the region at that time
 */
struct swaplab_block {
	u32 nr;
	u32 clock;
};

/**
 * struct swaplab_probe - one small block that was read to see whether it is used
 * @block: its number, plus one; 0: none
 * @nr_read: pages of it that were read
 * @nr_used: of them, used since
 * @interval: misses from one probe to the next
 * @nr_misses: misses since the last one
 */
struct swaplab_probe {
	u32 block;
	u16 nr_read;
	u16 nr_used;
	u16 interval;
	u16 nr_misses;
};

/**
 * struct swaplab_locality - the locality of a region
 * @lock: Protects: all of it
 * @clock: misses
 * @trust: pages that may be read where nothing is known yet
 * @shortage: above 0 while misses on pages that were evicted lately are frequent
 * @probe: the last probe
 * @parts: by a hash of their numbers
 * @blocks: by a hash of theirs
 */
struct swaplab_locality {
	spinlock_t lock;		/* all of it */
	u32 clock;
	u16 trust;
	u16 shortage;
	struct swaplab_probe probe;
	struct swaplab_part parts[SWAPLAB_LOCALITY_PARTS];
	struct swaplab_block blocks[SWAPLAB_LOCALITY_BLOCKS];
};

void swaplab_locality_init(struct swaplab_locality *locality);
unsigned int swaplab_locality_miss(struct swaplab_locality *locality,
				   pgoff_t index, bool near, unsigned int max);
void swaplab_locality_read(struct swaplab_locality *locality, pgoff_t index,
			   unsigned int nr);
void swaplab_locality_used(struct swaplab_locality *locality, pgoff_t index);
void swaplab_locality_wasted(struct swaplab_locality *locality, pgoff_t index);

#endif /* _SWAPLAB_LOCALITY_H */
