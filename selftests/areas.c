// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of many static slots. They are marked and freed a part at a time, so that the lock
 * of the slots is never held for long; other tasks may take slots in between.
 *
 * Probes tell how long the parts are. Their breakpoints change the kernel's code, so
 * vm-options: --turns
 */
#include "loop.h"
#include "tracing.h"

#define GROUP	TRACING "events/swaplab_test/"

#define SLOTS	(256 * 1024UL)
#define STEP	65536UL		/* slots that are changed in one hold of the lock */
#define STEPS	2		/* of that size */
#define NR	(STEPS * STEP + 1000)
#define FRAMES	64
#define FEW	256		/* pages of a region that pages in and out meanwhile */
#define ROUNDS	8

FIXTURE(areas)
{
	char device[64];
};

FIXTURE_SETUP(areas)
{
	pool_restore();
	ASSERT_GE(loop_create(SLOTS * PAGE, false, self->device), 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", self->device), 0);
	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
}

FIXTURE_TEARDOWN(areas)
{
	pool_restore();
}

static int probes_begin(void)
{
	if (!tracing_has("kprobe_events"))
		return -ENOENT;
	return file_write(TRACING "kprobe_events",
			  "p:swaplab_test/set slots_mark_used nr=$arg3:u32\n"
			  "p:swaplab_test/clear slots_free_locked nr=$arg3:u32\n") ?:
	       file_write(GROUP "filter", "nr >= 65536") ?:
	       file_write(TRACING "trace", "") ?:
	       file_write(GROUP "enable", "1");
}

static void probes_end(void)
{
	file_write(GROUP "enable", "0");
	file_write(TRACING "kprobe_events", "-:swaplab_test/set\n-:swaplab_test/clear\n");
}

/* Lines of the trace with this text. */
static int count_lines(const char *text)
{
	FILE *trace = fopen(TRACING "trace", "r");
	char line[256];
	int nr = 0;

	while (trace && fgets(line, sizeof(line), trace))
		nr += !!strstr(line, text);
	if (trace)
		fclose(trace);
	return nr;
}

TEST_F(areas, many_slots_are_marked_and_freed_a_part_at_a_time)
{
	char *map;
	int fd;

	if (probes_begin())
		SKIP(return, "the kernel has no probes");
	map = region_map(&fd, NR);
	if (map)
		region_unmap(fd, map, NR);
	file_write(GROUP "enable", "0");
	EXPECT_EQ(count_lines("set: "), STEPS);
	EXPECT_EQ(count_lines("clear: "), STEPS);
	EXPECT_EQ(count_lines("nr=65536"), 2 * STEPS);
	probes_end();
	EXPECT_NE(map, NULL);
}

static volatile bool stop;

/* Takes slots, and gives them back. */
static void *writer_main(void *data)
{
	size_t wrong = 0;
	unsigned int version;
	char *map;
	int fd;

	for (version = 1; !stop; version++) {
		map = region_map(&fd, FEW);
		if (!map)
			return (void *)1;
		pages_fill(map, 0, FEW, version);
		wrong += pages_wrong(map, 0, FEW, version);
		region_unmap(fd, map, FEW);
	}
	return (void *)wrong;
}

/* Pages in all parts of an area keep their content. */
static bool can_be_used(char *map, unsigned int version)
{
	size_t first[] = { 0, STEP - FRAMES, NR - 2 * FRAMES };
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(first); i++)
		pages_fill(map, first[i], 2 * FRAMES, version);
	for (i = 0; i < ARRAY_SIZE(first); i++)
		wrong += pages_wrong(map, first[i], 2 * FRAMES, version);
	return !wrong;
}

TEST_F(areas, beside_pages_that_come_and_go_lose_no_slot)
{
	int i, fd, refused = 0;
	pthread_t writer;
	void *wrong;
	char *map;

	/* Only the regions that are opened from now on have static slots. */
	ASSERT_EQ(pool_write("slot_allocation", "dynamic"), 0);
	stop = false;
	ASSERT_EQ(pthread_create(&writer, NULL, writer_main, NULL), 0);
	for (i = 1; i <= ROUNDS; i++) {
		ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
		map = region_map(&fd, NR);
		ASSERT_EQ(pool_write("slot_allocation", "dynamic"), 0);
		if (!map) {
			/* The others' slots may lie in the middle of the free ones. */
			refused += errno == ENOSPC;
			continue;
		}
		EXPECT_TRUE(can_be_used(map, i));
		region_unmap(fd, map, NR);
	}
	stop = true;
	pthread_join(writer, &wrong);
	EXPECT_EQ(wrong, NULL);
	EXPECT_LT(refused, ROUNDS);

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	map = region_map(&fd, SLOTS);
	ASSERT_NE(map, NULL);
	region_unmap(fd, map, SLOTS);
}

TEST_HARNESS_MAIN
