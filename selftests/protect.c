// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_PAGER_PROTECT: pages are read-only until their pager lets tasks write to them. */
#include <sys/uio.h>
#include "backed.h"
#include "pager.h"

#define FRAMES	64
#define NR	(3 * FRAMES)
#define MOST	SWAPLAB_REVOKE_MAX_PAGES

static char buffer[MOST * PAGE] __attribute__((aligned(4096)));

FIXTURE(protect)
{
	char *map;
	int fd, pager;
};

FIXTURE_VARIANT(protect)
{
	const char *slots;
};

FIXTURE_VARIANT_ADD(protect, slots_on_demand)
{
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(protect, static_slots)
{
	.slots = "static",
};

FIXTURE_SETUP(protect)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("slot_allocation", variant->slots), 0);
	/* No test waits for an answer that does not come. */
	ASSERT_EQ(pool_set("pager_timeout_ms", 3600000), 0);
	self->map = pager_map_protected(&self->fd, &self->pager, NR);
	ASSERT_NE(self->map, NULL);
	catch_sigbus();
}

FIXTURE_TEARDOWN(protect)
{
	region_unmap(self->fd, self->map, NR);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	close(self->pager);
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

static int make_readonly(int pager, size_t first, size_t nr, uint64_t *written)
{
	return pager_revoke(pager, first, nr, buffer, SWAPLAB_REVOKE_READONLY, written, NULL);
}

/* The next request is of this kind, for this page. */
#define EXPECT_REQUEST(request, page, is_kind)						\
	do {										\
		ASSERT_EQ(pager_next(self->pager, request), 1);				\
		EXPECT_EQ((request)->offset / PAGE, page);				\
		EXPECT_EQ((request)->kind, is_kind);					\
	} while (0)

#define EXPECT_NO_REQUEST()	EXPECT_EQ(pager_events(self->pager), 0)

TEST_F(protect, a_write_to_a_readonly_page_asks_once)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;

	/* It is asked for, and comes read-only. */
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 3, 1), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_READ);
	ASSERT_EQ(pager_supply_readonly(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	EXPECT_NO_REQUEST();

	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 2), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	/* Reads go on meanwhile. */
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(stat_get("pager_grants"), 1);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 2), 0);
	page_fill(self->map + 3 * PAGE, 3, 3);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 3), 0);
	EXPECT_NO_REQUEST();
}

TEST_F(protect, a_page_that_is_written_to_first_is_asked_for_twice_if_it_comes_readonly)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;

	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 2), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_WRITE);
	ASSERT_EQ(pager_supply_readonly(self->pager, request.id, 3, 1), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 2), 0);
	/* One that comes writable is not. */
	ASSERT_EQ(pager_supply_version(self->pager, 0, 4, 1), 0);
	page_fill(self->map + 4 * PAGE, 4, 2);
	/* Zeros can be read-only, too. */
	ASSERT_EQ(pager_answer_flags(self->pager, SWAPLAB_PAGER_UNAVAILABLE, 0, 5, 1, NULL,
				     SWAPLAB_SUPPLY_READONLY, NULL), 0);
	EXPECT_TRUE(page_is_zero(self->map + 5 * PAGE));
	EXPECT_NO_REQUEST();
	ASSERT_EQ(pager_write_begin(&touch, self->map, 5, 2), 0);
	EXPECT_REQUEST(&request, 5, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 5, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
}

static void *write_word(void *data)
{
	*(uint64_t *)data = 77;
	return NULL;
}

TEST_F(protect, supply_makes_a_page_writable_and_leaves_its_content)
{
	struct swaplab_pager_request request;
	pthread_t thread;
	uint64_t *page = (uint64_t *)(self->map + 3 * PAGE);

	ASSERT_EQ(pager_supply_readonly(self->pager, 0, 3, 1), 0);
	ASSERT_EQ(pager_supply_readonly(self->pager, 0, 3, 2), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, write_word, page), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	/* An answer that leaves it read-only leaves the request, too. */
	ASSERT_EQ(pager_supply_readonly(self->pager, request.id, 3, 2), 0);
	EXPECT_NO_REQUEST();
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 3, 2), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(page[0], 77);
	EXPECT_EQ(page[1], word_of(3, 1, 1));
	EXPECT_NO_REQUEST();
}

TEST_F(protect, a_task_waits_for_readonly_answers_no_longer_than_for_none)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	int i;

	ASSERT_EQ(pool_set("pager_timeout_ms", 500 * timeout_factor()), 0);
	ASSERT_EQ(pager_supply_readonly(self->pager, 0, 3, 1), 0);
	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 2), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(pager_supply_readonly(self->pager, 0, 3, 1), 0);
		EXPECT_NO_REQUEST();
		msleep(50 * timeout_factor());
	}
	EXPECT_EQ(pager_touch_end(&touch), SIGBUS);
	EXPECT_EQ(stat_get("pager_timeouts"), 1);
	EXPECT_EQ(pager_grant(self->pager, request.id, 3, 1), -ESTALE);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
}

TEST_F(protect, readonly_pages_are_dropped_and_asked_for_again)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	size_t i;

	for (i = 0; i < NR; i++) {
		ASSERT_EQ(pager_supply_readonly(self->pager, 0, i, 1), 0);
		if (i < NR - 1)
			continue;
		EXPECT_TRUE(page_holds(self->map + i * PAGE, i, 1));
	}
	EXPECT_EQ(stat_get("swap_outs"), 0);
	EXPECT_EQ(stat_get("swapped"), 0);
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 0, 2), 0);
	EXPECT_REQUEST(&request, 0, SWAPLAB_PAGER_READ);
	ASSERT_EQ(pager_supply_readonly(self->pager, request.id, 0, 2), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
}

TEST_F(protect, pages_that_were_written_to_are_copied_and_stay_readonly)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	uint64_t written;
	char *other;
	int i;

	other = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_NE(other, MAP_FAILED);
	for (i = 0; i < 8; i++)
		ASSERT_EQ(pager_supply_version(self->pager, 0, i, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	page_fill(self->map + 3 * PAGE, 3, 2);
	page_fill(other + 5 * PAGE, 5, 2);
	ASSERT_EQ(make_readonly(self->pager, 1, 15, &written), 0);
	EXPECT_EQ(written, 1 << 2 | 1 << 4);
	EXPECT_TRUE(page_holds(buffer + 2 * PAGE, 3, 2));
	EXPECT_TRUE(page_holds(buffer + 4 * PAGE, 5, 2));
	/* They are there, in both mappings, and one of them was left out. */
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 8);
	EXPECT_EQ(pages_wrong(other, 3, 1, 2), 0);
	EXPECT_EQ(pages_wrong(self->map, 4, 1, 1), 0);
	page_fill(self->map, 0, 2);
	EXPECT_NO_REQUEST();
	/* A second time there is nothing to be done. */
	ASSERT_EQ(make_readonly(self->pager, 1, 15, &written), 0);
	EXPECT_EQ(written, 0);
	ASSERT_EQ(pager_write_begin(&touch, other, 3, 3), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	/* Requests that are under way end, and are asked again. */
	ASSERT_EQ(make_readonly(self->pager, 3, 1, &written), 0);
	EXPECT_EQ(pager_grant(self->pager, request.id, 3, 1), -ESTALE);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	ASSERT_EQ(pager_revoke(self->pager, 0, 8, buffer, 0, &written, NULL), 0);
	EXPECT_EQ(written, 1 << 0 | 1 << 3);
	EXPECT_TRUE(page_holds(buffer + 3 * PAGE, 3, 3));
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);
	munmap(other, NR * PAGE);
}

/* Afterwards their content is the pager's, so they are dropped, and leave no slot behind. */
TEST_F(protect, pages_of_the_store_become_readonly)
{
	uint64_t written;
	size_t i, j;

	for (i = 0; i < NR; i++) {
		ASSERT_EQ(pager_supply_version(self->pager, 0, i, 1), 0);
		page_fill(self->map + i * PAGE, i, 2);
	}
	EXPECT_GT(stat_get("swapped"), FRAMES);
	for (i = 0; i < NR; i += MOST) {
		ASSERT_EQ(make_readonly(self->pager, i, MOST, &written), 0);
		EXPECT_EQ(written, -1ULL);
		for (j = 0; j < MOST; j++)
			EXPECT_TRUE(page_holds(buffer + j * PAGE, i + j, 2));
	}
	EXPECT_EQ(stat_get("swapped"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "dirty"), 0);
	EXPECT_LE(fdinfo_get(self->fd, "pages"), FRAMES);
}

TEST_F(protect, a_page_that_has_gone_cannot_be_granted)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	uint64_t done;

	ASSERT_EQ(pager_supply_readonly(self->pager, 0, 3, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 2), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 3, 1), 0);
	EXPECT_EQ(pager_grant(self->pager, request.id, 3, 1), -ENOENT);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 2), 0);
	/* It says how far it came. */
	EXPECT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_GRANT, 0, 3, 2, NULL, &done), -ENOENT);
	EXPECT_EQ(done, PAGE);
}

TEST_F(protect, an_answer_that_began_before_does_not_make_a_page_writable)
{
	struct pager_slow_answer answer = { .pager = self->pager };
	struct swaplab_pager_request request;
	struct pager_touch touch;
	int slow_fd, slow_pager;
	char *slow;

	slow = region_map(&slow_fd, 1);
	ASSERT_NE(slow, NULL);
	slow_pager = pager_open(slow_fd);
	ASSERT_GE(slow_pager, 0);
	answer.from = slow;
	ASSERT_EQ(pthread_create(&answer.thread, NULL, pager_answer_slowly, &answer), 0);
	ASSERT_EQ(pager_next(slow_pager, &request), 1);

	ASSERT_EQ(pager_supply_version(self->pager, 0, 3, 1), 0);
	page_fill(self->map + 3 * PAGE, 3, 2);
	ASSERT_EQ(make_readonly(self->pager, 3, 1, NULL), 0);
	ASSERT_EQ(pager_supply_version(slow_pager, request.id, 0, 1), 0);
	pthread_join(answer.thread, NULL);
	EXPECT_EQ(answer.result, 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 2), 0);
	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 3), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	region_unmap(slow_fd, slow, 1);
	close(slow_pager);
}

/**
 * struct copy_in - a system call that writes to a page
 * @page: the page
 * @from: a pipe
 * @result: of read()
 * @thread: the thread
 */
struct copy_in {
	char *page;
	int from;
	ssize_t result;
	pthread_t thread;
};

static void *copy_in(void *data)
{
	struct copy_in *copy = data;

	copy->result = read(copy->from, copy->page, 8);
	return NULL;
}

TEST_F(protect, no_way_of_writing_leaves_the_pager_out)
{
	struct copy_in copy = { .page = self->map + 3 * PAGE };
	struct swaplab_pager_request request;
	struct pager_touch touch;
	int pipes[2], status;
	pid_t child;

	ASSERT_EQ(pager_supply_readonly(self->pager, 0, 3, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	/* By the kernel. */
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(write(pipes[1], "swaplab!", 8), 8);
	copy.from = pipes[0];
	ASSERT_EQ(pthread_create(&copy.thread, NULL, copy_in, &copy), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	pthread_join(copy.thread, NULL);
	EXPECT_EQ(copy.result, 8);
	EXPECT_EQ(memcmp(copy.page, "swaplab!", 8), 0);
	page_fill(copy.page, 3, 2);
	ASSERT_EQ(make_readonly(self->pager, 3, 1, NULL), 0);
	EXPECT_TRUE(page_holds(copy.page, 3, 2));
	/* After a change of the mapping's permissions to reading, and back. */
	ASSERT_EQ(mprotect(copy.page, PAGE, PROT_READ), 0);
	EXPECT_TRUE(page_holds(copy.page, 3, 2));
	ASSERT_EQ(mprotect(copy.page, PAGE, PROT_READ | PROT_WRITE), 0);
	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 3), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	ASSERT_EQ(make_readonly(self->pager, 3, 1, NULL), 0);
	EXPECT_TRUE(page_holds(copy.page, 3, 3));
	/* By a child, which has inherited page tables. */
	child = fork();
	if (!child) {
		page_fill(copy.page, 3, 4);
		_exit(0);
	}
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	EXPECT_TRUE(page_holds(copy.page, 3, 3));
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	ASSERT_EQ(waitpid(child, &status, 0), child);
	EXPECT_TRUE(page_holds(copy.page, 3, 4));
	close(pipes[0]);
	close(pipes[1]);
}

TEST_F(protect, bad_requests_are_refused)
{
	struct swaplab_supply grant = { .length = PAGE };
	int plain_fd, plain;
	uint64_t written;
	char *map;

	map = region_map(&plain_fd, 4);
	ASSERT_NE(map, NULL);
	/* Its mapping could not be made read-only. */
	EXPECT_EQ(pager_open_flags(plain_fd, SWAPLAB_PAGER_PROTECT), -EBUSY);
	EXPECT_EQ(pager_open_flags(plain_fd, 2), -EINVAL);
	plain = pager_open(plain_fd);
	ASSERT_GE(plain, 0);
	EXPECT_EQ(pager_supply_readonly(plain, 0, 0, 1), -EINVAL);
	EXPECT_EQ(make_readonly(plain, 0, 1, &written), -EINVAL);
	EXPECT_EQ(pager_grant(plain, 0, 0, 1), -ENOENT);
	close(plain);
	region_unmap(plain_fd, map, 4);

	EXPECT_EQ(pager_answer_flags(self->pager, SWAPLAB_PAGER_SUPPLY, 0, 0, 1, buffer, 2, NULL),
		  -EINVAL);
	EXPECT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_GRANT, 0, 0, 1, buffer, NULL), -EINVAL);
	EXPECT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_GRANT, 0, 0, 0, NULL, NULL), -EINVAL);
	EXPECT_EQ(pager_answer(self->pager, SWAPLAB_PAGER_GRANT, 999, 0, 1, NULL, NULL), -ESTALE);
	EXPECT_EQ(pager_answer_flags(self->pager, SWAPLAB_PAGER_GRANT, 0, 0, 1, NULL,
				     SWAPLAB_SUPPLY_READONLY, NULL), -EINVAL);
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_GRANT, NULL), -EFAULT);
	EXPECT_EQ(pager_revoke(self->pager, 0, 1, buffer, 2, &written, NULL), -EINVAL);
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_GRANT, &grant), -ENOENT);
}

TEST_F(protect, a_file_does_not_take_the_place_of_the_pager)
{
	int file = backed_file("/dev/shm", 8, 3);

	ASSERT_GE(file, 0);
	EXPECT_EQ(back(self->fd, 0, 4, file, 0), -EINVAL);
	EXPECT_EQ(back(self->fd, 0, 4, -1, 0), -EINVAL);
	close(file);
}

TEST_F(protect, a_closed_pager_is_sigbus_for_writes_and_another_one_takes_over)
{
	struct swaplab_pager_request request;
	struct pager_touch touch;
	size_t i;

	for (i = 3; i < 6; i++)
		ASSERT_EQ(pager_supply_readonly(self->pager, 0, i, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 3, 1), 0);
	close(self->pager);
	EXPECT_EQ(pages_wrong(self->map, 3, 3, 1), 0);
	EXPECT_FALSE(try_fill(self->map, 3, 2));
	EXPECT_EQ(pages_wrong(self->map, 3, 3, 1), 0);

	/* Though the region is mapped. */
	self->pager = pager_open_flags(self->fd, SWAPLAB_PAGER_PROTECT);
	ASSERT_GE(self->pager, 0);
	ASSERT_EQ(pager_write_begin(&touch, self->map, 3, 2), 0);
	EXPECT_REQUEST(&request, 3, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_grant(self->pager, request.id, 3, 1), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	close(self->pager);

	/* One that does not know of read-only pages. */
	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
	ASSERT_EQ(pager_write_begin(&touch, self->map, 4, 2), 0);
	EXPECT_REQUEST(&request, 4, SWAPLAB_PAGER_UPGRADE);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 4, 2), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 2, 2), 0);
}

/* Reads from the page first, and writes to it then, in one instruction. False: SIGBUS. */
static bool try_copy_within(char *map, size_t page)
{
	char *from = map + page * PAGE, *to = from + PAGE / 2;
	size_t length = 64;

	if (sigsetjmp(after_sigbus, 1))
		return false;
#ifdef __x86_64__
	asm volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(length) : : "memory");
#else
	memcpy(to, from, length);
#endif
	return true;
}

static void *refuse(void *data)
{
	struct swaplab_pager_request request;
	int pager = *(int *)data;

	if (pager_next(pager, &request) == 1)
		pager_error(pager, request.id, request.offset / PAGE);
	return NULL;
}

TEST_F(protect, an_instruction_that_reads_and_writes_ends_in_sigbus_where_it_is_refused)
{
	struct swaplab_pager_request request;
	pthread_t thread;

	ASSERT_EQ(pager_supply_readonly(self->pager, 0, 3, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, refuse, &self->pager), 0);
	EXPECT_FALSE(try_copy_within(self->map, 3));
	pthread_join(thread, NULL);
	/* A read afterwards is none that a write follows. */
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	close(self->pager);
	EXPECT_FALSE(try_copy_within(self->map, 3));
	EXPECT_EQ(pages_wrong(self->map, 3, 1, 1), 0);
	self->pager = pager_open_flags(self->fd, SWAPLAB_PAGER_PROTECT);
	ASSERT_GE(self->pager, 0);
	EXPECT_EQ(pager_events(self->pager), 0);
	/* In time, without an answer. */
	ASSERT_EQ(pool_set("pager_timeout_ms", 100), 0);
	EXPECT_FALSE(try_copy_within(self->map, 3));
	EXPECT_EQ(fcntl(self->pager, F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(pager_next(self->pager, &request), -EAGAIN);
}

TEST_F(protect, a_locked_or_pinned_page_stays_writable)
{
	struct iovec pinned = { self->map + 5 * PAGE, PAGE };
	uint64_t written;
	int pipes[2];
	size_t i;

	for (i = 4; i < 6; i++) {
		ASSERT_EQ(pager_supply_version(self->pager, 0, i, 1), 0);
		page_fill(self->map + i * PAGE, i, 2);
	}
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 4, 1), 0);
	EXPECT_EQ(make_readonly(self->pager, 4, 1, &written), -EBUSY);
	EXPECT_EQ(written, 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 4, 1), 0);
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(vmsplice(pipes[1], &pinned, 1, 0), PAGE);
	EXPECT_EQ(make_readonly(self->pager, 4, 2, &written), -EBUSY);
	EXPECT_EQ(written, 1);
	page_fill(self->map + 5 * PAGE, 5, 3);
	EXPECT_NO_REQUEST();
	close(pipes[0]);
	close(pipes[1]);
	ASSERT_EQ(make_readonly(self->pager, 4, 2, &written), 0);
	EXPECT_EQ(written, 2);
	EXPECT_TRUE(page_holds(buffer + PAGE, 5, 3));
}

TEST_HARNESS_MAIN
