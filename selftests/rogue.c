// SPDX-License-Identifier: GPL-2.0
/*
 * Policies that misbehave, from faulty/rogues.c: none of them loses a byte, stops
 * the daemon or keeps a frame after it was unbound.
 */
#include <sys/syscall.h>
#include <sys/uio.h>
#include "fault_threads.h"

#define MODULE	"swaplab_rogues.ko"
#define FRAMES	64
#define NR	(4 * FRAMES)
#define FEW	8

static int module_load(void)
{
	int fd, err;

	fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static int module_unload(void)
{
	return syscall(SYS_delete_module, "swaplab_rogues", O_NONBLOCK) ? -errno : 0;
}

static int request_pages(int fd, unsigned long request, size_t first, size_t nr)
{
	struct swaplab_range range = {
		.offset = first * PAGE,
		.length = nr * PAGE,
	};

	return ioctl(fd, request, &range);
}

FIXTURE(rogue)
{
	int fd;
	char *map;
};

FIXTURE_VARIANT(rogue)
{
	const char *name;
	bool errs, falls_back;		/* whenever victims are wanted */
	bool errs_when_told_to_forget;
};

FIXTURE_VARIANT_ADD(rogue, that_gives_nothing)
{
	.name = "rogue_idle",
	.falls_back = true,
};

FIXTURE_VARIANT_ADD(rogue, that_gives_each_victim_twice)
{
	.name = "rogue_twice",
	.errs = true,
	.falls_back = true,
};

FIXTURE_VARIANT_ADD(rogue, that_gives_freed_and_locked_frames)
{
	.name = "rogue_graverobber",
	.errs_when_told_to_forget = true,
};

FIXTURE_VARIANT_ADD(rogue, that_gives_foreign_frames)
{
	.name = "rogue_stranger",
	.errs = true,
	.falls_back = true,
};

FIXTURE_VARIANT_ADD(rogue, that_gives_back_what_it_is_told)
{
	.name = "rogue_stubborn",
};

FIXTURE_VARIANT_ADD(rogue, that_is_slow)
{
	.name = "rogue_slow",
};

FIXTURE_VARIANT_ADD(rogue, whose_search_never_ends)
{
	.name = "rogue_undecided",
	.falls_back = true,
};

FIXTURE_VARIANT_ADD(rogue, that_asks_for_many_calls)
{
	.name = "rogue_hesitant",
};

FIXTURE_VARIANT_ADD(rogue, whose_tick_never_ends)
{
	.name = "rogue_restless",
};

FIXTURE_VARIANT_ADD(rogue, that_reads_all_ahead)
{
	.name = "rogue_greedy",
};

FIXTURE_SETUP(rogue)
{
	int err = module_load();

	if (err == -ENOENT)
		SKIP_SETUP("no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	ASSERT_EQ(pool_write("policy", variant->name), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(rogue)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
	EXPECT_EQ(module_unload(), 0);
}

TEST_F(rogue, loses_no_byte_and_is_counted)
{
	unsigned int version;

	for (version = 1; version <= 2; version++) {
		pages_fill(self->map, 0, NR, version);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
	}
	EXPECT_GE(stat_get("evictions"), NR - FRAMES);
	EXPECT_EQ(!!stat_get("policy_errors"), variant->errs);
	EXPECT_EQ(!!stat_get("policy_fallbacks"), variant->falls_back);
}

/* Pages that are locked, pinned or discarded, and the others come and go. */
TEST_F(rogue, gets_no_hold_of_locked_pinned_and_discarded_pages)
{
	struct iovec pinned = { self->map + FEW * PAGE, FEW * PAGE };
	int pipes[2], round;

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, FEW), 0);
	ASSERT_EQ(pipe(pipes), 0);
	ASSERT_EQ(vmsplice(pipes[1], &pinned, 1, 0), FEW * PAGE);
	for (round = 0; round < 3; round++) {
		pages_fill(self->map, NR - 2 * FEW, FEW, 2);
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, NR - 2 * FEW,
					FEW), 0);
		EXPECT_TRUE(page_is_zero(self->map + (NR - 2 * FEW) * PAGE));
		EXPECT_EQ(pages_wrong(self->map, 0, NR - 2 * FEW, 1), 0);
		EXPECT_EQ(pages_wrong(self->map, NR - FEW, FEW, 1), 0);
	}
	EXPECT_EQ(!!stat_get("policy_errors"),
		  variant->errs || variant->errs_when_told_to_forget);
	close(pipes[0]);
	close(pipes[1]);
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, FEW), 0);
}

TEST_F(rogue, hands_over_all_it_has_when_it_is_let_go)
{
	unsigned long fallbacks;

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	fallbacks = stat_get("policy_fallbacks");
	ASSERT_EQ(pool_set("nr_frames", FRAMES / 4), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= FRAMES / 4));
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), fallbacks);
	EXPECT_EQ(module_unload(), 0);
	EXPECT_EQ(module_load(), 0);
}

TEST_F(rogue, comes_and_goes_while_threads_fault)
{
	struct fault_threads load;
	int i, err = 0;

	ASSERT_EQ(fault_threads_start(&load, 4 * FRAMES), 0);
	for (i = 0; i < 20 && !err; i++) {
		msleep(50);
		err = pool_write("policy", i % 2 ? variant->name : "clock");
	}
	EXPECT_EQ(err, 0);
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

/* Waits until the core has gone on without the policy; @why: as policy_ejected has it. */
static bool is_ejected(const char *name, const char *why)
{
	char list[512] = "", text[128] = "", expected[128];

	snprintf(expected, sizeof(expected), "%s: %s", name, why);
	return SOON(!pool_text("policy", list, sizeof(list)) && strstr(list, "[none]")) &&
	       !pool_text("policy_ejected", text, sizeof(text)) &&
	       !strncmp(text, expected, strlen(expected));
}

FIXTURE(ejected)
{
	int fd;
	char *map;
};

FIXTURE_SETUP(ejected)
{
	int err = module_load();

	if (err == -ENOENT)
		SKIP_SETUP("no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(ejected)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
	EXPECT_EQ(module_unload(), 0);
}

TEST_F(ejected, after_many_wrong_victims)
{
	char text[64] = "";
	unsigned int version;
	int lines;

	ASSERT_EQ(pool_write("policy", "rogue_stranger"), 0);
	ASSERT_EQ(pool_text("policy_ejected", text, sizeof(text)), 0);
	EXPECT_EQ(strncmp(text, "none", 4), 0);
	lines = log_lines();
	for (version = 1; version <= 3; version++) {
		pages_fill(self->map, 0, NR, version);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
	}
	EXPECT_TRUE(is_ejected("rogue_stranger", "it gave wrong victims"));
	EXPECT_EQ(log_lines() - lines, 1);
	EXPECT_GE(stat_get("policy_errors"), 256);
	/* The one that follows has all frames. */
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_EQ(pool_text("policy_ejected", text, sizeof(text)), 0);
	EXPECT_EQ(strncmp(text, "none", 4), 0);
	pages_fill(self->map, 0, NR, 4);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 4), 0);
}

TEST_F(ejected, from_all_regions_that_have_an_instance)
{
	unsigned int version;
	char *map;
	int fd;

	ASSERT_EQ(pool_write("policy", "rogue_stranger"), 0);
	ASSERT_EQ(pool_write("allocation", "equal"), 0);
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	for (version = 1; version <= 3; version++) {
		pages_fill(self->map, 0, NR, version);
		pages_fill(map, 0, NR, version + 3);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
		EXPECT_EQ(pages_wrong(map, 0, NR, version + 3), 0);
	}
	EXPECT_TRUE(is_ejected("rogue_stranger", "it gave wrong victims"));
	/* The quotas are those that they were. */
	EXPECT_EQ(fdinfo_get(fd, "quota"), FRAMES / 2);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	pages_fill(self->map, 0, NR, 4);
	EXPECT_EQ(pages_wrong(map, 0, NR, version + 2), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 4), 0);
	region_unmap(fd, map, NR);
}

TEST_F(ejected, after_calls_that_took_seconds)
{
	ASSERT_EQ(pool_write("policy", "rogue_overlong"), 0);
	pages_fill(self->map, 0, NR, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_TRUE(is_ejected("rogue_overlong", "its calls took seconds"));
}

TEST_F(ejected, not_for_a_policy_that_follows)
{
	char text[64] = "";
	int i;

	/* Just too few wrong victims each time. */
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pool_write("policy", "rogue_stranger"), 0);
		ASSERT_EQ(pool_set("stats/reset", 1), 0);
		pages_fill(self->map, 0, FRAMES + 2 * FEW, i + 1);
		EXPECT_LT(stat_get("policy_errors"), 256);
		ASSERT_EQ(pool_write("policy", "clock"), 0);
	}
	msleep(200);
	EXPECT_EQ(pool_text("policy_ejected", text, sizeof(text)), 0);
	EXPECT_EQ(strncmp(text, "none", 4), 0);
}

/* No read is under way. */
static bool is_quiet(void)
{
	return stat_get("swap_ins") == stat_get("refaults") + stat_get("readahead");
}

TEST(a_policy_that_reads_all_ahead_has_no_more_than_it_may)
{
	const unsigned int most = 8;
	unsigned long ahead, total = 0;
	int fd, err = module_load();
	size_t i, page;
	char *map;

	if (err == -ENOENT)
		SKIP(return, "no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_prepare(2 * NR), 0);
	ASSERT_EQ(pool_set("readahead_pages", most), 0);
	ASSERT_EQ(pool_write("policy", "rogue_greedy"), 0);
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	ASSERT_EQ(pool_set("reclaim", NR), 0);
	ASSERT_EQ(request_pages(fd, SWAPLAB_DISCARD, NR / 2, FEW), 0);
	ASSERT_EQ(request_pages(fd, SWAPLAB_LOCK, 0, FEW), 0);
	ASSERT_TRUE(SOON(is_quiet()));
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	for (i = 0; i < NR; i++) {
		page = i * 37 % NR;
		if (page / FEW == NR / 2 / FEW)
			continue;
		ahead = stat_get("readahead");
		EXPECT_EQ(pages_wrong(map, page, 1, 1), 0);
		EXPECT_TRUE(SOON(is_quiet()));
		EXPECT_LE(stat_get("readahead") - ahead, most);
		total += stat_get("readahead") - ahead;
	}
	EXPECT_GT(total, 0);
	/* Those that were discarded are as absent as before. */
	EXPECT_EQ(fdinfo_get(fd, "pages"), NR - FEW);
	EXPECT_EQ(stat_get("zero_fills"), 0);
	EXPECT_EQ(stat_get("readaround"), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
	region_unmap(fd, map, NR);
	EXPECT_EQ(pool_write("policy", "aging"), 0);
	pool_restore();
	EXPECT_EQ(module_unload(), 0);
}

TEST(a_policy_that_cannot_be_set_up_changes_nothing)
{
	char list[512];
	int err = module_load();

	if (err == -ENOENT)
		SKIP(return, "no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_write("policy", "clock"), 0);
	EXPECT_EQ(pool_write("policy", "rogue_refuse"), -ENOSPC);
	EXPECT_EQ(pool_text("policy", list, sizeof(list)), 0);
	EXPECT_NE(strstr(list, "[clock]"), NULL);
	EXPECT_EQ(module_unload(), 0);
	EXPECT_EQ(pool_write("policy", "aging"), 0);
}

/* Each steals frames of the other. */
TEST(two_pools_keep_their_frames_apart)
{
	char id[32], path[128], *map, *map2;
	int fd, fd2, err = module_load();
	unsigned int version;

	if (err == -ENOENT)
		SKIP(return, "no " MODULE " beside the test");
	ASSERT_EQ(err, 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("policy", "rogue_stranger"), 0);
	ASSERT_EQ(file_read("/sys/class/swaplab-control/hot_add", id, sizeof(id)), 0);
	snprintf(path, sizeof(path), CLASS "swaplab%s/policy", id);
	ASSERT_EQ(file_write(path, "rogue_stranger"), 0);
	snprintf(path, sizeof(path), CLASS "swaplab%s/nr_frames", id);
	ASSERT_EQ(file_write(path, "64"), 0);
	snprintf(path, sizeof(path), CLASS "swaplab%s/swap_file", id);
	ASSERT_EQ(file_write(path, "/dev/nullb1"), 0);
	snprintf(path, sizeof(path), "/dev/swaplab%s", id);
	fd2 = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_GE(fd2, 0);
	map2 = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd2, 0);
	ASSERT_NE(map2, MAP_FAILED);
	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	for (version = 1; version <= 2; version++) {
		pages_fill(map, 0, NR, version);
		pages_fill(map2, 0, NR, version + 2);
		EXPECT_EQ(pages_wrong(map, 0, NR, version), 0);
		EXPECT_EQ(pages_wrong(map2, 0, NR, version + 2), 0);
	}
	EXPECT_GT(stat_get("policy_errors"), 0);
	region_unmap(fd, map, NR);
	region_unmap(fd2, map2, NR);
	EXPECT_EQ(file_write("/sys/class/swaplab-control/hot_remove", id), 0);
	pool_write("policy", "aging");
	pool_restore();
	EXPECT_EQ(module_unload(), 0);
}

TEST_HARNESS_MAIN
