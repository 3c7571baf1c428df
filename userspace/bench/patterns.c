// SPDX-License-Identifier: GPL-2.0
/*
 * Runs one pattern of access on paged memory, checks every byte it reads, and
 * prints the time and the cost of an access.
 *
 * The accesses are computed, and locked in memory, before the clock starts and before
 * the process joins the cgroup that limits it: this program's tables, text and stacks
 * are no part of the measured memory. Each thread has pages of its own, so their
 * content is known without a lock. After the clock has stopped, every page is paged
 * out, read back and checked whole.
 */

#include <err.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "content.h"
#include "memory.h"
#include "options.h"
#include "trickle.h"
#include "workload.h"

#define STACK_BYTES	(64 * 1024)

struct run {
	const struct options *options;
	struct memory memory;
	unsigned long memory_bytes;	/* when the clock stops */
	uint32_t *versions;		/* how often each page was written */
	pthread_barrier_t start;
};

struct thread {
	struct run *run;
	pthread_t id;
	uint32_t *accesses;
	uint32_t nr_accesses;
	unsigned int wrong_words;
};

static void *allocate_array(size_t nr, size_t size)
{
	void *memory = calloc(nr, size);

	if (!memory)
		err(2, "calloc");
	return memory;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/*
 * Checks one line of the page, and a write then renews it, like a program that
 * changes the data that it has read. Each access has another line.
 */
static void access_page(struct thread *thread, uint32_t access, unsigned int line)
{
	struct run *run = thread->run;
	uint32_t page = access >> 1;
	uint32_t *version = &run->versions[page];
	bool is_write = access & ACCESS_WRITE;
	uint64_t *words = memory_get(&run->memory, page, is_write);

	if (is_write)
		line = (*version + 1) % PAGE_LINES;
	thread->wrong_words += content_check_line(words, page, *version, line);
	if (is_write)
		content_write_line(words, page, ++*version);
	memory_put(&run->memory, page);
}

static void run_accesses(struct thread *thread)
{
	unsigned int round;
	uint32_t i;

	for (round = 0; round < thread->run->options->nr_rounds; round++)
		for (i = 0; i < thread->nr_accesses; i++)
			access_page(thread, thread->accesses[i],
				    (i + round) % PAGE_LINES);
}

static void *thread_main(void *data)
{
	struct thread *thread = data;

	pthread_barrier_wait(&thread->run->start);
	run_accesses(thread);
	return NULL;
}

/* Page n of thread t is page n * nr_threads + t of all. */
static void plan_accesses(struct thread *thread, unsigned int nr)
{
	const struct options *options = thread->run->options;
	unsigned int nr_threads = options->nr_threads;
	struct random random = { content_mix(options->seed * 1000 + nr) };
	uint32_t i, page;

	thread->nr_accesses = options->nr_accesses / nr_threads;
	thread->accesses = allocate_array(thread->nr_accesses, sizeof(uint32_t));
	options->workload->generate(thread->accesses, thread->nr_accesses,
				    options->nr_pages / nr_threads, &random);
	for (i = 0; i < thread->nr_accesses; i++) {
		page = (thread->accesses[i] >> 1) * nr_threads + nr;
		thread->accesses[i] = access_to(page, thread->accesses[i] & ACCESS_WRITE);
	}
}

/* The first thread is the caller. Stacks are small: all of them get locked. */
static struct thread *make_threads(struct run *run)
{
	unsigned int i, nr = run->options->nr_threads;
	struct thread *threads = allocate_array(nr, sizeof(*threads));
	pthread_attr_t small;

	pthread_barrier_init(&run->start, NULL, nr);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	for (i = 0; i < nr; i++) {
		threads[i].run = run;
		plan_accesses(&threads[i], i);
	}
	for (i = 1; i < nr; i++)
		if (pthread_create(&threads[i].id, &small, thread_main, &threads[i]))
			errx(2, "cannot make %u threads", nr);
	return threads;
}

static void free_threads(struct thread *threads, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		free(threads[i].accesses);
	free(threads);
}

static unsigned int run_threads(struct thread *threads, unsigned int nr)
{
	unsigned int i, wrong;

	thread_main(&threads[0]);
	wrong = threads[0].wrong_words;
	for (i = 1; i < nr; i++) {
		pthread_join(threads[i].id, NULL);
		wrong += threads[i].wrong_words;
	}
	return wrong;
}

static void fill_memory(struct run *run)
{
	uint32_t page;

	for (page = 0; page < run->options->nr_pages; page++) {
		content_fill(memory_get(&run->memory, page, true), page);
		memory_put(&run->memory, page);
	}
}

static unsigned int check_memory(struct run *run)
{
	unsigned int wrong, sum = 0;
	uint32_t page;

	for (page = 0; page < run->options->nr_pages; page++) {
		wrong = content_check_page(memory_get(&run->memory, page, false), page,
					   run->versions[page]);
		memory_put(&run->memory, page);
		if (wrong && sum < 10 * PAGE_WORDS)
			warnx("page %u: %u of %zu words are wrong", page, wrong,
			      PAGE_WORDS);
		sum += wrong;
	}
	return sum;
}

static void print_csv_header(void)
{
	fputs("workload,pages,accesses,threads,seed,ns,us_per_access,", stdout);
	fputs("misses,swap_ins,readahead,readahead_hits,", stdout);
	fputs("reads,read_kb,writes,written_kb,memory_bytes\n", stdout);
}

static void print_report(const struct run *run, const struct paging *paging,
			 uint64_t duration_ns)
{
	const struct options *options = run->options;
	uint64_t nr_accesses = (uint64_t)options->nr_accesses * options->nr_rounds;

	if (!nr_accesses)
		nr_accesses = options->nr_pages;
	if (options->csv) {
		printf("%s,%u,%" PRIu64 ",%u,%" PRIu64 ",%" PRIu64 ",%.3f,",
		       options->workload->name, options->nr_pages, nr_accesses,
		       options->nr_threads, options->seed, duration_ns,
		       duration_ns / 1e3 / nr_accesses);
		printf("%lu,%lu,%lu,%lu,%lu,%lu,%lu,%lu,%lu\n",
		       paging->misses, paging->swap_ins, paging->readahead,
		       paging->readahead_hits, paging->reads, paging->read_kb,
		       paging->writes, paging->written_kb, run->memory_bytes);
	} else {
		printf("%s: %.2f us an access, %lu misses, %lu KiB read, %lu KiB written\n",
		       options->workload->name, duration_ns / 1e3 / nr_accesses,
		       paging->misses, paging->read_kb, paging->written_kb);
	}
}

/* Lets others count, too. system() copies no memory: a fork would share the pages. */
static void call_hook(const struct options *options, const char *when)
{
	char command[256];

	if (!options->hook)
		return;
	if (snprintf(command, sizeof(command), "%s %s", options->hook, when) >=
	    (int)sizeof(command))
		errx(2, "command too long: %s", options->hook);
	if (system(command))
		errx(2, "%s failed", command);
}

/* Returns nanoseconds, and the paging up to the last dirty page. */
static uint64_t run_timed(struct run *run, struct thread *threads,
			  unsigned int *wrong, struct paging *paging)
{
	struct paging before;
	uint64_t start_ns, duration_ns;

	call_hook(run->options, "start");
	memory_count(&run->memory, &before);
	start_ns = now_ns();
	if (threads)
		*wrong += run_threads(threads, run->options->nr_threads);
	else
		fill_memory(run);
	duration_ns = now_ns() - start_ns;
	call_hook(run->options, "stop");
	run->memory_bytes = run->memory.ops->bytes(&run->memory);
	memory_page_out(&run->memory);
	memory_count(&run->memory, paging);
	paging_subtract(paging, &before);
	call_hook(run->options, "out");
	return duration_ns;
}

/* Wrong bytes void the figure: it is not even printed. */
static int measure_workload(const struct options *options)
{
	struct run run = {
		.options = options,
		.memory = {
			.disk = options->disk,
			.cgroup = options->cgroup,
			.nr_frames = options->nr_frames,
		},
	};
	struct thread *threads = NULL;
	struct paging paging;
	unsigned int wrong = 0;
	uint64_t duration_ns;
	pid_t trickle = 0;

	if (options->trickle)
		trickle = trickle_start(options->backend);
	run.versions = allocate_array(options->nr_pages, sizeof(*run.versions));
	if (options->nr_accesses)
		threads = make_threads(&run);
	if (mlockall(MCL_CURRENT))
		warn("mlockall");
	memory_join_cgroup(&run.memory);
	memory_map(&run.memory, options->backend,
		   (size_t)options->nr_pages * PAGE_BYTES);
	if (threads)
		fill_memory(&run);
	if (options->clean) {
		memory_page_out(&run.memory);
		wrong = check_memory(&run);
	}

	duration_ns = run_timed(&run, threads, &wrong, &paging);
	if (trickle)
		trickle_stop(trickle);
	wrong += check_memory(&run);
	if (threads)
		free_threads(threads, options->nr_threads);
	free(run.versions);
	if (wrong) {
		warnx("%s: %u words are wrong", options->workload->name, wrong);
		return 1;
	}
	print_report(&run, &paging, duration_ns);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1, .nr_rounds = 1 };

	options_parse(&options, argc, argv);
	if (options.csv_header) {
		print_csv_header();
		return 0;
	}
	if (options.compressible)
		content_step = CONTENT_STEP_SMALL;
	return measure_workload(&options);
}
