// SPDX-License-Identifier: GPL-2.0
/* Several page daemons of one pool, that evict beside each other. */
#include "disk.h"
#include "fault_threads.h"
#include "sigbus.h"
#include "tracing.h"

#define FRAMES	512
/* Far apart, so that more than a batch is missing when the daemons begin. */
#define LOW	128
#define HIGH	384
#define DAEMONS	4

static pid_t helper_pid(int number)
{
	char name[32];

	snprintf(name, sizeof(name), "kswaplabd/0:%d", number);
	return kthread_pid(name);
}

static int nr_helpers(void)
{
	int number, nr = 0;

	for (number = 1; number < 16; number++)
		nr += helper_pid(number) > 0;
	return nr;
}

static int trace_start(void)
{
	return trace_create() ||
	       file_write(TRACE "buffer_size_kb", "8000") ||
	       file_write(TRACE "events/swaplab/evict/enable", "1");
}

/* Pages that were evicted by a daemon with this name since the trace began. */
static unsigned long evictions_of(const char *name)
{
	return trace_lines(name);
}

FIXTURE(daemons)
{
	struct fault_threads load;
};

FIXTURE_SETUP(daemons)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("watermark_high", HIGH), 0);
	ASSERT_EQ(pool_set("watermark_low", LOW), 0);
}

FIXTURE_TEARDOWN(daemons)
{
	trace_destroy();
	pool_restore();
}

TEST_F(daemons, are_as_many_as_were_asked_for)
{
	int nr;

	EXPECT_EQ(nr_helpers(), 0);
	for (nr = 16; nr >= 1; nr -= 5) {
		ASSERT_EQ(pool_set("daemons", nr), 0);
		EXPECT_EQ(pool_get("daemons"), nr);
		EXPECT_EQ(nr_helpers(), nr - 1);
	}
	EXPECT_GT(daemon_pid(0), 0);
}

TEST_F(daemons, share_the_work_and_lose_no_byte)
{
	ASSERT_EQ(pool_set("daemons", DAEMONS), 0);
	ASSERT_EQ(trace_start(), 0);
	ASSERT_EQ(fault_threads_start(&self->load, 4 * FRAMES), 0);
	EXPECT_TRUE(SOON(evictions_of("kswaplabd/0-") > FRAMES &&
			 evictions_of("kswaplabd/0:1-") > FRAMES));
	EXPECT_EQ(fault_threads_stop(&self->load), 0);
}

/* One batch is missing for one daemon, and not more for four. */
TEST_F(daemons, evict_no_more_than_one_alone)
{
	unsigned long nr_free;
	char *map;
	int fd, i;

	ASSERT_EQ(pool_set("daemons", DAEMONS), 0);
	map = region_map(&fd, 8 * FRAMES);
	ASSERT_NE(map, NULL);
	for (i = 0; i < 8; i++) {
		pages_fill(map, i * FRAMES, FRAMES, 1);
		nr_free = settled_free_frames();
		EXPECT_GE(nr_free, LOW);
		/* Each may have looked just before another had its victims. */
		EXPECT_LE(nr_free, HIGH + DAEMONS * 64);
	}
	EXPECT_EQ(pages_wrong(map, 0, 8 * FRAMES, 1), 0);
	region_unmap(fd, map, 8 * FRAMES);
}

TEST_F(daemons, come_and_go_while_threads_fault)
{
	static const int numbers[] = { 4, 1, 16, 2, 1, 8 };
	int round;

	ASSERT_EQ(fault_threads_start(&self->load, 4 * FRAMES), 0);
	for (round = 0; round < 30; round++) {
		EXPECT_EQ(pool_set("daemons", numbers[round % 6]), 0);
		msleep(50);
	}
	EXPECT_EQ(fault_threads_stop(&self->load), 0);
}

/* A disk that takes 20 ms for each transfer: many are under way at the end. */
TEST_F(daemons, end_their_writes_before_they_stop)
{
	char *disk = disk_create("size=32 irqmode=2 completion_nsec=20000000");
	char *map;
	int fd, i;

	if (!disk)
		SKIP(return, "null_blk makes no disk");
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", disk), 0);
	map = region_map(&fd, 8 * FRAMES);
	ASSERT_NE(map, NULL);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pool_set("daemons", DAEMONS), 0);
		pages_fill(map, 2 * i * FRAMES, 2 * FRAMES, 1);
		ASSERT_EQ(pool_set("daemons", 1), 0);
		EXPECT_EQ(nr_helpers(), 0);
	}
	EXPECT_EQ(pages_wrong(map, 0, 8 * FRAMES, 1), 0);
	region_unmap(fd, map, 8 * FRAMES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	disk_destroy();
}

/* The pages that one has in hand must not look to another like pages that are stuck. */
TEST_F(daemons, refuse_no_fault_of_many_for_few_frames)
{
	ASSERT_EQ(pool_set("watermark_low", 0), 0);
	ASSERT_EQ(pool_set("watermark_high", 0), 0);
	ASSERT_EQ(pool_set("nr_frames", 64), 0);
	ASSERT_EQ(pool_set("watermark_high", 60), 0);
	ASSERT_EQ(pool_set("watermark_low", 40), 0);
	ASSERT_EQ(pool_set("daemons", DAEMONS), 0);
	/* A thread that is refused gets SIGBUS. */
	ASSERT_EQ(fault_threads_start(&self->load, 1024), 0);
	msleep(5000);
	EXPECT_EQ(fault_threads_stop(&self->load), 0);
}

/* With victims in the hands of others, the leader would hope for ever. */
TEST_F(daemons, refuse_each_fault_when_no_page_can_go)
{
	size_t page = 0;
	char *map;
	int fd, i;

	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_set("daemons", 16), 0);
	map = region_map(&fd, 2 * FRAMES);
	ASSERT_NE(map, NULL);
	catch_sigbus();
	while (page < 2 * FRAMES && try_fill(map, page, 1))
		page++;
	EXPECT_EQ(page, FRAMES);
	for (i = 0; i < 100; i++)
		EXPECT_FALSE(try_fill(map, FRAMES + i, 1));
	EXPECT_EQ(pages_wrong(map, 0, FRAMES, 1), 0);
	region_unmap(fd, map, 2 * FRAMES);
}

TEST_HARNESS_MAIN
