// SPDX-License-Identifier: GPL-2.0
/*
 * Page fault frequency: the resident set changes at misses, by the number of references
 * since the miss before.
 *
 * W. W. Chu and H. Opderbeck, "The page fault frequency replacement algorithm", AFIPS
 * Fall Joint Computer Conference, 1972. A miss at reference t after one at t' makes the
 * set grow by its page if t - t' is below the interval. Otherwise the pages not used
 * since the last miss go: those whose last use was before t'. The page of t' stays, as
 * its reference is made, and sets the bit, after the miss was handled.
 *
 * With two thresholds, as textbooks describe it (W. Stallings, "Operating Systems",
 * the section on the resident set), the set shrinks from the second one on, and keeps
 * its size between them: the page used least recently goes for the one that comes in.
 *
 * Resident pages are on a list in the order of their last use, so pages that go are at
 * its end.
 */

#include "memory.h"
#include "space.h"

enum { INTERVAL, SHRINK_INTERVAL };

/* The ends of the list are one more page: behind it is the page used first. */
static uint32_t list_ends(const struct space *space)
{
	return space->trace->pages.nr;
}

static void unlink_page(struct space *space, uint32_t page)
{
	uint32_t before = space->pages[page].before, after = space->pages[page].after;

	space->pages[before].after = after;
	space->pages[after].before = before;
}

/* As the page used last. */
static void link_page(struct space *space, uint32_t page)
{
	uint32_t ends = list_ends(space), before = space->pages[ends].before;

	space->pages[page].before = before;
	space->pages[page].after = ends;
	space->pages[before].after = page;
	space->pages[ends].before = page;
}

static void drop_oldest(struct space *space)
{
	uint32_t oldest = space->pages[list_ends(space)].after;

	unlink_page(space, oldest);
	space_drop(space, oldest);
}

static void drop_unused(struct space *space)
{
	uint32_t ends = list_ends(space);

	while (space->pages[ends].after != ends &&
	       space->pages[space->pages[ends].after].last < space->last_miss)
		drop_oldest(space);
}

static void make_room(struct space *space)
{
	unsigned int interval = space->values[INTERVAL];
	unsigned int shrink_interval = space->values[SHRINK_INTERVAL];
	uint64_t since = space->now - space->last_miss;

	if (!shrink_interval)
		shrink_interval = interval;
	if (since >= shrink_interval)
		drop_unused(space);
	else if (since >= interval)
		drop_oldest(space);
}

static void pff_refer(struct space *space, uint32_t page)
{
	if (space->pages[page].is_resident) {
		unlink_page(space, page);
	} else {
		if (space->has_missed)
			make_room(space);
		space_add(space, page);
		space->last_miss = space->now;
		space->has_missed = true;
	}
	link_page(space, page);
	space->pages[page].last = space->now;
}

static void pff_begin(struct space *space)
{
	uint32_t ends = list_ends(space);

	space->pages[ends].before = ends;
	space->pages[ends].after = ends;
}

static void pff_check(const unsigned int *values)
{
	if (values[SHRINK_INTERVAL] && values[SHRINK_INTERVAL] < values[INTERVAL])
		errx(2, "--param shrink_interval=%u: below interval=%u",
		     values[SHRINK_INTERVAL], values[INTERVAL]);
}

static const struct swaplab_policy_param pff_params[] = {
	[INTERVAL] = {
		.name = "interval", .min = 1, .max = 4000000000U, .initial = 1000,
	},
	[SHRINK_INTERVAL] = {
		.name = "shrink_interval", .min = 0, .max = 4000000000U, .initial = 0,
	},
	{ }
};

const struct space_policy pff_policy = {
	.name = "pff",
	.params = pff_params,
	.check = pff_check,
	.begin = pff_begin,
	.refer = pff_refer,
};
