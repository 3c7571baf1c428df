/* SPDX-License-Identifier: GPL-2.0 */
/* How long faults, evictions and write-outs take: a histogram for each cause. */
#ifndef _SWAPLAB_LATENCY_H
#define _SWAPLAB_LATENCY_H

#include <linux/percpu.h>
#include <linux/timekeeping.h>

/* Each becomes latency/<name>; Documentation/ABI/testing says what it measures. */
#define SWAPLAB_LATENCIES(LATENCY)	\
	LATENCY(zero)			\
	LATENCY(resident)		\
	LATENCY(disk)			\
	LATENCY(frame_wait)		\
	LATENCY(write_wait)		\
	LATENCY(copy)			\
	LATENCY(eviction)		\
	LATENCY(write_out)

enum swaplab_latency_cause {
#define LATENCY(name) SWAPLAB_LATENCY_##name,
	SWAPLAB_LATENCIES(LATENCY)
#undef LATENCY
	SWAPLAB_NR_LATENCIES
};

/* Bucket b has durations below 2^b ns that bucket b - 1 has not; the last one all others. */
#define SWAPLAB_LATENCY_BUCKETS	40

/**
 * struct swaplab_histogram - durations of one cause, on one CPU
 * @count: by bucket
 * @max: the longest since the last reset, in ns
 */
struct swaplab_histogram {
	unsigned long count[SWAPLAB_LATENCY_BUCKETS];
	u64 max;
};

struct swaplab_latency_cpu {
	struct swaplab_histogram histograms[SWAPLAB_NR_LATENCIES];
};

/**
 * struct swaplab_latency - the histograms of a pool
 * @on: they are kept; else nothing reads a clock
 * @cpu: made when they are first turned on, and then kept until the end of the pool
 * @base: sums at the last reset; written by swaplab_latency_reset() only
 */
struct swaplab_latency {
	bool on;
	struct swaplab_latency_cpu __percpu *cpu;
	unsigned long base[SWAPLAB_NR_LATENCIES][SWAPLAB_LATENCY_BUCKETS];
};

int swaplab_latency_set(struct swaplab_latency *latency, bool on);
void swaplab_latency_destroy(struct swaplab_latency *latency);
void swaplab_latency_reset(struct swaplab_latency *latency);
int swaplab_latency_show(struct swaplab_latency *latency,
			 enum swaplab_latency_cause cause, char *buf);
void swaplab_latency_add(struct swaplab_latency *latency,
			 enum swaplab_latency_cause cause, unsigned int nr, u64 ns);

/**
 * swaplab_latency_start() - something begins that swaplab_latency_end() may end
 * @latency: of its pool
 *
 * Return: the time, or 0 if it is not measured.
 */
static inline u64 swaplab_latency_start(struct swaplab_latency *latency)
{
	/* Pairs with swaplab_latency_set(): if it is on, there are histograms. */
	return unlikely(smp_load_acquire(&latency->on)) ? ktime_get_ns() : 0;
}

/**
 * swaplab_latency_end() - it has ended
 * @latency: of its pool
 * @cause: what it was
 * @nr: how many pages it was for: each counts
 * @start: of swaplab_latency_start()
 */
static inline void swaplab_latency_end(struct swaplab_latency *latency,
				       enum swaplab_latency_cause cause,
				       unsigned int nr, u64 start)
{
	if (unlikely(start))
		swaplab_latency_add(latency, cause, nr, ktime_get_ns() - start);
}

#endif /* _SWAPLAB_LATENCY_H */
