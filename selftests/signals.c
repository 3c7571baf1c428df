// SPDX-License-Identifier: GPL-2.0
/*
 * SIGKILL and SIGSTOP in the middle of long operations. A task that is killed ends after a
 * few pages more; one that is stopped stops, and ends what it has begun; neither loses a
 * byte of the other pages. Here it is a request on a region, or a system call.
 */
#include "midway.h"

/* Those that a CPU has set aside are free, too. */
static bool all_are_free(void)
{
	return stat_get("free_frames") + stat_get("cpu_frames") == FRAMES;
}

static unsigned long count_mlocked(SELF *self)
{
	return fdinfo_get(self->fd, "locked");
}

static bool some_are_mlocked(SELF *self)
{
	unsigned long nr = count_mlocked(self);

	return nr > RUN && nr < NR;
}

static int lock_all(SELF *self)
{
	return request_pages(self->fd, SWAPLAB_LOCK, 0, NR);
}

static int unlock_all(SELF *self)
{
	return request_pages(self->fd, SWAPLAB_UNLOCK, 0, NR);
}

static int lock_few(SELF *self)
{
	return unlock_all(self) ?: request_pages(self->fd, SWAPLAB_LOCK, 0, RUN);
}

TEST_F(signals, a_lock_that_is_killed_leaves_only_the_locks_of_before)
{
	pid_t pid = start_midway(self, lock_few, lock_all, some_are_mlocked);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_EQ(count_mlocked(self), RUN);
	EXPECT_EQ(pages_that_are(self->fd, 0, RUN, SWAPLAB_PAGE_LOCKED), RUN);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	/* No mark is left of it either. */
	EXPECT_EQ(lock_all(self), 0);
	EXPECT_EQ(count_mlocked(self), NR);
}

TEST_F(signals, a_lock_that_is_stopped_locks_all_pages)
{
	pid_t pid = start_midway(self, unlock_all, lock_all, some_are_mlocked);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(count_mlocked(self), NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(signals, an_unlock_that_is_killed_unlocks_no_more_than_a_run)
{
	pid_t pid = start_midway(self, lock_all, unlock_all, some_are_mlocked);
	unsigned long before;

	ASSERT_GT(pid, 0);
	before = count_mlocked(self);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(before - count_mlocked(self), RUN);
	EXPECT_EQ(unlock_all(self), 0);
	EXPECT_EQ(count_mlocked(self), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(signals, an_unlock_that_is_stopped_unlocks_all_pages)
{
	pid_t pid = start_midway(self, lock_all, unlock_all, some_are_mlocked);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(count_mlocked(self), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

static bool some_are_resident(SELF *self)
{
	unsigned long nr = stat_get("resident");

	return nr > RUN && nr < NR - RUN;
}

static int fill_all(SELF *self)
{
	pages_fill(self->map, 0, NR, 1);
	return 0;
}

static int discard_all(SELF *self)
{
	return request_pages(self->fd, SWAPLAB_DISCARD, 0, NR);
}

TEST_F(signals, a_discard_that_is_killed_discards_no_more_than_a_run)
{
	pid_t pid = start_midway(self, fill_all, discard_all, some_are_resident);
	unsigned long before, after, gone;

	ASSERT_GT(pid, 0);
	before = stat_get("resident");
	EXPECT_TRUE(is_killed(pid));
	after = stat_get("resident");
	EXPECT_LE(before - after, RUN);
	/* In order; those behind are as they were. */
	gone = NR - after;
	EXPECT_EQ(pages_wrong(self->map, gone, after, 1), 0);
	EXPECT_TRUE(page_is_zero(self->map + (gone - 1) * PAGE));
	EXPECT_EQ(discard_all(self), 0);
	EXPECT_TRUE(SOON(all_are_free()));
}

TEST_F(signals, a_discard_that_is_stopped_discards_all_pages)
{
	pid_t pid = start_midway(self, fill_all, discard_all, some_are_resident);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_TRUE(SOON(all_are_free()));
	EXPECT_TRUE(page_is_zero(self->map + (NR - 1) * PAGE));
}

static int page_out_all(SELF *self)
{
	struct swaplab_advise request = {
		.length = NR * PAGE,
		.advice = SWAPLAB_ADVISE_PAGEOUT,
	};

	return request_send(self->fd, SWAPLAB_ADVISE, &request);
}

/* Beside the run it may have transfers under way, which it waits for. */
TEST_F(signals, a_pageout_that_is_killed_loses_no_page)
{
	pid_t pid = start_midway(self, fill_all, page_out_all, some_are_resident);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_GT(stat_get("resident"), 0);
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), NR);
	EXPECT_EQ(pages_that_are(self->fd, 0, STATES, SWAPLAB_PAGE_TRANSIT), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(page_out_all(self), 0);
	EXPECT_EQ(stat_get("resident"), 0);
}

TEST_F(signals, a_pageout_that_is_stopped_evicts_all_pages)
{
	pid_t pid = start_midway(self, fill_all, page_out_all, some_are_resident);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(stat_get("resident"), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

static int tell_states(SELF *self)
{
	return page_states(self->fd, 0, NR, self->shared->states);
}

static int tell_none(SELF *self)
{
	memset(self->shared->states, 0xff, NR);
	return 0;
}

static size_t count_told(SELF *self)
{
	size_t nr = 0;

	while (nr < NR && self->shared->states[nr] != 0xff)
		nr++;
	return nr;
}

static bool none_is_told(SELF *self)
{
	return !count_told(self);
}

static bool some_are_told(SELF *self)
{
	size_t nr = count_told(self);

	return nr && nr < NR;
}

/* Dirty bits are collected before the first state is told. */
TEST_F(signals, page_states_end_when_killed_before_the_first_is_told)
{
	pid_t pid = start_midway(self, tell_none, tell_states, none_is_told);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(count_told(self), STATES);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(signals, page_states_that_are_stopped_tell_all_states)
{
	pid_t pid = start_midway(self, tell_none, tell_states, none_is_told);
	size_t i;

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	for (i = 0; i < NR; i++)
		ASSERT_TRUE(self->shared->states[i] & SWAPLAB_PAGE_RESIDENT);
}

TEST_F(signals, page_states_end_when_killed_between_two_that_are_told)
{
	pid_t pid = start_midway(self, tell_none, tell_states, some_are_told);
	size_t before;

	if (pid < 0)
		SKIP(return, "they are told too fast");
	before = count_told(self);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(count_told(self) - before, STATES);
}

static int populate_pages(SELF *self)
{
	return madvise(self->map, NR * PAGE, MADV_POPULATE_WRITE) ? -errno : 0;
}

TEST_F(signals, a_populate_that_is_killed_brings_in_few_pages_more)
{
	pid_t pid = start_midway(self, discard_all, populate_pages, some_are_resident);
	unsigned long before;

	ASSERT_GT(pid, 0);
	before = stat_get("resident");
	EXPECT_TRUE(is_killed(pid));
	EXPECT_LE(stat_get("resident") - before, AHEAD);
	EXPECT_EQ(discard_all(self), 0);
	EXPECT_TRUE(SOON(all_are_free()));
}

TEST_F(signals, a_populate_that_is_stopped_brings_in_all_pages)
{
	pid_t pid = start_midway(self, discard_all, populate_pages, some_are_resident);

	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(stat_get("resident"), NR);
}

/* The region is the child's alone from now on. */
static int close_region(SELF *self)
{
	munmap(self->map, NR * PAGE);
	close(self->fd);
	return 0;
}

static bool is_inside(SELF *self)
{
	return true;
}

/* Kills the child at the end of its region; returns how often others ran meanwhile. */
static int watch_the_end(SELF *self, pid_t pid)
{
	struct timespec moment = { .tv_nsec = 50000 };
	unsigned long nr, before = NR;
	int looks = 0;

	kill(pid, SIGKILL);
	while ((nr = stat_get("resident"))) {
		looks += nr != before;
		before = nr;
		nanosleep(&moment, NULL);
	}
	step_back();
	return looks;
}

/* The end of a region cannot stop halfway, but others run meanwhile. */
TEST_F(signals, the_end_of_a_region_goes_on_when_killed_and_others_run)
{
	int looks = 0, tries;
	pid_t pid;

	for (tries = 0; tries < 50 && looks < 2; tries++) {
		fill_all(self);
		pid = start_child(self, close_region);
		close_region(self);
		looks += watch_the_end(self, pid);
		ASSERT_EQ(waitpid(pid, NULL, 0), pid);
		ASSERT_TRUE(SOON(all_are_free()));
		self->map = region_map(&self->fd, NR);
		ASSERT_NE(self->map, NULL);
	}
	EXPECT_GE(looks, 2);
}

static int unmap_all(SELF *self)
{
	return munmap(self->map, NR * PAGE);
}

static int map_all(SELF *self)
{
	return pages_wrong(self->map, 0, NR, 1);
}

TEST_F(signals, an_unmap_that_is_killed_or_stopped_keeps_the_pages)
{
	pid_t pid;

	pid = start_midway(self, map_all, unmap_all, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	pid = start_midway(self, map_all, unmap_all, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(fdinfo_get(self->fd, "pages"), NR);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

static int map_again(SELF *self)
{
	return mmap(NULL, NR * PAGE, PROT_READ, MAP_SHARED, self->fd, 0) == MAP_FAILED ?
	       -errno : 0;
}

/* A region with static slots for each second page, in an area of their own. */
static int reserve_some(SELF *self)
{
	size_t i;
	void *map;

	close(self->fd);
	self->fd = open(DEVICE, O_RDWR);
	for (i = 0; i < NR - 1; i += 2) {
		map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, i * PAGE);
		if (map == MAP_FAILED || munmap(map, PAGE))
			return -errno;
	}
	return 0;
}

/* The pages between need as many areas; all or none of the pages get slots. */
TEST_F(signals, a_mapping_with_static_slots_that_is_killed_takes_none)
{
	pid_t pid;

	region_unmap(self->fd, self->map, NR);
	self->fd = open(DEVICE, O_RDWR);
	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	pid = start_midway(self, reserve_some, map_again, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	EXPECT_EQ(fdinfo_get(self->fd, "charged"), NR - 1);
	self->map = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			 self->fd, 0);
	ASSERT_NE(self->map, MAP_FAILED);
	EXPECT_EQ(fdinfo_get(self->fd, "charged"), NR);
	pages_fill(self->map, 0, NR, 2);
	ASSERT_EQ(pool_set("nr_frames", FEW), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
}

static int fork_once(SELF *self)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(!page_holds(self->map, 0, 1));
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

TEST_F(signals, a_fork_that_is_killed_or_stopped_keeps_the_pages)
{
	pid_t pid;

	pid = start_midway(self, map_all, fork_once, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(is_killed(pid));
	pid = start_midway(self, map_all, fork_once, is_inside);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(stops_and_goes_on(pid));
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_HARNESS_MAIN
