// SPDX-License-Identifier: GPL-2.0
/*
 * Reads of a word in random pages of a mapping, by several threads, as mmapbench does it: Crotty,
 * Leis and Pavlo, "Are You Sure You Want to Use MMAP in Your Database Management System?", CIDR
 * 2022. Differences: the mapping is private memory rather than a file, there is a fixed number of
 * reads, and each word that is read is checked.
 */

#include <err.h>
#include <stdlib.h>
#include "random.h"
#include "reads.h"
#include "threads.h"
#include "workload.h"

/* Reads for each page, unless a count is given. */
#define READS_PER_PAGE	16

struct part {
	const uint64_t *memory;
	uint64_t nr_pages;
	uint64_t count;
	uint64_t seed;
	uint64_t stream;
	uint64_t wrong;
};

/**
 * reads_fill() - write each word
 * @memory: of @nr_pages pages
 * @nr_pages: how many
 * @seed: of the content
 */
void reads_fill(uint64_t *memory, uint64_t nr_pages, uint64_t seed)
{
	uint64_t i;

	for (i = 0; i < nr_pages * READS_WORDS; i++)
		memory[i] = random_mix(seed ^ i);
}

/**
 * reads_count_wrong() - read words of random pages
 * @memory: which reads_fill() has written
 * @nr_pages: how many
 * @count: how many reads
 * @seed: of the content
 * @stream: another one reads other pages
 *
 * Return: how many words were not as they were written.
 */
uint64_t reads_count_wrong(const uint64_t *memory, uint64_t nr_pages, uint64_t count, uint64_t seed,
			   uint64_t stream)
{
	struct random random = { random_mix(seed) + stream };
	uint64_t i, word, wrong = 0;

	for (i = 0; i < count; i++) {
		word = random_below(&random, nr_pages * READS_WORDS);
		wrong += memory[word] != random_mix(seed ^ word);
	}
	return wrong;
}

static void *read_part(void *arg)
{
	struct part *part = arg;

	part->wrong = reads_count_wrong(part->memory, part->nr_pages, part->count, part->seed,
					random_mix(part->stream));
	return NULL;
}

struct result reads_run(const struct workload *workload, const struct request *request)
{
	uint64_t nr_pages = request->bytes / (READS_WORDS * sizeof(uint64_t));
	struct part *parts = workload_allocate(request->threads, sizeof(*parts));
	uint64_t *memory = workload_allocate(nr_pages, READS_WORDS * sizeof(*memory));
	struct result result = { .bytes = nr_pages * READS_WORDS * sizeof(*memory) };
	unsigned int i, threads = request->threads;

	(void)workload;
	if (!nr_pages)
		errx(2, "--size %zu: less than a page", request->bytes);
	reads_fill(memory, nr_pages, request->seed);
	result.operations = request->count ? request->count : nr_pages * READS_PER_PAGE;
	for (i = 0; i < threads; i++) {
		parts[i] = (struct part){ .memory = memory, .nr_pages = nr_pages,
					  .seed = request->seed, .stream = i };
		parts[i].count = result.operations * (i + 1) / threads -
				 result.operations * i / threads;
	}
	measure_begin(&result.measure);
	threads_run(threads, read_part, parts, sizeof(*parts));
	measure_end(&result.measure);
	for (i = 0; i < threads; i++)
		result.wrong += parts[i].wrong;
	free(parts);
	free(memory);
	return result;
}
