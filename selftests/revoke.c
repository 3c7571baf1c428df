// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_PAGER_REVOKE: a pager takes pages back, and gets what was written to them. */
#include <sys/uio.h>
#include "backed.h"
#include "names.h"
#include "pager.h"

#define FRAMES	64
#define NR	(3 * FRAMES)
#define MOST	SWAPLAB_REVOKE_MAX_PAGES

static char buffer[MOST * PAGE] __attribute__((aligned(4096)));

static int revoke_to(int pager, size_t first, size_t nr, void *to, uint64_t *written,
		     size_t *done)
{
	return pager_revoke(pager, first, nr, to, 0, written, done);
}

/* The same, to the buffer. */
static int take_back(int pager, size_t first, size_t nr, uint64_t *written)
{
	return revoke_to(pager, first, nr, buffer, written, NULL);
}

/* Pages in the buffer that do not have this content. */
static size_t copies_wrong(size_t first, size_t nr, unsigned int version)
{
	size_t i, wrong = 0;

	for (i = 0; i < nr; i++)
		wrong += !page_holds(buffer + i * PAGE, first + i, version);
	return wrong;
}

FIXTURE(revoke)
{
	char *map;
	int fd, pager;
	struct pager_server server;
};

FIXTURE_VARIANT(revoke)
{
	const char *slots;
};

FIXTURE_VARIANT_ADD(revoke, slots_on_demand)
{
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(revoke, static_slots)
{
	.slots = "static",
};

FIXTURE_SETUP(revoke)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("slot_allocation", variant->slots), 0);
	/* No test waits for an answer that does not come. */
	ASSERT_EQ(pool_set("pager_timeout_ms", 3600000), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	self->pager = pager_open(self->fd);
	ASSERT_GE(self->pager, 0);
	catch_sigbus();
}

FIXTURE_TEARDOWN(revoke)
{
	if (self->server.nr_threads) {
		pager_stop(&self->server);
		EXPECT_EQ(self->server.nr_errors, 0);
	}
	region_unmap(self->fd, self->map, NR);
	EXPECT_TRUE(SOON(pager_events(self->pager) & POLLHUP));
	EXPECT_EQ(take_back(self->pager, 0, 1, NULL), -ESTALE);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	close(self->pager);
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

#define SERVE(nr_threads) \
	ASSERT_EQ(pager_serve(&self->server, self->pager, 1, nr_threads), 0)

TEST_F(revoke, pages_that_were_not_written_to_are_absent_and_not_copied)
{
	uint64_t written;
	size_t done;

	SERVE(1);
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	memset(buffer, 0x5a, sizeof(buffer));
	/* Those behind them never were there. */
	ASSERT_EQ(revoke_to(self->pager, 0, 16, buffer, &written, &done), 0);
	EXPECT_EQ(done, 16);
	EXPECT_EQ(written, 0);
	EXPECT_EQ(buffer[0], 0x5a);
	EXPECT_EQ(stat_get("pager_revokes"), 8);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	EXPECT_EQ(stat_get("pager_pages"), 16);
}

TEST_F(revoke, pages_that_were_written_to_are_copied_and_asked_for_again)
{
	uint64_t written;

	SERVE(1);
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	page_fill(self->map + 3 * PAGE, 3, 2);
	page_fill(self->map + 5 * PAGE, 5, 2);
	ASSERT_EQ(take_back(self->pager, 1, 7, &written), 0);
	EXPECT_EQ(written, 1 << 2 | 1 << 4);
	EXPECT_TRUE(page_holds(buffer + 2 * PAGE, 3, 2));
	EXPECT_TRUE(page_holds(buffer + 4 * PAGE, 5, 2));
	EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	/* What is there now has not been written to. */
	ASSERT_EQ(take_back(self->pager, 0, 8, &written), 0);
	EXPECT_EQ(written, 0);
}

/* Each page, in its frame or in the store, is in the pager's memory afterwards, and there only. */
TEST_F(revoke, pages_come_back_from_the_store)
{
	uint64_t written;
	size_t i, nr = 0;

	SERVE(1);
	pages_fill(self->map, 0, NR, 2);
	/* Some are clean again, with a copy in the store. */
	EXPECT_EQ(pages_wrong(self->map, 0, FRAMES / 2, 2), 0);
	EXPECT_GT(stat_get("swap_outs"), FRAMES);
	for (i = 0; i < NR; i += MOST) {
		ASSERT_EQ(take_back(self->pager, i, MOST, &written), 0);
		nr += __builtin_popcountll(written);
		EXPECT_EQ(copies_wrong(i, MOST, 2), 0);
	}
	EXPECT_EQ(nr, NR);
	EXPECT_EQ(stat_get("swapped"), 0);
	EXPECT_TRUE(SOON(stat_get("resident") == 0));
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(revoke, a_locked_or_pinned_page_stays)
{
	struct iovec pinned = { self->map + 5 * PAGE, PAGE };
	uint64_t written;
	int pipes[2];
	size_t done;

	SERVE(1);
	pages_fill(self->map, 0, 8, 2);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 2, 1), 0);
	EXPECT_EQ(revoke_to(self->pager, 0, 8, buffer, &written, &done), -EBUSY);
	EXPECT_EQ(done, 2);
	EXPECT_EQ(written, 3);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 2, 1), 0);

	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(vmsplice(pipes[1], &pinned, 1, 0), PAGE);
	EXPECT_EQ(revoke_to(self->pager, 2, 6, buffer, &written, &done), -EBUSY);
	EXPECT_EQ(done, 3);
	EXPECT_EQ(written, 7);
	EXPECT_EQ(pages_wrong(self->map, 5, 3, 2), 0);
	close(pipes[0]);
	close(pipes[1]);
	ASSERT_EQ(take_back(self->pager, 5, 3, &written), 0);
	EXPECT_EQ(written, 7);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(revoke, nothing_is_lost_where_the_memory_is_not_there)
{
	uint64_t written;
	size_t done;
	char *gap;

	gap = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(gap, MAP_FAILED);
	ASSERT_EQ(munmap(gap + PAGE, PAGE), 0);
	SERVE(1);
	pages_fill(self->map, 0, 4, 2);
	EXPECT_EQ(revoke_to(self->pager, 0, 2, gap, &written, &done), -EFAULT);
	EXPECT_EQ(done, 1);
	EXPECT_EQ(written, 1);
	EXPECT_TRUE(page_holds(gap, 0, 2));
	EXPECT_EQ(pages_wrong(self->map, 1, 3, 2), 0);
	/* To pages of the region itself: to another one, and to the one that goes. */
	EXPECT_EQ(revoke_to(self->pager, 1, 1, self->map + 2 * PAGE, &written, NULL), 0);
	EXPECT_EQ(written, 1);
	EXPECT_TRUE(page_holds(self->map + 2 * PAGE, 1, 2));
	EXPECT_EQ(revoke_to(self->pager, 3, 1, self->map + 3 * PAGE, &written, &done), -EFAULT);
	EXPECT_EQ(done, 0);
	EXPECT_TRUE(page_holds(self->map + 3 * PAGE, 3, 2));
	munmap(gap, PAGE);
}

TEST_F(revoke, bad_requests_are_refused)
{
	struct swaplab_revoke good = {
		.length = PAGE,
		.address = (uintptr_t)buffer,
	}, bad;

	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_REVOKE, &good), 0);
	EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_REVOKE, NULL), -EFAULT);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_PAGER_REVOKE, &good), -ENOTTY);
#define REFUSES(error, ...)							\
	({									\
		bad = good;							\
		__VA_ARGS__;							\
		EXPECT_EQ(request_send(self->pager, SWAPLAB_PAGER_REVOKE, &bad), error); \
	})
	REFUSES(-EINVAL, bad.flags = 1);
	REFUSES(-EINVAL, bad.length = 0);
	REFUSES(-EINVAL, bad.length = 1);
	REFUSES(-EINVAL, bad.offset = 1);
	REFUSES(-EINVAL, bad.length = (MOST + 1) * PAGE);
	REFUSES(-EINVAL, bad.offset = -PAGE, bad.length = 2 * PAGE);
	REFUSES(-EFAULT, bad.address = 0);
	/* Where no page can be, there is none. */
	REFUSES(0, bad.offset = -2 * PAGE);
}

TEST_F(revoke, pages_of_a_file_are_left_alone)
{
	int file = backed_file("/dev/shm", 4, 3);
	uint64_t written;

	ASSERT_GE(file, 0);
	SERVE(1);
	ASSERT_EQ(back(self->fd, 0, 4, file, 0), 0);
	page_fill(self->map + PAGE, 1, 4);
	page_fill(self->map + 4 * PAGE, 4, 4);
	ASSERT_EQ(take_back(self->pager, 0, 8, &written), 0);
	EXPECT_EQ(written, 1 << 4);
	EXPECT_TRUE(page_holds(self->map + PAGE, 1, 4));
	EXPECT_EQ(pages_wrong(self->map, 2, 2, 3), 0);
	close(file);
}

/* The pager of pages that count: it has them in its own memory, while they are absent. */
struct bank {
	int pager;
	bool stop;
	unsigned long nr_revoked;
	pthread_t thread;
	uint64_t memory[NR * WORDS];
};

static void bank_revoke(struct bank *bank, size_t page, size_t nr)
{
	bank->nr_revoked += !revoke_to(bank->pager, page, nr, bank->memory + page * WORDS,
				       NULL, NULL);
}

static void bank_answer(struct bank *bank)
{
	struct swaplab_pager_request request;
	size_t page;

	while (pager_next(bank->pager, &request) == 1) {
		page = request.offset / PAGE;
		pager_supply(bank->pager, request.id, page, 1, bank->memory + page * WORDS);
		/* At once: the task that has waited must be able to use it nevertheless. */
		if (page % 4 == 0)
			bank_revoke(bank, page, 1);
	}
}

static void *bank_run(void *data)
{
	struct bank *bank = data;
	unsigned int seed = 1;
	size_t page;

	while (!__atomic_load_n(&bank->stop, __ATOMIC_RELAXED)) {
		bank_answer(bank);
		page = rand_r(&seed) % (NR - 4);
		bank_revoke(bank, page, 4);
	}
	bank_answer(bank);
	return NULL;
}

struct counter {
	pthread_t thread;
	char *map;
	unsigned int seed;
};

#define COUNTERS	3
#define COUNTS		2000

static void *count_up(void *data)
{
	struct counter *counter = data;
	unsigned int i;

	for (i = 0; i < COUNTS; i++)
		__atomic_add_fetch((uint64_t *)(counter->map +
						rand_r(&counter->seed) % NR * PAGE),
				   1, __ATOMIC_RELAXED);
	return NULL;
}

TEST_F(revoke, an_answer_that_began_before_does_not_take_the_place_of_a_write)
{
	struct swaplab_pager_request request;
	struct pager_slow_answer answer = { .pager = self->pager };
	struct pager_touch touch;
	int slow_fd, slow_pager;
	uint64_t written;
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
	ASSERT_EQ(take_back(self->pager, 3, 1, &written), 0);
	EXPECT_EQ(written, 1);
	ASSERT_EQ(pager_supply_version(slow_pager, request.id, 0, 1), 0);
	pthread_join(answer.thread, NULL);
	EXPECT_EQ(answer.result, 0);
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), 0);

	/* A request that is older than the call ends, and is asked again. */
	ASSERT_EQ(pager_touch_begin(&touch, self->map, 3, 2), 0);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(take_back(self->pager, 0, 8, &written), 0);
	EXPECT_EQ(pager_supply_version(self->pager, request.id, 3, 1), -ESTALE);
	ASSERT_EQ(pager_next(self->pager, &request), 1);
	ASSERT_EQ(pager_supply_version(self->pager, request.id, 3, 2), 0);
	EXPECT_EQ(pager_touch_end(&touch), 0);
	region_unmap(slow_fd, slow, 1);
	close(slow_pager);
}

TEST_F_TIMEOUT(revoke, no_write_is_lost_between_tasks_and_a_pager_that_takes_pages_away, 300)
{
	static struct bank bank;
	struct counter counters[COUNTERS];
	uint64_t sum = 0;
	size_t i;

	memset(&bank, 0, sizeof(bank));
	bank.pager = self->pager;
	ASSERT_EQ(fcntl(self->pager, F_SETFL, O_NONBLOCK), 0);
	ASSERT_EQ(pthread_create(&bank.thread, NULL, bank_run, &bank), 0);
	for (i = 0; i < COUNTERS; i++) {
		counters[i] = (struct counter){ .map = self->map, .seed = i };
		ASSERT_EQ(pthread_create(&counters[i].thread, NULL, count_up, &counters[i]), 0);
	}
	for (i = 0; i < COUNTERS; i++)
		pthread_join(counters[i].thread, NULL);
	__atomic_store_n(&bank.stop, true, __ATOMIC_RELAXED);
	pthread_join(bank.thread, NULL);
	EXPECT_GT(bank.nr_revoked, COUNTS / 10);
	EXPECT_GT(stat_get("pager_revokes"), COUNTS / 10);
	/* The rest. */
	for (i = 0; i < NR; i += MOST)
		ASSERT_EQ(revoke_to(self->pager, i, MOST, bank.memory + i * WORDS, NULL, NULL), 0);
	for (i = 0; i < NR; i++)
		sum += bank.memory[i * WORDS];
	EXPECT_EQ(sum, COUNTERS * COUNTS);
}

TEST_HARNESS_MAIN
