// SPDX-License-Identifier: GPL-2.0
/*
 * Evictions flush whole TLBs when accessed bits have been cleared, and else not, as the
 * kernel's tracepoint tells. It comes and goes while CPUs run through it, so
 * vm-options: --turns
 */
#include <pthread.h>
#include <sys/mount.h>
#include "exact_pool.h"

#define TRACING	"/sys/kernel/tracing/"
#define TRACE	TRACING "instances/swaplab-test/"

#define FRAMES	64
#define NR	512

/* Keeps the address space active on a CPU: others are not told to flush. */
struct spinner {
	pthread_t thread;
	bool stop;
};

static void *spinner_main(void *data)
{
	struct spinner *spinner = data;

	while (!__atomic_load_n(&spinner->stop, __ATOMIC_RELAXED))
		;
	return NULL;
}

FIXTURE(flush)
{
	struct spinner spinner;
	int fd;
	char *map;
};

FIXTURE_SETUP(flush)
{
	if (access(TRACING "instances", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	if (access(TRACING "instances", F_OK))
		SKIP_SETUP("no tracefs");
	rmdir(TRACE);
	ASSERT_EQ(mkdir(TRACE, 0700), 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(pthread_create(&self->spinner.thread, NULL, spinner_main,
				 &self->spinner), 0);
}

FIXTURE_TEARDOWN(flush)
{
	__atomic_store_n(&self->spinner.stop, true, __ATOMIC_RELAXED);
	pthread_join(self->spinner.thread, NULL);
	region_unmap(self->fd, self->map, NR);
	rmdir(TRACE);
	pool_write("policy", "aging");
	pool_restore();
}

/* Flushes that the daemon has asked for; @whole: of whole TLBs alone. */
static unsigned long nr_flushes(bool whole)
{
	unsigned long nr = 0;
	char line[512], daemon[16];
	FILE *trace;

	/* The trace may not have its name. */
	snprintf(daemon, sizeof(daemon), "-%d ", daemon_pid(0));
	trace = fopen(TRACE "trace", "r");
	while (trace && fgets(line, sizeof(line), trace))
		if (strstr(line, daemon) && strstr(line, " tlb_flush: ") &&
		    !strstr(line, "task switch") &&
		    (!whole || strstr(line, "pages:-1 ")))
			nr++;
	if (trace)
		fclose(trace);
	return nr;
}

/* Fills some frames with pages that are no neighbours: each is unmapped alone. */
static void fill_some(char *map)
{
	size_t page;

	for (page = 0; page < FRAMES; page += 2)
		page_touch(map, page);
}

/* Evicts some pages for others, with the trace on. */
static bool evict_some(char *map)
{
	unsigned long end = stat_get("evictions") + FRAMES / 2;
	size_t page;

	if (file_write(TRACE "events/tlb/tlb_flush/enable", "1"))
		return false;
	for (page = FRAMES; page < NR && stat_get("evictions") < end; page += 2)
		page_touch(map, page);
	return !file_write(TRACE "events/tlb/tlb_flush/enable", "0") && page < NR;
}

TEST_F(flush, of_whole_tlbs_after_accessed_bits_were_cleared)
{
	unsigned long samples;

	ASSERT_EQ(exact_pool_prepare("clock", FRAMES), 0);
	fill_some(self->map);
	samples = stat_get("samples");
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	ASSERT_TRUE(SOON(stat_get("samples") >= samples + 2));
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	ASSERT_TRUE(evict_some(self->map));
	EXPECT_GE(nr_flushes(true), 1);
}

TEST_F(flush, of_pages_alone_if_none_was_cleared)
{
	ASSERT_EQ(exact_pool_prepare("fifo", FRAMES), 0);
	fill_some(self->map);
	ASSERT_TRUE(evict_some(self->map));
	EXPECT_GE(nr_flushes(false), 1);
	EXPECT_EQ(nr_flushes(true), 0);
}

TEST_HARNESS_MAIN
