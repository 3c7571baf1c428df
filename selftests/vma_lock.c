// SPDX-License-Identifier: GPL-2.0
/*
 * Faults under the lock of their VMA, where the kernel has that (6.6 and later):
 * they do not take mmap_lock, and are classified and counted as with it.
 *
 * A tracepoint that all tasks run through tells of mmap_lock, so vm-options: --turns
 */
#include <sys/resource.h>
#include "tracing.h"

#define EVENT	TRACE "events/mmap_lock/mmap_lock_start_locking/"

#define FRAMES	64
#define NR	256

FIXTURE(vma_lock)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(vma_lock)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(vma_lock)
{
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

/* Has this thread's taking of mmap_lock traced; 0 or an error. */
static int trace_begin(void)
{
	char filter[64];

	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	return trace_create() ?: file_write(EVENT "filter", filter) ?:
	       file_write(EVENT "enable", "1");
}

/* How often it was taken meanwhile. */
static unsigned long trace_end(void)
{
	unsigned long nr;

	file_write(EVENT "enable", "0");
	nr = trace_lines(" mmap_lock_start_locking: ");
	trace_destroy();
	return nr;
}

TEST_F(vma_lock, is_all_that_faults_take)
{
	unsigned long faults, waits, locked;
	size_t i;

	if (kernel_before(6, 6))
		SKIP(return, "before 6.6 faults take mmap_lock");
	ASSERT_EQ(trace_begin(), 0);
	faults = stat_get("faults");
	waits = stat_get("frame_waits");
	/* Absent pages written to, then swapped ones, read. */
	for (i = 0; i < NR; i++)
		*(volatile char *)(self->map + i * PAGE) = i;
	for (i = 0; i < NR; i++)
		EXPECT_EQ(*(volatile char *)(self->map + i * PAGE), (char)i);
	faults = stat_get("faults") - faults;
	waits = stat_get("frame_waits") - waits;
	locked = trace_end();
	EXPECT_GE(faults, 2 * NR - FRAMES);
	/* After it has waited for a frame a fault is tried again with mmap_lock. */
	EXPECT_LE(locked, waits + faults / 8);
}

static void *sleep_main(void *data)
{
	pause();
	return data;
}

static unsigned long major_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_majflt;
}

/* With another thread there, a fault drops its lock for the disk and is retried. */
TEST_F(vma_lock, dropped_for_the_disk_leaves_a_major_fault)
{
	unsigned long faults, read;
	pthread_t other;

	ASSERT_EQ(pthread_create(&other, NULL, sleep_main, NULL), 0);
	pages_fill(self->map, 0, NR, 1);
	settled_free_frames();
	faults = major_faults();
	read = stat_get("swap_ins");
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	faults = major_faults() - faults;
	read = stat_get("swap_ins") - read;
	EXPECT_GE(read, NR - FRAMES);
	/* Some other page may be evicted again before it is mapped. */
	EXPECT_GE(faults, read / 2);
	EXPECT_LE(faults, 2 * read);
	pthread_cancel(other);
	pthread_join(other, NULL);
}

TEST_HARNESS_MAIN
