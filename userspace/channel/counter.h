/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A count in shared memory that one process raises and another one waits for.
 *
 * What the first one wrote before it raised the count is seen by the second one after it
 * has read the new count: a release and an acquire.
 *
 * No wake is lost, and none is sent for nothing. The waiter sets @sleeps and then looks at
 * the count; the other one raises the count and then looks at @sleeps. All four are
 * sequentially consistent, so at least one of the two sees what the other has stored: the
 * waiter does not sleep, or it is woken. Release and acquire are not enough for that, as
 * each side may then read before its own store is visible. Between the waiter's look and
 * its sleep, the kernel compares the count once more.
 */
#ifndef CHANNEL_COUNTER_H
#define CHANNEL_COUNTER_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Set for good by the process that raises the count: it will not any more. */
#define COUNTER_CLOSED	0x80000000U
#define COUNTER_MASK	(COUNTER_CLOSED - 1)

/**
 * struct counter - a count, from 0 on, which begins anew after COUNTER_MASK
 * @value: the count, and COUNTER_CLOSED
 * @sleeps: the waiter is about to sleep, or sleeps
 *
 * In a cache line of its own, as another process writes to the next one.
 */
struct counter {
	atomic_uint value;
	atomic_uint sleeps;
} __attribute__((aligned(64)));

static inline uint32_t counter_read(struct counter *counter)
{
	return atomic_load_explicit(&counter->value, memory_order_acquire);
}

static inline long counter_futex(struct counter *counter, int op, uint32_t value,
				 const struct timespec *timeout)
{
	return syscall(SYS_futex, &counter->value, op, value, timeout, NULL, 0);
}

static inline void counter_wake(struct counter *counter)
{
	if (atomic_load(&counter->sleeps))
		counter_futex(counter, FUTEX_WAKE, INT_MAX, NULL);
}

/* By the one process that raises it. */
static inline void counter_raise(struct counter *counter, uint32_t nr)
{
	uint32_t value = atomic_load_explicit(&counter->value, memory_order_relaxed);

	atomic_store(&counter->value,
		     (value & COUNTER_CLOSED) | ((value + nr) & COUNTER_MASK));
	counter_wake(counter);
}

static inline void counter_close(struct counter *counter)
{
	atomic_fetch_or(&counter->value, COUNTER_CLOSED);
	counter_wake(counter);
}

/* Sleeps while the value is @seen, not longer than @timeout. False after that time. */
static inline bool counter_await(struct counter *counter, uint32_t seen,
				 const struct timespec *timeout)
{
	bool in_time = true;

	atomic_store(&counter->sleeps, 1);
	if (atomic_load(&counter->value) == seen)
		in_time = !counter_futex(counter, FUTEX_WAIT, seen, timeout) ||
			  errno != ETIMEDOUT;
	atomic_store_explicit(&counter->sleeps, 0, memory_order_relaxed);
	return in_time;
}

#endif /* CHANNEL_COUNTER_H */
