// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU goes offline and comes back while threads fault, pages are sampled and the
 * daemon works: the threads continue on other CPUs, and nothing is lost.
 */
#include "swaplab_test.h"
#include "fault_threads.h"

#define FRAMES	128
#define PAGES	512
#define CPU	1
#define ONLINE	"/sys/devices/system/cpu/cpu1/online"

FIXTURE(cpu)
{
	struct fault_threads load;
};

FIXTURE_SETUP(cpu)
{
	if (access(ONLINE, W_OK))
		SKIP_SETUP("no second CPU that can be taken offline");
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
}

FIXTURE_TEARDOWN(cpu)
{
	file_write(ONLINE, "1");
	keep_to_no_cpu(daemon_pid(0));
	pool_restore();
}

/* That no counter goes back, and that pages come and go. */
struct progress {
	unsigned long faults, swap_ins, evictions, samples;
};

static struct progress progress_now(void)
{
	return (struct progress){
		.faults = stat_get("faults"),
		.swap_ins = stat_get("swap_ins"),
		.evictions = stat_get("evictions"),
		.samples = stat_get("samples"),
	};
}

static bool has_gone_on(const struct progress *since)
{
	struct progress now = progress_now();

	return now.faults > since->faults && now.swap_ins > since->swap_ins &&
	       now.evictions > since->evictions && now.samples > since->samples;
}

static bool samples_are_taken(void)
{
	char policy[256];

	return !pool_text("policy", policy, sizeof(policy)) &&
	       !strstr(policy, "[none]");
}

TEST_F(cpu, that_goes_and_comes_under_load_takes_nothing_along)
{
	struct progress before;
	int i;

	ASSERT_EQ(fault_threads_start(&self->load, PAGES), 0);
	/* The first region has called for a policy. */
	if (!samples_are_taken()) {
		fault_threads_stop(&self->load);
		SKIP(return, "modprobe finds no policy that looks at uses");
	}
	for (i = 0; i < 10; i++) {
		/* A task that is bound to this CPU may run anywhere once it is offline. */
		EXPECT_EQ(pthread_setaffinity_np(self->load.workers[0].thread,
						 sizeof(cpu_set_t),
						 &(cpu_set_t){ { 1 << CPU } }), 0);
		EXPECT_EQ(keep_to_cpu(daemon_pid(0), CPU), 0);
		EXPECT_EQ(file_write(ONLINE, "0"), 0);
		before = progress_now();
		EXPECT_TRUE(SOON(has_gone_on(&before)));
		EXPECT_EQ(file_write(ONLINE, "1"), 0);
		before = progress_now();
		EXPECT_TRUE(SOON(has_gone_on(&before)));
	}
	EXPECT_EQ(fault_threads_stop(&self->load), 0);
}

TEST_F(cpu, that_is_gone_has_counted_all_the_same)
{
	struct progress before;
	char *map;
	int fd;

	ASSERT_EQ(pool_set("scan_interval_ms", 10000), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(keep_to_cpu(0, CPU), 0);
	pages_fill(map, 0, PAGES, 1);
	settled_free_frames();
	before = progress_now();
	EXPECT_GE(before.faults, PAGES);
	EXPECT_EQ(file_write(ONLINE, "0"), 0);
	EXPECT_EQ(stat_get("faults"), before.faults);
	EXPECT_EQ(stat_get("evictions"), before.evictions);
	EXPECT_EQ(pages_wrong(map, 0, PAGES, 1), 0);
	EXPECT_EQ(file_write(ONLINE, "1"), 0);
	EXPECT_GT(stat_get("faults"), before.faults);
	region_unmap(fd, map, PAGES);
}

TEST_F(cpu, that_is_gone_is_no_matter_to_devices_that_come_and_go)
{
	static const char control[] = "/sys/class/swaplab-control/";
	char path[64], id[32];
	int i;

	EXPECT_EQ(file_write(ONLINE, "0"), 0);
	for (i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "%shot_add", control);
		ASSERT_EQ(file_read(path, id, sizeof(id)), 0);
		EXPECT_EQ(file_write(ONLINE, i % 2 ? "0" : "1"), 0);
		EXPECT_GT(daemon_pid(atoi(id)), 0);
		snprintf(path, sizeof(path), "%shot_remove", control);
		EXPECT_EQ(file_write(path, id), 0);
	}
}

TEST_HARNESS_MAIN
