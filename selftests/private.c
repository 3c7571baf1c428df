// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_FORK_PRIVATE: a child of fork() has its parent's pages as they were, and each of
 * the two keeps its own writes, while the pool has frames for a third of the pages.
 */
#include <pthread.h>
#include <sys/uio.h>
#include "private.h"
#include "recorder.h"
#include "sigbus.h"

#define FRAMES	64
#define NR	192

FIXTURE(private)
{
	struct turns turns;
	int fd;
	char *map;
};

FIXTURE_SETUP(private)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = private_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(turns_begin(&self->turns), 0);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(private)
{
	turns_end(&self->turns);
	region_unmap(self->fd, self->map, NR);
	/* Nothing is left of children either. */
	EXPECT_TRUE(SOON(pool_get("stats/resident") == 0));
	EXPECT_EQ(pool_get("stats/swapped"), 0);
	pool_restore();
}

/* Writes a version to each page whose number is a multiple. */
static void write_each(char *map, size_t multiple, unsigned int version)
{
	size_t i;

	for (i = 0; i < NR; i += multiple)
		page_fill(map + i * PAGE, i, version);
}

/* Pages that do not hold the version that write_each() wrote, or @before. */
static size_t wrong_each(char *map, size_t multiple, unsigned int version,
			 unsigned int before)
{
	size_t i, wrong = 0;

	for (i = 0; i < NR; i++)
		wrong += !page_holds(map + i * PAGE, i,
				     i % multiple ? before : version);
	return wrong;
}

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

/* Few enough that none is evicted meanwhile. */
#define FEW	16

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

static int discard(int fd, size_t first, size_t nr)
{
	struct swaplab_range range = {
		.offset = first * PAGE,
		.length = nr * PAGE,
	};

	return ioctl(fd, SWAPLAB_DISCARD, &range);
}

/* The child's side: it discards by the descriptor that it inherited. */
static int discard_half(int fd, char *map)
{
	size_t i;

	if (discard(fd, 0, NR / 2))
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
	ASSERT_EQ(discard(self->fd, 0, NR), 0);
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
		if (discard(self->fd, 0, 1) != -1 || errno != EBUSY)
			_exit(1);
		_exit(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0) !=
		      MAP_FAILED || errno != EBUSY);
	}
	EXPECT_EQ(child_result(pid), 0);
}

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

	ASSERT_EQ(discard(self->fd, FEW, NR - FEW), 0);
	pages_fill(self->map, 0, FEW, 1);
	pid = fork();
	if (!pid)
		_exit(0);
	EXPECT_EQ(child_result(pid), 0);
	faults = stat_get("faults");
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
	EXPECT_EQ(stat_get("faults"), faults);
}

static void use_some(char *map)
{
	size_t page;

	for (page = 0; page < 4; page++)
		page_use(map, page, false);
}

/* The pages that the parent used last are in its page tables when it forks. */
TEST_F(private, an_exact_recording_has_the_uses_of_a_child)
{
	uint64_t records[64];
	int recorder, i;
	pid_t pid;

	ASSERT_EQ(discard(self->fd, FEW, NR - FEW), 0);
	use_some(self->map);
	recorder = recorder_start(self->fd, 8, 1024);
	ASSERT_GE(recorder, 0);
	use_some(self->map);
	ASSERT_EQ(recorder_read(recorder, records, 64), 4);
	pid = fork();
	if (!pid) {
		use_some(self->map);
		_exit(0);
	}
	EXPECT_EQ(child_result(pid), 0);
	use_some(self->map);
	EXPECT_EQ(recorder_read(recorder, records, 64), 4);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(page_of(records[i]), i);
		EXPECT_NE(records[i], record_of(self->fd, i, false));
	}
	close(recorder);
}

/* Children that do nothing, beside one that uses a page. */
#define IDLE	8

static pid_t child_start(char *map, bool idle)
{
	pid_t pid = fork();

	while (!pid) {
		if (!idle)
			page_use(map, 5, false);
		msleep(1);
	}
	return pid;
}

/* Records of a page's use that say that it was not in this region. */
static size_t nr_elsewhere(int recorder, int fd, size_t page)
{
	static uint64_t records[4096];
	size_t nr = recorder_read(recorder, records, 4096), i, elsewhere = 0;

	for (i = 0; i < nr && nr <= 4096; i++)
		elsewhere += page_of(records[i]) == page &&
			     records[i] != SWAPLAB_RECORD_END &&
			     records[i] != record_of(fd, page, false);
	return elsewhere;
}

TEST_F(private, a_sample_looks_into_each_mapping_once_and_knows_whose_it_is)
{
	unsigned long samples, visits;
	pid_t pids[IDLE + 1];
	int recorder, i;

	ASSERT_EQ(discard(self->fd, FEW, NR - FEW), 0);
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	recorder = recorder_start_sampled(self->fd);
	ASSERT_GE(recorder, 0);
	for (i = 0; i <= IDLE; i++)
		pids[i] = child_start(self->map, i < IDLE);
	samples = stat_get("samples");
	visits = stat_get("vma_visits");
	EXPECT_TRUE(SOON(stat_get("samples") >= samples + 20));
	visits = stat_get("vma_visits") - visits;
	/* One may have been under way. */
	samples = stat_get("samples") - samples + 1;
	EXPECT_LE(visits, samples * (IDLE + 2));
	EXPECT_GT(nr_elsewhere(recorder, self->fd, 5), 0);
	close(recorder);
	for (i = 0; i <= IDLE; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
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

TEST_F(private, pages_go_with_the_last_mapping)
{
	munmap(self->map, NR * PAGE);
	EXPECT_TRUE(SOON(pool_get("stats/resident") + pool_get("stats/swapped") == 0));
	self->map = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			 self->fd, 0);
	ASSERT_NE(self->map, MAP_FAILED);
	EXPECT_TRUE(page_is_zero(self->map));
}

TEST_F(private, the_request_comes_before_pages_and_mappings)
{
	struct swaplab_range range = { .length = PAGE };
	char *map;
	int fd;

	EXPECT_EQ(ioctl(self->fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EBUSY);
	EXPECT_EQ(ioctl(self->fd, SWAPLAB_LOCK, &range), -1);
	EXPECT_EQ(errno, EOPNOTSUPP);

	/* Once more is as good as once. */
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), 0);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), 0);
	close(fd);

	map = region_map(&fd, 1);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EBUSY);
	region_unmap(fd, map, 1);

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EINVAL);
	close(fd);
	EXPECT_EQ(pool_write("slot_allocation", "dynamic"), 0);
}

/* Two threads that ask for one thing each, at the same time. */
struct race {
	pthread_barrier_t begin;
	int fd;
	bool is_private;
};

static void *race_for_privacy(void *data)
{
	struct race *race = data;

	pthread_barrier_wait(&race->begin);
	race->is_private = !ioctl(race->fd, SWAPLAB_FORK_PRIVATE);
	return NULL;
}

/* Was a new region made private, and its first page locked? */
static bool both_are_granted(void)
{
	struct swaplab_range range = { .length = PAGE };
	struct race race = { .fd = open(DEVICE, O_RDWR | O_CLOEXEC) };
	pthread_t thread;
	bool is_locked;

	pthread_barrier_init(&race.begin, NULL, 2);
	if (pthread_create(&thread, NULL, race_for_privacy, &race))
		return true;
	pthread_barrier_wait(&race.begin);
	is_locked = !ioctl(race.fd, SWAPLAB_LOCK, &range);
	pthread_join(thread, NULL);
	close(race.fd);
	return is_locked && race.is_private;
}

TEST_F(private, a_region_that_is_made_private_meanwhile_has_no_locked_page)
{
	unsigned int round, both = 0;

	for (round = 0; round < 2000; round++)
		both += both_are_granted();
	EXPECT_EQ(both, 0);
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
