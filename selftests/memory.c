// SPDX-License-Identifier: GPL-2.0
/*
 * vm-options: --mem 512M --allow-oom
 *
 * Memory that runs out while the device is used, with its swap file on ext4: the pool
 * gives frames back, the kernel kills the process that took the memory, and no other
 * process loses a page.
 *
 * For a machine of its own only: it formats the disk SWAPLAB_SCRATCH_DISK.
 */
#include <sys/mount.h>
#include <sys/swap.h>
#include "loop.h"

#define CGROUP		"/sys/fs/cgroup/swaplab-memory"
#include "cgroup.h"

#define FRAMES		4096
#define PAGES		6144
#define MIB		1048576UL
#define DIR		"/mnt/swaplab-memory"
#define SWAP_FILE	DIR "/swaplab.img"
#define STOCK_FILE	DIR "/stock.img"

/* A machine without memory is slow. */
#define IN_TIME(condition)	\
	(SOON(condition) || SOON(condition) || SOON(condition) || SOON(condition))

/**
 * struct worker - a child that changes and verifies pages
 * @rounds: of that, so far
 * @stop: it is to end
 * @pid: its own
 */
struct worker {
	volatile unsigned int rounds;
	volatile bool stop;
	pid_t pid;
};

FIXTURE(memory)
{
	struct worker *worker, *stock;
};

FIXTURE_SETUP(memory)
{
	const char *disk = getenv("SWAPLAB_SCRATCH_DISK");

	if (!disk || !has_program("mkfs.ext4"))
		SKIP_SETUP("no disk of one's own, or no mkfs.ext4");
	pool_restore();
	mkdir(DIR, 0755);
	ASSERT_EQ(run_shell("modprobe -q ext4; mkfs.ext4 -qF %s 400M", disk), 0);
	ASSERT_EQ(mount(disk, DIR, "ext4", 0, NULL), 0);
	ASSERT_EQ(file_make(SWAP_FILE, PAGES + 1024), 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", SWAP_FILE), 0);
	pool_set("stats/reset", 1);
	self->worker = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(self->worker, MAP_FAILED);
	self->stock = self->worker + 1;
}

FIXTURE_TEARDOWN(memory)
{
	if (self->worker->pid > 0 && !kill(self->worker->pid, SIGKILL))
		waitpid(self->worker->pid, NULL, 0);
	if (self->stock->pid > 0 && !kill(self->stock->pid, SIGKILL))
		waitpid(self->stock->pid, NULL, 0);
	rmdir(CGROUP);
	swapoff(STOCK_FILE);
	pool_restore();
	EXPECT_EQ(umount(DIR), 0);
}

/* Ends when @stop is set, or when a page is wrong. */
static void change_pages(struct worker *worker, char *map, size_t nr)
{
	size_t wrong = 0;

	while (map && !wrong && !worker->stop) {
		pages_fill(map, 0, nr, worker->rounds + 1);
		wrong = pages_wrong(map, 0, nr, worker->rounds + 1);
		worker->rounds++;
	}
	_exit(!map || wrong);
}

/* In the cgroup, if one is named. */
static int worker_start(struct worker *worker, const char *cgroup, size_t nr)
{
	pid_t pid = fork();
	int fd;

	if (pid) {
		worker->pid = pid;
		return pid < 0 ? -1 : 0;
	}
	if (cgroup && file_write(cgroup, "0"))
		_exit(2);
	change_pages(worker, region_map(&fd, nr), nr);
	_exit(3);
}

/* The same with memory that the kernel swaps. */
static int stock_worker_start(struct worker *worker, const char *cgroup,
			      size_t nr)
{
	char *map = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();

	if (pid) {
		worker->pid = pid;
		munmap(map, nr * PAGE);
		return pid < 0 ? -1 : 0;
	}
	if (file_write(cgroup, "0"))
		_exit(2);
	change_pages(worker, map, nr);
	_exit(3);
}

static int worker_stop(struct worker *worker)
{
	int status = -1;

	worker->stop = true;
	waitpid(worker->pid, &status, 0);
	worker->pid = 0;
	return status;
}

/* A child that takes memory until there is none, a MiB in so many ms. */
static pid_t hog_start(const char *cgroup, unsigned int ms)
{
	pid_t pid = fork();
	size_t taken;
	char *map;

	if (pid)
		return pid;
	if (cgroup && file_write(cgroup, "0"))
		_exit(2);
	for (taken = 0; taken < 2048 * MIB; taken += MIB, msleep(ms)) {
		map = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (map == MAP_FAILED)
			_exit(1);
	}
	_exit(0);
}

/* Waits for its end, and sees how few pages are resident meanwhile. */
static int hog_join(pid_t pid, unsigned long *least)
{
	unsigned long resident;
	bool over = false;
	int status;

	/* Once more at the end: a task takes no frames before it touches pages. */
	for (*least = -1UL; !over; msleep(10)) {
		over = waitpid(pid, &status, WNOHANG);
		resident = stat_get("resident");
		if (resident < *least)
			*least = resident;
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static bool is_at_work(struct worker *worker)
{
	return !waitpid(worker->pid, NULL, WNOHANG);
}

TEST_F_TIMEOUT(memory, that_runs_out_costs_the_hog_its_life_and_nobody_a_byte, 900)
{
	unsigned long least, evictions;
	unsigned int rounds;

	ASSERT_EQ(worker_start(self->worker, NULL, PAGES), 0);
	ASSERT_TRUE(IN_TIME(self->worker->rounds >= 1));
	evictions = stat_get("evictions");
	EXPECT_EQ(hog_join(hog_start(NULL, 0), &least), SIGKILL);
	EXPECT_TRUE(is_at_work(self->worker));
	EXPECT_TRUE(IN_TIME(stat_get("evictions") > evictions));
	rounds = self->worker->rounds;
	EXPECT_TRUE(IN_TIME(self->worker->rounds > rounds + 1));
	EXPECT_EQ(worker_stop(self->worker), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_F_TIMEOUT(memory, is_given_back_by_a_pool_and_taken_again, 400)
{
	unsigned long full, least;
	char *map;
	int fd;

	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, PAGES, 1);
	settled_free_frames();
	full = stat_get("resident");
	EXPECT_GT(full, FRAMES * 3 / 4);
	EXPECT_EQ(hog_join(hog_start(NULL, 10), &least), SIGKILL);
	TH_LOG("%lu pages resident, %lu at the least", full, least);
	EXPECT_LT(least, full / 2);
	EXPECT_EQ(pages_wrong(map, 0, PAGES, 1), 0);
	EXPECT_EQ(pages_wrong(map, 0, PAGES, 1), 0);
	EXPECT_GE(stat_get("resident"), full * 3 / 4);
	EXPECT_EQ(stat_get("io_errors"), 0);
	region_unmap(fd, map, PAGES);
}

/* The kernel asks for all there is, in one moment. */
TEST_F_TIMEOUT(memory, is_mostly_kept_when_caches_are_dropped, 400)
{
	unsigned long full;
	char *map;
	int fd;

	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, PAGES, 1);
	settled_free_frames();
	full = stat_get("resident");
	ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "2"), 0);
	settled_free_frames();
	TH_LOG("%lu pages resident, then %lu", full, stat_get("resident"));
	EXPECT_LT(stat_get("resident"), full);
	EXPECT_GT(stat_get("resident"), full / 2);
	EXPECT_EQ(pages_wrong(map, 0, PAGES, 1), 0);
	region_unmap(fd, map, PAGES);
}

/* Frames are not charged to it, but the metadata of its region is. */
TEST_F_TIMEOUT(memory, of_a_tight_cgroup_bounds_its_hog_and_not_its_regions, 900)
{
	unsigned long least;
	unsigned int rounds;

	ASSERT_EQ(pool_set("nr_frames", FRAMES / 8), 0);
	ASSERT_EQ(cgroup_create("16M"), 0);
	ASSERT_EQ(worker_start(self->worker, CGROUP "/cgroup.procs", PAGES), 0);
	ASSERT_TRUE(IN_TIME(self->worker->rounds >= 1));
	EXPECT_EQ(cgroup_kills(), 0);

	EXPECT_EQ(hog_join(hog_start(CGROUP "/cgroup.procs", 0), &least), SIGKILL);
	EXPECT_EQ(cgroup_kills(), 1);
	EXPECT_TRUE(is_at_work(self->worker));
	rounds = self->worker->rounds;
	EXPECT_TRUE(IN_TIME(self->worker->rounds > rounds + 1));
	EXPECT_EQ(worker_stop(self->worker), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

static unsigned long pages_swapped_by_the_kernel(void)
{
	static char text[16384];
	char *count;

	if (file_read("/proc/vmstat", text, sizeof(text)))
		return 0;
	count = strstr(text, "\npswpout ");
	return count ? strtoul(count + strlen("\npswpout "), NULL, 10) : 0;
}

TEST_F_TIMEOUT(memory, is_swapped_by_the_kernel_to_the_same_disk_meanwhile, 900)
{
	unsigned long before;
	unsigned int rounds;

	ASSERT_EQ(file_make(STOCK_FILE, PAGES), 0);
	ASSERT_EQ(run_shell("mkswap %s && swapon %s", STOCK_FILE, STOCK_FILE), 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES / 4), 0);
	/* A limit of 8M would kill while all of it is on its way to a slow disk. */
	ASSERT_EQ(cgroup_create("64M"), 0);
	ASSERT_EQ(cgroup_write("memory.high", "8M"), 0);
	before = pages_swapped_by_the_kernel();
	ASSERT_EQ(worker_start(self->worker, NULL, PAGES), 0);
	ASSERT_EQ(stock_worker_start(self->stock, CGROUP "/cgroup.procs",
				     PAGES / 2), 0);
	EXPECT_TRUE(IN_TIME(self->worker->rounds >= 2 &&
			    self->stock->rounds >= 2));
	rounds = self->worker->rounds;
	EXPECT_TRUE(IN_TIME(self->worker->rounds > rounds));
	EXPECT_GT(pages_swapped_by_the_kernel(), before + PAGES / 4);
	EXPECT_GT(stat_get("swap_outs"), PAGES / 4);
	EXPECT_EQ(worker_stop(self->stock), 0);
	EXPECT_EQ(worker_stop(self->worker), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_HARNESS_MAIN
