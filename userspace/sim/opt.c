// SPDX-License-Identifier: GPL-2.0
/*
 * Belady's optimum: the page with the farthest next use is evicted.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage computer",
 * IBM Systems Journal 5(2), 1966. No policy of the module: it needs to know each
 * next use. Resident pages are in a heap by that time, farthest at the top.
 */

#include <string.h>
#include "memory.h"
#include "opt.h"

#define ABSENT	UINT32_MAX

struct page {
	uint64_t next_use;
	uint32_t position;	/* in the heap, or ABSENT */
	bool is_dirty;
};

struct opt {
	struct page *pages;
	uint32_t nr_pages;
	uint32_t *heap;		/* of page ids */
	uint32_t nr;
	unsigned long nr_frames;
	const struct trace *trace;
	struct pool_result *parts;	/* of a merged trace, by part */
	struct pool_result result;
};

static uint64_t key_at(const struct opt *opt, uint32_t position)
{
	return opt->pages[opt->heap[position]].next_use;
}

static void place_page(struct opt *opt, uint32_t position, uint32_t id)
{
	opt->heap[position] = id;
	opt->pages[id].position = position;
}

static void sift_up(struct opt *opt, uint32_t id)
{
	uint32_t position = opt->pages[id].position, parent;

	for (; position; position = parent) {
		parent = (position - 1) / 2;
		if (key_at(opt, parent) >= opt->pages[id].next_use)
			break;
		place_page(opt, position, opt->heap[parent]);
	}
	place_page(opt, position, id);
}

static void sift_down(struct opt *opt, uint32_t id)
{
	uint32_t position = opt->pages[id].position, child;

	while ((child = 2 * position + 1) < opt->nr) {
		if (child + 1 < opt->nr && key_at(opt, child + 1) > key_at(opt, child))
			child++;
		if (key_at(opt, child) <= opt->pages[id].next_use)
			break;
		place_page(opt, position, opt->heap[child]);
		position = child;
	}
	place_page(opt, position, id);
}

static void evict_farthest(struct opt *opt)
{
	uint32_t id = opt->heap[0], last = opt->heap[--opt->nr];
	struct page *farthest = &opt->pages[id];

	opt->result.dirty_evictions += farthest->is_dirty;
	if (opt->parts)
		opt->parts[opt->trace->owners[id]].dirty_evictions += farthest->is_dirty;
	farthest->position = ABSENT;
	farthest->is_dirty = false;
	if (opt->nr) {
		place_page(opt, 0, last);
		sift_down(opt, last);
	}
}

static void keep_schedule(struct opt *opt, const struct schedule *schedule,
			  uint64_t done)
{
	unsigned long nr_frames = schedule_frames(schedule, done);

	if (done && done == schedule->warm_up) {
		opt->result = (struct pool_result){ };
		if (opt->parts)
			memset(opt->parts, 0, opt->trace->nr_parts * sizeof(*opt->parts));
	}
	if (nr_frames)
		opt->nr_frames = nr_frames;
	while (opt->nr > opt->nr_frames)
		evict_farthest(opt);
}

static void refer_page(struct opt *opt, uint32_t reference, uint64_t next_use)
{
	uint32_t id = TRACE_PAGE(reference);
	struct page *page = &opt->pages[id];

	opt->result.references++;
	if (page->position == ABSENT) {
		opt->result.misses++;
		if (opt->parts)
			opt->parts[opt->trace->owners[id]].misses++;
		if (opt->nr == opt->nr_frames)
			evict_farthest(opt);
		page->position = opt->nr++;
	}
	page->is_dirty |= TRACE_IS_WRITE(reference);
	/* The next use only ever moves away, towards the top. */
	page->next_use = next_use;
	sift_up(opt, id);
}

static void show_pages(const struct opt *opt, const struct watch *watch)
{
	unsigned char *states = memory_array(opt->nr_pages, 1);
	uint32_t id;

	for (id = 0; id < opt->nr_pages; id++)
		if (opt->pages[id].position != ABSENT)
			states[id] = POOL_RESIDENT |
				     (opt->pages[id].is_dirty ? POOL_DIRTY : 0);
	watch->see(watch->data, states);
	free(states);
}

/**
 * opt_run() - replay a trace
 * @trace: the trace, after trace_look_ahead()
 * @nr_frames: of the pool, at least 1
 * @config: its schedule and watch; the optimum knows all that comes
 * @parts: as of pool_run()
 *
 * Return: the counts.
 */
struct pool_result opt_run(const struct trace *trace, unsigned long nr_frames,
			   const struct pool_config *config, struct pool_result *parts)
{
	struct opt opt = {
		.nr_pages = trace->pages.nr,
		.pages = memory_array(trace->pages.nr, sizeof(*opt.pages)),
		.heap = memory_array(trace->pages.nr, sizeof(*opt.heap)),
		.nr_frames = nr_frames,
		.trace = trace,
		.parts = parts,
	};
	uint64_t i, next_use;
	uint32_t id;

	for (id = 0; id < trace->pages.nr; id++)
		opt.pages[id].position = ABSENT;
	for (i = 0; i < trace->nr; i++) {
		keep_schedule(&opt, &config->schedule, i);
		next_use = trace->next[i] == TRACE_NEVER ? UINT64_MAX :
							   i + trace->next[i];
		refer_page(&opt, trace->references[i], next_use);
		if (config->watch.see)
			show_pages(&opt, &config->watch);
	}
	free(opt.heap);
	free(opt.pages);
	return opt.result;
}
