// SPDX-License-Identifier: GPL-2.0
/* Pagers that misbehave or go, tasks that die while they wait, and regions that end. */
#include "names.h"
#include "pager.h"
#include "task.h"
#include "user.h"

#define FRAMES	64
#define NR	8

FIXTURE(life)
{
	char *map;
	int fd, pager;
};

FIXTURE_SETUP(life)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("pager_timeout_ms", 3600000), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
	catch_sigbus();
	log_lines();
}

FIXTURE_TEARDOWN(life)
{
	if (self->map)
		region_unmap(self->fd, self->map, NR);
	if (self->pager >= 0)
		close(self->pager);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

/* The next request, which a touch of @page has made. */
#define BEGIN_TOUCH(touch, request, page)					\
do {										\
	ASSERT_EQ(pager_touch_begin(touch, self->map, page, 1), 0);		\
	ASSERT_EQ(pager_next(self->pager, request), 1);				\
	ASSERT_EQ((request)->offset, (page) * PAGE);				\
} while (0)

static void close_pager(struct _test_data_life *self)
{
	close(self->pager);
	self->pager = -1;
}

TEST_F(life, a_silent_pager_is_sigbus_and_its_answer_comes_late)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;

	ASSERT_EQ(pool_set("pager_timeout_ms", 100), 0);
	EXPECT_EQ(try_read(self->map, 0, 1), SIGBUS);
	EXPECT_FALSE(try_fill(self->map, 0, 1));
	EXPECT_EQ(stat_get("pager_timeouts"), 2);
	EXPECT_GE(log_lines(), 1);
	/* They are over before they were read. */
	EXPECT_EQ(pager_events(self->pager), 0);
	EXPECT_EQ(stat_get("resident"), 0);

	ASSERT_EQ(pool_set("pager_timeout_ms", 2000 * timeout_factor()), 0);
	BEGIN_TOUCH(&touch, &request, 1);
	EXPECT_EQ(pager_touch_end(&touch), SIGBUS);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 1, 1), -ESTALE);
	EXPECT_EQ(pager_error(self->pager, request.id, 1), -ESTALE);
	EXPECT_EQ(stat_get("resident"), 0);
}

TEST_F(life, a_pager_that_closes_is_sigbus_until_another_one_comes)
{
	struct swaplab_pager_request request;
	struct pager_touch touch, waiting;

	BEGIN_TOUCH(&touch, &request, 0);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 0, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	page_fill(self->map, 0, 2);
	BEGIN_TOUCH(&touch, &request, 1);
	ASSERT_EQ(pager_touch_begin(&waiting, self->map, 2, 1), 0);
	ASSERT_TRUE(SOON(pager_events(self->pager) == POLLIN));
	close_pager(self);
	EXPECT_EQ(pager_touch_end(&touch), SIGBUS);
	EXPECT_EQ(pager_touch_end(&waiting), SIGBUS);
	EXPECT_EQ(log_lines(), 1);
	EXPECT_EQ(fdinfo_get(self->fd, "pager"), 2);
	EXPECT_EQ(try_read(self->map, 3, 1), SIGBUS);
	EXPECT_TRUE(page_holds(self->map, 0, 2));

	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pager"), 1);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 1, 1), -ESTALE);
	BEGIN_TOUCH(&touch, &request, 1);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 1, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_TRUE(page_holds(self->map, 0, 2));
}

TEST_F(life, wrong_answers_leave_the_request)
{
	struct swaplab_pager_request request;
	static char content[2 * PAGE];
	struct swaplab_supply supply;
	struct pager_touch touch;
	uint64_t done;
	char *hole;

	BEGIN_TOUCH(&touch, &request, 4);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 5, 1), -EINVAL);
	EXPECT_EQ(pager_unavailable(self->pager, request.id, 2, 2), -EINVAL);
	EXPECT_EQ(pager_error(self->pager, request.id, 5), -EINVAL);
	EXPECT_EQ(pager_error(self->pager, 0, 4), -ESTALE);
	EXPECT_EQ(pager_error(self->pager, request.id + 1, 4), -ESTALE);
	EXPECT_EQ(pager_supply_version(self->pager, request.id + 64, 4, 1), -ESTALE);
	EXPECT_EQ(pager_supply(self->pager, request.id, 4, 1, NULL), -EFAULT);
	EXPECT_EQ(pager_supply(self->pager, request.id, 4, 1, (void *)-PAGE), -EFAULT);
	EXPECT_EQ(pager_supply(self->pager, request.id, 4, 0, content), -EINVAL);
	EXPECT_EQ(ioctl(self->pager, SWAPLAB_DISCARD, &supply), -1);
	EXPECT_EQ(errno, ENOTTY);
	supply = (struct swaplab_supply){ request.id, 4 * PAGE, PAGE, (uintptr_t)content };
	supply.flags = 1;
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_SUPPLY, &supply), -EINVAL);
	supply.flags = 0;
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_UNAVAILABLE, &supply), -EINVAL);
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_ERROR, &supply), -EINVAL);
	supply.offset += 8;
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_SUPPLY, &supply), -EINVAL);
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_SUPPLY, NULL), -EFAULT);

	/* The second page of the answer is not there; the first one is not what was asked for. */
	hole = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(hole, MAP_FAILED);
	ASSERT_EQ(munmap(hole + PAGE, PAGE), 0);
	page_fill(hole, 3, 1);
	EXPECT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_SUPPLY, request.id, 3, 2, hole, &done),
		  -EFAULT);
	EXPECT_EQ(done, PAGE);
	EXPECT_EQ(pages_that_are(self->fd, 0, NR, SWAPLAB_PAGE_RESIDENT), 1);

	ASSERT_EQ(pager_supply_version(self->pager, request.id, 4, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_TRUE(page_holds(self->map + 3 * PAGE, 3, 1));
	munmap(hole, PAGE);
}

TEST_F(life, a_second_answer_is_late)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;

	BEGIN_TOUCH(&touch, &request, 0);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 0, 1), 0);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 0, 2), -ESTALE);
	EXPECT_EQ(pager_unavailable(self->pager, request.id, 0, 1), -ESTALE);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_TRUE(page_holds(self->map, 0, 1));
}

/* A child that touches a page; its parent has the pager. */
static pid_t fork_toucher(char *map, size_t page)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	signal(SIGBUS, SIG_DFL);
	_exit(!page_holds(map + page * PAGE, page, 1));
}

TEST_F(life, a_task_that_waits_can_be_killed_and_its_request_ends)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	pid_t pid;

	/* Before the request was read, and after it. */
	pid = fork_toucher(self->map, 0);
	ASSERT_TRUE(SOON(pager_events(self->pager) == POLLIN));
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(pager_events(self->pager), 0);

	pid = fork_toucher(self->map, 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 0, 1), -ESTALE);

	/* Another task waits for the same page: the request stays. */
	pid = fork_toucher(self->map, 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 0, 1), 0);
	msleep(100);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 0, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(stat_get("pager_requests"), 3);
	EXPECT_EQ(stat_get("pager_timeouts"), 0);
}

#define MAX_REQUESTS	SWAPLAB_PAGER_MAX_REQUESTS

TEST_F(life, a_fault_that_waits_for_a_free_request_can_be_killed)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	pid_t pids[MAX_REQUESTS], last;
	size_t i;
	char *map;

	map = mmap(NULL, 2 * MAX_REQUESTS * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(map, MAP_FAILED);
	for (i = 0; i < MAX_REQUESTS; i++)
		pids[i] = fork_toucher(map, i);
	ASSERT_TRUE(SOON(stat_get("pager_requests") == MAX_REQUESTS));
	last = fork_toucher(map, MAX_REQUESTS);
	EXPECT_TRUE(dies_by_sigkill(last));
	/* One that dies makes room for another one. */
	ASSERT_EQ(pager_touch_begin(&touch, map, MAX_REQUESTS + 1, 1), 0);
	for (i = 0; i < MAX_REQUESTS; i++)
		EXPECT_TRUE(dies_by_sigkill(pids[i]));
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	EXPECT_EQ(request.offset, (MAX_REQUESTS + 1) * PAGE);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, MAX_REQUESTS + 1, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	munmap(map, 2 * MAX_REQUESTS * PAGE);
}

TEST_F(life, no_fault_waits_for_a_free_request_beyond_the_timeout)
{
	struct pager_touch touches[MAX_REQUESTS + 4];
	char *map;
	size_t i;

	ASSERT_EQ(pool_set("pager_timeout_ms", 300), 0);
	map = mmap(NULL, 2 * MAX_REQUESTS * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(map, MAP_FAILED);
	for (i = 0; i < MAX_REQUESTS + 4; i++)
		ASSERT_EQ(pager_touch_begin(&touches[i], map, i, 1), 0);
	for (i = 0; i < MAX_REQUESTS + 4; i++)
		EXPECT_EQ(pager_touch_end(&touches[i]), SIGBUS);
	munmap(map, 2 * MAX_REQUESTS * PAGE);
}

TEST_F(life, a_pager_that_touches_its_region_gets_sigbus_in_time)
{
	static char content[PAGE];
	struct swaplab_pager_request request;
	struct pager_touch touch;

	ASSERT_EQ(pool_set("pager_timeout_ms", 500), 0);
	EXPECT_EQ(try_read(self->map, 0, 1), SIGBUS);
	/* Neither can it supply from a page that it has not supplied. */
	EXPECT_EQ(pager_supply(self->pager, 0, 1, 1, self->map), -EFAULT);
	EXPECT_EQ(stat_get("pager_timeouts"), 2);

	/* From one that it has supplied it can. */
	ASSERT_EQ(pool_set("pager_timeout_ms", 3600000), 0);
	page_fill(content, 1, 1);
	ASSERT_EQ(pager_supply(self->pager, 0, 0, 1, content), 0);
	BEGIN_TOUCH(&touch, &request, 1);
	ASSERT_EQ(pager_supply(self->pager, request.id, 1, 1, self->map), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
}

TEST_F(life, a_child_has_both_descriptors)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	int status;
	pid_t pid;

	/* The child touches. */
	pid = fork_toucher(self->map, 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 0, 1), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);

	/* The child serves, and keeps the pager open. */
	pid = fork();
	if (!pid) {
		MUST(pager_next(self->pager, &request) == 1);
		MUST(!pager_supply_version(self->pager, request.id, 1, 1));
		MUST(pager_next(self->pager, &request) == 1);
		_exit(0);
	}
	close_pager(self);
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 1, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(pager_open(self->fd), -EBUSY);
	/* It ends with a request in hand. */
	EXPECT_EQ(try_read(self->map, 2, 1), SIGBUS);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(life, a_region_that_ends_ends_its_pager)
{
	struct swaplab_pager_request request;

	ASSERT_EQ(pager_supply_version(self->pager, 0, 0, 1), 0);
	EXPECT_EQ(stat_get("resident"), 1);
	region_unmap(self->fd, self->map, NR);
	self->map = NULL;
	/* The pager does not keep the pages. */
	EXPECT_TRUE(SOON(stat_get("resident") == 0));
	EXPECT_EQ(pager_next(self->pager, &request), 0);
	EXPECT_EQ(pager_events(self->pager), POLLIN | POLLHUP);
	EXPECT_EQ(pager_supply_version(self->pager, 0, 1, 1), -ESTALE);
	EXPECT_EQ(stat_get("resident"), 0);
	close_pager(self);
	EXPECT_EQ(log_lines(), 0);
}

struct reader {
	pthread_t thread;
	int pager, result;
};

static void *read_one(void *data)
{
	struct swaplab_pager_request request;
	struct reader *reader = data;

	reader->result = pager_next(reader->pager, &request);
	return NULL;
}

TEST_F(life, readers_that_sleep_are_told_of_the_end)
{
	struct reader readers[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		readers[i] = (struct reader){ .pager = self->pager, .result = 1 };
		ASSERT_EQ(pthread_create(&readers[i].thread, NULL, read_one, &readers[i]), 0);
	}
	msleep(100);
	region_unmap(self->fd, self->map, NR);
	self->map = NULL;
	for (i = 0; i < 4; i++) {
		pthread_join(readers[i].thread, NULL);
		EXPECT_EQ(readers[i].result, 0);
	}
}

TEST_F(life, a_region_that_is_closed_stays_while_a_fault_waits)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	pid_t pid;

	/* The toucher alone has it in the end, and is killed. */
	pid = fork_toucher(self->map, 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	region_unmap(self->fd, self->map, NR);
	self->map = NULL;
	EXPECT_EQ(pager_events(self->pager), 0);
	EXPECT_TRUE(dies_by_sigkill(pid));
	EXPECT_EQ(pager_next(self->pager, &request), 0);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 0, 1), -ESTALE);

	/* The mapping goes while its page is asked for: that is another SIGSEGV or SIGBUS. */
	close_pager(self);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
	BEGIN_TOUCH(&touch, &request, 0);
	ASSERT_NE(mmap(self->map, NR * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		       -1, 0), MAP_FAILED);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 0, 1), 0);
	/* Zeros, of what is mapped there now. */
	EXPECT_EQ(pager_touch_end(&touch), -1);
}

TEST_F(life, a_device_with_an_open_pager_is_not_removed)
{
	char path[64], text[16];
	int id, fd, pager;

	id = hot_add();
	ASSERT_GT(id, 0);
	snprintf(path, sizeof(path), "/dev/swaplab%d", id);
	ASSERT_TRUE(SOON((fd = open(path, O_RDWR | O_CLOEXEC)) >= 0));
	pager = pager_open(fd);
	ASSERT_GE(pager, 0);
	close(fd);
	ASSERT_TRUE(SOON(pager_events(pager) & POLLHUP));
	snprintf(text, sizeof(text), "%d", id);
	EXPECT_EQ(file_write(CONTROL "hot_remove", text), -EBUSY);
	close(pager);
	EXPECT_EQ(hot_remove(id), 0);
}

TEST_F(life, a_region_with_a_name_has_one_pager_and_stays)
{
	int fd, other, pager, again;

	fd = name_create_staying("paged", 0600);
	ASSERT_GE(fd, 0);
	pager = pager_open(fd);
	ASSERT_GE(pager, 0);
	other = name_open("paged", O_RDWR);
	ASSERT_GE(other, 0);
	EXPECT_EQ(pager_open(other), -EBUSY);
	/* Idle, with its pager. */
	close(fd);
	close(other);
	EXPECT_EQ(pager_events(pager), 0);
	EXPECT_EQ(pager_supply_version(pager, 0, 0, 1), 0);
	close(pager);
	fd = name_open("paged", O_RDWR);
	ASSERT_GE(fd, 0);
	again = pager_open(fd);
	ASSERT_GE(again, 0);
	close(fd);
	EXPECT_EQ(name_unlink("paged"), 0);
	EXPECT_TRUE(pager_events(again) & POLLHUP);
	close(again);
}

TEST_HARNESS_MAIN
