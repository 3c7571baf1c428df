// SPDX-License-Identifier: GPL-2.0
/* Anonymous memory, which the kernel itself swaps. */

#include <err.h>
#include <sys/mman.h>
#include "memory.h"
#include "path.h"

static void map_anonymous(struct memory *memory)
{
	memory->start = memory_reserve(memory->size, 1);
}

static void page_out_anonymous(const struct memory *memory)
{
	if (madvise(memory->start, memory->size, MADV_PAGEOUT))
		err(2, "MADV_PAGEOUT");
}

/* Nothing else moves the kernel's own counters during a run. */
static void count_anonymous(const struct memory *memory, struct paging *paging)
{
	paging->misses = memory_major_faults();
	paging->swap_ins = path_read_field("/proc/vmstat", "pswpin");
	paging->readahead = path_read_field("/proc/vmstat", "swap_ra");
	paging->readahead_hits = path_read_field("/proc/vmstat", "swap_ra_hit");
}

const struct memory_ops anonymous_memory = {
	.name = "anon",
	.map = map_anonymous,
	.page_out = page_out_anonymous,
	.count = count_anonymous,
	.bytes = memory_cgroup_peak,
};
