// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of how long things take. Each CPU has a set of its own, to which only tasks on
 * it add, without being preempted; nothing is measured in an interrupt. A reader sums them,
 * and may miss times that are added meanwhile.
 */
#include <linux/bitops.h>
#include <linux/sysfs.h>
#include "pool.h"
#include "trace.h"

static unsigned int bucket_of(u64 ns)
{
	return min(fls64(ns), SWAPLAB_LATENCY_BUCKETS - 1);
}

/**
 * swaplab_latency_add() - add to a histogram
 * @latency: of the pool; has been on
 * @cause: what took so long
 * @nr: for how many pages
 * @ns: how long
 */
void swaplab_latency_add(struct swaplab_latency *latency,
			 enum swaplab_latency_cause cause, unsigned int nr, u64 ns)
{
	struct swaplab_pool *pool = container_of(latency, struct swaplab_pool, latency);
	struct swaplab_histogram *histogram;
	unsigned long *count;

	trace_latency(pool->id, cause, ns, nr);
	histogram = &get_cpu_ptr(latency->cpu)->histograms[cause];
	count = &histogram->count[bucket_of(ns)];
	WRITE_ONCE(*count, *count + nr);
	if (ns > READ_ONCE(histogram->max))
		WRITE_ONCE(histogram->max, ns);
	put_cpu_ptr(latency->cpu);
}

static unsigned long sum_of(struct swaplab_latency_cpu __percpu *cpu_latency,
			    enum swaplab_latency_cause cause, unsigned int bucket)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(cpu_latency, cpu)
					 ->histograms[cause].count[bucket]);
	return sum;
}

static u64 max_of(struct swaplab_latency_cpu __percpu *cpu_latency,
		  enum swaplab_latency_cause cause)
{
	u64 most = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		most = max(most, READ_ONCE(per_cpu_ptr(cpu_latency, cpu)
						   ->histograms[cause].max));
	return most;
}

/**
 * swaplab_latency_show() - a histogram as text
 * @latency: of the pool
 * @cause: which
 * @buf: of a file in sysfs
 *
 * Return: the length.
 */
int swaplab_latency_show(struct swaplab_latency *latency,
			 enum swaplab_latency_cause cause, char *buf)
{
	struct swaplab_latency_cpu __percpu *cpu = READ_ONCE(latency->cpu);
	unsigned int bucket;
	unsigned long nr;
	int len = 0;

	for (bucket = 0; cpu && bucket < SWAPLAB_LATENCY_BUCKETS; bucket++) {
		nr = sum_of(cpu, cause, bucket) - READ_ONCE(latency->base[cause][bucket]);
		if (nr)
			len += sysfs_emit_at(buf, len, "%llu %lu\n", BIT_ULL(bucket), nr);
	}
	return len + sysfs_emit_at(buf, len, "max %llu\n", cpu ? max_of(cpu, cause) : 0);
}

static void reset_cause(struct swaplab_latency *latency,
			enum swaplab_latency_cause cause)
{
	unsigned int bucket;
	int cpu;

	for (bucket = 0; bucket < SWAPLAB_LATENCY_BUCKETS; bucket++)
		WRITE_ONCE(latency->base[cause][bucket],
			   sum_of(latency->cpu, cause, bucket));
	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(latency->cpu, cpu)->histograms[cause].max, 0);
}

/**
 * swaplab_latency_reset() - forget all durations
 * @latency: of the pool
 *
 * Moves the zero of the counts, because they belong to their CPUs. A duration that is added
 * meanwhile may be forgotten as a count, and not as the longest, or the reverse.
 */
void swaplab_latency_reset(struct swaplab_latency *latency)
{
	enum swaplab_latency_cause cause;

	if (!READ_ONCE(latency->cpu))
		return;
	for (cause = 0; cause < SWAPLAB_NR_LATENCIES; cause++)
		reset_cause(latency, cause);
}

/**
 * swaplab_latency_set() - keep histograms, or stop to do so
 * @latency: of the pool; the caller holds its config mutex
 * @on: whether
 *
 * Return: 0 or -ENOMEM.
 */
int swaplab_latency_set(struct swaplab_latency *latency, bool on)
{
	if (on && !latency->cpu) {
		struct swaplab_latency_cpu __percpu *cpu;

		cpu = alloc_percpu(struct swaplab_latency_cpu);
		if (!cpu)
			return -ENOMEM;
		WRITE_ONCE(latency->cpu, cpu);
	}
	/* Pairs with swaplab_latency_start(). */
	smp_store_release(&latency->on, on);
	return 0;
}

/**
 * swaplab_latency_destroy() - free the histograms
 * @latency: of a pool without regions, daemons and files
 */
void swaplab_latency_destroy(struct swaplab_latency *latency)
{
	free_percpu(latency->cpu);
}
