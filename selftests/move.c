// SPDX-License-Identifier: GPL-2.0
/* Pages that SWAPLAB_MOVE takes from one region to another: nothing is lost on the way. */
#include <sys/uio.h>
#include "requests.h"
#include "user.h"

#define FRAMES	64
#define NR	(2 * FRAMES)	/* pages of a region: some are always in the store */

FIXTURE(move)
{
	char *from, *to;
	int from_fd, to_fd;
};

FIXTURE_SETUP(move)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	/* No page comes in but those that are touched. */
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	self->from = region_map(&self->from_fd, 2 * NR);
	self->to = region_map(&self->to_fd, 2 * NR);
	ASSERT_NE(self->from, NULL);
	ASSERT_NE(self->to, NULL);
}

static unsigned long nr_pages(void)
{
	return stat_get("resident") + stat_get("swapped");
}

FIXTURE_TEARDOWN(move)
{
	region_unmap(self->from_fd, self->from, 2 * NR);
	region_unmap(self->to_fd, self->to, 2 * NR);
	/* Not one page more, nor less, than there are. */
	EXPECT_TRUE(SOON(nr_pages() == 0));
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

/* All in pages; @moved may be NULL. Returns 0 or -errno. */
static int move_pages(int from_fd, size_t from, int to_fd, size_t to, size_t nr,
		      size_t *moved)
{
	struct swaplab_move request = {
		.from_fd = from_fd,
		.from_offset = from * PAGE,
		.to_offset = to * PAGE,
		.length = nr * PAGE,
		.moved = -1ULL,
	};
	int err = request_send(to_fd, SWAPLAB_MOVE, &request);

	if (moved)
		*moved = request.moved / PAGE;
	return err;
}

static size_t pages_not_zero(const char *map, size_t first, size_t nr)
{
	size_t page, wrong = 0;

	for (page = first; page < first + nr; page++)
		wrong += !page_is_zero(map + page * PAGE);
	return wrong;
}

static unsigned long pages_of(int fd)
{
	return fdinfo_get(fd, "pages");
}

TEST_F(move, pages_are_in_the_target_and_absent_in_the_source)
{
	size_t moved;

	pages_fill(self->from, 0, NR, 1);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, 0, NR, &moved), 0);
	EXPECT_EQ(moved, NR);
	EXPECT_EQ(pages_of(self->from_fd), 0);
	EXPECT_EQ(pages_of(self->to_fd), NR);
	EXPECT_EQ(nr_pages(), NR);
	EXPECT_EQ(stat_get("moves"), NR);
	EXPECT_EQ(pages_wrong(self->to, 0, NR, 1), 0);
	EXPECT_EQ(pages_not_zero(self->from, 0, NR), 0);
	/* Through the store, and back where they came from. */
	pages_fill(self->to, 0, NR, 2);
	EXPECT_EQ(request_pages(self->from_fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(move_pages(self->to_fd, 0, self->from_fd, 0, NR, &moved), 0);
	EXPECT_EQ(pages_wrong(self->from, 0, NR, 2), 0);
}

TEST_F(move, pages_keep_their_state)
{
	unsigned long resident, swapped, ins;
	uint8_t before[NR], after[NR];
	size_t page, moved, wrong = 0, clean = 0;

	pages_fill(self->from, 0, NR / 2, 1);
	pages_fill(self->from, NR, NR, 2);
	/* These come back, and are clean. */
	EXPECT_EQ(pages_wrong(self->from, 0, FRAMES / 4, 1), 0);
	settled_free_frames();
	resident = fdinfo_get(self->from_fd, "resident");
	swapped = fdinfo_get(self->from_fd, "swapped");
	EXPECT_GT(swapped, 0);
	EXPECT_GT(resident, 0);
	ins = stat_get("swap_ins");
	EXPECT_EQ(page_states(self->from_fd, 0, NR, before), 0);
	for (page = 0; page < NR; page++)
		clean += (before[page] & (SWAPLAB_PAGE_RESIDENT | SWAPLAB_PAGE_DIRTY)) ==
			 SWAPLAB_PAGE_RESIDENT;
	EXPECT_GT(clean, 0);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, NR, NR, &moved), 0);
	EXPECT_EQ(moved, NR);
	EXPECT_EQ(page_states(self->to_fd, NR, NR, after), 0);
	for (page = 0; page < NR; page++)
		wrong += (before[page] ^ after[page]) &
			 (SWAPLAB_PAGE_RESIDENT | SWAPLAB_PAGE_SWAPPED |
			  SWAPLAB_PAGE_DIRTY);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(stat_get("swap_ins"), ins);
	EXPECT_EQ(fdinfo_get(self->from_fd, "resident") +
		  fdinfo_get(self->to_fd, "resident"), resident);
	EXPECT_EQ(fdinfo_get(self->from_fd, "swapped") +
		  fdinfo_get(self->to_fd, "swapped"), swapped);
	for (page = 0; page < NR / 2; page++)
		wrong += !page_holds(self->to + (NR + page) * PAGE, page, 1);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(pages_wrong(self->from, NR, NR, 2), 0);
}

TEST_F(move, a_page_that_was_only_read_stays_zeros)
{
	EXPECT_EQ(pages_not_zero(self->from, 0, NR), 0);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, 0, NR, NULL), 0);
	/* Those that were read last are in their frames still. */
	EXPECT_EQ(pages_not_zero(self->to, NR - FRAMES / 4, FRAMES / 4), 0);
	pages_fill(self->from, 0, NR, 1);
	EXPECT_EQ(pages_not_zero(self->to, 0, NR), 0);
	EXPECT_EQ(pages_wrong(self->from, 0, NR, 1), 0);
}

TEST_F(move, pages_may_move_within_a_region)
{
	size_t page, wrong = 0;

	pages_fill(self->from, 0, NR, 1);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->from_fd, NR, NR, NULL), 0);
	EXPECT_EQ(pages_of(self->from_fd), NR);
	for (page = 0; page < NR; page++)
		wrong += !page_holds(self->from + (NR + page) * PAGE, page, 1);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(pages_not_zero(self->from, 0, NR), 0);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->from_fd, NR - 1, NR, NULL), -EINVAL);
	EXPECT_EQ(move_pages(self->from_fd, 1, self->from_fd, 0, NR, NULL), -EINVAL);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->from_fd, 0, NR, NULL), -EINVAL);
}

TEST_F(move, a_page_in_the_target_is_not_replaced)
{
	size_t moved;

	pages_fill(self->from, 0, NR, 1);
	page_fill(self->to + 100 * PAGE, 100, 2);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, 0, NR, &moved), -EEXIST);
	EXPECT_EQ(moved, 100);
	EXPECT_TRUE(page_holds(self->to + 100 * PAGE, 100, 2));
	EXPECT_EQ(pages_wrong(self->to, 0, 100, 1), 0);
	EXPECT_EQ(pages_wrong(self->from, 100, NR - 100, 1), 0);
	/* Nor for a page that is absent in the source. */
	EXPECT_EQ(request_pages(self->from_fd, SWAPLAB_DISCARD, 100, 1), 0);
	EXPECT_EQ(move_pages(self->from_fd, 99 + NR, self->to_fd, 99 + NR, 1, &moved), 0);
	EXPECT_EQ(move_pages(self->from_fd, 100, self->to_fd, 100, 2, &moved), -EEXIST);
	EXPECT_EQ(moved, 0);
}

TEST_F(move, a_locked_page_stays)
{
	size_t moved;

	pages_fill(self->from, 0, NR, 1);
	ASSERT_EQ(request_pages(self->from_fd, SWAPLAB_LOCK, 5, 1), 0);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, 0, NR, &moved), -EBUSY);
	EXPECT_EQ(moved, 5);
	ASSERT_EQ(request_pages(self->from_fd, SWAPLAB_UNLOCK, 5, 1), 0);
	EXPECT_EQ(move_pages(self->from_fd, 5, self->to_fd, 5, NR - 5, &moved), 0);
	EXPECT_EQ(pages_wrong(self->to, 0, NR, 1), 0);
}

/* A pipe has a reference on the page until it is read. */
TEST_F(move, a_pinned_page_stays_until_the_pin_ends)
{
	struct iovec page = { self->from + 3 * PAGE, PAGE };
	static char content[PAGE];
	size_t moved;
	int pipe_fds[2];

	pages_fill(self->from, 0, 8, 1);
	ASSERT_EQ(pipe(pipe_fds), 0);
	ASSERT_EQ(vmsplice(pipe_fds[1], &page, 1, 0), PAGE);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, 0, 8, &moved), -EBUSY);
	EXPECT_EQ(moved, 3);
	EXPECT_TRUE(page_holds(self->from + 3 * PAGE, 3, 1));
	ASSERT_EQ(read(pipe_fds[0], content, PAGE), PAGE);
	EXPECT_TRUE(page_holds(content, 3, 1));
	EXPECT_EQ(move_pages(self->from_fd, 3, self->to_fd, 3, 5, &moved), 0);
	EXPECT_EQ(pages_wrong(self->to, 0, 8, 1), 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static int move_raw(int fd, struct swaplab_move request)
{
	return request_send(fd, SWAPLAB_MOVE, &request);
}

#define REQUEST(...)	\
	((struct swaplab_move){ .from_fd = self->from_fd, .length = PAGE, __VA_ARGS__ })

TEST_F(move, bad_requests_are_refused)
{
	int other = open("/dev/null", O_RDWR), reader = open(DEVICE, O_RDONLY);
	struct swaplab_move *request;

	page_fill(self->from, 0, 1);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.length = 0)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.length = 1)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.from_offset = 1)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.to_offset = 512)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.from_offset = -PAGE)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.to_offset = -PAGE)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.flags = 1)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.reserved = 1)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.from_fd = -1)), -EBADF);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.from_fd = other)), -EINVAL);
	EXPECT_EQ(move_raw(self->to_fd, REQUEST(.from_fd = reader)), -EBADF);
	EXPECT_EQ(move_raw(reader, REQUEST(.from_fd = self->from_fd)), -EBADF);
	EXPECT_EQ(request_send(self->to_fd, SWAPLAB_MOVE, NULL), -EFAULT);
	/* No answer could be written, so nothing moves. */
	request = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	*request = REQUEST(.moved = 0);
	mprotect(request, PAGE, PROT_READ);
	EXPECT_EQ(request_send(self->to_fd, SWAPLAB_MOVE, request), -EFAULT);
	munmap(request, PAGE);
	EXPECT_TRUE(page_holds(self->from, 0, 1));
	EXPECT_EQ(pages_of(self->to_fd), 0);
	close(other);
	close(reader);
}

#undef REQUEST

TEST_F(move, private_pages_and_static_slots_are_refused)
{
	char *map;
	int fd;

	pages_fill(self->from, 0, 8, 1);
	fd = open(DEVICE, O_RDWR);
	ASSERT_EQ(request_send(fd, SWAPLAB_FORK_PRIVATE, NULL), 0);
	EXPECT_EQ(move_pages(self->from_fd, 0, fd, 0, 8, NULL), -EINVAL);
	EXPECT_EQ(move_pages(fd, 0, self->to_fd, 0, 8, NULL), -EINVAL);
	close(fd);
	/* A region whose pages have moved cannot become private later. */
	fd = open(DEVICE, O_RDWR);
	EXPECT_EQ(move_pages(self->from_fd, 0, fd, 0, 1, NULL), 0);
	EXPECT_EQ(request_send(fd, SWAPLAB_FORK_PRIVATE, NULL), -EBUSY);
	close(fd);
	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	map = region_map(&fd, 8);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(move_pages(self->from_fd, 0, fd, 0, 8, NULL), -EINVAL);
	EXPECT_EQ(move_pages(fd, 0, self->to_fd, 0, 8, NULL), -EINVAL);
	region_unmap(fd, map, 8);
	EXPECT_EQ(pages_wrong(self->from, 1, 7, 1), 0);
}

TEST_F(move, another_device_is_refused)
{
	char path[32];
	int id, fd;

	id = hot_add();
	ASSERT_GT(id, 0);
	snprintf(path, sizeof(path), "/dev/swaplab%d", id);
	ASSERT_TRUE(SOON(!access(path, F_OK)));
	fd = open(path, O_RDWR);
	EXPECT_EQ(move_pages(self->from_fd, 0, fd, 0, 1, NULL), -EXDEV);
	close(fd);
	EXPECT_EQ(hot_remove(id), 0);
}

#define FAR	0x10000000UL	/* a page at 1 TiB */

TEST_F(move, absent_pages_cost_nothing)
{
	size_t moved;

	page_fill(self->from + NR * PAGE, NR, 1);
	EXPECT_EQ(move_pages(self->from_fd, 0, self->to_fd, FAR, FAR, &moved), 0);
	EXPECT_EQ(moved, FAR);
	EXPECT_EQ(move_pages(self->to_fd, FAR, self->from_fd, 0, FAR, &moved), 0);
	EXPECT_TRUE(page_holds(self->from + NR * PAGE, NR, 1));
	EXPECT_EQ(nr_pages(), 1);
}

/* A target beyond the limit of its user. */
static void move_beyond(void *unused)
{
	int from_fd, to_fd;
	size_t moved;
	char *from;

	from = region_map(&from_fd, NR);
	MUST(from);
	pages_fill(from, 0, NR, 1);
	to_fd = open(DEVICE, O_RDWR);
	MUST(to_fd >= 0);
	MUST(move_pages(from_fd, 0, to_fd, 0, NR, &moved) == -ENOSPC);
	MUST(moved == NR / 2);
	MUST(fdinfo_get(to_fd, "charged") == NR / 2);
	MUST(!pages_wrong(from, NR / 2, NR / 2, 1));
}

TEST_F(move, pages_count_in_the_target)
{
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
	ASSERT_EQ(pool_set("max_user_pages", NR + NR / 2), 0);
	EXPECT_EQ(as_user(ALICE, move_beyond, NULL), 0);
	chmod(DEVICE, 0600);
}

/* Of threads that work on the two regions. */
struct work {
	int from_fd, to_fd;
	char *from, *to;
	volatile bool stop;
	unsigned long errors;
	volatile unsigned long done;
};

static void *reader_main(void *data)
{
	struct work *work = data;
	size_t page, word;
	uint64_t value;
	int side;

	while (!work->stop)
		for (page = 0; page < NR; page++)
			for (side = 0; side < 2; side++) {
				word = (page * 7 + work->done++) % WORDS;
				value = ((volatile uint64_t *)((side ? work->to : work->from) +
					 page * PAGE))[word];
				work->errors += value && value != word_of(page, word, 1);
			}
	return NULL;
}

/* Zeros that a reader has made: the caller alone moves this page. */
static int make_way(int fd, char *map, size_t page)
{
	if (!page_is_zero(map + page * PAGE))
		return -EIO;
	return request_pages(fd, SWAPLAB_DISCARD, page, 1);
}

static int move_one(int from_fd, int to_fd, char *to, size_t page)
{
	int err;

	do {
		err = move_pages(from_fd, page, to_fd, page, 1, NULL);
		if (err == -EEXIST)
			err = make_way(to_fd, to, page) ?: -EEXIST;
	} while (err == -EEXIST || err == -EBUSY);
	return err;
}

/* Readers on both sides see a page, or zeros, and the mover loses none. */
TEST_F(move, readers_on_both_sides_see_the_page_or_zeros)
{
	struct work work = { self->from_fd, self->to_fd, self->from, self->to };
	pthread_t readers[2];
	size_t page, round;
	int err = 0;

	ASSERT_EQ(pool_set("readahead_pages", 32), 0);
	pages_fill(self->from, 0, NR, 1);
	pthread_create(&readers[0], NULL, reader_main, &work);
	pthread_create(&readers[1], NULL, reader_main, &work);
	ASSERT_TRUE(SOON(work.done > NR));
	for (round = 0; round < 6 && !err; round++) {
		for (page = 0; page < NR && !err; page++)
			err = round % 2 ?
			      move_one(self->to_fd, self->from_fd, self->from, page) :
			      move_one(self->from_fd, self->to_fd, self->to, page);
	}
	work.stop = true;
	pthread_join(readers[0], NULL);
	pthread_join(readers[1], NULL);
	EXPECT_EQ(err, 0);
	EXPECT_EQ(work.errors, 0);
	EXPECT_EQ(pages_wrong(self->from, 0, NR, 1), 0);
	EXPECT_EQ(pages_not_zero(self->to, 0, NR), 0);
}

/* Adds to the first word of each page, wherever that is now. */
static void *writer_main(void *data)
{
	struct work *work = data;
	size_t page;

	while (!work->stop)
		for (page = 0; page < NR; page++) {
			__atomic_fetch_add((uint64_t *)(work->from + page * PAGE), 1,
					   __ATOMIC_RELAXED);
			__atomic_fetch_add(&work->done, 1, __ATOMIC_RELAXED);
		}
	return NULL;
}

static uint64_t sum_of(const char *map)
{
	uint64_t sum = 0;
	size_t page;

	for (page = 0; page < 2 * NR; page++)
		sum += *(const uint64_t *)(map + page * PAGE);
	return sum;
}

TEST_F(move, no_write_is_lost)
{
	struct work work = { self->from_fd, self->to_fd, self->from, self->to };
	pthread_t writers[2];
	unsigned long before;
	size_t page, round;
	int err = 0;

	ASSERT_EQ(pool_set("readahead_pages", 32), 0);
	pthread_create(&writers[0], NULL, writer_main, &work);
	pthread_create(&writers[1], NULL, writer_main, &work);
	for (round = 0; round < 2; round++) {
		before = work.done;
		ASSERT_TRUE(SOON(work.done > before + 2 * NR));
		for (page = 0; page < NR; page++) {
			do {
				err = move_pages(self->from_fd, page, self->to_fd,
						 round * NR + page, 1, NULL);
			} while (err == -EBUSY);
			EXPECT_EQ(err, 0);
		}
	}
	work.stop = true;
	pthread_join(writers[0], NULL);
	pthread_join(writers[1], NULL);
	EXPECT_EQ(sum_of(self->from) + sum_of(self->to), work.done);
	EXPECT_GT(sum_of(self->to), 0);
}

/* Moves all that is there to the other side, again and again. */
static void *mover_main(void *data)
{
	struct work *work = data;
	size_t page, moved;
	int err, round;

	for (round = 0; round < 20; round++)
		for (page = 0; page < NR; page += moved + 1) {
			err = move_pages(work->from_fd, page, work->to_fd, page, NR - page,
					 &moved);
			work->errors += err && err != -EEXIST && err != -EBUSY;
			if (!err)
				break;
		}
	return NULL;
}

/* Pages that two movers send back and forth are on one side each, and all are there. */
static size_t count_misplaced(struct work *work)
{
	uint8_t from[NR], to[NR];
	size_t page, wrong = 0;

	if (page_states(work->from_fd, 0, NR, from) || page_states(work->to_fd, 0, NR, to))
		return NR;
	for (page = 0; page < NR; page++)
		wrong += !from[page] == !to[page] ||
			 !page_holds((from[page] ? work->from : work->to) + page * PAGE,
				     page, 1);
	return wrong;
}

TEST_F(move, movers_in_both_directions_lose_nothing)
{
	static const char * const policies[] = {
		"none", "fifo", "clock", "aging", "lru", "arc", "s3fifo",
	};
	struct work there = { self->from_fd, self->to_fd, self->from, self->to };
	struct work back = { self->to_fd, self->from_fd, self->to, self->from };
	struct pressure pressure;
	pthread_t threads[2];
	unsigned int i;

	pages_fill(self->from, 0, NR, 1);
	for (i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		ASSERT_EQ(pool_write("policy", policies[i]), 0);
		ASSERT_EQ(pressure_start(&pressure, FRAMES), 0);
		pthread_create(&threads[0], NULL, mover_main, &there);
		pthread_create(&threads[1], NULL, mover_main, &back);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
		pressure_stop(&pressure);
		EXPECT_EQ(there.errors + back.errors, 0);
		/* A page that is evicted in this moment would count twice. */
		settled_free_frames();
		EXPECT_EQ(pages_of(self->from_fd) + pages_of(self->to_fd), NR);
		EXPECT_EQ(count_misplaced(&there), 0);
	}
	EXPECT_EQ(pool_write("policy", "aging"), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
}

static void *discarder_main(void *data)
{
	struct work *work = data;

	while (!work->stop)
		work->errors += !!request_pages(work->from_fd, SWAPLAB_DISCARD, 0, NR);
	return NULL;
}

static void *mapper_main(void *data)
{
	struct work *work = data;
	size_t page;
	char *map;

	while (!work->stop) {
		map = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   work->from_fd, 0);
		if (map == MAP_FAILED) {
			work->errors++;
			break;
		}
		for (page = 0; page < NR; page += 5)
			(void)*(volatile char *)(map + page * PAGE);
		munmap(map, NR * PAGE);
	}
	return NULL;
}

/* A page that was moved in time is whole; another one is gone. */
TEST_F(move, discards_and_munmaps_may_race)
{
	struct work work = { self->from_fd, self->to_fd, self->from, self->to };
	pthread_t discarder, mapper;
	size_t page, round, wrong = 0;
	int err = 0;

	ASSERT_EQ(pool_set("readahead_pages", 32), 0);
	pthread_create(&discarder, NULL, discarder_main, &work);
	pthread_create(&mapper, NULL, mapper_main, &work);
	for (round = 0; round < 10; round++) {
		for (page = 0; page < NR; page++) {
			page_fill(self->from + page * PAGE, page, 1);
			do {
				err = move_pages(self->from_fd, page, self->to_fd, page, 1,
						 NULL);
			} while (err == -EBUSY);
			EXPECT_EQ(err, 0);
		}
		for (page = 0; page < NR; page++) {
			const uint64_t *words = (void *)(self->to + page * PAGE);
			size_t i;

			/* A discard in the middle of the filling leaves zeros before it. */
			for (i = 0; i < WORDS; i++)
				wrong += words[i] && words[i] != word_of(page, i, 1);
		}
		EXPECT_EQ(request_pages(self->to_fd, SWAPLAB_DISCARD, 0, NR), 0);
	}
	work.stop = true;
	pthread_join(discarder, NULL);
	pthread_join(mapper, NULL);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(work.errors, 0);
}

TEST_HARNESS_MAIN
