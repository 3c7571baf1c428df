// SPDX-License-Identifier: GPL-2.0
/*
 * Belady's optimum: the page goes whose next use is farthest away.
 *
 * L. A. Belady, "A study of replacement algorithms for a virtual-storage computer",
 * IBM Systems Journal 5(2), 1966. No policy of the module: it needs to know each
 * next use. Resident pages are in a heap by that time, farthest at the top.
 */

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
	uint32_t *heap;		/* of page ids */
	uint32_t nr;
};

static uint64_t key(const struct opt *opt, uint32_t position)
{
	return opt->pages[opt->heap[position]].next_use;
}

static void place(struct opt *opt, uint32_t position, uint32_t id)
{
	opt->heap[position] = id;
	opt->pages[id].position = position;
}

static void sift_up(struct opt *opt, uint32_t id)
{
	uint32_t position = opt->pages[id].position, parent;

	for (; position; position = parent) {
		parent = (position - 1) / 2;
		if (key(opt, parent) >= opt->pages[id].next_use)
			break;
		place(opt, position, opt->heap[parent]);
	}
	place(opt, position, id);
}

static void sift_down(struct opt *opt, uint32_t id)
{
	uint32_t position = opt->pages[id].position, child;

	while ((child = 2 * position + 1) < opt->nr) {
		if (child + 1 < opt->nr && key(opt, child + 1) > key(opt, child))
			child++;
		if (key(opt, child) <= opt->pages[id].next_use)
			break;
		place(opt, position, opt->heap[child]);
		position = child;
	}
	place(opt, position, id);
}

static bool evict_farthest(struct opt *opt)
{
	struct page *farthest = &opt->pages[opt->heap[0]];
	uint32_t last = opt->heap[--opt->nr];
	bool was_dirty = farthest->is_dirty;

	farthest->position = ABSENT;
	farthest->is_dirty = false;
	if (opt->nr) {
		place(opt, 0, last);
		sift_down(opt, last);
	}
	return was_dirty;
}

static void refer(struct opt *opt, uint32_t id, uint64_t next_use)
{
	struct page *page = &opt->pages[id];

	/* The next use only ever moves away, towards the top. */
	page->next_use = next_use;
	if (page->position == ABSENT)
		page->position = opt->nr++;
	sift_up(opt, id);
}

/**
 * opt_run() - replay a trace
 * @trace: the trace, after trace_look_ahead()
 * @nr_frames: of the pool, at least 1
 *
 * Return: what came of it.
 */
struct pool_result opt_run(const struct trace *trace, unsigned long nr_frames)
{
	struct opt opt = {
		.pages = memory_array(trace->pages.nr, sizeof(*opt.pages)),
		.heap = memory_array(trace->pages.nr, sizeof(*opt.heap)),
	};
	struct pool_result result = { };
	uint64_t i, next_use;
	uint32_t id;

	for (id = 0; id < trace->pages.nr; id++)
		opt.pages[id].position = ABSENT;
	for (i = 0; i < trace->nr; i++) {
		id = TRACE_PAGE(trace->references[i]);
		if (opt.pages[id].position == ABSENT) {
			result.misses++;
			if (opt.nr == nr_frames)
				result.dirty_evictions += evict_farthest(&opt);
		}
		next_use = trace->next[i] == TRACE_NEVER ? UINT64_MAX :
							   i + trace->next[i];
		opt.pages[id].is_dirty |= TRACE_IS_WRITE(trace->references[i]);
		refer(&opt, id, next_use);
	}
	free(opt.heap);
	free(opt.pages);
	return result;
}
