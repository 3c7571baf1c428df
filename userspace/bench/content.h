/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes that a page should have: a function of the page, and of how often
 * it was written before. Nothing in it repeats, so nothing can compress it, and
 * no page, line or version looks like another. A program may take another step
 * from word to word, for content that compresses.
 *
 * A write renews one line; the lines take turns, so a page's version says for
 * each line when it was last written.
 */
#ifndef _BENCH_CONTENT_H
#define _BENCH_CONTENT_H

#include <stdint.h>

#define PAGE_BYTES	4096
#define PAGE_WORDS	(PAGE_BYTES / sizeof(uint64_t))
#define LINE_WORDS	8
#define PAGE_LINES	(PAGE_WORDS / LINE_WORDS)

#define CONTENT_STEP		0x9e3779b97f4a7c15
/* Words then differ by one byte of eight. */
#define CONTENT_STEP_SMALL	1

static uint64_t content_step = CONTENT_STEP;

/* The finaliser of splitmix64: every bit of x moves every bit of the result. */
static inline uint64_t content_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* The word that a page begins with; the others follow in equal steps. */
static inline uint64_t content_base(uint32_t page, uint32_t version)
{
	return content_mix(((uint64_t)version << 32 | page) + 1);
}

static inline uint64_t content_word(uint64_t base, unsigned int word)
{
	return base + word * content_step;
}

/* The write that a line is left from, the page having been written so often. */
static inline uint32_t content_line_version(uint32_t version, unsigned int line)
{
	uint32_t age = (version - line) % PAGE_LINES;

	return age < version ? version - age : 0;
}

static inline void content_fill(uint64_t *words, uint32_t page)
{
	uint64_t base = content_base(page, 0);
	unsigned int i;

	for (i = 0; i < PAGE_WORDS; i++)
		words[i] = content_word(base, i);
}

static inline void content_write_line(uint64_t *words, uint32_t page,
				      uint32_t version)
{
	uint64_t base = content_base(page, version);
	unsigned int first = version % PAGE_LINES * LINE_WORDS;
	unsigned int i;

	for (i = first; i < first + LINE_WORDS; i++)
		words[i] = content_word(base, i);
}

/* Number of wrong words. */
static inline unsigned int content_check_line(const uint64_t *words,
					      uint32_t page, uint32_t version,
					      unsigned int line)
{
	uint64_t base = content_base(page, content_line_version(version, line));
	unsigned int first = line * LINE_WORDS;
	unsigned int i, wrong = 0;

	for (i = first; i < first + LINE_WORDS; i++)
		wrong += words[i] != content_word(base, i);
	return wrong;
}

static inline unsigned int content_check_page(const uint64_t *words,
					      uint32_t page, uint32_t version)
{
	unsigned int line, wrong = 0;

	for (line = 0; line < PAGE_LINES; line++)
		wrong += content_check_line(words, page, version, line);
	return wrong;
}

#endif /* _BENCH_CONTENT_H */
