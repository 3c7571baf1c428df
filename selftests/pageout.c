// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_ADVISE_PAGEOUT: pages of a range are evicted now. */
#include <sys/uio.h>
#include "dm_disk.h"
#include "module_load.h"
#include "private.h"
#include "requests.h"
#include "task.h"

#define FRAMES	1024
#define NR	512
#define FEW	8
#define BATCH	64	/* pages that are taken through the steps together */

/* How many pages went; -errno if that fails. */
static long page_out(int fd, size_t first, size_t nr)
{
	struct swaplab_advise request = {
		.offset = first * PAGE,
		.length = nr * PAGE,
		.advice = SWAPLAB_ADVISE_PAGEOUT,
		.pages = -1,
	};
	int err = request_send(fd, SWAPLAB_ADVISE, &request);

	return err ? err : (long)request.pages;
}

FIXTURE(pageout)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(pageout)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(pageout)
{
	region_unmap(self->fd, self->map, NR);
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	EXPECT_EQ(stat_get("policy_errors"), 0);
	pool_restore();
}

static unsigned long nr_resident(int fd)
{
	return fdinfo_get(fd, "resident");
}

TEST_F(pageout, evicts_the_pages_of_the_range)
{
	EXPECT_EQ(page_out(self->fd, 100, 200), 200);
	EXPECT_EQ(pages_that_are(self->fd, 100, 200, SWAPLAB_PAGE_SWAPPED), 200);
	EXPECT_EQ(nr_resident(self->fd), NR - 200);
	EXPECT_EQ(stat_get("evictions"), 200);
	EXPECT_EQ(stat_get("swap_outs"), 200);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	/* Clean, so they go without a write. */
	EXPECT_EQ(page_out(self->fd, 100, 200), 200);
	EXPECT_EQ(stat_get("swap_outs"), 200);
	EXPECT_EQ(page_out(self->fd, 100, 200), 0);
	EXPECT_EQ(page_out(self->fd, 0, 1UL << 40), NR - 200);
	EXPECT_EQ(nr_resident(self->fd), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(pageout, leaves_nothing_of_pages_that_were_never_written_to)
{
	char *map;
	int fd;

	map = region_map(&fd, FEW);
	ASSERT_NE(map, NULL);
	EXPECT_TRUE(page_is_zero(map));
	EXPECT_TRUE(page_is_zero(map + (FEW - 1) * PAGE));
	EXPECT_EQ(page_out(fd, 0, FEW), 2);
	EXPECT_EQ(fdinfo_get(fd, "pages"), 0);
	EXPECT_TRUE(page_is_zero(map));
	region_unmap(fd, map, FEW);
}

TEST_F(pageout, leaves_locked_pages)
{
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 10, FEW), 0);
	EXPECT_EQ(page_out(self->fd, 0, NR), NR - FEW);
	EXPECT_EQ(pages_that_are(self->fd, 10, FEW, SWAPLAB_PAGE_RESIDENT), FEW);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 10, FEW), 0);
	EXPECT_EQ(page_out(self->fd, 0, NR), FEW);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(pageout, leaves_pinned_pages_to_the_policy)
{
	struct iovec iov = { self->map + 10 * PAGE, FEW * PAGE };
	int pipes[2], i;

	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), FEW * PAGE);
	EXPECT_EQ(page_out(self->fd, 0, NR), NR - FEW);
	EXPECT_EQ(nr_resident(self->fd), FEW);
	/* More often than victims of the policy may stay, and others are evicted as ever. */
	for (i = 0; i < 50; i++)
		EXPECT_EQ(page_out(self->fd, 0, NR), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	close(pipes[0]);
	close(pipes[1]);
	ASSERT_EQ(pool_set("reclaim", FEW), 0);
	EXPECT_EQ(nr_resident(self->fd), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(pageout, evicts_pages_of_a_region_that_others_use_too)
{
	pid_t pid = fork();

	if (!pid) {
		/* Until it is told to stop, by a word of the region. */
		while (*(volatile char *)self->map != 'x')
			pages_wrong(self->map, 1, NR - 1, 1);
		_exit(pages_wrong(self->map, 1, NR - 1, 1) != 0);
	}
	EXPECT_GT(page_out(self->fd, 1, NR - 1), 0);
	/* Again, when the other one has brought some back. */
	EXPECT_TRUE(SOON(page_out(self->fd, 1, NR - 1) > 0));
	*self->map = 'x';
	EXPECT_EQ(child_result(pid), 0);
}

TEST_F(pageout, leaves_pages_that_fork_has_made_shared)
{
	char *map;
	pid_t pid;
	int fd;

	map = private_map(&fd, FEW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FEW, 1);
	pid = fork();
	if (!pid) {
		pages_fill(map, 0, FEW / 2, 2);
		/* Its own pages, by the descriptor that it has inherited. */
		_exit(page_out(fd, 0, FEW) != FEW / 2 ||
		      pages_wrong(map, 0, FEW / 2, 2) ||
		      pages_wrong(map, FEW / 2, FEW / 2, 1));
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(nr_resident(fd), FEW);
	pages_fill(map, 0, FEW, 3);
	EXPECT_EQ(page_out(fd, 0, FEW), FEW);
	EXPECT_EQ(pages_wrong(map, 0, FEW, 3), 0);
	region_unmap(fd, map, FEW);
}

TEST_F(pageout, evicts_only_clean_pages_without_a_store)
{
	region_unmap(self->fd, self->map, NR);
	ASSERT_TRUE(SOON(pool_write("swap_file", "none") == 0));
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, FEW, 1);
	EXPECT_TRUE(page_is_zero(self->map + FEW * PAGE));
	EXPECT_EQ(page_out(self->fd, 0, NR), 1);
	EXPECT_EQ(nr_resident(self->fd), FEW);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
}

TEST_F(pageout, is_told_to_the_policy)
{
	int err = load_module("swaplab_observer.ko", "");

	if (err == -ENOENT)
		SKIP(return, "no swaplab_observer.ko beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_write("policy", "observer"), 0);
	ASSERT_EQ(pool_get("policy_stats/pages"), NR);
	EXPECT_EQ(page_out(self->fd, 0, FEW), FEW);
	EXPECT_EQ(pool_get("policy_stats/pageout"), FEW);
	EXPECT_EQ(pool_get("policy_stats/pages"), NR - FEW);
	EXPECT_EQ(pool_get("policy_stats/victims"), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	EXPECT_EQ(delete_module("swaplab_observer"), 0);
}

/* What the threads below do to the region meanwhile. */
struct advisor {
	pthread_t thread;
	volatile bool stop;
	int fd;
	uint32_t advice;
	size_t nr;
	unsigned long done;
	long err;
};

static void *advisor_main(void *data)
{
	struct advisor *advisor = data;
	struct swaplab_advise request = { .length = advisor->nr * PAGE };

	while (!advisor->stop && !advisor->err) {
		request.advice = advisor->advice;
		advisor->err = request_send(advisor->fd, SWAPLAB_ADVISE, &request);
		advisor->done += request.pages;
	}
	return NULL;
}

/* Two of each kind; with few frames, the daemon evicts, too. */
TEST_F(pageout, loses_no_byte_beside_faults_and_other_advice)
{
	struct advisor advisors[6] = {};
	unsigned int i, version;

	ASSERT_EQ(pool_set("nr_frames", NR / 2), 0);
	ASSERT_EQ(pool_set("readahead_pages", 32), 0);
	for (i = 0; i < 6; i++) {
		advisors[i].fd = self->fd;
		advisors[i].advice = SWAPLAB_ADVISE_WILLNEED + i % 3;
		advisors[i].nr = NR;
		ASSERT_EQ(pthread_create(&advisors[i].thread, NULL, advisor_main,
					 &advisors[i]), 0);
	}
	for (version = 2; version < 12; version++) {
		pages_fill(self->map, 0, NR, version);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, version, 1), 0);
		EXPECT_TRUE(page_is_zero(self->map + version * PAGE));
	}
	for (i = 0; i < 6; i++) {
		advisors[i].stop = true;
		EXPECT_EQ(pthread_join(advisors[i].thread, NULL), 0);
		EXPECT_EQ(advisors[i].err, 0);
		EXPECT_GT(advisors[i].done, 0);
	}
	EXPECT_EQ(stat_get("io_errors"), 0);
}

/* The daemon counts on them while they are under way, and must not wait for them for ever. */
TEST_F(pageout, of_pages_that_stay_keeps_nobody_waiting)
{
	struct advisor advisor = { .advice = SWAPLAB_ADVISE_PAGEOUT, .nr = BATCH };
	char *map = region_map(&advisor.fd, BATCH);
	struct iovec iov = { map, BATCH * PAGE };
	int pipes[2], i;

	ASSERT_NE(map, NULL);
	pages_fill(map, 0, BATCH, 1);
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_GE(fcntl(pipes[1], F_SETPIPE_SZ, BATCH * PAGE), 0);
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), BATCH * PAGE);
	ASSERT_EQ(pthread_create(&advisor.thread, NULL, advisor_main, &advisor), 0);
	for (i = 0; i < NR / 2; i++)
		ASSERT_EQ(pool_set("reclaim", 1), 0);
	advisor.stop = true;
	EXPECT_EQ(pthread_join(advisor.thread, NULL), 0);
	EXPECT_EQ(advisor.done, 0);
	EXPECT_LE(nr_resident(self->fd), NR / 2);
	close(pipes[0]);
	close(pipes[1]);
	EXPECT_EQ(pages_wrong(map, 0, BATCH, 1), 0);
	region_unmap(advisor.fd, map, BATCH);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

/* A disk that refuses writes. */
FIXTURE(refusing)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(refusing)
{
	const char *disk = dm_disk_prepare();

	if (!disk || dm_disk_create(disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = region_map(&self->fd, FEW);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(refusing)
{
	region_unmap(self->fd, self->map, FEW);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

TEST_F(refusing, keeps_the_pages)
{
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(dm_disk_change("error"), 0);
	EXPECT_EQ(page_out(self->fd, 0, FEW), 0);
	EXPECT_EQ(nr_resident(self->fd), FEW);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
}

TEST_F(refusing, and_a_stalled_one_holds_up_one_task_that_asks_and_not_faults)
{
	pid_t pid, second;

	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(dm_disk_stall(), 0);
	pid = fork();
	if (!pid)
		_exit(page_out(self->fd, 0, FEW / 2) < 0);
	EXPECT_TRUE(SOON(pages_that_are(self->fd, 0, FEW / 2, SWAPLAB_PAGE_TRANSIT) == FEW / 2));
	/* The second one waits for the first, and can be killed. */
	second = fork();
	if (!second)
		_exit(page_out(self->fd, 0, FEW) < 0);
	EXPECT_TRUE(SOON(is_blocked(second) || is_asleep(second)));
	EXPECT_EQ(pages_wrong(self->map, FEW / 2, FEW / 2, 1), 0);
	kill(second, SIGKILL);
	EXPECT_EQ(waitpid(second, NULL, 0), second);
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
}

TEST_HARNESS_MAIN
