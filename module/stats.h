/* SPDX-License-Identifier: GPL-2.0 */
/* A pool's event counters: one set a CPU, summed when they are read. */
#ifndef _SWAPLAB_STATS_H
#define _SWAPLAB_STATS_H

#include <linux/percpu.h>

/* Each becomes stats/<name>; Documentation/ABI/testing says what it counts. */
#define SWAPLAB_STATS(STAT)	\
	STAT(faults)		\
	STAT(refaults)		\
	STAT(refault_distance)	\
	STAT(near_refaults)	\
	STAT(zero_fills)	\
	STAT(zero_ahead)	\
	STAT(origin_reads)	\
	STAT(pager_requests)	\
	STAT(pager_pages)	\
	STAT(pager_timeouts)	\
	STAT(pager_revokes)	\
	STAT(pager_grants)	\
	STAT(copies)		\
	STAT(family_visits)	\
	STAT(moves)		\
	STAT(swap_ins)		\
	STAT(swap_outs)		\
	STAT(clean_drops)	\
	STAT(evictions)		\
	STAT(rescues)		\
	STAT(unmaps)		\
	STAT(vma_visits)	\
	STAT(readahead)		\
	STAT(readahead_hits)	\
	STAT(readaround)	\
	STAT(readaround_hits)	\
	STAT(daemon_wakeups)	\
	STAT(frame_waits)	\
	STAT(samples)		\
	STAT(referenced)	\
	STAT(policy_fallbacks)	\
	STAT(policy_errors)	\
	STAT(thrashing)		\
	STAT(suspensions)	\
	STAT(prepaged)		\
	STAT(slot_discards)	\
	STAT(pinned_discards)	\
	STAT(io_errors)

enum swaplab_stat {
#define STAT(name) SWAPLAB_STAT_##name,
	SWAPLAB_STATS(STAT)
#undef STAT
	SWAPLAB_NR_STATS
};

struct swaplab_stats_cpu {
	unsigned long count[SWAPLAB_NR_STATS];
};

/**
 * struct swaplab_stats - the counters of a pool
 * @cpu: counts of each CPU since the pool was made
 * @base: sums at the last reset; written by swaplab_stats_reset() only
 */
struct swaplab_stats {
	struct swaplab_stats_cpu __percpu *cpu;
	unsigned long base[SWAPLAB_NR_STATS];
};

#define swaplab_stat_add(stats, name, n) \
	this_cpu_add((stats)->cpu->count[SWAPLAB_STAT_##name], n)
#define swaplab_stat_inc(stats, name)	swaplab_stat_add(stats, name, 1)

static inline int swaplab_stats_init(struct swaplab_stats *stats)
{
	stats->cpu = alloc_percpu(struct swaplab_stats_cpu);
	return stats->cpu ? 0 : -ENOMEM;
}

static inline void swaplab_stats_destroy(struct swaplab_stats *stats)
{
	free_percpu(stats->cpu);
}

static inline unsigned long swaplab_stats_sum(struct swaplab_stats *stats,
					      enum swaplab_stat stat)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(stats->cpu, cpu)->count[stat];
	return sum;
}

static inline unsigned long swaplab_stats_read(struct swaplab_stats *stats,
					       enum swaplab_stat stat)
{
	return swaplab_stats_sum(stats, stat) - READ_ONCE(stats->base[stat]);
}

/* Moves the zero; the counts themselves belong to their CPUs. */
static inline void swaplab_stats_reset(struct swaplab_stats *stats)
{
	enum swaplab_stat stat;

	for (stat = 0; stat < SWAPLAB_NR_STATS; stat++)
		WRITE_ONCE(stats->base[stat], swaplab_stats_sum(stats, stat));
}

#endif /* _SWAPLAB_STATS_H */
