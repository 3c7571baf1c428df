// SPDX-License-Identifier: GPL-2.0
/*
 * A device writes to private pages while the process forks: what it writes is the parent's,
 * and the child has the pages as they were. The disk holds the transfer back until it is
 * told to go on.
 */
#include <pthread.h>
#include "disk.h"
#include "dm_disk.h"
#include "private.h"
#include "task.h"

#define FRAMES	64
#define NR	32
#define FIRST	8	/* pages that are read into */
#define COUNT	8

struct transfer {
	pthread_t thread;
	volatile pid_t tid;
	int disk;
	char *map;
	ssize_t result;
};

static void *transfer_main(void *data)
{
	struct transfer *transfer = data;

	transfer->tid = gettid();
	transfer->result = pread(transfer->disk, transfer->map + FIRST * PAGE,
				 COUNT * PAGE, 0);
	return NULL;
}

FIXTURE(pinned)
{
	struct transfer transfer;
	struct turns turns;
	int fd;
};

FIXTURE_SETUP(pinned)
{
	const char *lower = dm_disk_prepare();

	if (!lower || dm_disk_create(lower, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->transfer.map = private_map(&self->fd, NR);
	ASSERT_NE(self->transfer.map, NULL);
	ASSERT_EQ(turns_begin(&self->turns), 0);
	self->transfer.disk = open(DM_DISK, O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT_GE(self->transfer.disk, 0);
	pages_fill(self->transfer.map, 0, NR, 3);
	ASSERT_EQ(pwrite(self->transfer.disk, self->transfer.map + FIRST * PAGE,
			 COUNT * PAGE, 0), COUNT * PAGE);
	pages_fill(self->transfer.map, 0, NR, 1);
}

FIXTURE_TEARDOWN(pinned)
{
	dm_disk_resume();
	turns_end(&self->turns);
	region_unmap(self->fd, self->transfer.map, NR);
	close(self->transfer.disk);
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	EXPECT_TRUE(SOON(pool_get("stats/pinned_frames") == 0));
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

/* The pages have references by then: the thread waits for the disk. */
static bool begin_transfer(struct transfer *transfer)
{
	return !dm_disk_stall() &&
	       !pthread_create(&transfer->thread, NULL, transfer_main, transfer) &&
	       SOON(transfer->tid && is_blocked(transfer->tid));
}

static bool end_transfer(struct transfer *transfer)
{
	return !dm_disk_resume() && !pthread_join(transfer->thread, NULL) &&
	       transfer->result == COUNT * PAGE;
}

TEST_F(pinned, pages_stay_the_parents_and_are_copied_for_the_child)
{
	unsigned int i;
	pid_t pid;

	ASSERT_TRUE(begin_transfer(&self->transfer));
	pid = fork();
	if (!pid) {
		turn_await(self->turns.to_child);
		_exit(pages_wrong(self->transfer.map, 0, NR, 1) != 0);
	}
	/* A write to a page that is read into must not part it from the transfer. */
	page_fill(self->transfer.map + FIRST * PAGE, FIRST, 9);
	ASSERT_TRUE(end_transfer(&self->transfer));
	for (i = FIRST; i < FIRST + COUNT; i++)
		EXPECT_TRUE(page_holds(self->transfer.map + i * PAGE, i, 3));
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(pages_wrong(self->transfer.map, 0, FIRST, 1), 0);
}

TEST_F(pinned, pages_of_a_child_that_is_gone_are_written_to_in_vain)
{
	pid_t pid = fork();

	if (!pid) {
		if (!begin_transfer(&self->transfer))
			_exit(1);
		munmap(self->transfer.map, NR * PAGE);
		_exit(dm_disk_resume() ? 2 : 0);
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(pages_wrong(self->transfer.map, 0, NR, 1), 0);
}

TEST_HARNESS_MAIN
