// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_PROCESS_STATES: the states of the pages of another process. */
#include "private_pages.h"
#include "user.h"

static int process_states(int fd, pid_t pid, size_t nr, uint8_t *states)
{
	struct swaplab_process_states request = {
		.range = { .length = nr * PAGE },
		.states = (uintptr_t)states,
		.pid = pid,
	};

	return request_send(fd, SWAPLAB_PROCESS_STATES, &request);
}

/* Pages of a process, of 256 at most, that are not absent; -errno. */
static long nr_present(int fd, pid_t pid, size_t nr)
{
	uint8_t states[256] = {};
	long present = 0;
	size_t i;
	int err;

	err = process_states(fd, pid, nr, states);
	if (err)
		return err;
	for (i = 0; i < nr; i++)
		present += states[i] != 0;
	return present;
}

TEST_F(private, each_process_has_states_of_its_own)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid) {
		MUST(nr_present(self->fd, getpid(), NR) == NR);
		MUST(!request_pages(self->fd, SWAPLAB_DISCARD, 0, FEW));
		MUST(nr_present(self->fd, getpid(), NR) == NR - FEW);
		MUST(nr_present(self->fd, parent, NR) == NR);
		turn_over(self->turns.to_parent);
		turn_await(self->turns.to_child);
		_exit(0);
	}
	turn_await(self->turns.to_parent);
	EXPECT_EQ(nr_present(self->fd, pid, FEW), 0);
	EXPECT_EQ(nr_present(self->fd, pid, NR), NR - FEW);
	EXPECT_EQ(nr_present(self->fd, parent, NR), NR);
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(nr_present(self->fd, pid, NR), -ESRCH);
}

TEST_F(private, a_child_is_seen_that_outlives_its_parent)
{
	pid_t pid, child;
	int fds[2];

	ASSERT_EQ(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		child = fork();
		if (child) {
			MUST(write(fds[1], &child, sizeof(child)) == sizeof(child));
			_exit(0);
		}
		MUST(!request_pages(self->fd, SWAPLAB_DISCARD, 0, FEW));
		turn_over(self->turns.to_parent);
		turn_await(self->turns.to_child);
		_exit(0);
	}
	ASSERT_EQ(child_result(pid), 0);
	ASSERT_EQ(read(fds[0], &child, sizeof(child)), sizeof(child));
	turn_await(self->turns.to_parent);
	EXPECT_EQ(nr_present(self->fd, child, NR), NR - FEW);
	turn_over(self->turns.to_child);
	EXPECT_TRUE(SOON(nr_present(self->fd, child, NR) == -ESRCH));
	close(fds[0]);
	close(fds[1]);
}

TEST_F(private, states_take_the_right_to_trace)
{
	pid_t parent = getpid(), pid, child;

	pid = fork();
	if (!pid) {
		become_user(ALICE);
		MUST(nr_present(self->fd, getpid(), NR) == NR);
		MUST(nr_present(self->fd, parent, NR) == -EPERM);
		child = fork();
		if (!child) {
			turn_await(self->turns.to_child);
			_exit(0);
		}
		MUST(nr_present(self->fd, child, NR) == NR);
		turn_over(self->turns.to_child);
		MUST(!child_result(child));
		_exit(0);
	}
	EXPECT_EQ(child_result(pid), 0);
}

TEST_F(private, states_of_a_process_are_refused_where_there_are_none)
{
	struct swaplab_process_states request = {
		.range = { .length = PAGE },
		.pid = getpid(),
		.reserved = 1,
	};

	EXPECT_EQ(nr_present(self->fd, 1, 1), -EBUSY);
	EXPECT_EQ(nr_present(self->fd, 0, 1), -ESRCH);
	EXPECT_EQ(nr_present(self->fd, -1, 1), -ESRCH);
	/* A kernel thread has no address space. */
	EXPECT_EQ(nr_present(self->fd, 2, 1), -ESRCH);
	EXPECT_EQ(nr_present(self->fd, getpid(), 0), -EINVAL);
	EXPECT_EQ(process_states(self->fd, getpid(), 1, NULL), -EFAULT);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_PROCESS_STATES, &request), -EINVAL);
}

TEST_F(private, all_processes_see_the_same_of_a_shared_region)
{
	char *map;
	int fd;

	map = region_map(&fd, FEW);
	ASSERT_NE(map, NULL);
	page_fill(map, 0, 1);
	EXPECT_EQ(nr_present(fd, getpid(), FEW), 1);
	EXPECT_EQ(nr_present(fd, 1, FEW), 1);
	region_unmap(fd, map, FEW);
}

TEST_HARNESS_MAIN
