// SPDX-License-Identifier: GPL-2.0
/*
 * The files of a pool: permissions, counters, devices that come and go, and how values depend
 * on one another.
 */
#include "swaplab_test.h"

#define CONTROL	"/sys/class/swaplab-control/"

FIXTURE(pool)
{
};

FIXTURE_SETUP(pool)
{
	pool_restore();
}

FIXTURE_TEARDOWN(pool)
{
	pool_restore();
}

TEST_F(pool, watermarks_follow_nr_frames_until_they_are_set)
{
	static const unsigned long auto_low[][3] = {
		{ 16, 2, 3 }, { 128, 2, 3 }, { 1024, 16, 31 }, { 4096, 64, 127 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(auto_low); i++) {
		ASSERT_EQ(pool_set("nr_frames", auto_low[i][0]), 0);
		EXPECT_EQ(pool_get("watermark_low"), auto_low[i][1]);
		EXPECT_EQ(pool_get("watermark_high"), auto_low[i][2]);
	}
	ASSERT_EQ(pool_set("watermark_high", 200), 0);
	ASSERT_EQ(pool_set("watermark_low", 100), 0);
	ASSERT_EQ(pool_set("nr_frames", 1024), 0);
	EXPECT_EQ(pool_get("watermark_low"), 100);
	EXPECT_EQ(pool_get("watermark_high"), 200);
	ASSERT_EQ(pool_set("watermark_low", 0), 0);
	ASSERT_EQ(pool_set("watermark_high", 0), 0);
	EXPECT_EQ(pool_get("watermark_low"), 16);
	EXPECT_EQ(pool_get("watermark_high"), 31);
}

TEST_F(pool, low_stays_below_high_and_high_within_nr_frames)
{
	ASSERT_EQ(pool_set("watermark_high", 100), 0);
	EXPECT_EQ(pool_set("watermark_low", 100), -EINVAL);
	EXPECT_EQ(pool_set("watermark_low", 99), 0);
	EXPECT_EQ(pool_set("watermark_high", 99), -EINVAL);
	EXPECT_EQ(pool_get("watermark_low"), 99);
	EXPECT_EQ(pool_get("watermark_high"), 100);
	EXPECT_EQ(pool_set("nr_frames", 99), -EINVAL);
	EXPECT_EQ(pool_get("nr_frames"), DEFAULT_FRAMES);
	EXPECT_EQ(pool_set("nr_frames", 100), 0);
}

TEST_F(pool, a_budget_beyond_the_machines_memory_is_refused)
{
	unsigned long ram = sysconf(_SC_PHYS_PAGES);

	EXPECT_EQ(pool_set("nr_frames", ram + 1), -EINVAL);
	EXPECT_EQ(pool_set("nr_frames", ram), 0);
	EXPECT_EQ(pool_get("nr_frames"), ram);
}

TEST_F(pool, a_mapping_beyond_max_region_pages_is_refused)
{
	char *map;
	int fd;

	ASSERT_EQ(pool_set("max_region_pages", 16), 0);
	EXPECT_EQ(region_map(&fd, 17), NULL);
	map = region_map(&fd, 16);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 16, 1);
	EXPECT_EQ(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 16 * PAGE),
		  MAP_FAILED);
	EXPECT_EQ(errno, ENOSPC);
	region_unmap(fd, map, 16);
}

TEST_F(pool, a_lower_max_region_pages_spares_the_pages_there_are)
{
	char *map;
	int fd;

	ASSERT_EQ(pool_prepare(32), 0);
	map = region_map(&fd, 128);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 128, 1);
	ASSERT_EQ(pool_set("max_region_pages", 16), 0);
	EXPECT_EQ(pages_wrong(map, 0, 128, 1), 0);
	region_unmap(fd, map, 128);
}

static const char *const knobs[] = {
	"swap_file", "nr_frames", "watermark_low", "watermark_high", "policy",
	"scan_interval_ms", "readahead_pages", "readaround_pages",
	"writeback_pages", "pager_timeout_ms", "daemons",
	"allocation", "max_reserved_percent", "max_user_reserved_percent", "pff_low", "pff_high",
	"load_turn_ms", "working_set_samples",
	"slot_allocation", "discard_slots", "soft_sampling", "max_region_pages",
	"max_user_pages", "stats/pages_peak",
};

static const char *const counters[] = {
	"faults", "refaults", "refault_distance", "near_refaults",
	"zero_fills", "zero_ahead", "origin_reads",
	"pager_requests", "pager_pages", "pager_timeouts", "pager_revokes", "pager_grants",
	"swap_ins", "swap_outs", "clean_drops",
	"evictions",
	"rescues", "unmaps", "vma_visits", "family_visits", "readahead",
	"readahead_hits", "readaround", "readaround_hits",
	"daemon_wakeups", "frame_waits", "samples",
	"referenced", "policy_fallbacks", "policy_errors", "thrashing", "suspensions",
	"prepaged", "slot_discards", "pinned_discards",
	"io_errors",
};

static const char *const gauges[] = {
	"resident", "swapped", "room", "free_frames", "cpu_frames", "pinned_frames", "bad_slots",
	"metadata_bytes",
};

#define FOR_EACH(item, array)						\
	for (item = array; item < array + ARRAY_SIZE(array); item++)

static int mode_of(const char *file)
{
	struct stat st;
	char path[256];

	snprintf(path, sizeof(path), POOL "%s", file);
	return stat(path, &st) ? -errno : (int)(st.st_mode & 07777);
}

static int stat_mode(const char *counter)
{
	char file[128];

	snprintf(file, sizeof(file), "stats/%s", counter);
	return mode_of(file);
}

TEST_F(pool, only_root_may_write)
{
	const char *const *file;
	struct stat st;

	FOR_EACH(file, knobs) {
		EXPECT_EQ(mode_of(*file), 0644) {
			TH_LOG("%s", *file);
		}
	}
	FOR_EACH(file, counters) {
		EXPECT_EQ(stat_mode(*file), 0444) {
			TH_LOG("%s", *file);
		}
	}
	FOR_EACH(file, gauges) {
		EXPECT_EQ(stat_mode(*file), 0444) {
			TH_LOG("%s", *file);
		}
	}
	EXPECT_EQ(stat_mode("reset"), 0200);
	ASSERT_EQ(stat(CONTROL "hot_add", &st), 0);
	EXPECT_EQ(st.st_mode & 07777, 0400);
	ASSERT_EQ(stat(CONTROL "hot_remove", &st), 0);
	EXPECT_EQ(st.st_mode & 07777, 0200);
}

/* How many of the knobs a user can write or cannot read. */
static int try_as_user(void)
{
	const char *const *file;
	char text[1024];
	int wrong = 0;

	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return -1;
	FOR_EACH(file, knobs) {
		wrong += pool_write(*file, "1") != -EACCES;
		wrong += pool_text(*file, text, sizeof(text)) != 0;
	}
	FOR_EACH(file, counters)
		wrong += stat_get(*file) == -1UL;
	wrong += pool_write("stats/reset", "1") != -EACCES;
	wrong += file_read(CONTROL "hot_add", text, sizeof(text)) != -EACCES;
	wrong += file_write(CONTROL "hot_remove", "0") != -EACCES;
	return wrong;
}

TEST_F(pool, a_user_gets_eacces_and_may_read)
{
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(try_as_user());
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(pool, counters_cannot_be_written)
{
	const char *const *file;
	char path[256];

	FOR_EACH(file, counters) {
		snprintf(path, sizeof(path), POOL "stats/%s", *file);
		EXPECT_NE(file_write(path, "1"), 0);
	}
	FOR_EACH(file, gauges) {
		snprintf(path, sizeof(path), POOL "stats/%s", *file);
		EXPECT_NE(file_write(path, "1"), 0);
	}
}

TEST_F(pool, reset_zeroes_what_was_counted)
{
	const char *const *file;
	char *map;
	int fd;

	ASSERT_EQ(pool_prepare(32), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	map = region_map(&fd, 128);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 128, 1);
	EXPECT_EQ(pages_wrong(map, 0, 128, 1), 0);
	EXPECT_GE(stat_get("faults"), 256);
	EXPECT_EQ(stat_get("zero_fills"), 128);
	EXPECT_GE(stat_get("evictions"), 128 + 96);
	EXPECT_GT(stat_get("daemon_wakeups"), 0);
	msleep(300);

	EXPECT_EQ(pool_write("stats/reset", "0"), -EINVAL);
	EXPECT_EQ(pool_write("stats/reset", "2"), -EINVAL);
	EXPECT_EQ(pool_write("stats/reset", "all"), -EINVAL);
	EXPECT_GE(stat_get("faults"), 256);
	/* No sample may come in between. */
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	msleep(3000);
	EXPECT_EQ(pool_write("stats/reset", "1\n"), 0);
	FOR_EACH(file, counters) {
		EXPECT_EQ(stat_get(*file), 0) {
			TH_LOG("%s", *file);
		}
	}
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 128);
	EXPECT_EQ(stat_get("free_frames"), 32 - stat_get("resident"));
	region_unmap(fd, map, 128);
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 0);
	EXPECT_EQ(stat_get("free_frames"), 32);
}

TEST_F(pool, pages_that_came_and_went_are_in_the_peak)
{
	struct swaplab_range range = { .length = 64 * PAGE };
	char *map;
	int fd;

	ASSERT_EQ(pool_prepare(32), 0);
	ASSERT_EQ(pool_write("stats/pages_peak", "1"), 0);
	EXPECT_EQ(stat_get("pages_peak"), 0);
	map = region_map(&fd, 128);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 128, 1);
	ASSERT_EQ(ioctl(fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_EQ(pages_wrong(map, 64, 64, 1), 0);
	settled_free_frames();
	EXPECT_EQ(stat_get("resident") + stat_get("swapped"), 64);
	EXPECT_GE(stat_get("pages_peak"), 128);
	/* A page on its way in or out may be counted twice. */
	EXPECT_LE(stat_get("pages_peak"), 128 + 32);
	EXPECT_EQ(pool_write("stats/pages_peak", "0"), -EINVAL);
	EXPECT_EQ(pool_write("stats/reset", "1"), 0);
	EXPECT_GE(stat_get("pages_peak"), 128);
	EXPECT_EQ(pool_write("stats/pages_peak", "1"), 0);
	EXPECT_EQ(stat_get("pages_peak"), 64);
	region_unmap(fd, map, 128);
}

TEST_F(pool, fdinfo_tells_of_the_region)
{
	struct swaplab_range range = { .length = 4 * PAGE };
	unsigned long metadata;
	char *map;
	int fd;

	ASSERT_EQ(pool_prepare(64), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	map = region_map(&fd, 1 << 20);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(fdinfo_get(fd, "pages"), 0);
	EXPECT_EQ(fdinfo_get(fd, "faults"), 0);
	metadata = fdinfo_get(fd, "metadata_bytes");
	EXPECT_GT(metadata, 0);
	EXPECT_LT(metadata, PAGE);

	pages_fill(map, 0, 256, 1);
	EXPECT_EQ(fdinfo_get(fd, "pages"), 256);
	EXPECT_EQ(fdinfo_get(fd, "faults"), 256);
	EXPECT_EQ(fdinfo_get(fd, "refaults"), 0);
	EXPECT_LE(fdinfo_get(fd, "resident"), 64);
	EXPECT_GE(fdinfo_get(fd, "swapped"), 192);
	EXPECT_GT(fdinfo_get(fd, "dirty"), 0);
	EXPECT_LE(fdinfo_get(fd, "dirty"), 64);
	EXPECT_GT(fdinfo_get(fd, "metadata_bytes"), metadata);

	EXPECT_EQ(pages_wrong(map, 0, 256, 1), 0);
	EXPECT_GE(fdinfo_get(fd, "refaults"), 192);
	EXPECT_GE(fdinfo_get(fd, "faults"), 256 + 192);

	EXPECT_EQ(fdinfo_get(fd, "locked"), 0);
	ASSERT_EQ(ioctl(fd, SWAPLAB_LOCK, &range), 0);
	EXPECT_EQ(fdinfo_get(fd, "locked"), 4);
	ASSERT_EQ(ioctl(fd, SWAPLAB_UNLOCK, &range), 0);

	range.length = 256 * PAGE;
	ASSERT_EQ(ioctl(fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_EQ(fdinfo_get(fd, "pages"), 0);
	EXPECT_EQ(fdinfo_get(fd, "resident"), 0);
	EXPECT_EQ(fdinfo_get(fd, "swapped"), 0);
	EXPECT_EQ(fdinfo_get(fd, "dirty"), 0);
	munmap(map, PAGE << 20);
	close(fd);
}

/* Adds a device; returns its number or -errno. */
static int hot_add(void)
{
	char text[32];
	int err;

	err = file_read(CONTROL "hot_add", text, sizeof(text));
	return err ? err : atoi(text);
}

static int hot_remove(int id)
{
	char text[32];

	snprintf(text, sizeof(text), "%d\n", id);
	return file_write(CONTROL "hot_remove", text);
}

TEST_F(pool, devices_are_added_and_removed)
{
	char device[64], dir[64];
	int id, again, fd;

	id = hot_add();
	ASSERT_GT(id, 0);
	snprintf(device, sizeof(device), "/dev/swaplab%d", id);
	snprintf(dir, sizeof(dir), CLASS "swaplab%d/nr_frames", id);
	EXPECT_EQ(access(device, F_OK), 0);
	EXPECT_EQ(access(dir, F_OK), 0);

	fd = open(device, O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(hot_remove(id), -EBUSY);
	EXPECT_EQ(access(device, F_OK), 0);
	close(fd);
	EXPECT_EQ(hot_remove(id), 0);
	EXPECT_NE(access(device, F_OK), 0);
	EXPECT_NE(access(dir, F_OK), 0);
	EXPECT_EQ(hot_remove(id), -ENODEV);

	again = hot_add();
	EXPECT_EQ(again, id);
	EXPECT_EQ(hot_remove(again), 0);
}

TEST_F(pool, a_device_with_a_mapping_is_not_removed)
{
	char *map;
	int fd;

	ASSERT_EQ(pool_prepare(32), 0);
	map = region_map(&fd, 64);
	ASSERT_NE(map, NULL);
	close(fd);
	pages_fill(map, 0, 64, 1);
	EXPECT_EQ(hot_remove(0), -EBUSY);
	EXPECT_EQ(pages_wrong(map, 0, 64, 1), 0);
	munmap(map, 64 * PAGE);
}

TEST_F(pool, hot_remove_refuses_what_is_no_device)
{
	EXPECT_EQ(file_write(CONTROL "hot_remove", "255"), -ENODEV);
	EXPECT_EQ(file_write(CONTROL "hot_remove", "256"), -ENODEV);
	EXPECT_EQ(file_write(CONTROL "hot_remove", "4294967295"), -ENODEV);
	EXPECT_EQ(file_write(CONTROL "hot_remove", "-1"), -EINVAL);
	EXPECT_EQ(file_write(CONTROL "hot_remove", "\n"), -EINVAL);
	EXPECT_EQ(file_write(CONTROL "hot_remove", "swaplab0"), -EINVAL);
	EXPECT_EQ(file_write(CONTROL "hot_remove", "0 1"), -EINVAL);
	EXPECT_EQ(access(DEVICE, F_OK), 0);
	EXPECT_NE(file_write(CONTROL "hot_add", "1"), 0);
}

TEST_HARNESS_MAIN
