/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers for policies, the same ones for the same seed. */
#ifndef _SWAPLAB_POLICY_RANDOM_H
#define _SWAPLAB_POLICY_RANDOM_H

#include <swaplab/policy.h>

/**
 * swaplab_random_draw() - draw a number
 * @seed: of the sequence
 * @number: which one of it
 *
 * By splitmix64: G. L. Steele et al., "Fast splittable pseudorandom number generators",
 * OOPSLA 2014.
 *
 * Return: 32 bits.
 */
static inline u32 swaplab_random_draw(unsigned int seed, u64 number)
{
	u64 bits = seed + number * 0x9e3779b97f4a7c15ULL;

	bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9ULL;
	bits = (bits ^ bits >> 27) * 0x94d049bb133111ebULL;
	return (bits ^ bits >> 31) >> 32;
}

#endif /* _SWAPLAB_POLICY_RANDOM_H */
