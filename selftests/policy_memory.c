// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that policies need for each frame: many frames take many pages, and no large
 * piece of memory.
 *
 * By a tracepoint of the kernel's, so vm-options: --turns
 */
#include "tracing.h"

#define EVENT	TRACE "events/kmem/mm_page_alloc/"

static const char *const names[] = {
	"2q", "adaptive", "arc", "car", "clockpro", "lecar", "lirs", "lru2", "s3fifo",
};

FIXTURE(memory)
{
};

FIXTURE_SETUP(memory)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	if (!tracing_has("instances"))
		SKIP_SETUP("no tracefs");
	ASSERT_EQ(trace_create(), 0);
	ASSERT_EQ(file_write(TRACE "set_event_pid", pid), 0);
	ASSERT_EQ(file_write(EVENT "filter", "order > 3"), 0);
	ASSERT_EQ(pool_prepare(256), 0);
}

FIXTURE_TEARDOWN(memory)
{
	trace_destroy();
	pool_write("policy", "aging");
	pool_restore();
}

/* An event is an allocation of more than 8 pages in one piece. */
TEST_F(memory, is_taken_in_small_pieces)
{
	unsigned long before;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		before = trace_lines("mm_page_alloc: ");
		ASSERT_EQ(pool_set("nr_frames", 65536), 0);
		ASSERT_EQ(file_write(EVENT "enable", "1"), 0);
		EXPECT_EQ(pool_write("policy", names[i]), 0);
		EXPECT_EQ(pool_set("nr_frames", 131072), 0);
		ASSERT_EQ(file_write(EVENT "enable", "0"), 0);
		EXPECT_EQ(trace_lines("mm_page_alloc: "), before) {
			TH_LOG("%s", names[i]);
		}
	}
}

TEST_HARNESS_MAIN
