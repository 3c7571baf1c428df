// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_FORK_PRIVATE: a child of fork() has its parent's pages as they were, and each of
 * the two keeps its own writes, while the pool has frames for a third of the pages.
 */
#include <sys/uio.h>
#include "private_pages.h"

/* The child's side: 0, or the step that went wrong. */
static int write_in_turns(struct turns *turns, char *map)
{
	if (wrong_each(map, 1, 1, 1))
		return 1;
	write_each(map, 2, 2);
	turn_over(turns->to_parent);
	turn_await(turns->to_child);
	return wrong_each(map, 2, 2, 1) ? 2 : 0;
}

TEST_F(private, each_side_keeps_its_writes)
{
	pid_t pid = fork();

	if (!pid)
		_exit(write_in_turns(&self->turns, self->map));
	turn_await(self->turns.to_parent);
	EXPECT_EQ(wrong_each(self->map, 1, 1, 1), 0);
	write_each(self->map, 3, 3);
	EXPECT_EQ(wrong_each(self->map, 3, 3, 1), 0);
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(wrong_each(self->map, 3, 3, 1), 0);
	write_each(self->map, 1, 4);
	EXPECT_EQ(wrong_each(self->map, 1, 4, 4), 0);
}

/* In one instruction: a byte of each page is read, and written to the same page. */
static void move_bytes(char *map)
{
	char *from, *to;
	size_t i;

	for (i = 0; i < NR; i++) {
		from = map + i * PAGE + 8;
		to = map + i * PAGE;
		asm volatile("movsb" : "+S" (from), "+D" (to) : : "memory");
	}
}

TEST_F(private, an_instruction_that_reads_and_writes_a_page_ends)
{
	pid_t pid = fork();
	size_t i;

	if (!pid) {
		/* Else it would fault for ever. */
		alarm(20);
		move_bytes(self->map);
		for (i = 0; i < NR; i++)
			if (self->map[i * PAGE] != self->map[i * PAGE + 8])
				_exit(1);
		_exit(0);
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(wrong_each(self->map, 1, 1, 1), 0);
}

TEST_F(private, pages_in_page_tables_of_other_mappings_too)
{
	char *second, *read_only;
	pid_t pid;

	second = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      self->fd, 0);
	ASSERT_NE(second, MAP_FAILED);
	read_only = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, self->fd, 8 * PAGE);
	ASSERT_NE(read_only, MAP_FAILED);
	EXPECT_TRUE(page_holds(second + 3 * PAGE, 3, 1));
	EXPECT_TRUE(page_holds(read_only, 8, 1));
	pid = fork();
	if (!pid) {
		page_fill(second + 3 * PAGE, 3, 2);
		page_fill(self->map + 8 * PAGE, 8, 2);
		_exit(!page_holds(self->map + 3 * PAGE, 3, 2) +
		      2 * !page_holds(read_only, 8, 2) +
		      4 * !page_holds(second + 8 * PAGE, 8, 2));
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(wrong_each(second, 1, 1, 1), 0);
	EXPECT_TRUE(page_holds(read_only, 8, 1));
	munmap(second, NR * PAGE);
	munmap(read_only, 8 * PAGE);
}

TEST_F(private, a_part_that_the_child_does_not_get_is_the_parents_to_write)
{
	pid_t pid;

	ASSERT_EQ(madvise(self->map, 16 * PAGE, MADV_DONTFORK), 0);
	pid = fork();
	if (!pid) {
		turn_await(self->turns.to_child);
		_exit(pages_wrong(self->map + 16 * PAGE - 16 * PAGE, 16, NR - 16, 1) != 0);
	}
	write_each(self->map, 1, 2);
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(wrong_each(self->map, 1, 2, 2), 0);
}

static void protect_and_write(char *map, unsigned int version)
{
	mprotect(map, FEW * PAGE, PROT_READ);
	mprotect(map, FEW * PAGE, PROT_READ | PROT_WRITE);
	pages_fill(map, 0, FEW, version);
}

/* mprotect() makes dirty PTEs of shared mappings writable again without a fault. */
TEST_F(private, mprotect_to_read_and_back_shares_no_write)
{
	pid_t pid;

	pages_fill(self->map, 0, FEW, 1);
	pid = fork();
	if (!pid) {
		turn_await(self->turns.to_child);
		if (pages_wrong(self->map, 0, FEW, 1))
			_exit(1);
		protect_and_write(self->map, 2);
		turn_over(self->turns.to_parent);
		turn_await(self->turns.to_child);
		_exit(pages_wrong(self->map, 0, FEW, 2) != 0);
	}
	protect_and_write(self->map, 3);
	turn_over(self->turns.to_child);
	turn_await(self->turns.to_parent);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 3), 0);
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 3), 0);
}

/* The child's side, in parts of the mapping that it changes. */
static int move_around(char *map)
{
	char *moved;

	munmap(map + 10 * PAGE, 5 * PAGE);
	moved = mremap(map + 50 * PAGE, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED || !page_holds(moved, 50, 1) ||
	    !page_holds(moved + 5 * PAGE, 55, 1))
		return 1;
	page_fill(moved + 5 * PAGE, 55, 2);
	if (!page_holds(map + 55 * PAGE, 55, 2))
		return 2;
	return 0;
}

TEST_F(private, munmap_and_mremap_of_the_child_leave_the_parents_pages)
{
	pid_t pid = fork();

	if (!pid)
		_exit(move_around(self->map));
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(wrong_each(self->map, 1, 1, 1), 0);
}

/* The child's side: it discards by the descriptor that it inherited. */
static int discard_half(int fd, char *map)
{
	size_t i;

	if (request_pages(fd, SWAPLAB_DISCARD, 0, NR / 2))
		return 1;
	for (i = 0; i < NR / 2; i++)
		if (!page_is_zero(map + i * PAGE))
			return 2;
	return pages_wrong(map, NR / 2, NR / 2, 1) ? 3 : 0;
}

TEST_F(private, a_discard_is_of_the_callers_pages)
{
	pid_t pid = fork();

	if (!pid)
		_exit(discard_half(self->fd, self->map));
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(wrong_each(self->map, 1, 1, 1), 0);

	pid = fork();
	if (!pid) {
		turn_await(self->turns.to_child);
		_exit(wrong_each(self->map, 1, 1, 1) != 0);
	}
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_TRUE(page_is_zero(self->map));
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
}

TEST_F(private, a_mapping_that_the_child_makes_shows_its_own_pages)
{
	pid_t pid = fork();
	char *map;

	if (!pid) {
		page_fill(self->map, 0, 2);
		map = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
		_exit(map == MAP_FAILED || !page_holds(map, 0, 2) ||
		      !page_holds(map + PAGE, 1, 1));
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_TRUE(page_holds(self->map, 0, 1));
}

TEST_F(private, a_process_without_a_mapping_has_no_pages)
{
	pid_t pid;

	ASSERT_EQ(madvise(self->map, NR * PAGE, MADV_DONTFORK), 0);
	pid = fork();
	if (!pid) {
		if (request_pages(self->fd, SWAPLAB_DISCARD, 0, 1) != -EBUSY)
			_exit(1);
		_exit(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0) !=
		      MAP_FAILED || errno != EBUSY);
	}
	EXPECT_EQ(child_result(pid), 0);
}

TEST_F(private, the_kernel_writes_to_the_callers_page)
{
	struct iovec local = { .iov_len = 8 }, remote = { .iov_len = 8 };
	uint64_t value = 5;
	pid_t pid = fork();

	if (!pid) {
		turn_await(self->turns.to_child);
		_exit(*(uint64_t *)(self->map + 20 * PAGE) != 5);
	}
	local.iov_base = &value;
	remote.iov_base = self->map + 20 * PAGE;
	EXPECT_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), 8);
	EXPECT_TRUE(page_holds(self->map + 20 * PAGE, 20, 1));
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
}

TEST_F(private, pages_go_with_the_last_mapping)
{
	munmap(self->map, NR * PAGE);
	EXPECT_TRUE(SOON(pool_get("stats/resident") + pool_get("stats/swapped") == 0));
	self->map = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			 self->fd, 0);
	ASSERT_NE(self->map, MAP_FAILED);
	EXPECT_TRUE(page_is_zero(self->map));
}

TEST_HARNESS_MAIN
