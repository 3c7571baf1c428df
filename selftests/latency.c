// SPDX-License-Identifier: GPL-2.0
/*
 * latency/: each duration is counted once, under its cause, while measure_latency is 1.
 *
 * Where a wait has to happen, the store is a device that can be told to hold all transfers
 * back. While it does, nothing may end the test.
 */
#include <sys/sysmacros.h>
#include "dm_disk.h"
#include "private.h"
#include "task.h"
#include "user.h"

#define FRAMES	32
#define PAGES	128
#define FEW	16

static const char * const causes[] = {
	"zero", "resident", "disk", "frame_wait", "write_wait", "copy",
	"eviction", "write_out",
};

/**
 * struct histogram - a file of latency/
 * @total: how many durations
 * @top: the last bound
 * @max: the longest duration
 * @valid: it has the format that is documented
 */
struct histogram {
	unsigned long total;
	unsigned long long top, max;
	bool valid;
};

static struct histogram histogram_of(const char *device, const char *cause)
{
	struct histogram histogram = { .valid = true };
	unsigned long long bound;
	char path[128], line[128];
	unsigned long nr;
	FILE *file;

	snprintf(path, sizeof(path), CLASS "%s/latency/%s", device, cause);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llu %lu\n", &bound, &nr) != 2)
			break;
		histogram.valid &= bound > histogram.top && nr &&
				   !(bound & (bound - 1));
		histogram.top = bound;
		histogram.total += nr;
	}
	histogram.valid &= file && sscanf(line, "max %llu\n", &histogram.max) == 1 &&
			   !fgets(line, sizeof(line), file);
	if (file)
		fclose(file);
	return histogram;
}

static unsigned long total_of(const char *cause)
{
	return histogram_of("swaplab0", cause).total;
}

static int pool_measure(void)
{
	return pool_set("readahead_pages", 0) ?: pool_set("measure_latency", 1) ?:
	       pool_set("latency/reset", 1) ?: pool_set("stats/reset", 1);
}

FIXTURE(latency)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(latency)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_measure(), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(latency)
{
	region_unmap(self->fd, self->map, PAGES);
	pool_restore();
}

TEST(a_new_device_measures_nothing)
{
	struct histogram histogram;
	char device[32], path[128], text[16];
	int id = hot_add();
	size_t i;

	ASSERT_GE(id, 0);
	snprintf(device, sizeof(device), "swaplab%d", id);
	snprintf(path, sizeof(path), CLASS "%s/measure_latency", device);
	EXPECT_EQ(file_read(path, text, sizeof(text)), 0);
	EXPECT_STREQ(text, "0");
	for (i = 0; i < ARRAY_SIZE(causes); i++) {
		histogram = histogram_of(device, causes[i]);
		EXPECT_TRUE(histogram.valid);
		EXPECT_EQ(histogram.total, 0);
		EXPECT_EQ(histogram.max, 0);
	}
	/* Without histograms there is nothing to empty. */
	snprintf(path, sizeof(path), CLASS "%s/latency/reset", device);
	EXPECT_EQ(file_write(path, "1"), 0);
	EXPECT_EQ(hot_remove(id), 0);
}

TEST_F(latency, counts_each_first_touch)
{
	struct histogram zero;

	pages_fill(self->map, 0, FEW, 1);
	zero = histogram_of("swaplab0", "zero");
	EXPECT_TRUE(zero.valid);
	EXPECT_EQ(zero.total, FEW);
	/* The longest is in the last bucket that has any; a coarse clock may have it as 0. */
	EXPECT_LT(zero.max, zero.top);
	EXPECT_GE(zero.max, zero.top / 2);
	EXPECT_EQ(total_of("resident"), 0);
	EXPECT_EQ(total_of("disk"), 0);
	EXPECT_EQ(total_of("copy"), 0);
}

TEST_F(latency, counts_a_fault_on_a_page_in_memory)
{
	char *other;

	pages_fill(self->map, 0, FEW, 1);
	other = mmap(NULL, FEW * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(other, MAP_FAILED);
	EXPECT_EQ(pages_wrong(other, 0, FEW, 1), 0);
	EXPECT_GT(total_of("resident"), 0);
	EXPECT_EQ(total_of("resident"), stat_get("faults") - FEW);
	EXPECT_EQ(total_of("zero"), FEW);
	munmap(other, FEW * PAGE);
}

TEST_F(latency, counts_each_read)
{
	pages_fill(self->map, 0, PAGES, 1);
	settled_free_frames();
	pool_set("latency/reset", 1);
	pool_set("stats/reset", 1);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_GT(stat_get("refaults"), 0);
	EXPECT_EQ(total_of("disk"), stat_get("refaults"));
	EXPECT_TRUE(histogram_of("swaplab0", "disk").valid);
	EXPECT_EQ(total_of("zero"), 0);
}

TEST_F(latency, counts_each_page_that_is_evicted_and_written)
{
	struct histogram eviction, write_out;

	pages_fill(self->map, 0, PAGES, 1);
	settled_free_frames();
	eviction = histogram_of("swaplab0", "eviction");
	write_out = histogram_of("swaplab0", "write_out");
	EXPECT_GE(eviction.total, PAGES - FRAMES);
	EXPECT_EQ(eviction.total, stat_get("evictions"));
	EXPECT_EQ(write_out.total, stat_get("swap_outs"));
	EXPECT_TRUE(eviction.valid);
	EXPECT_TRUE(write_out.valid);
	/* An eviction ends after the write that it needs. */
	EXPECT_GE(eviction.max, write_out.max);
	/* Clean pages, too. */
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	settled_free_frames();
	EXPECT_GT(stat_get("clean_drops"), 0);
	EXPECT_EQ(total_of("eviction"), stat_get("evictions"));
}

TEST_F(latency, counts_nothing_while_it_is_off)
{
	ASSERT_EQ(pool_set("measure_latency", 0), 0);
	pages_fill(self->map, 0, FEW, 1);
	EXPECT_EQ(total_of("zero"), 0);
	ASSERT_EQ(pool_set("measure_latency", 1), 0);
	pages_fill(self->map, FEW, 1, 1);
	EXPECT_EQ(total_of("zero"), 1);
	/* It keeps what it has. */
	ASSERT_EQ(pool_set("measure_latency", 0), 0);
	EXPECT_EQ(total_of("zero"), 1);
}

TEST_F(latency, is_empty_after_a_reset)
{
	static const char * const wrong[] = { "0", "2", "-1", "\n", "one" };
	struct histogram zero;
	size_t i;

	pages_fill(self->map, 0, FEW, 1);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(pool_write("latency/reset", wrong[i]), -EINVAL);
	EXPECT_EQ(total_of("zero"), FEW);
	/* The counters of stats/ have a reset of their own. */
	EXPECT_EQ(pool_set("stats/reset", 1), 0);
	EXPECT_EQ(total_of("zero"), FEW);
	EXPECT_EQ(pool_set("latency/reset", 1), 0);
	zero = histogram_of("swaplab0", "zero");
	EXPECT_EQ(zero.total, 0);
	EXPECT_EQ(zero.max, 0);
	pages_fill(self->map, FEW, 1, 1);
	EXPECT_EQ(total_of("zero"), 1);
}

/* The parent copies each page that it shares with the child, in a fault or page_mkwrite(). */
TEST(a_copy_of_a_shared_page_is_counted)
{
	int fd, go[2];
	pid_t pid;
	char *map;

	ASSERT_EQ(pool_prepare(8 * FEW), 0);
	ASSERT_EQ(pool_measure(), 0);
	map = private_map(&fd, FEW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FEW, 1);
	ASSERT_EQ(pipe(go), 0);
	pid = fork();
	if (!pid) {
		char byte;

		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	pages_fill(map, 0, FEW, 2);
	EXPECT_GE(stat_get("copies"), FEW);
	EXPECT_EQ(total_of("copy"), stat_get("copies"));
	close(go[1]);
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	region_unmap(fd, map, FEW);
	pool_restore();
}

/* A store that can be held back, and pages in all frames that only they have. */
FIXTURE(latency_of)
{
	char *map;
	int fd;
};

/* Pages must not change while the disk writes them. */
static int disk_ask_for_stable_pages(void)
{
	struct stat st;
	char path[128];

	if (stat(DM_DISK, &st))
		return -errno;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/stable_writes",
		 major(st.st_rdev), minor(st.st_rdev));
	return file_write(path, "1");
}

FIXTURE_SETUP(latency_of)
{
	const char *disk = dm_disk_prepare();

	if (!disk || dm_disk_create(disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	if (disk_ask_for_stable_pages())
		SKIP_SETUP("the disk cannot be told to need stable pages");
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	ASSERT_EQ(pool_measure(), 0);
	self->map = region_map(&self->fd, 8 * FEW);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(latency_of)
{
	region_unmap(self->fd, self->map, 8 * FEW);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

/* A child that writes to pages until it has to wait; it gets on when the disk does. */
static pid_t fill_pages(char *map, size_t first, size_t nr)
{
	pid_t pid = fork();

	if (!pid) {
		pages_fill(map, first, nr, 2);
		_exit(0);
	}
	return pid;
}

TEST_F(latency_of, a_wait_for_a_frame_is_counted)
{
	struct histogram waits;
	int status = -1;
	pid_t pid;

	EXPECT_EQ(dm_disk_stall(), 0);
	pid = fill_pages(self->map, 0, 2 * FEW);
	EXPECT_TRUE(SOON(is_blocked(pid)));
	msleep(100);
	EXPECT_EQ(total_of("frame_wait"), 0);
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	waits = histogram_of("swaplab0", "frame_wait");
	EXPECT_TRUE(waits.valid);
	EXPECT_GT(waits.total, 0);
	EXPECT_EQ(waits.total, stat_get("frame_waits"));
	EXPECT_GE(waits.max, 100000000);
	/* The rest of these faults does not include the wait. */
	EXPECT_EQ(total_of("zero"), 2 * FEW);
	EXPECT_EQ(pages_wrong(self->map, 0, 2 * FEW, 2), 0);
}

TEST_F(latency_of, a_wait_for_a_frame_that_ends_by_a_signal_is_counted)
{
	pid_t pid;

	EXPECT_EQ(dm_disk_stall(), 0);
	pid = fill_pages(self->map, 0, 2 * FEW);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(total_of("frame_wait"), 1);
	EXPECT_EQ(dm_disk_resume(), 0);
}

TEST_F(latency_of, a_wait_for_a_write_is_counted)
{
	struct histogram waits;
	size_t nr;
	int status = -1;
	pid_t pid;

	EXPECT_EQ(dm_disk_stall(), 0);
	/* Until the daemon has begun to write some of the pages. */
	for (nr = 0; nr < FEW && !stat_get("swap_outs"); nr++) {
		page_fill(self->map + nr * PAGE, nr, 1);
		msleep(20);
	}
	EXPECT_TRUE(SOON(stat_get("swap_outs") > 0));
	EXPECT_EQ(total_of("frame_wait"), 0);
	/* These are unmapped. */
	pid = fill_pages(self->map, 0, nr);
	EXPECT_TRUE(SOON(is_blocked(pid)));
	msleep(100);
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	waits = histogram_of("swaplab0", "write_wait");
	EXPECT_TRUE(waits.valid);
	EXPECT_GT(waits.total, 0);
	EXPECT_GE(waits.max, 100000000);
	EXPECT_EQ(pages_wrong(self->map, 0, nr, 2), 0);
}

/* A page that another task reads is a wait for the disk, too. */
TEST_F(latency_of, a_wait_for_the_read_of_another_is_counted)
{
	pid_t reader, waiter;

	pages_fill(self->map, 0, 8 * FEW, 2);
	settled_free_frames();
	pool_set("latency/reset", 1);
	EXPECT_EQ(dm_disk_stall(), 0);
	reader = fill_pages(self->map, 0, 1);
	EXPECT_TRUE(SOON(is_blocked(reader)));
	waiter = fill_pages(self->map, 0, 1);
	EXPECT_TRUE(SOON(is_blocked(waiter)));
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(reader, NULL, 0), reader);
	EXPECT_EQ(waitpid(waiter, NULL, 0), waiter);
	EXPECT_EQ(total_of("disk"), 2);
}

static void *sleeper_main(void *data)
{
	pause();
	return data;
}

/* With another thread, a fault waits for the disk without the lock, and is retried. */
TEST_F(latency_of, a_fault_that_is_retried_is_counted_once)
{
	pthread_t thread;
	int status = -1;
	pid_t pid;

	pages_fill(self->map, 0, 8 * FEW, 1);
	settled_free_frames();
	pool_set("latency/reset", 1);
	EXPECT_EQ(dm_disk_stall(), 0);
	pid = fork();
	if (!pid) {
		pthread_create(&thread, NULL, sleeper_main, NULL);
		_exit(!page_holds(self->map, 0, 1));
	}
	EXPECT_TRUE(SOON(is_blocked(pid)));
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(total_of("disk"), 1);
	EXPECT_EQ(total_of("resident"), 0);
}

TEST_HARNESS_MAIN
