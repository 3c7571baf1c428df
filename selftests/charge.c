// SPDX-License-Identifier: GPL-2.0
/*
 * vm-options: --allow-oom
 *
 * Frames that are charged to a cgroup: a limit for all memory of a program. The pool takes
 * what the program does not need otherwise, and gives it back before anything is killed.
 */
#include <sys/wait.h>
#include "loop.h"

#define CGROUP		"/sys/fs/cgroup/swaplab-charge"
#include "cgroup.h"

#define DIR		"/mnt/swaplab-charge"
#define CACHED_FILE	DIR "/file"
/* Of the cgroup, in pages; the pool alone may have all of it. */
#define LIMIT		4096
#define PAGES		6144
/* What the kernel charges to a cgroup for two tasks and their tables, generously. */
#define OTHERS		512

/**
 * struct worker - a child in the cgroup that changes and verifies pages of a device
 * @rounds: of that, so far
 * @stop: it is to end
 * @hog: pages of ordinary memory that it is to have
 * @hogged: that it has
 * @error: of the write to cgroup
 * @pid: its own
 */
struct worker {
	volatile unsigned int rounds;
	volatile bool stop;
	volatile size_t hog, hogged;
	volatile int error;
	pid_t pid;
};

FIXTURE(charge)
{
	struct worker *worker;
};

FIXTURE_SETUP(charge)
{
	char limit[32];

	ASSERT_EQ(pool_prepare(LIMIT), 0);
	snprintf(limit, sizeof(limit), "%lu", LIMIT * PAGE);
	if (cgroup_create(limit))
		SKIP_SETUP("no cgroup v2 with memory control");
	/* The kernel's own swap takes no part. */
	cgroup_write("memory.swap.max", "0");
	self->worker = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(self->worker, MAP_FAILED);
}

static void worker_kill(struct worker *worker)
{
	if (worker->pid > 0 && !kill(worker->pid, SIGKILL))
		waitpid(worker->pid, NULL, 0);
	worker->pid = 0;
}

FIXTURE_TEARDOWN(charge)
{
	worker_kill(self->worker);
	EXPECT_TRUE(SOON(!pool_write("cgroup", "none")));
	EXPECT_TRUE(SOON(!rmdir(CGROUP) || errno == ENOENT));
	pool_restore();
}

/* Has as much ordinary memory as it is told. */
static void follow_hog(struct worker *worker, char *memory)
{
	while (worker->hogged < worker->hog)
		memory[worker->hogged++ * PAGE] = 1;
	if (worker->hogged > worker->hog) {
		madvise(memory + worker->hog * PAGE,
			(worker->hogged - worker->hog) * PAGE, MADV_DONTNEED);
		worker->hogged = worker->hog;
	}
}

static void change_pages(struct worker *worker, char *map, char *memory, size_t nr)
{
	size_t i, wrong = 0;

	while (!wrong && !worker->stop) {
		for (i = 0; i < nr; i++) {
			follow_hog(worker, memory);
			page_fill(map + i * PAGE, i, worker->rounds + 1);
		}
		wrong = pages_wrong(map, 0, nr, worker->rounds + 1);
		worker->rounds++;
	}
	_exit(!!wrong);
}

static int join_and_charge(struct worker *worker)
{
	worker->error = cgroup_write("cgroup.procs", "0");
	if (!worker->error)
		worker->error = pool_write("cgroup", "self");
	return worker->error;
}

static int worker_start(struct worker *worker, size_t nr)
{
	char *map, *memory;
	pid_t pid;
	int fd;

	memset(worker, 0, sizeof(*worker));
	pid = fork();
	if (pid) {
		worker->pid = pid;
		return pid < 0 ? -1 : 0;
	}
	if (join_and_charge(worker))
		_exit(2);
	memory = mmap(NULL, 2 * LIMIT * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	map = region_map(&fd, nr);
	if (!map || memory == MAP_FAILED)
		_exit(3);
	madvise(memory, 2 * LIMIT * PAGE, MADV_NOHUGEPAGE);
	change_pages(worker, map, memory, nr);
	_exit(4);
}

static int worker_stop(struct worker *worker)
{
	int status = -1;

	worker->stop = true;
	waitpid(worker->pid, &status, 0);
	worker->pid = 0;
	return status;
}

static bool has_worked(struct worker *worker, unsigned int rounds)
{
	unsigned int before = worker->rounds;

	return SOON(worker->rounds >= before + rounds ||
		    waitpid(worker->pid, NULL, WNOHANG)) &&
	       worker->rounds >= before + rounds;
}

TEST_F(charge, counts_frames_against_the_limit_and_kills_nobody)
{
	unsigned long resident;

	/* More frames than there is room for. */
	ASSERT_EQ(pool_set("nr_frames", 2 * LIMIT), 0);
	ASSERT_EQ(worker_start(self->worker, PAGES), 0);
	ASSERT_TRUE(has_worked(self->worker, 2));
	resident = stat_get("resident");
	EXPECT_GT(resident, LIMIT - OTHERS);
	EXPECT_LE(resident, LIMIT);
	/* More than the limit while the pool tries to have more frames. */
	EXPECT_LE(stat_get("room"), LIMIT + OTHERS);
	EXPECT_GE(cgroup_get("memory.stat", "kernel "), (LIMIT - OTHERS) * PAGE);
	EXPECT_LE(cgroup_get("memory.peak", NULL), LIMIT * PAGE);
	EXPECT_EQ(cgroup_kills(), 0);
	EXPECT_EQ(worker_stop(self->worker), 0);
}

TEST_F(charge, gives_frames_to_ordinary_memory_and_takes_them_back)
{
	struct worker *worker = self->worker;

	ASSERT_EQ(worker_start(worker, PAGES), 0);
	ASSERT_TRUE(has_worked(worker, 1));
	worker->hog = LIMIT / 2;
	ASSERT_TRUE(SOON(worker->hogged == LIMIT / 2));
	ASSERT_TRUE(has_worked(worker, 2));
	EXPECT_LE(stat_get("resident"), LIMIT / 2);
	EXPECT_GT(stat_get("resident"), LIMIT / 2 - OTHERS);
	worker->hog = 0;
	ASSERT_TRUE(SOON(!worker->hogged));
	EXPECT_TRUE(SOON(stat_get("resident") > LIMIT - OTHERS));
	EXPECT_EQ(cgroup_kills(), 0);
	EXPECT_EQ(worker_stop(worker), 0);
}

/* The least room while the worker comes to have so many more pages, and a round after that. */
static unsigned long least_room_while_growing(struct worker *worker, size_t nr)
{
	unsigned int rounds = worker->rounds;
	unsigned long room, least = -1UL;

	worker->hog += nr;
	do {
		room = stat_get("room");
		least = room < least ? room : least;
	} while ((worker->hogged < worker->hog || worker->rounds < rounds + 2) &&
		 !waitpid(worker->pid, NULL, WNOHANG));
	return least;
}

/* The cgroup has little else that could be reclaimed, so reclaim asks for all of the pool. */
TEST_F(charge, gives_a_small_cgroup_the_frames_that_it_needs)
{
	struct worker *worker = self->worker;
	unsigned long room, least, i;
	char limit[32];

	snprintf(limit, sizeof(limit), "%lu", LIMIT / 12 * PAGE);
	ASSERT_EQ(cgroup_write("memory.max", limit), 0);
	ASSERT_EQ(worker_start(worker, LIMIT / 4), 0);
	ASSERT_TRUE(has_worked(worker, 2));
	for (i = 0; i < 8; i++) {
		ASSERT_TRUE(SOON((room = stat_get("room")) >= 96));
		least = least_room_while_growing(worker, 8);
		EXPECT_GT(least + 72, room) {
			TH_LOG("%lu of %lu frames", least, room);
		}
	}
	EXPECT_EQ(cgroup_kills(), 0);
	EXPECT_EQ(worker_stop(worker), 0);
}

TEST_F(charge, gives_all_frames_that_can_go_before_a_program_is_killed)
{
	struct worker *worker = self->worker;
	unsigned long least = LIMIT, room;
	int status = 0;

	ASSERT_EQ(worker_start(worker, PAGES), 0);
	ASSERT_TRUE(has_worked(worker, 1));
	worker->hog = 2 * LIMIT;
	while (!waitpid(worker->pid, &status, WNOHANG)) {
		room = stat_get("room");
		least = room < least ? room : least;
	}
	worker->pid = 0;
	/* It does not rise when a region ends. */
	room = stat_get("room");
	least = room < least ? room : least;
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	TH_LOG("room for %lu frames at the least, %lu pages of ordinary memory", least,
	       worker->hogged);
	EXPECT_LT(least, OTHERS);
	EXPECT_GT(worker->hogged, LIMIT - OTHERS - least);
}

/* Writes a file, so that the cgroup has it in its page cache. */
static int cache_file(size_t nr)
{
	static char page[PAGE];
	pid_t pid = fork();
	int fd, status;

	if (pid)
		return waitpid(pid, &status, 0) == pid ? status : -1;
	if (cgroup_write("cgroup.procs", "0"))
		_exit(2);
	fd = open(CACHED_FILE, O_RDWR | O_CREAT | O_TRUNC, 0600);
	while (nr--)
		if (write(fd, page, PAGE) != PAGE)
			_exit(3);
	_exit(fsync(fd) ? 4 : 0);
}

TEST_F(charge, takes_the_memory_of_files_that_are_not_read_again)
{
	if (!has_program("mkfs.ext4"))
		SKIP(return, "no mkfs.ext4");
	run_shell("modprobe -q ext4");
	mkdir(DIR, 0755);
	ASSERT_EQ(mount_fs("mkfs.ext4 -qF", 4 * LIMIT * PAGE, "ext4", DIR), 0);
	EXPECT_EQ(cache_file(LIMIT / 2), 0);
	EXPECT_GE(cgroup_get("memory.stat", "\nfile "), LIMIT / 2 * PAGE);
	ASSERT_EQ(worker_start(self->worker, PAGES), 0);
	EXPECT_TRUE(SOON(stat_get("resident") > LIMIT - OTHERS));
	EXPECT_EQ(worker_stop(self->worker), 0);
	EXPECT_EQ(umount(DIR), 0);
}

TEST_F(charge, ends_with_the_regions_of_its_pool)
{
	char path[128] = "";

	ASSERT_EQ(worker_start(self->worker, PAGES), 0);
	ASSERT_TRUE(has_worked(self->worker, 1));
	EXPECT_EQ(pool_text("cgroup", path, sizeof(path)), 0);
	EXPECT_STREQ(path, "/swaplab-charge");
	EXPECT_EQ(pool_write("cgroup", "none"), -EBUSY);
	EXPECT_EQ(worker_stop(self->worker), 0);
	EXPECT_TRUE(SOON(!pool_write("cgroup", "none")));
	EXPECT_EQ(pool_text("cgroup", path, sizeof(path)), 0);
	EXPECT_STREQ(path, "none");
	EXPECT_EQ(stat_get("room"), LIMIT);
	/* All frames are free, and none is charged any more. */
	EXPECT_TRUE(SOON(cgroup_get("memory.stat", "kernel ") < OTHERS * PAGE));
}

TEST_F(charge, outlives_its_cgroup)
{
	struct worker *worker = self->worker;
	char text[16];

	ASSERT_EQ(worker_start(worker, PAGES), 0);
	ASSERT_TRUE(has_worked(worker, 1));
	snprintf(text, sizeof(text), "%d", worker->pid);
	ASSERT_EQ(file_write(CGROUPS "/cgroup.procs", text), 0);
	ASSERT_TRUE(SOON(!rmdir(CGROUP)));
	EXPECT_TRUE(has_worked(worker, 2));
	EXPECT_EQ(file_write("/proc/sys/vm/drop_caches", "3"), 0);
	EXPECT_TRUE(has_worked(worker, 2));
	EXPECT_EQ(worker_stop(worker), 0);
}

TEST_F(charge, leaves_frames_for_pages_that_are_locked)
{
	struct swaplab_range range = { .length = LIMIT / 4 * PAGE };
	struct worker *worker = self->worker;
	char *map;
	int fd;

	ASSERT_EQ(worker_start(worker, PAGES), 0);
	ASSERT_TRUE(has_worked(worker, 1));
	map = region_map(&fd, LIMIT / 4);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, LIMIT / 4, 1);
	ASSERT_EQ(ioctl(fd, SWAPLAB_LOCK, &range), 0);
	worker->hog = LIMIT / 2;
	ASSERT_TRUE(SOON(worker->hogged == LIMIT / 2));
	ASSERT_TRUE(has_worked(worker, 2));
	EXPECT_EQ(pages_wrong(map, 0, LIMIT / 4, 1), 0);
	/* More than the room that is left. */
	range.length = LIMIT * 3 / 4 * PAGE;
	EXPECT_EQ(ioctl(fd, SWAPLAB_LOCK, &range), -1);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_EQ(worker_stop(worker), 0);
	region_unmap(fd, map, LIMIT / 4);
}

TEST_F(charge, refuses_the_root_cgroup_and_other_words)
{
	EXPECT_EQ(pool_write("cgroup", "self"), -EINVAL);
	EXPECT_EQ(pool_write("cgroup", "/swaplab-charge"), -EINVAL);
}

TEST_HARNESS_MAIN
