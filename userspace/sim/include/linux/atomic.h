/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Atomics of a pool that one thread simulates: they need not be atomic, and
 * cost as little as an ordinary variable.
 */
#ifndef SIM_LINUX_ATOMIC_H
#define SIM_LINUX_ATOMIC_H

#include <linux/count.h>

struct atomic {
	int counter;
};

typedef struct atomic atomic_t;

static inline int atomic_read(const atomic_t *v)
{
	COUNT(nr_looks);
	return v->counter;
}

static inline int atomic_inc_return(atomic_t *v)
{
	return ++v->counter;
}

static inline int atomic_fetch_andnot(int bits, atomic_t *v)
{
	int old = v->counter;

	v->counter &= ~bits;
	return old;
}

static inline void atomic_andnot(int bits, atomic_t *v)
{
	v->counter &= ~bits;
}

static inline void atomic_or(int bits, atomic_t *v)
{
	v->counter |= bits;
}

#endif /* SIM_LINUX_ATOMIC_H */
