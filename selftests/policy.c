// SPDX-License-Identifier: GPL-2.0
/* Policies: found by name, changed live, and each with its own victims. */
#include "exact_pool.h"
#include "fault_threads.h"
#include "module_load.h"

static bool is_bound(const char *name)
{
	char list[512], bracketed[64];

	snprintf(bracketed, sizeof(bracketed), "[%s]", name);
	return !pool_text("policy", list, sizeof(list)) &&
	       strstr(list, bracketed);
}

/* By its whole name: "clock" is a part of "wsclock". */
static bool is_listed(const char *name)
{
	char list[512], *word, *rest = list;

	if (pool_text("policy", list, sizeof(list)))
		return false;
	while ((word = strsep(&rest, " []\n")))
		if (!strcmp(word, name))
			return true;
	return false;
}

/* The states of the first pages of a region. */
static int page_states(int fd, size_t nr_pages, uint8_t *states)
{
	struct swaplab_page_states request = {
		.range.length = nr_pages * PAGE,
		.states = (uintptr_t)states,
	};

	return ioctl(fd, SWAPLAB_PAGE_STATES, &request);
}

FIXTURE(policy)
{
	int fd;
};

FIXTURE_SETUP(policy)
{
	ASSERT_EQ(pool_prepare(256), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0) {
		TH_LOG("modprobe finds no policies");
	}
}

FIXTURE_TEARDOWN(policy)
{
	pool_write("policy", "aging");
	pool_restore();
}

FIXTURE(builtin)
{
};

FIXTURE_VARIANT(builtin)
{
	const char *name, *module;
};

#define BUILTIN(variant_name, policy_name)				\
	FIXTURE_VARIANT_ADD(builtin, variant_name)			\
	{								\
		.name = policy_name,					\
		.module = "swaplab_" policy_name,			\
	}

BUILTIN(adaptive, "adaptive");
BUILTIN(aging, "aging");
BUILTIN(arc, "arc");
BUILTIN(car, "car");
BUILTIN(clock, "clock");
BUILTIN(clockpro, "clockpro");
BUILTIN(fifo, "fifo");
BUILTIN(generations, "generations");
BUILTIN(lecar, "lecar");
BUILTIN(lfu, "lfu");
BUILTIN(lirs, "lirs");
BUILTIN(lru, "lru");
BUILTIN(lru2, "lru2");
BUILTIN(mru, "mru");
BUILTIN(nru, "nru");
BUILTIN(random, "random");
BUILTIN(s3fifo, "s3fifo");
BUILTIN(second_chance, "second_chance");
BUILTIN(sieve, "sieve");
BUILTIN(two_queue, "2q");
BUILTIN(wsclock, "wsclock");

FIXTURE_SETUP(builtin)
{
	ASSERT_EQ(pool_prepare(64), 0);
}

FIXTURE_TEARDOWN(builtin)
{
	pool_write("policy", "aging");
	pool_restore();
}

TEST_F(builtin, is_loaded_by_name_and_let_go_by_none)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", variant->module);
	ASSERT_EQ(pool_write("policy", "none"), 0);
	EXPECT_TRUE(is_bound("none"));
	delete_module(variant->module);
	ASSERT_NE(access(path, F_OK), 0);
	EXPECT_FALSE(is_listed(variant->name));

	ASSERT_EQ(pool_write("policy", variant->name), 0);
	EXPECT_TRUE(is_bound(variant->name));
	EXPECT_TRUE(is_listed(variant->name));
	EXPECT_EQ(access(path, F_OK), 0);
	EXPECT_EQ(delete_module(variant->module), -EAGAIN);
	EXPECT_TRUE(is_bound(variant->name));

	ASSERT_EQ(pool_write("policy", "none\n"), 0);
	EXPECT_EQ(delete_module(variant->module), 0);
	EXPECT_NE(access(path, F_OK), 0);
}

TEST_F(builtin, evicts_and_brings_back)
{
	unsigned int version;
	char *map;
	int fd;

	ASSERT_EQ(pool_write("policy", variant->name), 0);
	map = region_map(&fd, 512);
	ASSERT_NE(map, NULL);
	for (version = 1; version <= 2; version++) {
		pages_fill(map, 0, 512, version);
		EXPECT_EQ(pages_wrong(map, 0, 512, version), 0);
	}
	EXPECT_GE(stat_get("evictions"), 512 - 64);
	EXPECT_GT(stat_get("refaults"), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	region_unmap(fd, map, 512);
}

TEST_F(builtin, keeps_every_byte_while_the_pool_shrinks_and_grows)
{
	static const unsigned long sizes[] = { 400, 64, 300, 32, 512 };
	struct fault_threads load;
	size_t i;

	ASSERT_EQ(pool_write("policy", variant->name), 0);
	ASSERT_EQ(fault_threads_start(&load, 512), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(pool_set("nr_frames", sizes[i]), 0);
		EXPECT_TRUE(SOON(stat_get("resident") <= sizes[i]));
		msleep(100);
	}
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
}

TEST_F(policy, the_plain_scan_serves_without_one)
{
	char *map;

	ASSERT_EQ(pool_write("policy", "none"), 0);
	map = region_map(&self->fd, 1024);
	ASSERT_NE(map, NULL);
	EXPECT_TRUE(is_bound("none"));
	pages_fill(map, 0, 1024, 1);
	EXPECT_EQ(pages_wrong(map, 0, 1024, 1), 0);
	region_unmap(self->fd, map, 1024);
}

TEST_F(policy, an_unknown_name_keeps_the_old_one)
{
	char *map;

	ASSERT_EQ(pool_write("policy", "clock"), 0);
	EXPECT_EQ(pool_write("policy", "nonesuch"), -ENOENT);
	EXPECT_EQ(pool_write("policy", "clock fifo"), -ENOENT);
	EXPECT_EQ(pool_write("policy", "[fifo]"), -ENOENT);
	EXPECT_EQ(pool_write("policy", "Fifo"), -ENOENT);
	EXPECT_EQ(pool_write("policy", "../swaplab_fifo"), -ENOENT);
	EXPECT_EQ(pool_write("policy", "a-name-far-too-long-for-any-policy-there-is"),
		  -EINVAL);
	EXPECT_TRUE(is_bound("clock"));
	map = region_map(&self->fd, 512);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 512, 1);
	EXPECT_EQ(pages_wrong(map, 0, 512, 1), 0);
	region_unmap(self->fd, map, 512);
}

TEST_F(policy, a_switch_leaves_resident_pages_where_they_are)
{
	static const char *const names[] = {
		"clock", "fifo", "none", "aging", "none", "fifo", "clock",
	};
	unsigned long faults;
	char *map;
	size_t i;

	map = region_map(&self->fd, 200);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 200, 1);
	ASSERT_EQ(stat_get("resident"), 200);
	faults = stat_get("faults");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(pool_write("policy", names[i]), 0);
		EXPECT_TRUE(is_bound(names[i]));
		EXPECT_EQ(stat_get("resident"), 200);
		EXPECT_EQ(pages_wrong(map, 0, 200, 1), 0);
	}
	EXPECT_EQ(stat_get("faults"), faults);
	EXPECT_EQ(stat_get("evictions"), 0);

	/* The last one knows them: all can go. */
	pages_fill(map, 0, 200, 2);
	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	EXPECT_EQ(pages_wrong(map, 0, 200, 2), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), 0);
	region_unmap(self->fd, map, 200);
}

TEST_F(policy, is_switched_a_thousand_times_under_load)
{
	static const char *const names[] = { "clock", "fifo", "none", "aging" };
	struct fault_threads load;
	int i, err = 0;

	ASSERT_EQ(fault_threads_start(&load, 512), 0);
	for (i = 0; i < 1000 && !err; i++)
		err = pool_write("policy", names[i % 4]);
	EXPECT_EQ(err, 0);
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_F(policy, params_come_and_go_with_it)
{
	static const char *const bad[] = { "0", "13", "-1", "\n", "wide", "1 2" };
	char text[64];
	size_t i;

	EXPECT_EQ(pool_get("policy_params/width"), 8);
	EXPECT_EQ(pool_write("policy_params/width", "1"), 0);
	EXPECT_EQ(pool_get("policy_params/width"), 1);
	EXPECT_EQ(pool_write("policy_params/width", "12\n"), 0);
	EXPECT_EQ(pool_get("policy_params/width"), 12);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(pool_write("policy_params/width", bad[i]), -EINVAL) {
			TH_LOG("writing %s", bad[i]);
		}
		EXPECT_EQ(pool_get("policy_params/width"), 12);
	}
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_EQ(pool_text("policy_params/width", text, sizeof(text)), -ENOENT);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	EXPECT_EQ(pool_get("policy_params/width"), 8);
}

TEST_F(policy, width_changes_while_threads_fault)
{
	struct fault_threads load;
	int i, err = 0;

	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	ASSERT_EQ(fault_threads_start(&load, 512), 0);
	for (i = 0; i < 100 && !err; i++) {
		err = pool_set("policy_params/width", 1 + i * 5 % 12);
		msleep(10);
	}
	EXPECT_EQ(err, 0);
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_EQ(stat_get("policy_errors"), 0);
}

TEST_F(policy, fifo_evicts_in_the_order_of_arrival)
{
	static const size_t steps[] = { 64, 65, 80, 100, 128, 200 };
	uint8_t states[200];
	size_t i, page = 0, resident;
	char *map;

	ASSERT_EQ(exact_pool_prepare("fifo", 64), 0);
	map = region_map(&self->fd, 200);
	ASSERT_NE(map, NULL);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		for (; page < steps[i]; page++)
			page_fill(map + page * PAGE, page, 1);
		settled_free_frames();
		ASSERT_EQ(page_states(self->fd, steps[i], states), 0);
		/* Those that came last, and nearly as many as there are frames. */
		resident = 0;
		while (resident < steps[i] && states[steps[i] - 1 - resident] &
		       SWAPLAB_PAGE_RESIDENT)
			resident++;
		EXPECT_EQ(resident, stat_get("resident"));
		EXPECT_GE(resident, 56);
		EXPECT_LE(resident, 64);
	}
	EXPECT_EQ(pages_wrong(map, 0, 200, 1), 0);
	region_unmap(self->fd, map, 200);
}

/*
 * The classic string of references, each page of it a block of so many: FIFO
 * treats a block as it would a page. Reading costs no I/O, so the daemon keeps
 * up; the few frames of its reserve are far less than the anomaly.
 */
#define BLOCK	128

static unsigned long belady_faults(unsigned long nr_frames)
{
	static const int blocks[] = { 1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5 };
	unsigned long before;
	size_t i, page;
	char *map;
	int fd;

	map = region_map(&fd, 6 * BLOCK);
	if (!map || exact_pool_prepare("fifo", nr_frames))
		return 0;
	before = stat_get("faults");
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		for (page = 0; page < BLOCK; page++)
			page_touch(map, blocks[i] * BLOCK + page);
	before = stat_get("faults") - before;
	region_unmap(fd, map, 6 * BLOCK);
	return before;
}

TEST_F(policy, fifo_shows_beladys_anomaly)
{
	unsigned long with_3, with_4;

	with_3 = belady_faults(3 * BLOCK + 2);
	with_4 = belady_faults(4 * BLOCK + 2);
	TH_LOG("%lu faults with 3 blocks of frames, %lu with 4", with_3, with_4);
	EXPECT_GE(with_3, 9 * BLOCK - BLOCK / 4);
	EXPECT_LE(with_3, 9 * BLOCK + BLOCK / 4);
	EXPECT_GE(with_4, 10 * BLOCK - BLOCK / 4);
	EXPECT_LE(with_4, 10 * BLOCK + BLOCK / 4);
}

/* A second device beside the first, with a store of its own if there is one. */
struct second {
	char dir[64], device[64];
	int id;
};

static int second_write(struct second *second, const char *file,
			const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", second->dir, file);
	return file_write(path, text);
}

static int second_add(struct second *second)
{
	char text[32];
	int err;

	err = file_read("/sys/class/swaplab-control/hot_add", text, sizeof(text));
	if (err)
		return err;
	second->id = atoi(text);
	snprintf(second->dir, sizeof(second->dir), CLASS "swaplab%d/", second->id);
	snprintf(second->device, sizeof(second->device), "/dev/swaplab%d",
		 second->id);
	return 0;
}

static int second_remove(struct second *second)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", second->id);
	return file_write("/sys/class/swaplab-control/hot_remove", text);
}

static const char *second_store(void)
{
	const char *path = getenv("SWAPLAB_STORE2");

	return path ? path : "/dev/nullb1";
}

static bool second_is_bound(struct second *second, const char *name)
{
	char path[256], list[512], bracketed[64];

	snprintf(path, sizeof(path), "%spolicy", second->dir);
	snprintf(bracketed, sizeof(bracketed), "[%s]", name);
	return !file_read(path, list, sizeof(list)) && strstr(list, bracketed);
}

TEST_F(policy, a_new_device_gets_the_default)
{
	struct second second;
	int fd;

	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	ASSERT_EQ(second_add(&second), 0);
	fd = open(second.device, O_RDWR);
	EXPECT_GE(fd, 0);
	EXPECT_TRUE(second_is_bound(&second, "aging"));
	EXPECT_TRUE(is_bound("fifo"));
	close(fd);
	EXPECT_EQ(second_remove(&second), 0);
}

TEST_F(policy, two_devices_have_policies_of_their_own)
{
	struct second second;
	unsigned int version;
	char *map, *map2;
	int fd;

	if (access(second_store(), F_OK))
		SKIP(return, "no second store: SWAPLAB_STORE2 names one");
	ASSERT_EQ(second_add(&second), 0);
	EXPECT_EQ(second_write(&second, "swap_file", store_path()), -EBUSY);
	ASSERT_EQ(second_write(&second, "swap_file", second_store()), 0);
	ASSERT_EQ(second_write(&second, "nr_frames", "32"), 0);
	ASSERT_EQ(second_write(&second, "policy", "clock"), 0);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_TRUE(is_bound("fifo"));
	EXPECT_TRUE(second_is_bound(&second, "clock"));

	fd = open(second.device, O_RDWR);
	ASSERT_GE(fd, 0);
	map2 = mmap(NULL, 512 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(map2, MAP_FAILED);
	map = region_map(&self->fd, 512);
	ASSERT_NE(map, NULL);
	for (version = 1; version <= 2; version++) {
		pages_fill(map, 0, 512, version);
		pages_fill(map2, 0, 512, version + 2);
		EXPECT_EQ(pages_wrong(map, 0, 512, version), 0);
		EXPECT_EQ(pages_wrong(map2, 0, 512, version + 2), 0);
	}
	/* Both use their policies now: neither's module goes. */
	EXPECT_EQ(delete_module("swaplab_fifo"), -EAGAIN);
	EXPECT_EQ(delete_module("swaplab_clock"), -EAGAIN);
	EXPECT_EQ(second_remove(&second), -EBUSY);
	region_unmap(fd, map2, 512);
	EXPECT_EQ(second_remove(&second), 0);
	EXPECT_EQ(delete_module("swaplab_clock"), 0);
	EXPECT_EQ(pages_wrong(map, 0, 512, 2), 0);
	region_unmap(self->fd, map, 512);
}

TEST_HARNESS_MAIN
