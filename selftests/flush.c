// SPDX-License-Identifier: GPL-2.0
/*
 * Evictions flush whole TLBs when accessed bits have been cleared, and else not, as the
 * kernel's tracepoint tells. It comes and goes while CPUs run through it, so
 * vm-options: --turns
 */
#include <pthread.h>
#include "exact_pool.h"
#include "tracing.h"

#define FRAMES	64
#define NR	512

/*
 * Keeps the address space active on a CPU, of which the daemon has another: a CPU on
 * which it is not active need not flush, and the trace says nothing.
 */
#define SPINNER_CPU	1
#define DAEMON_CPU	0

struct spinner {
	pthread_t thread;
	bool runs, stop;
};

static void *spinner_main(void *data)
{
	struct spinner *spinner = data;

	if (keep_to_cpu(0, SPINNER_CPU))
		return NULL;
	__atomic_store_n(&spinner->runs, true, __ATOMIC_RELAXED);
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
	if (!tracing_has("instances"))
		SKIP_SETUP("no tracefs");
	ASSERT_EQ(trace_create(), 0);
	ASSERT_EQ(file_write(TRACE "events/tlb/tlb_flush/enable", "1"), 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(keep_to_cpu(daemon_pid(0), DAEMON_CPU), 0);
	ASSERT_EQ(pthread_create(&self->spinner.thread, NULL, spinner_main,
				 &self->spinner), 0);
	ASSERT_TRUE(SOON(__atomic_load_n(&self->spinner.runs, __ATOMIC_RELAXED)));
}

FIXTURE_TEARDOWN(flush)
{
	__atomic_store_n(&self->spinner.stop, true, __ATOMIC_RELAXED);
	pthread_join(self->spinner.thread, NULL);
	keep_to_no_cpu(daemon_pid(0));
	region_unmap(self->fd, self->map, NR);
	trace_destroy();
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

/*
 * Evicts some pages, and looks whether a flush has been seen by now: while another program
 * has the CPU of the spinner, none is. No page is a neighbour of another, so each is
 * unmapped alone.
 */
static bool sees_flush(char *map, size_t *page, bool whole)
{
	size_t end = *page + 4;

	for (; *page < end; *page += 2)
		page_touch(map, *page % NR);
	return nr_flushes(whole);
}

TEST_F(flush, of_whole_tlbs_after_accessed_bits_were_cleared)
{
	size_t page = 0;

	ASSERT_EQ(exact_pool_prepare("clock", FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	EXPECT_TRUE(SOON(sees_flush(self->map, &page, true)));
}

TEST_F(flush, of_pages_alone_if_none_was_cleared)
{
	size_t page = 0;

	ASSERT_EQ(exact_pool_prepare("fifo", FRAMES), 0);
	EXPECT_TRUE(SOON(sees_flush(self->map, &page, false)));
	EXPECT_EQ(nr_flushes(true), 0);
}

TEST_HARNESS_MAIN
