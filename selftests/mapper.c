// SPDX-License-Identifier: GPL-2.0
/*
 * Disks of device mapper that fail, are late or lie, while threads fault. Only a task
 * that touches an unreadable page gets SIGBUS; a page that cannot be written stays in
 * memory; every byte is there when the disk works again.
 *
 * Beside the faults that the pool must survive, there are two that no pager can survive:
 * they show that these tests notice a lost byte.
 */
#include "disk.h"
#include "fault_threads.h"
#include "dm_disk.h"
#include "retry_threads.h"
#include "task.h"

#define FRAMES		64
#define PAGES		256
#define CROWD		4
#define DISK_PAGES	4096
/* How long a late transfer takes. */
#define LATE_MS		(60000 * timeout_factor())

/* Attaches the pool to the mapped disk, which then obeys its table. */
static int attach_dm_disk(void)
{
	int err;

	pool_restore();
	err = pool_set("nr_frames", FRAMES);
	/* It may be down just now. */
	if (!err)
		SOON((err = pool_write("swap_file", DM_DISK)) != -EIO);
	pool_set("stats/reset", 1);
	return err;
}

static int switch_to(const char *disk, const char *type, const char *more)
{
	char target[192];

	snprintf(target, sizeof(target), "%s %s 0 %s", type, disk, more);
	return dm_disk_change(target);
}

FIXTURE(mapper)
{
	const char *disk;
	struct retry_thread crowd[CROWD];
	unsigned long failed, wrong;
	char *map;
	int fd;
};

FIXTURE_SETUP(mapper)
{
	self->disk = dm_disk_prepare();
	if (!self->disk || dm_disk_create(self->disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(attach_dm_disk(), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(mapper)
{
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

TEST_F(mapper, that_holds_transfers_back_again_and_again_is_only_slow)
{
	struct fault_threads load;
	int i;

	ASSERT_EQ(fault_threads_start(&load, PAGES), 0);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(dm_disk_stall(), 0);
		msleep(200);
		EXPECT_EQ(dm_disk_resume(), 0);
		msleep(100);
	}
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

/* Pages of the disk before this one are there, the others are not. */
static int break_from(const char *disk, size_t page)
{
	size_t sector = page * PAGE / DISK_SECTOR;
	char table[192];

	snprintf(table, sizeof(table), "0 %zu linear %s 0\n%zu %zu error", sector,
		 disk, sector, DM_DISK_SECTORS - sector);
	return dm_disk_set(table);
}

/* Memory that the test and its child share. */
struct bystander {
	volatile bool stop;
	volatile unsigned int rounds;
};

/* A child that works on pages in the same pool; SIGBUS would kill it. */
static pid_t bystander_start(struct bystander *shared, char *map)
{
	pid_t pid = fork();
	size_t wrong = 0;

	if (pid)
		return pid;
	signal(SIGBUS, SIG_DFL);
	while (!shared->stop) {
		pages_fill(map, 0, PAGES, ++shared->rounds);
		wrong += pages_wrong(map, 0, PAGES, shared->rounds);
	}
	_exit(wrong != 0);
}

TEST_F(mapper, that_fails_in_part_hurts_only_those_whose_pages_lie_there)
{
	struct bystander *shared;
	int i, fd, status = -1;
	char *good, *bad;
	pid_t pid;

	/* An area each, in order: the first PAGES pages of the disk, and the next. */
	region_unmap(self->fd, self->map, PAGES);
	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	good = region_map(&self->fd, PAGES);
	self->map = good;
	bad = region_map(&fd, PAGES);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(good && bad && shared != MAP_FAILED);

	pid = bystander_start(shared, good);
	ASSERT_EQ(retry_threads_start(self->crowd, CROWD, bad, PAGES), 0);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(break_from(self->disk, PAGES), 0);
		msleep(300);
		EXPECT_EQ(switch_to(self->disk, "linear", ""), 0);
		msleep(300);
	}
	retry_threads_stop(self->crowd, CROWD, &self->failed, &self->wrong);
	EXPECT_TRUE(SOON(shared->rounds > 1));
	shared->stop = true;
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_GT(self->failed, 0);
	EXPECT_EQ(self->wrong, 0);
	EXPECT_EQ(pages_wrong(good, 0, PAGES, shared->rounds), 0);
	region_unmap(fd, bad, PAGES);
}

TEST_F(mapper, that_reads_late_lets_waiting_tasks_be_killed)
{
	char late[128];
	double begin;
	pid_t pid;

	pages_fill(self->map, 0, PAGES, 1);
	settled_free_frames();
	/* Reads take a minute, writes no time. */
	snprintf(late, sizeof(late), "%u %s 0 0", LATE_MS, self->disk);
	run_shell("modprobe dm_delay");
	ASSERT_EQ(switch_to(self->disk, "delay", late), 0);
	begin = seconds_now();
	pid = fork();
	if (!pid)
		_exit(pages_wrong(self->map, 0, PAGES, 1) != 0);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_LT(seconds_now() - begin, LATE_MS / 1000 - 10);
	/* That submits the transfers that it has held back. */
	EXPECT_EQ(switch_to(self->disk, "linear", ""), 0);
	EXPECT_LT(seconds_now() - begin, LATE_MS / 1000 - 5);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_F(mapper, that_reads_late_lets_the_last_user_of_a_region_be_killed)
{
	volatile bool *filled;
	char late[128], *map;
	double begin;
	pid_t pid;
	int fd;

	filled = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(filled, MAP_FAILED);
	snprintf(late, sizeof(late), "%u %s 0 0", LATE_MS, self->disk);
	run_shell("modprobe dm_delay");
	ASSERT_EQ(switch_to(self->disk, "delay", late), 0);
	begin = seconds_now();
	pid = fork();
	if (!pid) {
		map = region_map(&fd, PAGES);
		if (!map)
			_exit(2);
		pages_fill(map, 0, PAGES, 1);
		*filled = true;
		_exit(pages_wrong(map, 0, PAGES, 1) != 0);
	}
	EXPECT_TRUE(SOON(*filled));
	EXPECT_TRUE(SOON(stat_get("refaults") > 0));
	EXPECT_TRUE(dies_by_sigkill(pid));
	/* Only the transfers that the disk has are left. */
	EXPECT_TRUE(SOON(!stat_get("resident")));
	EXPECT_GT(stat_get("swapped"), 0);
	EXPECT_LT(stat_get("swapped"), PAGES / 4);
	EXPECT_LT(seconds_now() - begin, LATE_MS / 1000 - 10);
	EXPECT_EQ(switch_to(self->disk, "linear", ""), 0);
	EXPECT_TRUE(SOON(!stat_get("swapped")));
	EXPECT_LT(seconds_now() - begin, LATE_MS / 1000 - 5);
	pages_fill(self->map, 0, PAGES, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(mapper, that_writes_late_lets_pages_be_used_meanwhile)
{
	size_t nr = FRAMES * 3 / 4;
	char late[128];
	double begin;

	/* Writes take a minute, and fewer frames make the daemon write. */
	snprintf(late, sizeof(late), "0 %s 0 %u", self->disk, LATE_MS);
	run_shell("modprobe dm_delay");
	ASSERT_EQ(switch_to(self->disk, "delay", late), 0);
	begin = seconds_now();
	pages_fill(self->map, 0, nr, 1);
	ASSERT_EQ(pool_set("nr_frames", FRAMES / 2), 0);
	EXPECT_TRUE(SOON(stat_get("swap_outs") >= FRAMES / 8));
	EXPECT_EQ(pages_wrong(self->map, 0, nr, 1), 0);
	pages_fill(self->map, 0, nr, 2);
	EXPECT_LT(seconds_now() - begin, LATE_MS / 1000 - 10);

	EXPECT_EQ(switch_to(self->disk, "linear", ""), 0);
	EXPECT_TRUE(SOON(stat_get("rescues") >= FRAMES / 8));
	EXPECT_EQ(pages_wrong(self->map, 0, nr, 2), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_F(mapper, whose_bad_blocks_come_and_go_takes_nothing_along)
{
	size_t page;
	int i;

	ASSERT_EQ(retry_threads_start(self->crowd, CROWD, self->map, PAGES), 0);
	for (i = 0; i < 8; i++) {
		for (page = i; page < DISK_PAGES; page += 16)
			EXPECT_EQ(disk_hurt(page, 1), 0);
		msleep(300);
		for (page = i; page < DISK_PAGES; page += 16)
			EXPECT_EQ(disk_heal(page, 1), 0);
		msleep(100);
	}
	retry_threads_stop(self->crowd, CROWD, &self->failed, &self->wrong);
	EXPECT_GT(self->failed, 0);
	EXPECT_GT(stat_get("io_errors"), 0);
	EXPECT_EQ(self->wrong, 0);
}

FIXTURE(disk)
{
	struct retry_thread crowd[CROWD];
	unsigned long failed, wrong;
	char *map;
	int fd;
};

FIXTURE_VARIANT(disk)
{
	const char *type, *more;
	/* Transfers fail, so touches do; content is lost. */
	bool fails, lies;
};

FIXTURE_VARIANT_ADD(disk, that_is_there_every_other_second)
{
	.type = "flakey",
	.more = "1 1",
	.fails = true,
};

FIXTURE_VARIANT_ADD(disk, that_can_be_written_every_other_second)
{
	.type = "flakey",
	.more = "1 1 1 error_writes",
	.fails = true,
};

/* Not on 6.1. */
FIXTURE_VARIANT_ADD(disk, that_can_be_read_every_other_second)
{
	.type = "flakey",
	.more = "1 1 1 error_reads",
	.fails = true,
};

FIXTURE_VARIANT_ADD(disk, that_is_late)
{
	.type = "delay",
	.more = "50",
};

FIXTURE_VARIANT_ADD(disk, that_forgets_what_is_written)
{
	.type = "flakey",
	.more = "0 1 1 drop_writes",
	.lies = true,
};

/* The 32nd byte of each write becomes 1. */
FIXTURE_VARIANT_ADD(disk, that_writes_a_byte_wrong)
{
	.type = "flakey",
	.more = "0 1 5 corrupt_bio_byte 32 w 1 0",
	.lies = true,
};

FIXTURE_SETUP(disk)
{
	const char *disk = dm_disk_prepare();

	if (!disk || dm_disk_create(disk, variant->type, variant->more))
		SKIP_SETUP("null_blk or dm-%s makes no such disk", variant->type);
	ASSERT_EQ(attach_dm_disk(), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(disk)
{
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

TEST_F(disk, keeps_what_it_has_taken_unless_it_lies)
{
	ASSERT_EQ(retry_threads_start(self->crowd, CROWD, self->map, PAGES), 0);
	msleep(5000);
	retry_threads_stop(self->crowd, CROWD, &self->failed, &self->wrong);
	EXPECT_EQ(self->wrong > 0, variant->lies);
	EXPECT_EQ(stat_get("io_errors") > 0, variant->fails);
	if (!variant->fails)
		EXPECT_EQ(self->failed, 0);
}

/* Bad blocks by dm-dust, which Debian's own kernels do not have. */
FIXTURE(dust)
{
	struct retry_thread crowd[CROWD];
	unsigned long failed, wrong;
	char *map;
	int fd;
};

static int dust_settle_on(size_t block)
{
	char message[64];

	snprintf(message, sizeof(message), "addbadblock %zu", block);
	return dm_disk_tell(message);
}

FIXTURE_SETUP(dust)
{
	const char *disk = dm_disk_prepare();

	if (!disk || dm_disk_create(disk, "dust", "4096"))
		SKIP_SETUP("this kernel has no dm-dust");
	/* Otherwise it prints each message to the console. */
	ASSERT_EQ(dm_disk_tell("quiet"), 0);
	ASSERT_EQ(dm_disk_tell("enable"), 0);
	ASSERT_EQ(attach_dm_disk(), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(dust)
{
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

/* One that is written to is good from then on; the others when they are told. */
TEST_F(dust, comes_and_goes_and_takes_nothing_along)
{
	size_t block;
	int i;

	ASSERT_EQ(retry_threads_start(self->crowd, CROWD, self->map, PAGES), 0);
	for (i = 0; i < 8; i++) {
		for (block = i; block < DISK_PAGES; block += 8)
			EXPECT_EQ(dust_settle_on(block), 0);
		msleep(300);
		EXPECT_EQ(dm_disk_tell("clearbadblocks"), 0);
		msleep(100);
	}
	retry_threads_stop(self->crowd, CROWD, &self->failed, &self->wrong);
	EXPECT_GT(self->failed, 0);
	EXPECT_GT(stat_get("io_errors"), 0);
	EXPECT_EQ(self->wrong, 0);
}

TEST_HARNESS_MAIN
