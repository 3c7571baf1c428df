// SPDX-License-Identifier: GPL-2.0
/*
 * Locality: how many neighbours of a missed page to read with it.
 *
 * A region is divided into parts of 1,024 pages. Each part has a credit, in pages. A page
 * that is read around a miss takes one from it. A page that is used soon after it was read
 * gives back three, so a part in which half of such pages are used goes on reading; a later
 * use gives back one, and a page evicted unused takes another one. The block that is read
 * has 8 pages at first. It is doubled while half of the pages read have been used, up to 64,
 * and halved while less than a quarter have.
 *
 * Random access uses any page sooner or later, if it stays long enough. So uses prove
 * little when the set in use is larger than memory: each page that comes in displaces one
 * that is as likely to be used. Misses tell: the set is too large if pages are missed that
 * were evicted lately. If hardly any are, other data is coming into use, and there is room
 * for all of it. Then any use gives back sixteen, and parts of which nothing is
 * known are read around on trust, up to 256 pages in a part. Trust is used up by reading,
 * and comes back with use only, so the pages read in vain are few.
 *
 * A part without credit or trust gets a probe, a block of 8 pages, at every 256th miss of
 * the region; more often, if half of the last probe was used.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "locality.h"

/* A part: 4 MiB, with 4 KiB a page. */
#define PART_ORDER		10
#define LEAST_ORDER		3
#define MOST_ORDER		6

/* More credit than this would take too long to lose. */
#define CREDIT_MOST		512
/* So much debt at most: the first page used ends it soon. */
#define CREDIT_LEAST		(-64)
/* A use at most so many misses after the read shows density. */
#define SOON_MISSES		64
#define CREDIT_SOON		3
#define CREDIT_LATER		1
/* A use while there is room. */
#define CREDIT_ROOM		16
#define USED_ROOM		4

/* Pages read on trust in one part, and in the region at first and at most. */
#define TRUST_PART		256
#define TRUST_FIRST		256
#define TRUST_MOST		1024
/* For a page used that was read on trust, and for a probe. */
#define TRUST_USED		4
#define TRUST_PROBE		64

/* There is room while fewer than one in so many misses is near; after so many without. */
#define SHORTAGE_NEAR		32
#define SHORTAGE_MOST		64

#define PROBE_OFTEN		8
#define PROBE_RARELY		256

/* Pages read before the size of the block is looked at, and before it is made smaller. */
#define RESIZE_LEAST		32
#define RESIZE_MOST		128

/**
 * swaplab_locality_init() - nothing is known yet
 * @locality: of a new region, zeroed
 */
void swaplab_locality_init(struct swaplab_locality *locality)
{
	spin_lock_init(&locality->lock);
	locality->trust = TRUST_FIRST;
	locality->probe.interval = PROBE_RARELY;
}

static u32 part_nr(pgoff_t index)
{
	return (index >> PART_ORDER) + 1;
}

/* The part of a page, or NULL. */
static struct swaplab_part *find_part(struct swaplab_locality *locality,
				      pgoff_t index)
{
	u32 nr = part_nr(index);
	struct swaplab_part *part = &locality->parts[nr % SWAPLAB_LOCALITY_PARTS];

	return part->nr == nr ? part : NULL;
}

/*
 * The same for a miss. A part that is not known takes the place of one without credit. So
 * misses all over the region displace a part that is dense only if it is not used.
 */
static struct swaplab_part *find_or_add_part(struct swaplab_locality *locality,
					     pgoff_t index)
{
	u32 nr = part_nr(index);
	struct swaplab_part *part = &locality->parts[nr % SWAPLAB_LOCALITY_PARTS];

	if (part->nr == nr)
		return part;
	if (part->credit > 0) {
		part->credit -= 4;
		return NULL;
	}
	*part = (struct swaplab_part){ .nr = nr, .order = LEAST_ORDER };
	return part;
}

static void add_credit(struct swaplab_part *part, int credit)
{
	part->credit = clamp(part->credit + credit, CREDIT_LEAST, CREDIT_MOST);
}

static void add_trust(struct swaplab_locality *locality, unsigned int nr)
{
	locality->trust = min(locality->trust + nr, (unsigned int)TRUST_MOST);
}

/* @near: the page had been evicted lately. */
static void note_distance(struct swaplab_locality *locality, bool near)
{
	if (near)
		locality->shortage = min(locality->shortage + SHORTAGE_NEAR,
					 SHORTAGE_MOST);
	else if (locality->shortage)
		locality->shortage--;
}

/* As often as they are used. */
static void end_probe(struct swaplab_locality *locality, bool was_used)
{
	struct swaplab_probe *probe = &locality->probe;

	if (was_used) {
		probe->interval = max(probe->interval / 2, PROBE_OFTEN);
		add_trust(locality, TRUST_PROBE);
	} else {
		probe->interval = min(probe->interval * 2, PROBE_RARELY);
	}
	probe->block = 0;
}

static void begin_probe(struct swaplab_locality *locality,
			struct swaplab_part *part, pgoff_t index)
{
	struct swaplab_probe *probe = &locality->probe;

	if (probe->block)
		end_probe(locality, false);
	probe->block = (index >> LEAST_ORDER) + 1;
	probe->nr_read = 0;
	probe->nr_used = 0;
	probe->nr_misses = 0;
	part->credit = SWAPLAB_AROUND_LEAST;
	part->order = LEAST_ORDER;
}

static void resize_block(struct swaplab_part *part)
{
	bool grow = 2 * part->nr_used >= part->nr_read;

	if (part->nr_read < (grow ? RESIZE_LEAST : RESIZE_MOST))
		return;
	if (grow && part->order < MOST_ORDER)
		part->order++;
	else if (4 * part->nr_used < part->nr_read && part->order > LEAST_ORDER)
		part->order--;
	part->nr_read = 0;
	part->nr_used = 0;
}

/* Pages that the part may read now. */
static unsigned int budget_of(const struct swaplab_locality *locality,
			      const struct swaplab_part *part)
{
	unsigned int trust = 0;

	if (!locality->shortage && part->nr_lent < TRUST_PART)
		trust = min_t(unsigned int, locality->trust,
			      TRUST_PART - part->nr_lent);
	return max_t(int, part->credit, 0) + trust;
}

/* The block around a page in a known part. */
static unsigned int plan_block(struct swaplab_locality *locality,
			       struct swaplab_part *part, pgoff_t index,
			       unsigned int max)
{
	struct swaplab_probe *probe = &locality->probe;
	unsigned int budget = budget_of(locality, part);

	max = rounddown_pow_of_two(max);
	if (budget < SWAPLAB_AROUND_LEAST) {
		if (probe->nr_misses < probe->interval)
			return 0;
		begin_probe(locality, part, index);
		return SWAPLAB_AROUND_LEAST;
	}
	resize_block(part);
	return min3(1U << part->order, max,
		    (unsigned int)rounddown_pow_of_two(budget));
}

/**
 * swaplab_locality_miss() - a page has to be read
 * @locality: of its region
 * @index: of the page
 * @near: it was evicted lately
 * @max: pages that a block may have now
 *
 * Return: pages in the aligned block around it that is to be read, or 0. The caller calls
 * swaplab_locality_read() when it has begun to read.
 */
unsigned int swaplab_locality_miss(struct swaplab_locality *locality,
				   pgoff_t index, bool near, unsigned int max)
{
	struct swaplab_part *part;
	unsigned int nr = 0;

	spin_lock(&locality->lock);
	locality->clock++;
	if (locality->probe.nr_misses < PROBE_RARELY)
		locality->probe.nr_misses++;
	note_distance(locality, near);
	part = find_or_add_part(locality, index);
	if (part && near)
		add_credit(part, -1);
	if (part && max >= SWAPLAB_AROUND_LEAST)
		nr = plan_block(locality, part, index, max);
	spin_unlock(&locality->lock);
	return nr;
}

/* Takes them from the credit first, then from the trust. */
static void charge_part(struct swaplab_locality *locality,
			struct swaplab_part *part, unsigned int nr)
{
	unsigned int lent = nr - clamp_t(int, part->credit, 0, nr);

	part->credit -= nr - lent;
	part->nr_lent += lent;
	part->nr_read += nr;
	locality->trust -= min_t(unsigned int, lent, locality->trust);
}

/**
 * swaplab_locality_read() - pages around a miss are being read
 * @locality: of its region
 * @index: of the page that was missed
 * @nr: pages beside it
 */
void swaplab_locality_read(struct swaplab_locality *locality, pgoff_t index,
			   unsigned int nr)
{
	u32 block_nr = index / SWAPLAB_AROUND_MOST + 1;
	struct swaplab_block *block;
	struct swaplab_part *part;

	spin_lock(&locality->lock);
	block = &locality->blocks[block_nr % SWAPLAB_LOCALITY_BLOCKS];
	*block = (struct swaplab_block){ block_nr, locality->clock };
	if (locality->probe.block == (index >> LEAST_ORDER) + 1 &&
	    !locality->probe.nr_read)
		locality->probe.nr_read = nr;
	part = find_part(locality, index);
	if (part)
		charge_part(locality, part, nr);
	spin_unlock(&locality->lock);
}

static bool is_soon(const struct swaplab_locality *locality, pgoff_t index)
{
	u32 nr = index / SWAPLAB_AROUND_MOST + 1;
	const struct swaplab_block *block = &locality->blocks[nr % SWAPLAB_LOCALITY_BLOCKS];

	return block->nr == nr && locality->clock - block->clock <= SOON_MISSES;
}

static void note_probe_used(struct swaplab_locality *locality, pgoff_t index)
{
	struct swaplab_probe *probe = &locality->probe;

	if (probe->block == (index >> LEAST_ORDER) + 1 &&
	    2 * ++probe->nr_used >= probe->nr_read)
		end_probe(locality, true);
}

static void note_used(struct swaplab_locality *locality,
		      struct swaplab_part *part, bool soon)
{
	bool room = !locality->shortage;

	if (room)
		add_credit(part, CREDIT_ROOM);
	else
		add_credit(part, soon ? CREDIT_SOON : CREDIT_LATER);
	part->nr_used += room ? USED_ROOM : soon;
	if (part->nr_lent) {
		part->nr_lent--;
		add_trust(locality, TRUST_USED);
	}
}

/**
 * swaplab_locality_used() - a page that was read around another one is used
 * @locality: of its region
 * @index: of the page
 */
void swaplab_locality_used(struct swaplab_locality *locality, pgoff_t index)
{
	struct swaplab_part *part;

	spin_lock(&locality->lock);
	note_probe_used(locality, index);
	part = find_part(locality, index);
	if (part)
		note_used(locality, part, is_soon(locality, index));
	spin_unlock(&locality->lock);
}

/**
 * swaplab_locality_wasted() - such a page was evicted before its use
 * @locality: of its region
 * @index: of the page
 */
void swaplab_locality_wasted(struct swaplab_locality *locality, pgoff_t index)
{
	struct swaplab_part *part;

	spin_lock(&locality->lock);
	part = find_part(locality, index);
	if (part)
		add_credit(part, -1);
	spin_unlock(&locality->lock);
}
