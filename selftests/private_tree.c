// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_FORK_PRIVATE: children that have children, processes that outlive the one that
 * wrote the pages, and forks among writes of other threads.
 */
#include "private_pages.h"

/* The parent goes first, and its child's child has the pages still. */
TEST_F(private, pages_outlive_the_process_that_wrote_them)
{
	pid_t pid = fork();

	if (pid) {
		EXPECT_EQ(child_result(pid), 0);
		turn_over(self->turns.to_child);
		turn_await(self->turns.to_parent);
		EXPECT_EQ(wrong_each(self->map, 1, 1, 1), 0);
		return;
	}
	write_each(self->map, 2, 2);
	if (fork())
		_exit(0);
	turn_await(self->turns.to_child);
	if (wrong_each(self->map, 2, 2, 1))
		_exit(1);
	write_each(self->map, 3, 3);
	if (wrong_each(self->map, NR, 3, 2) == 0)
		_exit(1);
	turn_over(self->turns.to_parent);
	_exit(0);
}

/* Each writes a page of its own, and looks at some of those before it and behind it. */
static int descend(char *map, unsigned int depth, unsigned int max)
{
	unsigned int i;
	pid_t pid;

	if (depth == max)
		return 0;
	pid = fork();
	if (pid)
		return child_result(pid) != 0;
	page_fill(map + depth * PAGE, depth, 7);
	for (i = depth % 8; i < NR; i += 8)
		if (!page_holds(map + i * PAGE, i, i <= depth ? 7 : 1))
			_exit(1);
	_exit(descend(map, depth + 1, max));
}

TEST_F(private, each_of_100_generations_adds_its_page)
{
	EXPECT_EQ(descend(self->map, 0, 100), 0);
	EXPECT_EQ(wrong_each(self->map, 1, 1, 1), 0);
}

/* Words that one thread counts up, one on each of some pages. */
#define WRITTEN	16

struct writer {
	pthread_t thread;
	char *map;
	bool stop;
};

static void *writer_main(void *data)
{
	struct writer *writer = data;
	uint64_t value;
	size_t i;

	for (value = 1; !__atomic_load_n(&writer->stop, __ATOMIC_RELAXED); value++)
		for (i = 0; i < WRITTEN; i++)
			*(volatile uint64_t *)(writer->map + 5 * i * PAGE) = value;
	return NULL;
}

/* In the child nobody writes: each look finds the same, and values in order. */
static int watch(char *map)
{
	uint64_t seen[WRITTEN];
	size_t i, round;

	for (i = 0; i < WRITTEN; i++)
		seen[i] = *(volatile uint64_t *)(map + 5 * i * PAGE);
	for (i = 1; i < WRITTEN; i++)
		if (seen[i] > seen[i - 1] || seen[i] + 1 < seen[i - 1])
			return 1;
	for (round = 0; round < 20; round++)
		for (i = 0; i < WRITTEN; i++)
			if (*(volatile uint64_t *)(map + 5 * i * PAGE) != seen[i])
				return 2;
	return pages_wrong(map, 100, NR - 100, 1) ? 3 : 0;
}

TEST_F(private, a_fork_among_writes_of_other_threads_sees_them_in_order)
{
	struct writer writer = { .map = self->map };
	int round;
	pid_t pid;

	ASSERT_EQ(pthread_create(&writer.thread, NULL, writer_main, &writer), 0);
	/* Until it has come round once; page_fill() writes large words. */
	ASSERT_TRUE(SOON(*(volatile uint64_t *)(self->map + 5 * (WRITTEN - 1) * PAGE) <
			 UINT32_MAX));
	for (round = 0; round < 20; round++) {
		pid = fork();
		if (!pid)
			_exit(watch(self->map));
		EXPECT_EQ(child_result(pid), 0);
	}
	__atomic_store_n(&writer.stop, true, __ATOMIC_RELAXED);
	pthread_join(writer.thread, NULL);
}

/* Processes that write, read, fork and end at random, each with a model of its pages. */
#define DEPTH	3

static unsigned int random_next(unsigned int *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

static int complain(unsigned int depth, const char *what, unsigned int value)
{
	fprintf(stderr, "# at depth %u: %s %#x\n", depth, what, value);
	return 1;
}

/* Ends its children, too. Returns 0 if all pages were right, here and there. */
static int live(char *map, unsigned int seed, unsigned int *versions, int depth)
{
	pid_t children[2] = {};
	unsigned int page, i;
	int failed = 0, status;

	for (i = 0; i < 300 && !failed; i++) {
		page = random_next(&seed) % NR;
		if (random_next(&seed) % 2) {
			versions[page] = random_next(&seed) % 1000;
			page_fill(map + page * PAGE, page, versions[page]);
		}
		if (!page_holds(map + page * PAGE, page, versions[page]))
			failed = complain(depth, "just written, wrong page", page);
		if (depth < DEPTH && i % 150 == 100) {
			children[i / 150] = fork();
			if (!children[i / 150])
				_exit(live(map, seed + i + 1, versions, depth + 1));
		}
	}
	for (page = 0; page < NR && !failed; page++)
		if (!page_holds(map + page * PAGE, page, versions[page]))
			failed = complain(depth, "wrong page", page);
	for (i = 0; i < 2; i++) {
		status = children[i] ? child_result(children[i]) : 0;
		if (status)
			failed = complain(depth, "status of a child", status);
	}
	return failed;
}

TEST_F(private, a_tree_of_processes_agrees_with_its_models)
{
	unsigned int versions[NR], page;

	for (page = 0; page < NR; page++)
		versions[page] = 1;
	EXPECT_EQ(live(self->map, 42, versions, 0), 0);
}

TEST_HARNESS_MAIN
