// SPDX-License-Identifier: GPL-2.0
/*
 * Each tracepoint tells of as many events as the counters count.
 *
 * It has its own trace instance, so that it disturbs no other. Tracepoints come and go
 * while the daemon runs through them, so vm-options: --turns
 */
#include "tracing.h"

#define FRAMES	32
#define PAGES	128

static int trace_enable(const char *event, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), TRACE "events/swaplab/%s/enable", event);
	return file_write(path, value);
}

/* Events of this name and pool in the trace, or the sum of a field of theirs. */
static unsigned long trace_count(const char *event, const char *field)
{
	char name[64], line[512], *found;
	unsigned long sum = 0;
	FILE *trace;

	snprintf(name, sizeof(name), " %s: pool=0 ", event);
	trace = fopen(TRACE "trace", "r");
	while (trace && fgets(line, sizeof(line), trace)) {
		if (!strstr(line, name))
			continue;
		found = field ? strstr(line, field) : NULL;
		sum += found ? strtoul(found + strlen(field), NULL, 10) : 1;
	}
	if (trace)
		fclose(trace);
	return sum;
}

FIXTURE(trace)
{
	int fd;
	char *map;
};

FIXTURE_SETUP(trace)
{
	if (!tracing_has("instances"))
		SKIP_SETUP("no tracefs");
	ASSERT_EQ(trace_create(), 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(trace)
{
	region_unmap(self->fd, self->map, PAGES);
	trace_destroy();
	pool_write("policy", "aging");
	pool_restore();
}

FIXTURE_VARIANT(trace)
{
	const char *event;
	const char *field;	/* summed up; NULL: events are counted */
	const char *counter;
	unsigned long min;	/* at least so many */
	unsigned long slack;	/* events of the daemon's own meanwhile */
};

FIXTURE_VARIANT_ADD(trace, fault)
{
	.event = "fault",
	.counter = "faults",
	/* Pages read ahead need none of their own. */
	.min = PAGES,
};

FIXTURE_VARIANT_ADD(trace, refault)
{
	.event = "refault",
	.counter = "refaults",
	.min = 1,
};

FIXTURE_VARIANT_ADD(trace, readahead)
{
	.event = "readahead",
	.field = " nr=",
	.counter = "readahead",
	.min = 1,
};

FIXTURE_VARIANT_ADD(trace, evict)
{
	.event = "evict",
	.counter = "evictions",
	.min = PAGES - FRAMES,
};

FIXTURE_VARIANT_ADD(trace, writeback)
{
	.event = "writeback",
	.field = " nr=",
	.counter = "swap_outs",
	.min = PAGES - FRAMES,
};

FIXTURE_VARIANT_ADD(trace, sample)
{
	.event = "sample",
	.counter = "samples",
	.min = 1,
	.slack = 1,
};

TEST_F(trace, tells_what_the_counter_counts)
{
	unsigned long counted, traced;
	int i;

	ASSERT_EQ(trace_enable(variant->event, "1"), 0);
	pool_set("stats/reset", 1);
	pages_fill(self->map, 0, PAGES, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	for (i = 0; i < 10; i++) {
		msleep(20);
		EXPECT_EQ(pages_wrong(self->map, 0, 8, 1), 0);
	}
	settled_free_frames();
	ASSERT_EQ(trace_enable(variant->event, "0"), 0);
	counted = stat_get(variant->counter);
	traced = trace_count(variant->event, variant->field);
	EXPECT_GE(traced, variant->min);
	EXPECT_GE(traced + variant->slack, counted);
	EXPECT_LE(traced, counted + variant->slack);

	/* And no more of it. */
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, 1), 0);
	EXPECT_EQ(trace_count(variant->event, variant->field), traced);
}

FIXTURE(event)
{
};

FIXTURE_SETUP(event)
{
	if (!tracing_has("instances"))
		SKIP_SETUP("no tracefs");
	ASSERT_EQ(trace_create(), 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("policy", "aging"), 0);
}

FIXTURE_TEARDOWN(event)
{
	trace_destroy();
	pool_write("policy", "aging");
	pool_restore();
}

TEST_F(event, of_a_policy_switch_tells_from_what_to_what)
{
	ASSERT_EQ(trace_enable("policy_switch", "1"), 0);
	ASSERT_EQ(pool_write("policy", "none"), 0);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	/* No switch. */
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_EQ(trace_count("policy_switch", NULL), 2);
	EXPECT_GE(trace_lines("policy_switch: pool=0 from=aging to=none"), 1);
	EXPECT_GE(trace_lines("policy_switch: pool=0 from=none to=fifo"), 1);
	ASSERT_EQ(trace_enable("policy_switch", "0"), 0);
	ASSERT_EQ(pool_write("policy", "none"), 0);
	EXPECT_EQ(trace_count("policy_switch", NULL), 2);
}

TEST_F(event, of_a_fault_tells_the_page_and_whether_it_writes)
{
	char *map;
	int fd;

	ASSERT_EQ(trace_enable("fault", "1"), 0);
	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	map[77 * PAGE] = 1;
	EXPECT_TRUE(page_is_zero(map + 78 * PAGE));
	EXPECT_GE(trace_lines("fault: pool=0 index=77 write=1"), 1);
	EXPECT_GE(trace_lines("fault: pool=0 index=78 write=0"), 1);
	EXPECT_EQ(trace_count("fault", NULL), 2);
	ASSERT_EQ(trace_enable("fault", "0"), 0);
	region_unmap(fd, map, PAGES);
}

TEST_F(event, of_a_duration_tells_the_cause)
{
	char *map;
	int fd;

	ASSERT_EQ(trace_enable("latency", "1"), 0);
	map = region_map(&fd, PAGES);
	ASSERT_NE(map, NULL);
	map[77 * PAGE] = 1;
	EXPECT_EQ(trace_count("latency", NULL), 0);
	ASSERT_EQ(pool_set("measure_latency", 1), 0);
	map[76 * PAGE] = 1;
	EXPECT_EQ(trace_lines("latency: pool=0 cause=zero ns="), 1);
	ASSERT_EQ(pool_set("measure_latency", 0), 0);
	map[75 * PAGE] = 1;
	EXPECT_EQ(trace_count("latency", NULL), 1);
	ASSERT_EQ(trace_enable("latency", "0"), 0);
	region_unmap(fd, map, PAGES);
}

TEST_HARNESS_MAIN
