// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_FORK_PRIVATE: which pages are copied, and what that leaves of the others. */
#include <sys/uio.h>
#include "private_pages.h"
#include "sigbus.h"

TEST_F(private, a_fork_copies_no_page_and_a_write_copies_one)
{
	unsigned long copies = stat_get("copies"), i;
	pid_t pid;

	pid = fork();
	if (!pid) {
		turn_over(self->turns.to_parent);
		turn_await(self->turns.to_child);
		for (i = 0; i < 10; i++)
			page_fill(self->map + i * PAGE, i, 2);
		turn_over(self->turns.to_parent);
		turn_await(self->turns.to_child);
		_exit(0);
	}
	turn_await(self->turns.to_parent);
	EXPECT_EQ(stat_get("copies"), copies);
	EXPECT_TRUE(SOON(pool_get("stats/swapped") + pool_get("stats/resident") == NR));
	turn_over(self->turns.to_child);
	turn_await(self->turns.to_parent);
	EXPECT_EQ(stat_get("copies"), copies + 10);
	turn_over(self->turns.to_child);
	EXPECT_EQ(child_result(pid), 0);
	/* The parent is alone again. */
	EXPECT_TRUE(SOON(pool_get("stats/swapped") + pool_get("stats/resident") == NR));
	write_each(self->map, 1, 3);
	EXPECT_EQ(stat_get("copies"), copies + 10);
}

TEST_F(private, the_end_of_a_child_unmaps_no_page_of_its_parent)
{
	unsigned long faults;
	pid_t pid;

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, FEW, NR - FEW), 0);
	pages_fill(self->map, 0, FEW, 1);
	pid = fork();
	if (!pid)
		_exit(0);
	EXPECT_EQ(child_result(pid), 0);
	faults = stat_get("faults");
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	EXPECT_EQ(stat_get("faults"), faults);
}

/* The frame that a page of this process is in; 0 if it cannot be found out. */
static unsigned long frame_number(char *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	if (pread(fd, &entry, sizeof(entry), (uintptr_t)page / PAGE * sizeof(entry)) !=
	    sizeof(entry))
		entry = 0;
	close(fd);
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}

/* Says that the memory under a page is bad, as a machine check does. */
static bool spoil(char *page)
{
	unsigned long number = frame_number(page);

	run_shell("modprobe hwpoison_inject; mount -t debugfs none /sys/kernel/debug");
	return number && !access("/sys/kernel/debug/hwpoison/corrupt-pfn", W_OK) &&
	       (run_shell("echo %lu > /sys/kernel/debug/hwpoison/corrupt-pfn", number), true);
}

/* To read it would be a machine check in the kernel. */
TEST_F(private, bad_memory_with_a_reference_is_not_copied_for_the_child)
{
	struct iovec page = { .iov_base = self->map + 5 * PAGE, .iov_len = PAGE };
	int fds[2];
	pid_t pid;

	page_fill(self->map + 5 * PAGE, 5, 1);
	ASSERT_EQ(pipe(fds), 0);
	ASSERT_EQ(vmsplice(fds[1], &page, 1, 0), PAGE);
	if (!spoil(page.iov_base))
		SKIP(goto close, "memory cannot be declared bad");
	pid = fork();
	if (!pid) {
		catch_sigbus();
		_exit(try_read(self->map, 5, 1) != SIGBUS);
	}
	EXPECT_EQ(child_result(pid), 0);
close:
	close(fds[0]);
	close(fds[1]);
}

static bool is_dirty(int fd, size_t page)
{
	uint8_t state = 0;
	struct swaplab_page_states states = {
		.range = { .offset = page * PAGE, .length = PAGE },
		.states = (uintptr_t)&state,
	};

	return ioctl(fd, SWAPLAB_PAGE_STATES, &states) ||
	       state & SWAPLAB_PAGE_DIRTY;
}

/* The parent's page, read in for that, needs no second write to the disk. */
TEST_F(private, a_write_to_a_swapped_page_leaves_the_page_of_others_clean)
{
	size_t page;
	pid_t pid;

	for (page = 0; page < 8; page++)
		ASSERT_FALSE(is_dirty(self->fd, page));
	pid = fork();
	if (!pid) {
		for (page = 0; page < 8; page++)
			page_fill(self->map + page * PAGE, page, 2);
		_exit(!is_dirty(self->fd, 7));
	}
	EXPECT_EQ(child_result(pid), 0);
	for (page = 0; page < 8; page++)
		EXPECT_FALSE(is_dirty(self->fd, page));
}

TEST_HARNESS_MAIN
