// SPDX-License-Identifier: GPL-2.0
/*
 * An error of the disk affects only a task that touches an unreadable page: no other
 * page, no other task, and no page that is not yet written.
 *
 * The disk is null_blk with bad blocks that come and go.
 */
#include <sys/ptrace.h>
#include <sys/uio.h>
#include "disk.h"
#include "sigbus.h"
#include "task.h"

#define FRAMES		32
#define PAGES		128
#define DISK_PAGES	256

FIXTURE(bad_block)
{
	const char *disk;
	char *map;
	int fd;
	/* Which page of the disk has this one. */
	int where[PAGES];
};

FIXTURE_VARIANT(bad_block)
{
	const char *slots;
	const char *disk;
};

FIXTURE_VARIANT_ADD(bad_block, in_dynamic_slots)
{
	.slots = "dynamic",
	.disk = "size=1",
};

/* A fault does not drop its lock for a disk that has answered already. */
FIXTURE_VARIANT_ADD(bad_block, in_static_slots_of_a_slow_disk)
{
	.slots = "static",
	.disk = "size=1 irqmode=2 completion_nsec=1000000",
};

FIXTURE_SETUP(bad_block)
{
	pool_restore();
	self->disk = disk_create(variant->disk);
	if (!self->disk || disk_hurt(0, 1) || disk_heal(0, 1))
		SKIP_SETUP("null_blk makes no disk with bad blocks");
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_write("slot_allocation", variant->slots), 0);
	ASSERT_EQ(pool_write("swap_file", self->disk), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, PAGES, 1);
	settled_free_frames();
	catch_sigbus();
	log_lines();
}

FIXTURE_TEARDOWN(bad_block)
{
	disk_heal(0, DISK_PAGES);
	region_unmap(self->fd, self->map, PAGES);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	pool_restore();
	disk_destroy();
}

static int state_of(int fd, size_t page)
{
	uint8_t state;
	struct swaplab_page_states query = {
		.range = { .offset = page * PAGE, .length = PAGE },
		.states = (uintptr_t)&state,
	};

	return ioctl(fd, SWAPLAB_PAGE_STATES, &query) ? -1 : state;
}

/* Finds the pages on the disk, -1 for those that it does not have. */
static int find_pages(const char *disk, int *where)
{
	char *content = mmap(NULL, DISK_PAGES * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open(disk, O_RDONLY | O_DIRECT | O_CLOEXEC), page, slot;
	bool all;

	all = content != MAP_FAILED &&
	      pread(fd, content, DISK_PAGES * PAGE, 0) == DISK_PAGES * PAGE;
	for (page = 0; page < PAGES; page++) {
		where[page] = -1;
		for (slot = 0; all && slot < DISK_PAGES; slot++)
			if (page_holds(content + slot * PAGE, page, 1))
				where[page] = slot;
	}
	munmap(content, DISK_PAGES * PAGE);
	close(fd);
	return all ? 0 : -1;
}

/* The first of @nr swapped pages that lie together on the disk; -1: none. */
static int find_run(int fd, const int *where, int nr)
{
	int page, run = 0;

	for (page = 0; page < PAGES && run < nr; page++) {
		if (where[page] < 0 ||
		    state_of(fd, page) != SWAPLAB_PAGE_SWAPPED)
			run = 0;
		else if (run && where[page] == where[page - 1] + 1)
			run++;
		else
			run = 1;
	}
	return run < nr ? -1 : page - nr;
}

/* A swapped page whose block is bad from now on; -1: none. */
static int hurt_one(const char *disk, int fd, int *where)
{
	int page;

	if (find_pages(disk, where))
		return -1;
	page = find_run(fd, where, 1);
	return page < 0 || disk_hurt(where[page], 1) ? -1 : page;
}

/*
 * A child touches a page. Returns 0, SIGBUS if the child got that, or -1 for wrong
 * content.
 */
static int touch_in_a_child(char *map, size_t page)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		_exit(!page_holds(map + page * PAGE, page, 1));
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -status;
}

TEST_F(bad_block, gives_sigbus_to_touches_of_its_page_alone)
{
	unsigned long errors, ahead;
	int first, bad, page;

	ASSERT_EQ(find_pages(self->disk, self->where), 0);
	first = find_run(self->fd, self->where, 12);
	ASSERT_GE(first, 0);
	bad = first + 6;
	ASSERT_EQ(disk_hurt(self->where[bad], 1), 0);
	ASSERT_EQ(pool_set("readahead_pages", 8), 0);
	/* Room for reading ahead. */
	ASSERT_EQ(pool_set("nr_frames", 2 * FRAMES), 0);
	/* Ten lines go to the log in five seconds: none of them are spent. */
	msleep(5500);
	log_lines();
	errors = stat_get("io_errors");
	ahead = stat_get("readahead");

	/* A stream up to the bad one, which readahead comes across. */
	for (page = first; page < bad; page++)
		EXPECT_EQ(try_read(self->map, page, 1), 0);
	EXPECT_GT(stat_get("readahead"), ahead);
	EXPECT_EQ(stat_get("io_errors"), errors);
	EXPECT_EQ(log_lines(), 0);

	EXPECT_EQ(try_read(self->map, bad, 1), SIGBUS);
	EXPECT_EQ(stat_get("io_errors"), errors + 1);
	EXPECT_EQ(log_lines(), 1);

	for (page = bad + 1; page < first + 12; page++)
		EXPECT_EQ(try_read(self->map, page, 1), 0);
	EXPECT_EQ(touch_in_a_child(self->map, bad), SIGBUS);
	EXPECT_EQ(touch_in_a_child(self->map, bad + 1), 0);
	for (page = 0; page < PAGES; page++)
		EXPECT_EQ(try_read(self->map, page, 1), page == bad ? SIGBUS : 0);

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(bad_block, makes_a_system_call_on_its_page_fail)
{
	char buffer[3 * PAGE], *middle = self->map;
	struct iovec local = { buffer, PAGE }, remote;
	int bad, pipes[2];

	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	middle += bad * PAGE;
	remote = (struct iovec){ middle, PAGE };
	ASSERT_EQ(pipe(pipes), 0);

	EXPECT_EQ(write(pipes[1], middle, PAGE), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(vmsplice(pipes[1], &remote, 1, 0), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), -1);
	EXPECT_EQ(errno, EFAULT);
	/* As far as the pages before it. */
	remote = (struct iovec){ middle - 2 * PAGE, 3 * PAGE };
	local.iov_len = 3 * PAGE;
	if (bad >= 2) {
		EXPECT_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0),
			  2 * PAGE);
		EXPECT_EQ(pages_wrong(buffer - (bad - 2) * PAGE, bad - 2, 2, 1), 0);
	}

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	close(pipes[0]);
	close(pipes[1]);
}

/* O_DIRECT gathers requests: neighbours could become one, with one fate. */
TEST_F(bad_block, is_no_matter_to_a_page_beside_which_it_is_read_ahead)
{
	int first, wanted, bad, other;

	other = open(store_path(), O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT_GE(other, 0);
	ASSERT_EQ(find_pages(self->disk, self->where), 0);
	first = find_run(self->fd, self->where, 6);
	ASSERT_GE(first, 0);
	wanted = first + 4;
	bad = wanted - 2;
	ASSERT_EQ(disk_hurt(self->where[bad], 1), 0);
	ASSERT_EQ(pool_set("readahead_pages", 8), 0);
	ASSERT_EQ(pool_set("nr_frames", 3 * FRAMES), 0);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);

	EXPECT_EQ(try_read(self->map, wanted + 1, 1), 0);
	EXPECT_EQ(pwrite(other, self->map + wanted * PAGE, PAGE, 0), PAGE);
	EXPECT_GT(stat_get("readahead"), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
	EXPECT_EQ(try_read(self->map, bad, 1), SIGBUS);
	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	close(other);
}

TEST_F(bad_block, ends_the_populating_of_its_page)
{
	int bad;

	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	EXPECT_EQ(madvise(self->map + bad * PAGE, PAGE, MADV_POPULATE_READ), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(madvise(self->map + bad * PAGE, PAGE, MADV_POPULATE_WRITE), -1);
	EXPECT_EQ(errno, EFAULT);

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(madvise(self->map + bad * PAGE, PAGE, MADV_POPULATE_READ), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

static void *sleep_main(void *data)
{
	pause();
	return data;
}

/* With a second thread in the address space, a fault drops its lock for the disk. */
TEST_F(bad_block, is_read_counted_and_logged_once_for_a_task_with_threads)
{
	unsigned long errors;
	pthread_t other;
	int bad, round;

	ASSERT_EQ(pthread_create(&other, NULL, sleep_main, NULL), 0);
	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	/* Ten lines go to the log in five seconds: none of them are spent. */
	msleep(5500);
	log_lines();
	errors = stat_get("io_errors");
	for (round = 1; round <= 3; round++) {
		EXPECT_EQ(try_read(self->map, bad, 1), SIGBUS);
		EXPECT_EQ(stat_get("io_errors"), errors + round);
		EXPECT_EQ(log_lines(), 1);
	}
	/* The error of the last touch is no error of this one. */
	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(try_read(self->map, bad, 1), 0);
	EXPECT_EQ(stat_get("io_errors"), errors + 3);
	pthread_cancel(other);
	pthread_join(other, NULL);
}

/* mlock() and MADV_POPULATE begin their fault anew after each wait. */
TEST_F(bad_block, ends_the_populating_of_its_page_by_a_task_with_threads)
{
	unsigned long errors;
	pthread_t other;
	char *page;
	int bad;

	ASSERT_EQ(pthread_create(&other, NULL, sleep_main, NULL), 0);
	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	page = self->map + bad * PAGE;
	msleep(5500);
	log_lines();
	errors = stat_get("io_errors");
	EXPECT_EQ(madvise(page, PAGE, MADV_POPULATE_READ), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(madvise(page, PAGE, MADV_POPULATE_WRITE), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_NE(mlock(page, PAGE), 0);
	munlock(page, PAGE);
	EXPECT_EQ(stat_get("io_errors"), errors + 3);
	EXPECT_EQ(log_lines(), 3);

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(madvise(page, PAGE, MADV_POPULATE_READ), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	pthread_cancel(other);
	pthread_join(other, NULL);
}

TEST_F(bad_block, makes_direct_io_on_its_page_fail)
{
	int bad, other;

	other = open(store_path(), O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT_GE(other, 0);
	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	EXPECT_EQ(pwrite(other, self->map + bad * PAGE, PAGE, 0), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(pread(other, self->map + bad * PAGE, PAGE, 0), -1);
	EXPECT_EQ(errno, EFAULT);

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(pwrite(other, self->map + bad * PAGE, PAGE, 0), PAGE);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	close(other);
}

TEST_F(bad_block, makes_ptrace_on_its_page_fail)
{
	uint64_t *word;
	int bad, status;
	pid_t pid;

	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	word = (uint64_t *)(self->map + bad * PAGE);
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_TRUE(WIFSTOPPED(status));
	errno = 0;
	EXPECT_EQ(ptrace(PTRACE_PEEKDATA, pid, word, 0), -1);
	EXPECT_EQ(errno, EIO);
	EXPECT_EQ(ptrace(PTRACE_POKEDATA, pid, word, 1), -1);
	EXPECT_EQ(errno, EIO);

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	errno = 0;
	EXPECT_EQ(ptrace(PTRACE_PEEKDATA, pid, word, 0), word_of(bad, 0, 1));
	EXPECT_EQ(errno, 0);
	EXPECT_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
}

TEST_F(bad_block, makes_a_lock_of_its_page_fail_with_eio)
{
	struct swaplab_range range = { .length = 3 * PAGE };
	int bad, first;

	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	first = bad < PAGES - 2 ? bad : bad - 2;
	range.offset = first * PAGE;
	EXPECT_EQ(ioctl(self->fd, SWAPLAB_LOCK, &range), -1);
	EXPECT_EQ(errno, EIO);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);

	ASSERT_EQ(disk_heal(self->where[bad], 1), 0);
	EXPECT_EQ(ioctl(self->fd, SWAPLAB_LOCK, &range), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 3);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

TEST_F(bad_block, is_no_matter_for_a_page_that_is_discarded)
{
	struct swaplab_range range = { .length = PAGE };
	int bad;

	bad = hurt_one(self->disk, self->fd, self->where);
	ASSERT_GE(bad, 0);
	range.offset = bad * PAGE;
	EXPECT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_TRUE(page_is_zero(self->map + bad * PAGE));
	page_fill(self->map + bad * PAGE, bad, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
}

/* Fills the first pages of another region, which takes frames. */
struct filler {
	pthread_t thread;
	char *map;
	size_t nr_pages;
	int fd;
	volatile bool done;
};

static void *filler_main(void *data)
{
	struct filler *filler = data;

	pages_fill(filler->map, 0, filler->nr_pages, 3);
	filler->done = true;
	return NULL;
}

static int filler_start(struct filler *filler, size_t nr_pages)
{
	filler->nr_pages = nr_pages;
	filler->done = false;
	filler->map = region_map(&filler->fd, nr_pages);
	if (!filler->map)
		return -1;
	return pthread_create(&filler->thread, NULL, filler_main, filler);
}

/* Waits for its end; returns how many pages are wrong. */
static size_t filler_join(struct filler *filler)
{
	size_t wrong;

	pthread_join(filler->thread, NULL);
	wrong = pages_wrong(filler->map, 0, filler->nr_pages, 3);
	region_unmap(filler->fd, filler->map, filler->nr_pages);
	return wrong;
}

TEST_F(bad_block, keeps_pages_dirty_in_memory_until_they_can_be_written)
{
	unsigned int version[PAGES];
	unsigned long errors;
	struct filler filler;
	int page, nr = 0;
	double begin = seconds_now();

	ASSERT_EQ(disk_hurt(0, DISK_PAGES), 0);
	errors = stat_get("io_errors");
	/* The pages on the disk cannot be read now, the rest is changed. */
	for (page = 0; page < PAGES; page++) {
		version[page] = 1;
		if (state_of(self->fd, page) & SWAPLAB_PAGE_RESIDENT &&
		    try_fill(self->map, page, 2)) {
			version[page] = 2;
			nr++;
		}
	}
	EXPECT_GE(nr, FRAMES / 2);
	ASSERT_EQ(filler_start(&filler, FRAMES), 0);
	EXPECT_TRUE(SOON(stat_get("io_errors") > errors + 2 * FRAMES));
	EXPECT_FALSE(filler.done);

	/* Tried more than once, each of them, and still here. */
	for (page = 0; page < PAGES; page++) {
		if (version[page] == 1)
			continue;
		EXPECT_TRUE(state_of(self->fd, page) & SWAPLAB_PAGE_RESIDENT);
		EXPECT_EQ(try_read(self->map, page, 2), 0);
	}
	/* As many lines as the kernel lets through at once, and in five seconds more. */
	EXPECT_LE(log_lines(), 10 * (2 + (int)((seconds_now() - begin) / 5)) + 2);

	ASSERT_EQ(disk_heal(0, DISK_PAGES), 0);
	EXPECT_EQ(filler_join(&filler), 0);
	for (page = 0; page < PAGES; page++)
		EXPECT_TRUE(page_holds(self->map + page * PAGE, page,
				       version[page]));
	errors = stat_get("io_errors");
	pages_fill(self->map, 0, PAGES, 4);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 4), 0);
	EXPECT_EQ(stat_get("io_errors"), errors);
}

TEST_F(bad_block, lets_tasks_that_wait_for_a_frame_be_killed)
{
	unsigned long errors = stat_get("io_errors");
	pid_t pid;

	pages_fill(self->map, 0, PAGES, 2);
	ASSERT_EQ(disk_hurt(0, DISK_PAGES), 0);
	pid = fork();
	if (!pid) {
		char *map = region_map(&self->fd, PAGES);

		pages_fill(map, 0, PAGES, 3);
		_exit(0);
	}
	EXPECT_TRUE(SOON(stat_get("io_errors") > errors));
	EXPECT_TRUE(dies_by_sigkill(pid));
	ASSERT_EQ(disk_heal(0, DISK_PAGES), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 2), 0);
}

TEST_F(bad_block, among_many_keeps_no_other_page_from_going_on)
{
	unsigned int version;
	int page;

	/* At least one in each cluster of writes. */
	ASSERT_EQ(pool_set("watermark_high", 20), 0);
	for (page = 0; page < DISK_PAGES; page += 8)
		ASSERT_EQ(disk_hurt(page, 1), 0);
	/* No page is lost, but pages on blocks that are bad now cannot be read. */
	for (page = 0; page < PAGES; page++) {
		struct swaplab_range range = { page * PAGE, PAGE };

		if (try_read(self->map, page, 1))
			ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	}
	for (version = 2; version <= 4; version++) {
		pages_fill(self->map, 0, PAGES, version);
		EXPECT_EQ(pages_wrong(self->map, 0, PAGES, version), 0);
	}
	EXPECT_GT(stat_get("io_errors"), 0);
	ASSERT_EQ(disk_heal(0, DISK_PAGES), 0);
	pages_fill(self->map, 0, PAGES, 5);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 5), 0);
}

TEST_HARNESS_MAIN
