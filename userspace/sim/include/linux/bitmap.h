/* SPDX-License-Identifier: GPL-2.0 */
/* Bits, and arrays of them, as far as policies use them. */
#ifndef SIM_LINUX_BITMAP_H
#define SIM_LINUX_BITMAP_H

#include <linux/kernel.h>

#define BITS_TO_LONGS(nr)	(((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, nr) unsigned long name[BITS_TO_LONGS(nr)]

static inline void __set_bit(unsigned long nr, unsigned long *map)
{
	map[nr / BITS_PER_LONG] |= BIT(nr % BITS_PER_LONG);
}

static inline void __clear_bit(unsigned long nr, unsigned long *map)
{
	map[nr / BITS_PER_LONG] &= ~BIT(nr % BITS_PER_LONG);
}

static inline unsigned long find_next_bit(const unsigned long *map,
					  unsigned long size, unsigned long from)
{
	unsigned long word, nr;

	for (nr = from; nr < size; nr += BITS_PER_LONG - nr % BITS_PER_LONG) {
		word = map[nr / BITS_PER_LONG] >> nr % BITS_PER_LONG;
		if (word)
			return min(nr + __builtin_ctzl(word), size);
	}
	return size;
}

static inline unsigned long find_first_bit(const unsigned long *map,
					   unsigned long size)
{
	return find_next_bit(map, size, 0);
}

/* The lowest bit of a word that is not 0, counted from 0. */
static inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static inline u32 ror32(u32 word, unsigned int shift)
{
	return word >> (shift & 31) | word << (-shift & 31);
}

/* The highest bit, counted from 1; 0 if there is none. */
static inline unsigned int fls_long(unsigned long word)
{
	return word ? BITS_PER_LONG - __builtin_clzl(word) : 0;
}

#endif /* SIM_LINUX_BITMAP_H */
