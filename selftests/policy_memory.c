// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that policies need for each frame: many frames take many pages, and no large
 * piece of memory.
 *
 * By a tracepoint of the kernel's, so vm-options: --turns
 */
#include <sys/mount.h>
#include "swaplab_test.h"

#define TRACING	"/sys/kernel/tracing/"
#define TRACE	TRACING "instances/swaplab-policy/"
#define EVENT	TRACE "events/kmem/mm_page_alloc/"

static const char *const names[] = {
	"2q", "adaptive", "arc", "car", "clockpro", "lirs", "s3fifo",
};

FIXTURE(memory)
{
};

FIXTURE_SETUP(memory)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	if (access(TRACING "instances", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	if (access(TRACING "instances", F_OK))
		SKIP_SETUP("no tracefs");
	rmdir(TRACE);
	ASSERT_EQ(mkdir(TRACE, 0700), 0);
	ASSERT_EQ(file_write(TRACE "set_event_pid", pid), 0);
	ASSERT_EQ(file_write(EVENT "filter", "order > 3"), 0);
	ASSERT_EQ(pool_prepare(256), 0);
}

FIXTURE_TEARDOWN(memory)
{
	rmdir(TRACE);
	pool_write("policy", "aging");
	pool_restore();
}

/* How often this task asked for more than 8 pages in one piece. */
static int nr_large_pieces(void)
{
	char line[512];
	FILE *trace = fopen(TRACE "trace", "r");
	int nr = 0;

	while (trace && fgets(line, sizeof(line), trace))
		nr += line[0] != '#';
	if (trace)
		fclose(trace);
	return trace ? nr : -1;
}

TEST_F(memory, is_taken_in_small_pieces)
{
	int before;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		before = nr_large_pieces();
		ASSERT_GE(before, 0);
		ASSERT_EQ(pool_set("nr_frames", 65536), 0);
		ASSERT_EQ(file_write(EVENT "enable", "1"), 0);
		EXPECT_EQ(pool_write("policy", names[i]), 0);
		EXPECT_EQ(pool_set("nr_frames", 131072), 0);
		ASSERT_EQ(file_write(EVENT "enable", "0"), 0);
		EXPECT_EQ(nr_large_pieces(), before) {
			TH_LOG("%s", names[i]);
		}
	}
}

TEST_HARNESS_MAIN
