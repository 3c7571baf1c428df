// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_PAGER: a program supplies absent pages, and never sees what is written to them. */
#include "backed.h"
#include "names.h"
#include "pager.h"
#include "private.h"
#include "user.h"

#define FRAMES	64
#define NR	(3 * FRAMES)

/* A region and its pager, which a test serves itself, or by pager_serve(). */
FIXTURE(pager)
{
	char *map;
	int fd, pager;
	struct pager_server server;
};

FIXTURE_SETUP(pager)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	/* No test waits for an answer that does not come. */
	ASSERT_EQ(pool_set("pager_timeout_ms", 3600000), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
	catch_sigbus();
}

FIXTURE_TEARDOWN(pager)
{
	if (self->server.nr_threads) {
		pager_stop(&self->server);
		EXPECT_EQ(self->server.nr_errors, 0);
	}
	region_unmap(self->fd, self->map, NR);
	EXPECT_TRUE(SOON(pager_events(self->pager) & POLLHUP));
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	close(self->pager);
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

#define SERVE(nr_threads) \
	ASSERT_EQ(pager_serve(&self->server, self->pager, 1, nr_threads), 0)

TEST_F(pager, pages_come_from_the_pager_and_are_dropped_without_a_write)
{
	unsigned int round;

	SERVE(1);
	for (round = 0; round < 3; round++)
		EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_GE(stat_get("pager_pages"), 2 * NR);
	EXPECT_GE(stat_get("pager_requests"), 2 * NR);
	EXPECT_EQ(stat_get("pager_timeouts"), 0);
	EXPECT_EQ(stat_get("zero_fills"), 0);
	EXPECT_EQ(stat_get("swap_outs"), 0);
	EXPECT_EQ(stat_get("swapped"), 0);
}

TEST_F(pager, written_pages_go_to_the_store_and_come_back_from_there)
{
	unsigned long asked;

	SERVE(1);
	pages_fill(self->map, 0, NR, 2);
	asked = self->server.nr_requests;
	EXPECT_GE(asked, NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
	EXPECT_GT(stat_get("swap_outs"), 0);
	EXPECT_EQ(self->server.nr_requests, asked);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(pager, read_tells_the_page_and_whether_it_is_written_to)
{
	struct swaplab_pager_request requests[2], request;
	struct pager_touch touch;
	char small[sizeof(request) - 1];
	uint64_t first;

	ASSERT_EQ(fcntl(self->pager, F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(pager_next(self->pager, &request), -EAGAIN);
	EXPECT_EQ(pager_events(self->pager), 0);
	EXPECT_EQ(read(self->pager, small, sizeof(small)), -1);
	EXPECT_EQ(errno, EINVAL);

	ASSERT_EQ(pager_touch_begin(&touch, self->map, 5, 1), 0);
	ASSERT_TRUE(SOON(pager_events(self->pager) == POLLIN));
	/* No room in the reader's memory: the request stays. */
	EXPECT_EQ(read(self->pager, (void *)PAGE, sizeof(request)), -1);
	EXPECT_EQ(errno, EFAULT);
	ASSERT_EQ(read(self->pager, requests, sizeof(requests)), sizeof(request));
	EXPECT_EQ(pager_events(self->pager), 0);
	first = requests[0].id;
	EXPECT_NE(first, 0);
	EXPECT_EQ(requests[0].kind, SWAPLAB_PAGER_READ);
	EXPECT_EQ(requests[0].offset, 5 * PAGE);
	EXPECT_EQ(requests[0].length, PAGE);
	EXPECT_EQ(requests[0].reserved, 0);
	ASSERT_EQ(pager_supply_version(self->pager, first, 5, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);

	ASSERT_EQ(pager_write_begin(&touch, self->map, 6, 2), 0);
	ASSERT_TRUE(SOON(pager_next(self->pager, &request) == 1));
	EXPECT_NE(request.id, first);
	EXPECT_EQ(request.kind, SWAPLAB_PAGER_WRITE);
	EXPECT_EQ(request.offset, 6 * PAGE);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 6, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_TRUE(page_holds(self->map + 6 * PAGE, 6, 2));
}

TEST_F(pager, unavailable_is_zeros_and_an_error_is_sigbus)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;

	ASSERT_EQ(pager_touch_begin(&touch, self->map, 0, 1), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_unavailable(self->pager, request.id, 0, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), -1);
	EXPECT_TRUE(page_is_zero(self->map));

	ASSERT_EQ(pager_touch_begin(&touch, self->map, 1, 1), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_error(self->pager, request.id, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), SIGBUS);

	/* It is asked for again. */
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 1, 1), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 1, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
}

#define TOUCHES	4

TEST_F(pager, faults_on_one_page_share_a_request)
{
	struct pager_touch touches[TOUCHES];
	struct swaplab_pager_request request;
	size_t i;

	for (i = 0; i < TOUCHES; i++)
		ASSERT_EQ(pager_touch_begin(&touches[i], self->map, 3, 1), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	/* All of them have asked, if none is running. */
	msleep(100);
	EXPECT_EQ(pager_events(self->pager), 0);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 3, 1), 0);
	for (i = 0; i < TOUCHES; i++)
		EXPECT_EQ(pager_touch_end(&touches[i]), 0);
	EXPECT_EQ(stat_get("pager_requests"), 1);
	EXPECT_EQ(stat_get("pager_pages"), 1);
}

TEST_F(pager, more_pages_than_were_asked_for)
{
	static char content[8 * PAGE];
	struct swaplab_pager_request request;
	struct pager_touch touches[2];
	uint64_t done;
	size_t i;

	for (i = 0; i < 8; i++)
		page_fill(content + i * PAGE, 8 + i, 1);
	/* Without a request; a page that is there stays. */
	ASSERT_EQ(pager_supply_version(self->pager, 0, 9, 2), 0);
	page_fill(self->map + 9 * PAGE, 9, 3);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pager_touch_begin(&touches[i], self->map, 10 + i, 1), 0);
	ASSERT_TRUE(SOON(stat_get("pager_requests") == 2));
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_SUPPLY, request.id, 8, 8, content,
			       &done), 0);
	EXPECT_EQ(done, 8 * PAGE);
	/* That was the answer for both. */
	for (i = 0; i < 2; i++)
		EXPECT_EQ(pager_touch_end(&touches[i]), 0);
	EXPECT_EQ(pager_events(self->pager), 0);
	EXPECT_TRUE(page_holds(self->map + 9 * PAGE, 9, 3));
	EXPECT_EQ(pages_wrong(self->map, 10, 6, 1), 0);
	EXPECT_EQ(stat_get("pager_requests"), 2);
	EXPECT_EQ(stat_get("pager_pages"), 8);
}

TEST_F(pager, supplies_no_page_that_may_not_be)
{
	static char content[2 * PAGE];
	uint64_t done;

	EXPECT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_SUPPLY, 0, NR - 1, 2, content,
			       &done), -ENXIO);
	EXPECT_EQ(done, PAGE);
	EXPECT_EQ(pager_unavailable(self->pager, 0, NR, 1), -ENXIO);
	ASSERT_EQ(pool_set("max_region_pages", 8), 0);
	EXPECT_EQ(pager_unavailable(self->pager, 0, 8, 1), -ENXIO);
	EXPECT_EQ(pager_unavailable(self->pager, 0, 7, 1), 0);
}

struct random_toucher {
	pthread_t thread;
	char *map;
	unsigned int seed;
	size_t wrong;
};

/* Reads any page; half of the threads have written the pages with odd numbers before. */
static void *touch_at_random(void *data)
{
	struct random_toucher *toucher = data;
	unsigned int i, page;

	for (i = 0; i < 4 * NR; i++) {
		page = rand_r(&toucher->seed) % NR;
		toucher->wrong += !page_holds(toucher->map + page * PAGE, page,
					      1 + page % 2);
	}
	return NULL;
}

TEST_F(pager, several_threads_serve_and_several_touch)
{
	struct random_toucher touchers[TOUCHES];
	size_t i;

	SERVE(4);
	for (i = 1; i < NR; i += 2)
		page_fill(self->map + i * PAGE, i, 2);
	for (i = 0; i < TOUCHES; i++) {
		touchers[i] = (struct random_toucher){ .map = self->map, .seed = i };
		ASSERT_EQ(pthread_create(&touchers[i].thread, NULL, touch_at_random,
					 &touchers[i]), 0);
	}
	for (i = 0; i < TOUCHES; i++) {
		pthread_join(touchers[i].thread, NULL);
		EXPECT_EQ(touchers[i].wrong, 0);
	}
	EXPECT_GT(stat_get("swap_ins"), 0);
	EXPECT_GT(self->server.nr_requests, NR);
}

#define MAX_REQUESTS	SWAPLAB_PAGER_MAX_REQUESTS
#define CROWD		(MAX_REQUESTS + 8)

TEST_F(pager, further_faults_wait_for_a_free_request)
{
	struct swaplab_pager_request requests[CROWD];
	struct pager_touch touches[CROWD];
	ssize_t len;
	size_t i;

	for (i = 0; i < CROWD; i++)
		ASSERT_EQ(pager_touch_begin(&touches[i], self->map, i, 1), 0);
	ASSERT_TRUE(SOON(stat_get("pager_requests") == MAX_REQUESTS));
	msleep(100);
	len = read(self->pager, requests, sizeof(requests));
	ASSERT_EQ(len, MAX_REQUESTS * sizeof(*requests));
	EXPECT_EQ(stat_get("pager_requests"), MAX_REQUESTS);
	for (i = 0; i < MAX_REQUESTS; i++)
		EXPECT_EQ(pager_supply_version(self->pager, requests[i].id,
					       requests[i].offset / PAGE, 1), 0);
	SERVE(1);
	for (i = 0; i < CROWD; i++)
		EXPECT_EQ(pager_touch_end(&touches[i]), 0);
}

TEST_F(pager, no_guess_and_no_question_about_states_asks)
{
	uint8_t states[NR];
	size_t i;

	for (i = 0; i < 16; i++)
		ASSERT_EQ(pager_supply_version(self->pager, 0, i, 1), 0);
	/* A stream, up to the first page that is absent. */
	EXPECT_EQ(pages_wrong(self->map, 0, 16, 1), 0);
	EXPECT_EQ(madvise(self->map, NR * PAGE, MADV_WILLNEED), 0);
	EXPECT_EQ(page_states(self->fd, 0, NR, states), 0);
	EXPECT_EQ(states[15] & SWAPLAB_PAGE_RESIDENT, SWAPLAB_PAGE_RESIDENT);
	EXPECT_EQ(states[16], 0);
	EXPECT_EQ(pool_set("reclaim", 16), 0);
	EXPECT_EQ(stat_get("pager_requests"), 0);
	EXPECT_EQ(stat_get("zero_ahead"), 0);
	EXPECT_EQ(pager_events(self->pager), 0);
}

TEST_F(pager, lock_asks_and_a_locked_page_is_not_asked_for_again)
{
	unsigned long asked;

	SERVE(1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, 8), 0);
	EXPECT_GE(self->server.nr_requests, 8);
	EXPECT_EQ(pages_wrong(self->map, 8, NR - 8, 1), 0);
	asked = self->server.nr_requests;
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	EXPECT_EQ(self->server.nr_requests, asked);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, 8), 0);
	pager_stop(&self->server);
	self->server.nr_threads = 0;
	close(self->pager);
	EXPECT_EQ(fdinfo_get(self->fd, "pager"), 2);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, 8), -EIO);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
}

TEST_F(pager, a_file_wins_and_gives_the_pages_back)
{
	int file = backed_file("/dev/shm", NR, 2);

	ASSERT_GE(file, 0);
	SERVE(1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	ASSERT_EQ(back(self->fd, 8, 8, file, 8), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 8, 8, 2), 0);
	EXPECT_EQ(pages_wrong(self->map, 16, NR - 16, 1), 0);
	/* The file's page is not supplied, also if it is absent. */
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 8, 8), 0);
	EXPECT_EQ(pager_unavailable(self->pager, 0, 8, 8), 0);
	EXPECT_EQ(pages_wrong(self->map, 8, 8, 2), 0);
	ASSERT_EQ(back(self->fd, 8, 8, -1, 0), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	close(file);
}

TEST_F(pager, a_file_that_comes_while_a_fault_waits)
{
	int file = backed_file("/dev/shm", 1, 2);
	struct swaplab_pager_request request;
	struct pager_touch touch;

	ASSERT_GE(file, 0);
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 0, 2), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(back(self->fd, 0, 1, file, 0), 0);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 0, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	close(file);
}

TEST_F(pager, pages_do_not_move)
{
	struct swaplab_move move = { .length = PAGE };
	char *map;
	int fd;

	map = region_map(&fd, 1);
	ASSERT_NE(map, NULL);
	move.from_fd = self->fd;
	EXPECT_EQ(request_send(fd, SWAPLAB_MOVE, &move), -EINVAL);
	move.from_fd = fd;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_MOVE, &move), -EINVAL);
	region_unmap(fd, map, 1);
}

TEST_F(pager, a_region_with_pages_or_a_pager_gets_none)
{
	struct swaplab_pager_open request = { .flags = 2 };
	char *map;
	int fd;

	EXPECT_EQ(pager_open(self->fd), -EBUSY);
	map = region_map(&fd, 1);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(fdinfo_get(fd, "pager"), 0);
	EXPECT_EQ(request_send(fd, SWAPLAB_PAGER, &request), -EINVAL);
	request = (struct swaplab_pager_open){ .reserved = 1 };
	EXPECT_EQ(request_send(fd, SWAPLAB_PAGER, &request), -EINVAL);
	EXPECT_EQ(request_send(fd, SWAPLAB_PAGER, NULL), -EFAULT);
	EXPECT_TRUE(page_is_zero(map));
	EXPECT_EQ(pager_open(fd), -ENOTEMPTY);
	EXPECT_TRUE(page_is_zero(map));
	ASSERT_EQ(request_pages(fd, SWAPLAB_DISCARD, 0, 1), 0);
	EXPECT_EQ(close(pager_open(fd)), 0);
	EXPECT_EQ(fdinfo_get(fd, "pager"), 2);
	region_unmap(fd, map, 1);
	EXPECT_EQ(fdinfo_get(self->fd, "pager"), 1);
}

TEST_F(pager, private_pages_have_none)
{
	char *map;
	int fd;

	map = private_map(&fd, 1);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(pager_open(fd), -EINVAL);
	region_unmap(fd, map, 1);
	EXPECT_EQ(ioctl(self->fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EBUSY);
}

TEST_F(pager, static_slots)
{
	struct pager_server server;
	int fd, pager;
	char *map;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pager = pager_open(fd);
	ASSERT_GE(pager, 0);
	ASSERT_EQ(pager_serve(&server, pager, 1, 1), 0);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	pages_fill(map, 0, NR / 2, 2);
	EXPECT_EQ(pages_wrong(map, 0, NR / 2, 2), 0);
	EXPECT_EQ(pages_wrong(map, NR / 2, NR / 2, 1), 0);
	EXPECT_EQ(pager_unavailable(pager, 0, NR, 1), -ENXIO);
	pager_stop(&server);
	EXPECT_EQ(server.nr_errors, 0);
	region_unmap(fd, map, NR);
	close(pager);
}

/* A page of a pager as the argument of a system call. */
static bool can_write_from(const char *page)
{
	int out[2];
	bool can;

	MUST(pipe(out) == 0);
	can = write(out[1], page, PAGE) == (ssize_t)PAGE;
	MUST(can || errno == EFAULT);
	close(out[0]);
	close(out[1]);
	return can;
}

TEST_F(pager, system_calls_and_populate_wait_for_a_privileged_pager)
{
	SERVE(1);
	EXPECT_TRUE(can_write_from(self->map));
	EXPECT_EQ(self->server.nr_requests, 1);
	EXPECT_EQ(madvise(self->map, 8 * PAGE, MADV_POPULATE_READ), 0);
	EXPECT_EQ(madvise(self->map, 16 * PAGE, MADV_POPULATE_WRITE), 0);
	EXPECT_EQ(self->server.nr_requests, 16);
	EXPECT_EQ(pages_wrong(self->map, 0, 16, 1), 0);
}

static void *populate_page(void *page)
{
	return madvise(page, PAGE, MADV_POPULATE_READ) ? (void *)(intptr_t)errno : NULL;
}

/* Its attempts look to the module like faults that have nothing to do with each other. */
TEST_F(pager, populate_of_a_page_that_there_is_not_ends)
{
	struct swaplab_pager_request request;
	pthread_t thread;
	void *err;

	ASSERT_EQ(pthread_create(&thread, NULL, populate_page, self->map), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_error(self->pager, request.id, 0), 0);
	pthread_join(thread, &err);
	EXPECT_EQ((intptr_t)err, EFAULT);
	EXPECT_EQ(stat_get("pager_requests"), 1);
}

/* What an unprivileged pager may not hold up: EFAULT at once. Touches wait. */
static void serve_as_user(void *data)
{
	struct pager_server server;
	int fd, pager;
	char *map;

	map = region_map(&fd, 4);
	MUST(map);
	pager = pager_open(fd);
	MUST(pager >= 0);
	MUST(!can_write_from(map));
	MUST(madvise(map, PAGE, MADV_POPULATE_READ) && errno == EFAULT);
	MUST(pager_events(pager) == 0);
	MUST(!pager_serve(&server, pager, 1, 1));
	MUST(pages_wrong(map, 0, 4, 1) == 0);
	MUST(can_write_from(map));
	pager_stop(&server);
	MUST(server.nr_requests == 4 && !server.nr_errors);
}

/* A descriptor of a region that another user has opened. */
static void attach_to_others(void *data)
{
	int *fd = data;

	MUST(pager_open(*fd) == -EACCES);
}

TEST_F(pager, users_without_privileges)
{
	char *map;
	int fd;

	ASSERT_EQ(chmod(DEVICE, 0666), 0);
	EXPECT_EQ(as_user(ALICE, serve_as_user, NULL), 0);
	map = region_map(&fd, 1);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(as_user(ALICE, attach_to_others, &fd), 0);
	region_unmap(fd, map, 1);
	fd = open(DEVICE, O_RDONLY);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(pager_open(fd), -EBADF);
	close(fd);
	chmod(DEVICE, 0600);
}

TEST_HARNESS_MAIN
