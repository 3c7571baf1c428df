// SPDX-License-Identifier: GPL-2.0
/*
 * The module comes and goes, and leaves nothing behind.
 *
 * It is found as modprobe finds it, and is loaded again at the end as it was.
 */
#include <ctype.h>
#include "module_load.h"

#define CONTROL		"/sys/class/swaplab-control"
#define RCU_EXPEDITED	"/sys/kernel/rcu_expedited"

/* Is there a line of the file that holds the word? */
static bool file_has(const char *path, const char *word)
{
	FILE *file = fopen(path, "r");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, word);
	if (file)
		fclose(file);
	return found;
}

static int nr_daemons;

static void count_daemon(const char *pid)
{
	char path[512], comm[64];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	if (isdigit(pid[0]) && !file_read(path, comm, sizeof(comm)))
		nr_daemons += !strncmp(comm, "kswaplabd/", strlen("kswaplabd/"));
}

static int count_daemons(void)
{
	nr_daemons = 0;
	visit_entries("/proc", count_daemon);
	return nr_daemons;
}

FIXTURE(module)
{
	char path[PAGE], params[64];
	bool loaded;
};

FIXTURE_SETUP(module)
{
	char nr[32];
	int err;

	strcpy(self->path, module_path());
	if (!self->path[0])
		SKIP_SETUP("modinfo finds no module swaplab");
	if (!file_read("/sys/module/swaplab/parameters/nr_devices", nr, sizeof(nr)))
		snprintf(self->params, sizeof(self->params), "nr_devices=%s", nr);
	else
		strcpy(self->params, "nr_devices=1");
	self->loaded = path_exists("/sys/module/swaplab");
	err = self->loaded ? unload_module() : 0;
	/* In the virtual machine it has no other users. */
	if (err && !getenv("SWAPLAB_SCRATCH_DISK"))
		SKIP_SETUP("the module is in use");
	ASSERT_EQ(err, 0);
}

FIXTURE_TEARDOWN(module)
{
	file_write(RCU_EXPEDITED, "0");
	if (path_exists("/sys/module/swaplab"))
		EXPECT_EQ(unload_module(), 0);
	if (self->loaded)
		EXPECT_EQ(load_module(self->path, self->params), 0);
}

/* A thread that uses the device and reads its files whenever they are there. */
struct visitor {
	pthread_t thread;
	volatile bool stop;
	unsigned int visits;
	size_t wrong;
};

static void *visitor_main(void *data)
{
	struct visitor *visitor = data;
	char *map, text[256];
	int fd;

	for (; !visitor->stop; msleep(1)) {
		pool_text("policy", text, sizeof(text));
		stat_get("faults");
		map = region_map(&fd, 4);
		if (!map)
			continue;
		pages_fill(map, 0, 4, visitor->visits);
		visitor->wrong += pages_wrong(map, 0, 4, visitor->visits);
		visitor->visits++;
		region_unmap(fd, map, 4);
	}
	return NULL;
}

/* A thread that has it open closes it soon; the first open binds a policy. */
static int unload_visited(void)
{
	int err, tries = 50000;

	do {
		visit_entries("/sys/class/swaplab", unbind_policy);
		visit_entries("/sys/module/swaplab/holders", remove_policy);
		err = delete_module("swaplab");
		if (err)
			msleep(1);
	} while ((err == -EAGAIN || err == -EBUSY) && --tries);
	return err;
}

static int nr_loads(void)
{
	const char *nr = getenv("SWAPLAB_LOADS");

	return nr ? atoi(nr) : 40 / timeout_factor();
}

/* 40 times, fewer where it takes longer, unless SWAPLAB_LOADS says how often. */
TEST_F_TIMEOUT(module, loads_and_unloads_while_it_is_visited, 3600)
{
	struct visitor visitors[2] = {};
	int i, nr = nr_loads();

	/* Otherwise most of the time is spent in grace periods. */
	file_write(RCU_EXPEDITED, "1");
	for (i = 0; i < 2; i++)
		ASSERT_EQ(pthread_create(&visitors[i].thread, NULL, visitor_main,
					 &visitors[i]), 0);
	for (i = 0; i < nr; i++) {
		ASSERT_EQ(load_module(self->path, ""), 0);
		ASSERT_TRUE(path_exists(DEVICE));
		/* Otherwise most of the time goes to modprobe. */
		unbind_policy("swaplab0");
		ASSERT_EQ(unload_visited(), 0);
		ASSERT_FALSE(path_exists(DEVICE));
	}
	for (i = 0; i < 2; i++) {
		visitors[i].stop = true;
		pthread_join(visitors[i].thread, NULL);
		EXPECT_GT(visitors[i].visits, 0);
		EXPECT_EQ(visitors[i].wrong, 0);
	}
	TH_LOG("%d times, visited %u times", nr,
	       visitors[0].visits + visitors[1].visits);
}

TEST_F(module, loads_and_unloads_after_use)
{
	char *map;
	int i, fd;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(load_module(self->path, ""), 0);
		ASSERT_EQ(pool_prepare(32), 0);
		map = region_map(&fd, 128);
		ASSERT_NE(map, NULL);
		pages_fill(map, 0, 128, i);
		EXPECT_EQ(pages_wrong(map, 0, 128, i), 0);
		region_unmap(fd, map, 128);
		/* With the store attached and, if there is one, a policy bound. */
		ASSERT_EQ(unload_module(), 0);
	}
}

TEST_F(module, leaves_nothing_behind)
{
	static const char * const things[] = {
		DEVICE, "/sys/class/swaplab", CONTROL,
		"/sys/kernel/slab/swaplab_io",
		"/sys/kernel/tracing/events/swaplab",
	};
	size_t i;

	ASSERT_EQ(load_module(self->path, "nr_devices=2"), 0);
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(path_exists(things[i]));
	EXPECT_TRUE(file_has("/proc/devices", "swaplab"));
	EXPECT_EQ(count_daemons(), 2);

	ASSERT_EQ(unload_module(), 0);
	for (i = 0; i < ARRAY_SIZE(things); i++)
		EXPECT_FALSE(path_exists(things[i]));
	EXPECT_FALSE(file_has("/proc/devices", "swaplab"));
	EXPECT_FALSE(file_has("/proc/slabinfo", "swaplab"));
	EXPECT_FALSE(file_has("/proc/filesystems", "swaplab"));
	EXPECT_FALSE(file_has("/proc/modules", "swaplab"));
	EXPECT_EQ(count_daemons(), 0);
}

TEST_F(module, is_not_removed_while_a_region_is_open)
{
	int fd;

	ASSERT_EQ(load_module(self->path, ""), 0);
	fd = open(DEVICE, O_RDWR);
	ASSERT_GE(fd, 0);
	unbind_policy("swaplab0");
	visit_entries("/sys/module/swaplab/holders", remove_policy);
	EXPECT_EQ(delete_module("swaplab"), -EAGAIN);
	EXPECT_TRUE(path_exists(DEVICE));
	close(fd);
	EXPECT_EQ(unload_module(), 0);
}

TEST_F(module, is_not_removed_while_a_region_is_mapped)
{
	char *map;
	int fd;

	ASSERT_EQ(load_module(self->path, ""), 0);
	map = region_map(&fd, 16);
	ASSERT_NE(map, NULL);
	close(fd);
	pages_fill(map, 0, 16, 1);
	unbind_policy("swaplab0");
	visit_entries("/sys/module/swaplab/holders", remove_policy);
	EXPECT_EQ(delete_module("swaplab"), -EAGAIN);
	EXPECT_EQ(pages_wrong(map, 0, 16, 1), 0);
	munmap(map, 16 * PAGE);
	EXPECT_EQ(unload_module(), 0);
}

TEST_F(module, is_not_removed_while_a_policy_is_loaded)
{
	ASSERT_EQ(load_module(self->path, ""), 0);
	if (pool_write("policy", "fifo"))
		SKIP(return, "modprobe finds no policy");
	EXPECT_NE(delete_module("swaplab"), 0);
	EXPECT_NE(delete_module("swaplab_fifo"), 0);
	ASSERT_EQ(pool_write("policy", "none"), 0);
	EXPECT_EQ(delete_module("swaplab_fifo"), 0);
	EXPECT_EQ(delete_module("swaplab"), 0);
}

TEST_F(module, makes_as_many_devices_as_it_is_told)
{
	ASSERT_EQ(load_module(self->path, "nr_devices=3"), 0);
	EXPECT_TRUE(path_exists("/dev/swaplab0") && path_exists(CLASS "swaplab0"));
	EXPECT_TRUE(path_exists("/dev/swaplab1") && path_exists(CLASS "swaplab1"));
	EXPECT_TRUE(path_exists("/dev/swaplab2") && path_exists(CLASS "swaplab2"));
	EXPECT_FALSE(path_exists("/dev/swaplab3") || path_exists(CLASS "swaplab3"));
	EXPECT_EQ(count_daemons(), 3);
	ASSERT_EQ(unload_module(), 0);
	EXPECT_FALSE(path_exists("/dev/swaplab0") || path_exists("/dev/swaplab2"));
}

TEST_F(module, makes_256_devices)
{
	ASSERT_EQ(load_module(self->path, "nr_devices=256"), 0);
	EXPECT_TRUE(path_exists("/dev/swaplab255"));
	EXPECT_EQ(unload_module(), 0);
}

TEST_F(module, refuses_a_bad_number_of_devices)
{
	static const char * const bad[] = {
		"nr_devices=0", "nr_devices=257", "nr_devices=-1",
		"nr_devices=4294967295", "nr_devices=many",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_NE(load_module(self->path, bad[i]), 0) {
			TH_LOG("%s was taken", bad[i]);
		}
		EXPECT_FALSE(path_exists("/sys/module/swaplab"));
		EXPECT_FALSE(path_exists("/sys/class/swaplab"));
	}
}

TEST_HARNESS_MAIN
