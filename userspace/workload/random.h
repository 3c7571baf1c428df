/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers: SplitMix64 of Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014.
 */
#ifndef WORKLOAD_RANDOM_H
#define WORKLOAD_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

/* The same number for the same @x: content that can be checked without a copy of it. */
static inline uint64_t random_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static inline uint64_t random_next(struct random *random)
{
	random->state += 0x9e3779b97f4a7c15;
	return random_mix(random->state);
}

/* From 0 to @nr - 1. */
static inline uint64_t random_below(struct random *random, uint64_t nr)
{
	return ((__uint128_t)random_next(random) * nr) >> 64;
}

/* From 0 on, less than 1. */
static inline double random_unit(struct random *random)
{
	return (random_next(random) >> 11) / (double)(1ULL << 53);
}

#endif /* WORKLOAD_RANDOM_H */
