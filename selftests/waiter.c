// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that wait: for a frame, for the disk, for a page in transit. Each is woken, and
 * each can be killed.
 *
 * The store is a device that can be told to hold all transfers back, so a wait
 * lasts until the test ends it. While it does, nothing may end the test: its
 * region would wait for the transfers, too.
 */
#include <sys/uio.h>
#include "disk.h"
#include "dm_disk.h"
#include "sigbus.h"
#include "task.h"

#define FEW		16

FIXTURE(waiter)
{
	const char *disk;
	char *map;
	int fd;
};

FIXTURE_SETUP(waiter)
{
	self->disk = dm_disk_prepare();
	if (!self->disk || dm_disk_create(self->disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	ASSERT_EQ(pool_write("swap_file", DM_DISK), 0);
	self->map = region_map(&self->fd, 8 * FEW);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, 8 * FEW, 1);
	settled_free_frames();
}

FIXTURE_TEARDOWN(waiter)
{
	EXPECT_EQ(pages_wrong(self->map, 0, 8 * FEW, 1), 0);
	region_unmap(self->fd, self->map, 8 * FEW);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

/* A page of the region that only the disk has. */
static size_t swapped_page(int fd, size_t from)
{
	uint8_t states[8 * FEW];
	struct swaplab_page_states query = {
		.range.length = sizeof(states) * PAGE,
		.states = (uintptr_t)states,
	};
	size_t i;

	if (ioctl(fd, SWAPLAB_PAGE_STATES, &query))
		return -1UL;
	for (i = from; i < sizeof(states); i++)
		if (states[i] == SWAPLAB_PAGE_SWAPPED)
			break;
	return i;
}

/* A child that touches one page, and exits with 0 if it got it. */
static pid_t touch_page(const char *map, size_t page)
{
	pid_t pid = fork();

	if (!pid)
		_exit(!page_holds(map + page * PAGE, page, 1));
	return pid;
}

TEST_F(waiter, for_a_read_dies_when_it_is_killed)
{
	size_t page = swapped_page(self->fd, 0);
	pid_t pid;

	ASSERT_LT(page, 8 * FEW);
	EXPECT_EQ(dm_disk_stall(), 0);
	pid = touch_page(self->map, page);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(dm_disk_resume(), 0);
	/* The read that it left behind has come to its end. */
	EXPECT_TRUE(page_holds(self->map + page * PAGE, page, 1));
}

TEST_F(waiter, for_the_read_of_another_gets_the_page_when_that_one_is_killed)
{
	size_t page = swapped_page(self->fd, 0);
	pid_t reader, waiter, victim;
	int status = -1;

	ASSERT_LT(page, 8 * FEW);
	EXPECT_EQ(dm_disk_stall(), 0);
	reader = touch_page(self->map, page);
	EXPECT_TRUE(SOON(is_blocked(reader)));
	waiter = touch_page(self->map, page);
	victim = touch_page(self->map, page);
	EXPECT_TRUE(SOON(is_blocked(waiter)));
	EXPECT_TRUE(dies_by_sigkill(victim));
	EXPECT_TRUE(dies_by_sigkill(reader));
	EXPECT_TRUE(is_blocked(waiter));
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(waiter, &status, 0), waiter);
	EXPECT_EQ(status, 0);
}

static void *touch_all(void *map)
{
	pages_wrong(map, 0, 8 * FEW, 1);
	return NULL;
}

/* A child whose threads all want more pages than there are frames. */
static pid_t touch_with_threads(char *map)
{
	pthread_t threads[8];
	pid_t pid = fork();
	int i;

	if (pid)
		return pid;
	for (i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, touch_all,
			       map + i * FEW * PAGE);
	for (i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

TEST_F(waiter, for_a_write_dies_with_all_its_threads_when_it_is_killed)
{
	char *map;
	pid_t pid;
	int fd;

	/* The frames hold pages that must be written before another page comes in. */
	map = region_map(&fd, 16 * FEW);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(dm_disk_stall(), 0);
	pid = touch_with_threads(map);
	EXPECT_TRUE(SOON(stat_get("free_frames") == 0));
	msleep(200);
	EXPECT_EQ(kill(pid, SIGKILL), 0);
	EXPECT_TRUE(SOON(has_ended(pid)));
	EXPECT_EQ(dm_disk_resume(), 0);
	region_unmap(fd, map, 16 * FEW);
}

TEST_F(waiter, in_a_lock_request_dies_when_it_is_killed)
{
	struct swaplab_range range = { .length = PAGE };
	size_t page = swapped_page(self->fd, 0);
	pid_t pid;

	ASSERT_LT(page, 8 * FEW);
	EXPECT_EQ(dm_disk_stall(), 0);
	pid = fork();
	if (!pid) {
		range.offset = page * PAGE;
		_exit(!!ioctl(self->fd, SWAPLAB_LOCK, &range));
	}
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
}

TEST_F(waiter, in_a_discard_request_dies_when_it_is_killed)
{
	struct swaplab_range range = { .length = PAGE };
	size_t page = swapped_page(self->fd, 0);
	pid_t reader, pid;

	ASSERT_LT(page, 8 * FEW);
	EXPECT_EQ(dm_disk_stall(), 0);
	reader = touch_page(self->map, page);
	EXPECT_TRUE(SOON(is_blocked(reader)));
	pid = fork();
	if (!pid) {
		range.offset = page * PAGE;
		_exit(!!ioctl(self->fd, SWAPLAB_DISCARD, &range));
	}
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(reader, NULL, 0), reader);
}

/* Fills a pipe with pages, so that their frames cannot go. */
static bool pin_pages(int pipe_fd, char *map, size_t nr)
{
	struct iovec iov = { map, nr * PAGE };

	return vmsplice(pipe_fd, &iov, 1, 0) == (ssize_t)(nr * PAGE);
}

TEST_F(waiter, for_a_frame_dies_when_it_is_killed)
{
	unsigned long waits = stat_get("frame_waits");
	int pipes[2];
	pid_t pid;

	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_TRUE(pin_pages(pipes[1], self->map, FEW));
	EXPECT_EQ(stat_get("free_frames"), 0);
	pid = touch_page(self->map, 2 * FEW);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_GT(stat_get("frame_waits"), waits);
	close(pipes[0]);
	close(pipes[1]);
}

TEST_F(waiter, for_a_frame_is_woken_when_one_comes_free)
{
	int pipes[2], status = -1;
	char *buffer = malloc(FEW * PAGE);
	pid_t pid;

	ASSERT_NE(buffer, NULL);
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_TRUE(pin_pages(pipes[1], self->map, FEW));
	EXPECT_EQ(stat_get("free_frames"), 0);
	pid = touch_page(self->map, 2 * FEW);
	EXPECT_TRUE(SOON(is_blocked(pid)));
	msleep(300);
	EXPECT_FALSE(has_ended(pid));
	/* Not by close(): the child has the pipe, too. */
	EXPECT_EQ(read(pipes[0], buffer, FEW * PAGE), FEW * PAGE);
	EXPECT_EQ(pages_wrong(buffer, 0, FEW, 1), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	close(pipes[0]);
	close(pipes[1]);
	free(buffer);
}

TEST_F(waiter, for_a_frame_is_refused_when_none_comes_free)
{
	int pipes[2], status = -1;
	pid_t pid;

	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_TRUE(pin_pages(pipes[1], self->map, FEW));
	pid = touch_page(self->map, 2 * FEW);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	close(pipes[0]);
	close(pipes[1]);
}

/* A read that fails, with a signal that keeps the fault from being tried again. */
static sigjmp_buf after_signal;

static void on_signal(int sig)
{
	siglongjmp(after_signal, 1);
}

struct interrupter {
	pthread_t thread, target;
};

static void *interrupter_main(void *data)
{
	struct interrupter *interrupter = data;

	SOON(is_blocked(getpid()));
	pthread_kill(interrupter->target, SIGUSR1);
	dm_disk_load("0 32768 error");
	dm_disk_resume();
	return NULL;
}

/*
 * The touch ends in the handler of the signal, which does not go back to it: nothing
 * asks for its result any more.
 */
TEST_F(waiter, that_turns_to_a_signal_leaves_no_error_behind)
{
	struct interrupter interrupter = { .target = pthread_self() };
	size_t page = swapped_page(self->fd, 0);
	char table[256];

	ASSERT_LT(page, 8 * FEW);
	signal(SIGUSR1, on_signal);
	snprintf(table, sizeof(table), "0 %d linear %s 0", DM_DISK_SECTORS,
		 self->disk);
	EXPECT_EQ(dm_disk_stall(), 0);
	if (!sigsetjmp(after_signal, 1)) {
		pthread_create(&interrupter.thread, NULL, interrupter_main,
			       &interrupter);
		(void)*(volatile char *)(self->map + page * PAGE);
	}
	pthread_join(interrupter.thread, NULL);
	EXPECT_EQ(dm_disk_set(table), 0);
	EXPECT_EQ(madvise(self->map + page * PAGE, PAGE, MADV_POPULATE_READ), 0);
	EXPECT_TRUE(page_holds(self->map + page * PAGE, page, 1));
}

/* A pool whose frames hold pages that have no other place. */
FIXTURE(full_pool)
{
	char *map;
	int fd;
	size_t first;	/* page without a frame */
};

FIXTURE_SETUP(full_pool)
{
	pool_restore();
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	self->map = region_map(&self->fd, 4 * FEW);
	ASSERT_NE(self->map, NULL);
	catch_sigbus();
	while (self->first < 2 * FEW &&
	       try_fill(self->map, self->first, 1))
		self->first++;
	ASSERT_EQ(self->first, FEW);
}

FIXTURE_TEARDOWN(full_pool)
{
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	region_unmap(self->fd, self->map, 4 * FEW);
	pool_restore();
}

static void *populate_write(void *page)
{
	return (void *)(long)madvise(page, PAGE, MADV_POPULATE_WRITE);
}

static void *populate_read(void *page)
{
	return (void *)(long)madvise(page, PAGE, MADV_POPULATE_READ);
}

static void *lock_page(void *page)
{
	return (void *)(long)mlock(page, PAGE);
}

static void *read_into(void *page)
{
	int zero = open("/dev/zero", O_RDONLY);
	ssize_t len = read(zero, page, PAGE);

	close(zero);
	return (void *)(long)(len == PAGE ? 0 : -1);
}

static void *write_remote(void *page)
{
	static char byte;
	struct iovec local = { &byte, 1 }, remote = { page, 1 };

	return (void *)(long)(process_vm_writev(getpid(), &local, 1, &remote, 1,
						0) == 1 ? 0 : -1);
}

/* Each asks for a page of its own, some ways twice, all at once. */
static void *(*const askers[])(void *page) = {
	populate_write, populate_read, lock_page, read_into, write_remote,
	populate_write, populate_read, lock_page,
};

#define ASKERS	ARRAY_SIZE(askers)

/* Returns a bit for each that was not refused. */
static int ask_all(char *map)
{
	pthread_t threads[ASKERS];
	int served = 0;
	void *result;
	size_t i;

	for (i = 0; i < ASKERS; i++)
		pthread_create(&threads[i], NULL, askers[i], map + i * PAGE);
	for (i = 0; i < ASKERS; i++) {
		pthread_join(threads[i], &result);
		served |= !result << i;
	}
	return served;
}

TEST_F(full_pool, refuses_each_way_to_ask_for_a_page)
{
	int status = -1;
	pid_t pid;

	/* It is a child, because a task that is not refused waits for ever. */
	pid = fork();
	if (!pid)
		_exit(ask_all(self->map + self->first * PAGE));
	EXPECT_TRUE(SOON(waitpid(pid, &status, WNOHANG) == pid));
	EXPECT_EQ(status, 0);
	if (status == -1) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* A task that was refused once is not refused when there is room. */
TEST_F(full_pool, serves_the_same_pages_when_it_has_grown)
{
	ASSERT_EQ(ask_all(self->map + self->first * PAGE), 0);
	ASSERT_EQ(pool_set("nr_frames", 4 * FEW), 0);
	EXPECT_EQ(ask_all(self->map + self->first * PAGE),
		  (1 << ASKERS) - 1);
}

TEST_HARNESS_MAIN
