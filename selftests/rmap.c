// SPDX-License-Identifier: GPL-2.0
/*
 * Looks into page tables: those of the pages in question and no others, also if other
 * processes map the device, or the address space changes meanwhile.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include "swaplab_test.h"

#define OTHERS	100	/* processes that map other regions */
#define FRAMES	64
#define NR	512

FIXTURE(rmap)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(rmap)
{
	char policy[256];

	ASSERT_EQ(pool_prepare(FRAMES + OTHERS), 0);
	if (pool_write("policy", "clock") ||
	    pool_text("policy", policy, sizeof(policy)))
		SKIP_SETUP("modprobe finds no policy");
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(rmap)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
}

/* A process with a page in a region of its own, or -1. */
static pid_t other_start(void)
{
	int fd, ready[2];
	char *map, byte;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		map = region_map(&fd, 1);
		if (!map)
			_exit(1);
		*(volatile char *)map = 1;
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

static void other_stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST_F_TIMEOUT(rmap, victims_are_looked_at_where_they_are_mapped_only, 300)
{
	unsigned long visits, evictions, samples;
	pid_t others[OTHERS] = {};
	int i, started = 0;

	/* The others do not map this region. */
	ASSERT_EQ(madvise(self->map, NR * PAGE, MADV_DONTFORK), 0);
	/* Small batches, so that the cost of a batch beside its victims shows. */
	ASSERT_EQ(pool_set("watermark_high", 4), 0);
	ASSERT_EQ(pool_set("watermark_low", 2), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	for (i = 0; i < OTHERS; i++) {
		others[i] = other_start();
		started += others[i] > 0;
	}
	EXPECT_EQ(started, OTHERS);
	pages_fill(self->map, 0, NR, 1);

	samples = stat_get("samples");
	evictions = stat_get("evictions");
	visits = stat_get("vma_visits");
	for (i = 2; i < 6; i++)
		pages_fill(self->map, 0, NR, i);
	visits = stat_get("vma_visits") - visits;
	evictions = stat_get("evictions") - evictions;
	samples = stat_get("samples") + 1 - samples;
	EXPECT_GT(evictions, NR);
	EXPECT_GT(visits, 0);
	/* A page may be looked at, used, and looked at again; a sample visits all. */
	EXPECT_LE(visits, 4 * evictions + samples * (OTHERS + FRAMES));
	for (i = 0; i < OTHERS; i++)
		other_stop(others[i]);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 5), 0);
}

/* The daemon samples no more when it finds no use, until a page comes in. */
static bool has_sampled(int fd, char *map, unsigned long samples)
{
	struct swaplab_range extra = { .offset = PAGE, .length = PAGE };

	ioctl(fd, SWAPLAB_DISCARD, &extra);
	*(volatile char *)(map + PAGE) = 1;
	return stat_get("samples") > samples;
}

/* Changes its address space all the time: mmap_lock is hardly ever free. */
#define LARGE	(32UL << 20)

struct changes {
	pthread_t thread;
	bool stop;
};

static void *changes_main(void *data)
{
	struct changes *changes = data;
	char *large = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	while (large != MAP_FAILED && !__atomic_load_n(&changes->stop, __ATOMIC_RELAXED)) {
		mprotect(large, LARGE, PROT_READ);
		mprotect(large, LARGE, PROT_READ | PROT_WRITE);
	}
	return large == MAP_FAILED ? data : NULL;
}

TEST_F_TIMEOUT(rmap, samples_do_without_the_lock_of_the_address_space, 300)
{
	struct changes changes = {};
	unsigned long samples, visits;
	void *failed;

	page_fill(self->map, 0, 1);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	ASSERT_EQ(pthread_create(&changes.thread, NULL, changes_main, &changes), 0);
	samples = stat_get("samples");
	visits = stat_get("vma_visits");
	EXPECT_TRUE(SOON(has_sampled(self->fd, self->map, samples + 50)));
	samples = stat_get("samples") - samples;
	/* Each has come to the end, but for one that had begun before. */
	EXPECT_GE(stat_get("vma_visits") - visits, samples - 1);
	__atomic_store_n(&changes.stop, true, __ATOMIC_RELAXED);
	pthread_join(changes.thread, &failed);
	EXPECT_EQ(failed, NULL);
}

/* Page tables, and whole mappings, come and go while samples look into them. */
#define TABLE	(2UL << 20)
#define TABLES	4

struct walker {
	pthread_t thread;
	int fd;
	size_t rounds;
	int error;
	bool stop;
};

static const char *walk_once(int fd)
{
	size_t size = TABLES * TABLE, i;
	char *map, *aligned, *target;

	target = mmap(NULL, size + TABLE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map = mmap(NULL, size + TABLE, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED || target == MAP_FAILED)
		return "mmap";
	aligned = (char *)(((unsigned long)map + TABLE - 1) & ~(TABLE - 1));
	for (i = 0; i < size; i += TABLE / 16)
		(void)*(volatile char *)(aligned + i);
	if (madvise(aligned, size, MADV_DONTNEED))
		return "madvise";
	(void)*(volatile char *)aligned;
	map = mremap(map, size + TABLE, size + TABLE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     target);
	if (map == MAP_FAILED)
		return "mremap";
	(void)*(volatile char *)map;
	munmap(map, size + TABLE);
	return NULL;
}

/* Returns the name of what failed, or NULL. */
static void *walker_main(void *data)
{
	struct walker *walker = data;
	const char *failed = NULL;

	while (!failed && !__atomic_load_n(&walker->stop, __ATOMIC_RELAXED)) {
		failed = walk_once(walker->fd);
		walker->error = errno;
		walker->rounds++;
	}
	return (void *)failed;
}

TEST_F_TIMEOUT(rmap, page_tables_come_and_go_while_they_are_looked_into, 300)
{
	struct walker walkers[2] = {};
	unsigned long samples;
	void *failed;
	size_t i;

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_set("scan_interval_ms", 1), 0);
	samples = stat_get("samples");
	for (i = 0; i < ARRAY_SIZE(walkers); i++) {
		walkers[i].fd = self->fd;
		ASSERT_EQ(pthread_create(&walkers[i].thread, NULL, walker_main,
					 &walkers[i]), 0);
	}
	EXPECT_TRUE(SOON(has_sampled(self->fd, self->map, samples + 50) &&
			 walkers[0].rounds > 50 && walkers[1].rounds > 50));
	for (i = 0; i < ARRAY_SIZE(walkers); i++) {
		__atomic_store_n(&walkers[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(walkers[i].thread, &failed);
		EXPECT_EQ(failed, NULL) {
			TH_LOG("%s: %s", (char *)failed, strerror(walkers[i].error));
		}
	}
	EXPECT_EQ(pages_wrong(self->map, 2, NR - 2, 1), 0);
}

TEST_HARNESS_MAIN
