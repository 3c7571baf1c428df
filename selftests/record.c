// SPDX-License-Identifier: GPL-2.0
/*
 * An exact recording has the uses of pages that a window of the last ones lets through,
 * each of them, in order; and does not disturb other tasks.
 */
#include <linux/userfaultfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "recorder.h"

#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED	0x2000
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC		0x8000
#endif

#define FRAMES	64
#define NR	128	/* pages of the region: twice the frames */
#define SMALL	6	/* the smallest window */
#define WINDOW	8	/* the one that is taken if none is asked for */
#define USES	2000
#define THREADS	3

/* The expected recording: the same window, in the test. */
struct model {
	size_t window[SWAPLAB_RECORD_MAX_WINDOW];
	unsigned int size, oldest;
	uint64_t records[USES];
	size_t nr;
};

FIXTURE(record)
{
	struct model model;
	uint64_t records[USES];
	char *map;
	int fd;
};

FIXTURE_SETUP(record)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(record)
{
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

static void model_init(struct model *model, unsigned int size)
{
	memset(model, 0, sizeof(*model));
	memset(model->window, 0xff, sizeof(model->window));
	model->size = size;
}

static void model_use(struct model *model, size_t page, uint64_t record)
{
	unsigned int i;

	for (i = 0; i < model->size; i++)
		if (model->window[i] == page)
			return;
	model->records[model->nr++] = record;
	model->window[model->oldest] = page;
	model->oldest = (model->oldest + 1) % model->size;
}

static size_t random_below(size_t limit)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % limit;
}

/* Writes a page without reading it first. */
static void write_byte(char *map, size_t page, char byte)
{
	*(volatile char *)(map + page * PAGE) = byte;
}

FIXTURE(exact)
{
	struct model model;
	uint64_t records[USES];
	char bytes[NR];
	char *map;
	int fd;
};

FIXTURE_VARIANT(exact)
{
	unsigned int window;
	const char *policy;
	bool is_random;
};

FIXTURE_VARIANT_ADD(exact, random_with_the_default_window)
{
	.policy = "aging",
	.is_random = true,
};

FIXTURE_VARIANT_ADD(exact, random_with_the_smallest_window)
{
	.window = SMALL,
	.policy = "fifo",
	.is_random = true,
};

/* Larger than the frames: pages of the window are evicted and come back. */
FIXTURE_VARIANT_ADD(exact, random_with_a_window_larger_than_the_pool)
{
	.window = FRAMES + 16,
	.policy = "fifo",
	.is_random = true,
};

/* One stream after the other: pages that are read ahead are not mapped ahead. */
FIXTURE_VARIANT_ADD(exact, in_streams)
{
	.window = WINDOW,
	.policy = "clock",
};

FIXTURE_SETUP(exact)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	pool_write("policy", variant->policy);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(exact)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
}

TEST_F(exact, uses_are_recorded_each_in_order)
{
	size_t i, nr, page;
	int recorder;
	bool is_write;

	/* As many pages as possible are mapped before the recording. */
	for (i = 0; i < NR; i++)
		write_byte(self->map, i, self->bytes[i] = i);
	recorder = recorder_start(self->fd, variant->window, 0);
	ASSERT_GE(recorder, 0);
	model_init(&self->model, variant->window ? variant->window : WINDOW);
	for (i = 0; i < USES; i++) {
		page = variant->is_random ? random_below(NR) : i % NR;
		is_write = !random_below(3);
		model_use(&self->model, page, record_of(self->fd, page, is_write));
		if (is_write)
			write_byte(self->map, page, ++self->bytes[page]);
		else
			ASSERT_EQ(*(volatile char *)(self->map + page * PAGE),
				  self->bytes[page]);
	}
	EXPECT_EQ(recorder_counters(recorder).records, self->model.nr);
	EXPECT_EQ(recorder_counters(recorder).dropped, 0);
	nr = recorder_read(recorder, self->records, USES);
	ASSERT_EQ(nr, self->model.nr);
	for (i = 0; i < nr; i++)
		ASSERT_EQ(self->records[i], self->model.records[i]) {
			TH_LOG("record %zu", i);
		}
	EXPECT_GT(stat_get("refaults"), 0);
	close(recorder);
	for (i = 0; i < NR; i++)
		EXPECT_EQ(self->map[i * PAGE], self->bytes[i]);
}

TEST_F(record, pages_in_the_window_are_recorded_once)
{
	int recorder = recorder_start(self->fd, WINDOW, 0);
	size_t i, j;

	ASSERT_GE(recorder, 0);
	for (i = 0; i < 100; i++)
		for (j = 0; j < WINDOW; j++)
			page_use(self->map, j, i % 2);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), WINDOW);
	for (j = 0; j < WINDOW; j++)
		EXPECT_EQ(self->records[j], record_of(self->fd, j, false));
	/* One page more, and the oldest has left. */
	page_use(self->map, WINDOW, true);
	page_use(self->map, 1, false);
	page_use(self->map, 0, false);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), 2);
	EXPECT_EQ(self->records[0], record_of(self->fd, WINDOW, true));
	EXPECT_EQ(self->records[1], record_of(self->fd, 0, false));
	close(recorder);
}

TEST_F(record, what_system_calls_use_is_recorded)
{
	struct iovec to = { self->map + PAGE, 2 * PAGE };
	struct iovec from = { self->map + 5 * PAGE, 2 * PAGE };
	int zero = open("/dev/zero", O_RDONLY), recorder;

	ASSERT_GE(zero, 0);
	recorder = recorder_start(self->fd, 0, 0);
	ASSERT_GE(recorder, 0);
	EXPECT_EQ(read(zero, self->map, 1), 1);
	EXPECT_EQ(process_vm_readv(getpid(), &to, 1, &from, 1, 0), 2 * PAGE);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), 5);
	EXPECT_EQ(self->records[0], record_of(self->fd, 0, true));
	close(recorder);
	close(zero);
}

/* An instruction that needs four pages goes on when it has all of them. */
TEST_F(record, instructions_across_pages_end)
{
	char *from = self->map + 11 * PAGE - 4, *to = self->map + 21 * PAGE - 4;
	int recorder;
	size_t nr;

	pages_fill(self->map, 0, NR, 1);
	recorder = recorder_start(self->fd, SMALL, 0);
	ASSERT_GE(recorder, 0);
	asm volatile("movsq" : "+S" (from), "+D" (to) : : "memory");
	nr = recorder_read(recorder, self->records, USES);
	EXPECT_EQ(nr, 4);
	EXPECT_EQ(memcmp(from - 8, to - 8, 8), 0);
	close(recorder);
}

TEST_F(record, a_full_ring_drops_and_counts_and_nobody_waits)
{
	int recorder = recorder_start(self->fd, WINDOW, 10);	/* rounded up to 16 */
	size_t i;

	EXPECT_EQ(recorder, -EINVAL);
	recorder = recorder_start(self->fd, WINDOW, 17);		/* rounded up to 32 */
	ASSERT_GE(recorder, 0);
	pages_fill(self->map, 0, NR, 1);
	EXPECT_EQ(recorder_counters(recorder).records, 32);
	EXPECT_EQ(recorder_counters(recorder).dropped, NR - 32);
	/*
	 * The recording keeps the first records, and those that come when there is room
	 * again.
	 */
	ASSERT_EQ(recorder_read(recorder, self->records, 32), 32);
	for (i = 0; i < 32; i++)
		EXPECT_EQ(self->records[i], record_of(self->fd, i, true));
	EXPECT_EQ(pages_wrong(self->map, 0, 20, 1), 0);
	EXPECT_EQ(recorder_read(recorder, self->records, USES), 20);
	EXPECT_EQ(recorder_counters(recorder).dropped, NR - 32);
	close(recorder);
}

TEST_F(record, closed_in_the_middle_leaves_everything_as_it_was)
{
	unsigned long faults;
	int recorder, round;
	size_t i;

	for (round = 0; round < 20; round++) {
		recorder = recorder_start(self->fd, 0, 0);
		ASSERT_GE(recorder, 0);
		pages_fill(self->map, 0, FRAMES / 2, round);
		close(recorder);
		ASSERT_EQ(pages_wrong(self->map, 0, FRAMES / 2, round), 0);
	}
	/* Pages stay mapped again: no faults but those that map them once. */
	faults = fdinfo_get(self->fd, "faults");
	for (round = 0; round < 100; round++)
		for (i = 0; i < FRAMES / 2; i++)
			page_use(self->map, i, true);
	EXPECT_LE(fdinfo_get(self->fd, "faults") - faults, FRAMES / 2);
}

TEST_F(record, regions_come_and_go_and_are_told_apart)
{
	int recorder = recorder_start(self->fd, SMALL, 0), fd, round;
	size_t i, nr = 0;
	char *map;

	ASSERT_GE(recorder, 0);
	for (round = 0; round < 10; round++) {
		map = region_map(&fd, NR);
		ASSERT_NE(map, NULL);
		for (i = 0; i < 3; i++) {
			page_use(map, i, true);
			self->model.records[nr++] = record_of(fd, i, true);
			page_use(self->map, 3 * round + i, true);
			self->model.records[nr++] =
				record_of(self->fd, 3 * round + i, true);
		}
		/* All of its pages are in the window. */
		region_unmap(fd, map, NR);
	}
	ASSERT_EQ(recorder_read(recorder, self->records, USES), nr);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(self->records[i], self->model.records[i]);
	close(recorder);
}

TEST_F(record, a_recorder_survives_the_region_that_began_it)
{
	int fd = open(DEVICE, O_RDWR), recorder;

	ASSERT_GE(fd, 0);
	recorder = recorder_start(fd, 0, 0);
	ASSERT_GE(recorder, 0);
	close(fd);
	page_use(self->map, 7, false);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), 1);
	EXPECT_EQ(self->records[0], record_of(self->fd, 7, false));
	close(recorder);
}

/* The child has the PTEs of the window; all others are faults of its own. */
TEST_F(record, children_are_recorded)
{
	int recorder = recorder_start(self->fd, WINDOW, 0), status;
	size_t i;
	pid_t pid;

	ASSERT_GE(recorder, 0);
	pages_fill(self->map, 0, 2 * WINDOW, 1);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), 2 * WINDOW);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		/* The last, which are in the window, and then the first. */
		if (pages_wrong(self->map, WINDOW, WINDOW, 1))
			_exit(1);
		_exit(!!pages_wrong(self->map, 0, WINDOW, 1));
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), WINDOW);
	for (i = 0; i < WINDOW; i++)
		EXPECT_EQ(self->records[i], record_of(self->fd, i, false));
	/* These are in the window, but not in the parent's page tables. */
	EXPECT_EQ(pages_wrong(self->map, 0, WINDOW, 1), 0);
	EXPECT_EQ(recorder_read(recorder, self->records, USES), 0);
	/* And these have left it, in all page tables. */
	EXPECT_EQ(pages_wrong(self->map, WINDOW, WINDOW, 1), 0);
	EXPECT_EQ(recorder_read(recorder, self->records, USES), WINDOW);
	close(recorder);
}

struct worker {
	pthread_t thread;
	char *map;
	size_t first, nr, wrong;
	volatile unsigned int rounds;
	volatile bool stop;
};

static void *change_pages(void *data)
{
	struct worker *worker = data;

	for (; !worker->stop; worker->rounds++) {
		pages_fill(worker->map, worker->first, worker->nr,
			   worker->rounds);
		worker->wrong += pages_wrong(worker->map, worker->first,
					     worker->nr, worker->rounds);
	}
	return NULL;
}

/* Each has pages of its own; 0 or an error. */
static int start_workers(struct worker *workers, char *map)
{
	int i, err = 0;

	for (i = 0; i < THREADS && !err; i++) {
		workers[i] = (struct worker){
			.map = map,
			.first = 2 * i * WINDOW,
			.nr = 2 * WINDOW,
		};
		err = pthread_create(&workers[i].thread, NULL, change_pages, &workers[i]);
	}
	return err;
}

/* With a window that is too small for both, under eviction and recorders that end. */
TEST_F(record, threads_get_on_and_their_bytes_stay_right)
{
	struct worker workers[THREADS];
	struct pressure pressure;
	size_t nr, j, k, i, round;
	int recorder;

	ASSERT_EQ(pressure_start(&pressure, 2 * FRAMES), 0);
	recorder = recorder_start(self->fd, SMALL, 0);
	ASSERT_GE(recorder, 0);
	ASSERT_EQ(start_workers(workers, self->map), 0);
	for (round = 0; round < 10; round++) {
		msleep(20);
		nr = recorder_read(recorder, self->records, USES);
		/* No page comes again while it is in the window. */
		for (j = 0; j < nr; j++)
			for (k = j + 1; k < nr && k <= j + SMALL; k++)
				ASSERT_NE(self->records[j] >> 1,
					  self->records[k] >> 1);
		close(recorder);
		recorder = recorder_start(self->fd, SMALL, 0);
		ASSERT_GE(recorder, 0);
	}
	for (i = 0; i < THREADS; i++) {
		/* One that all others keep from going on is not stuck for ever. */
		EXPECT_TRUE(SOON(workers[i].rounds > 2));
		workers[i].stop = true;
		pthread_join(workers[i].thread, NULL);
		EXPECT_EQ(workers[i].wrong, 0);
	}
	close(recorder);
	pressure_stop(&pressure);
}

/* Pages of this address space that are mapped. */
static size_t count_mapped(const char *map, size_t nr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t i, mapped = 0;
	uint64_t entry = 0;

	for (i = 0; i < nr; i++) {
		pread(fd, &entry, sizeof(entry),
		      ((uintptr_t)map / PAGE + i) * sizeof(entry));
		mapped += entry >> 63;
	}
	close(fd);
	return mapped;
}

/* A fault that did not know of the recorder would leave its page mapped. */
TEST_F(record, begun_while_threads_fault_it_maps_no_more_than_its_window)
{
	struct worker workers[THREADS];
	size_t round, i;
	int recorder;

	for (round = 0; round < 20; round++) {
		ASSERT_EQ(start_workers(workers, self->map), 0);
		msleep(round);
		recorder = recorder_start(self->fd, SMALL, 0);
		ASSERT_GE(recorder, 0);
		for (i = 0; i < THREADS; i++)
			workers[i].stop = true;
		for (i = 0; i < THREADS; i++)
			pthread_join(workers[i].thread, NULL);
		EXPECT_LE(count_mapped(self->map, 2 * THREADS * WINDOW), SMALL);
		close(recorder);
	}
}

/* Has all pages of a region write-protected, absent ones too; the descriptor, or -1. */
static int protect_writes(char *map, size_t nr)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED,
	};
	struct uffdio_register range = {
		.range = { (uintptr_t)map, nr * PAGE },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect protect = {
		.range = range.range,
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int fd = syscall(__NR_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!ioctl(fd, UFFDIO_API, &api) &&
	    !ioctl(fd, UFFDIO_REGISTER, &range) &&
	    !ioctl(fd, UFFDIO_WRITEPROTECT, &protect))
		return fd;
	close(fd);
	return -1;
}

/* Is a page of this address space write-protected? */
static bool is_protected(const char *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	pread(fd, &entry, sizeof(entry), (uintptr_t)page / PAGE * sizeof(entry));
	close(fd);
	return entry >> 57 & 1;
}

struct visitor {
	pthread_t thread;
	char *map;
	size_t nr;
	volatile bool done;
};

/* Uses pages in turn, and writes to each second one. */
static void *visitor_main(void *data)
{
	struct visitor *visitor = data;
	size_t i;

	for (i = 0; i < visitor->nr; i++)
		page_use(visitor->map, i, i % 2);
	visitor->done = true;
	return NULL;
}

/* A page that is protected before it is mapped has a marker for a PTE. */
TEST_F(record, pages_that_userfaultfd_protects_are_mapped_and_stay_protected)
{
	struct visitor visitor = { .map = self->map, .nr = 2 * WINDOW };
	int uffd, recorder;
	size_t i;

	uffd = protect_writes(self->map, NR);
	if (uffd < 0)
		SKIP(return, "userfaultfd does not take regions here");
	recorder = recorder_start(self->fd, WINDOW, 0);
	ASSERT_GE(recorder, 0);
	ASSERT_EQ(pthread_create(&visitor.thread, NULL, visitor_main, &visitor), 0);
	/* A fault that makes no progress is repeated until the process ends. */
	ASSERT_TRUE(SOON(visitor.done));
	pthread_join(visitor.thread, NULL);
	ASSERT_EQ(recorder_read(recorder, self->records, USES), visitor.nr);
	for (i = 0; i < visitor.nr; i++) {
		EXPECT_EQ(self->records[i], record_of(self->fd, i, i % 2));
		EXPECT_EQ(is_protected(self->map + i * PAGE), !(i % 2));
	}
	close(recorder);
	close(uffd);
}

TEST_HARNESS_MAIN
