// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that fork() of a process with private pages does not get: each allocation fails in
 * turn. Then there is no child; or the child has all pages, or gets SIGBUS for each. The
 * parent keeps its own.
 *
 * kernel: kasan (for /proc/thread-self/fail-nth)
 * vm-options: --allow Call.Trace|vmalloc.error --append slub_debug=A,radix_tree_node
 */
#include <sys/rseq.h>
#include <sys/syscall.h>
#include "fail_alloc.h"
#include "private.h"
#include "sigbus.h"

#define FRAMES	64
#define NR	192
#define SITES	3000	/* more than fork() has */

FIXTURE(failures)
{
	char *map;
	int fd, fail_nth;
};

/* See allocation.c: the kernel sends SIGSEGV when it cannot write there after fork(). */
static void rseq_end(void)
{
	syscall(__NR_rseq, (char *)__builtin_thread_pointer() + __rseq_offset,
		sizeof(struct rseq), RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

FIXTURE_SETUP(failures)
{
	rseq_end();
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(faults_prepare(), 0);
	self->fail_nth = failures_open();
	ASSERT_GE(self->fail_nth, 0);
	self->map = private_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(failures)
{
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	region_unmap(self->fd, self->map, NR);
	close(self->fail_nth);
	EXPECT_TRUE(SOON(pool_get("stats/resident") + pool_get("stats/swapped") == 0));
	pool_restore();
}

/* The child's side: 0, SIGBUS, or 1 if its pages are neither there nor lost. */
static int look_at_pages(char *map)
{
	int first, page;

	catch_sigbus();
	first = try_read(map, 0, 1);
	for (page = 1; page < NR; page++)
		if (try_read(map, page, 1) != first)
			return 1;
	return first < 0 ? 1 : first;
}

/* Returns 0, -ENOMEM if there was no child, SIGBUS if it lost its pages, or 1. */
static int fork_once(int fail_nth, char *map, int nth, bool *failed)
{
	int status, own;
	pid_t pid;

	if (failures_begin(fail_nth, nth))
		return 1;
	pid = fork();
	if (!pid) {
		/* The failure may be the child's to have. */
		own = failures_open();
		failures_begin(own, 0);
		_exit(look_at_pages(map));
	}
	*failed = failures_end(fail_nth);
	if (!*failed)
		failures_begin(fail_nth, 0);
	if (pid < 0)
		return errno == ENOMEM || errno == EAGAIN ? -ENOMEM : 1;
	status = child_result(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

TEST_F(failures, leave_the_parent_its_pages_and_the_child_all_or_none)
{
	int nth, result, refused = 0, lost = 0, fine = 0;
	bool failed = true;

	for (nth = 1; failed && nth < SITES; nth++) {
		result = fork_once(self->fail_nth, self->map, nth, &failed);
		EXPECT_NE(result, 1);
		refused += result == -ENOMEM;
		lost += result == SIGBUS;
		fine += result == 0;
		if (nth % 16 == 0)
			EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	}
	TH_LOG("%d forks refused, %d children without pages, %d with", refused,
	       lost, fine);
	EXPECT_FALSE(failed);
	EXPECT_GT(refused, 0);
	EXPECT_GT(lost, 0);
	EXPECT_GT(fine, 0);
}

TEST_HARNESS_MAIN
