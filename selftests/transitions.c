// SPDX-License-Identifier: GPL-2.0
/*
 * Pages in a kernel change their states as in the model: model/page.pml says with
 * move(from, to) how a page gets from one state to another, and the tracepoint
 * page_state tells of each state that a page gets into. Every move that the trace
 * shows has to be in the model, and every move of the model has to be seen.
 *
 * The load has the parties that race in the model, but for forks and pagers: threads that touch,
 * the daemon, O_DIRECT, munmap(), SWAPLAB_DISCARD, and a disk with bad blocks.
 */
#include "disk.h"
#include "fault_threads.h"
#include "tracing.h"

#define MODEL	"page.pml"

#define FRAMES	32
#define PAGES	96
#define ROUNDS	8
#define DISK_PAGES	2048
#define REGIONS	256		/* that the test may make */

enum state {
	ABSENT, READING, RESIDENT, EVICTING, WRITING, SWAPPED, NR_STATES
};

static const char * const names[NR_STATES] = {
	"absent", "reading", "resident", "evicting", "writing", "swapped"
};

struct moves {
	unsigned long nr[NR_STATES][NR_STATES];
};

static int state_of(const char *name)
{
	int state;

	for (state = 0; state < NR_STATES; state++)
		if (!strcmp(names[state], name))
			return state;
	return -1;
}

/* The moves that the model has; returns how many. */
static unsigned int model_read(struct moves *model)
{
	char line[256], from[16], to[16];
	unsigned int nr = 0;
	FILE *file = fopen(MODEL, "r");
	char *move;

	while (file && fgets(line, sizeof(line), file)) {
		move = strstr(line, "move(");
		if (!move || sscanf(move, "move(%15[a-z], %15[a-z])", from,
				    to) != 2)
			continue;
		/* The definition has other words. */
		if (state_of(from) < 0 || state_of(to) < 0)
			continue;
		nr += !model->nr[state_of(from)][state_of(to)]++;
	}
	if (file)
		fclose(file);
	return nr;
}

/* The moves in the trace, page by page; returns how many events it has. */
static unsigned long trace_read(struct moves *seen, unsigned int first_region)
{
	static unsigned char states[REGIONS][2 * PAGES];
	unsigned long index, nr = 0;
	char line[256], name[16];
	unsigned int region;
	FILE *file = fopen(TRACE "trace", "r");
	char *event;
	int state;

	while (file && fgets(line, sizeof(line), file)) {
		event = strstr(line, "page_state: pool=0 ");
		if (!event || sscanf(event, "page_state: pool=0 region=%u index=%lu state=%15s",
				     &region, &index, name) != 3)
			continue;
		region -= first_region;
		state = state_of(name);
		if (region >= REGIONS || index >= 2 * PAGES || state < 0)
			continue;
		seen->nr[states[region][index]][state]++;
		states[region][index] = state;
		nr++;
	}
	if (file)
		fclose(file);
	return nr;
}

/* Events that were dropped, of all processors. */
static unsigned long trace_lost(void)
{
	unsigned long lost = 0;
	char path[128], line[128];
	FILE *file;
	int cpu;

	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		snprintf(path, sizeof(path), TRACE "per_cpu/cpu%d/stats", cpu);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file))
			if (!strncmp(line, "overrun: ", 9))
				lost += strtoul(line + 9, NULL, 10);
		if (file)
			fclose(file);
	}
	return lost;
}

static int trace_start(void)
{
	/* A clock that orders the events of all processors. */
	return trace_create() || file_write(TRACE "trace_clock", "counter") ||
	       file_write(TRACE "buffer_size_kb", "20000") ||
	       file_write(TRACE "events/swaplab/page_state/enable", "1");
}

FIXTURE(model)
{
	struct fault_threads load;
	unsigned int first_region;
	char *map;
	int fd, disk;
};

FIXTURE_SETUP(model)
{
	const char *scratch = getenv("SWAPLAB_SCRATCH");
	char *store = disk_create("size=8");

	if (!store)
		SKIP_SETUP("null_blk cannot do that here");
	pool_restore();
	pool_set("stats/reset", 1);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", store), 0);
	self->disk = open(scratch ? scratch : "/dev/nullb1",
			  O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT_GE(self->disk, 0);
	if (trace_start())
		SKIP_SETUP("no tracefs");
	self->map = region_map(&self->fd, PAGES);
	ASSERT_NE(self->map, NULL);
	self->first_region = fdinfo_get(self->fd, "id");
	ASSERT_EQ(fault_threads_start(&self->load, PAGES), 0);
}

FIXTURE_TEARDOWN(model)
{
	region_unmap(self->fd, self->map, PAGES);
	close(self->disk);
	pool_restore();
	disk_destroy();
	trace_destroy();
}

/* Pages come and go: written, pinned, read only, discarded where they are. */
static void use_pages(char *map, int fd, int disk, unsigned int round)
{
	struct swaplab_range half = { .length = PAGES / 2 * PAGE };
	volatile char *page;
	size_t i;

	pages_fill(map, 0, PAGES, round);
	pread(disk, map + round % 8 * 8 * PAGE, 8 * PAGE, 0);
	pwrite(disk, map + round % 8 * 8 * PAGE, 8 * PAGE, 0);
	ioctl(fd, SWAPLAB_DISCARD, &half);
	/* Read and never written: absent again when they go. */
	for (i = 0; i < PAGES / 2; i++) {
		page = map + i * PAGE;
		(void)*page;
	}
}

/* A mapping of its own, with its region, that ends while it is being evicted. */
static void come_and_go(unsigned int round)
{
	char *map;
	int fd;

	map = region_map(&fd, PAGES);
	if (!map)
		return;
	pages_fill(map, 0, PAGES, round);
	munmap(map, PAGES / 2 * PAGE);
	close(fd);
	munmap(map + PAGES / 2 * PAGE, PAGES / 2 * PAGE);
}

/* No page of the first half has to be read: use_pages() has discarded them. */
static void *write_first_half(void *map)
{
	pages_fill(map, 0, PAGES / 2, ROUNDS + 1);
	return NULL;
}

/* A system call that meets a bad page fails; no process gets a signal. */
static void read_all(const char *map, int sink)
{
	size_t i;

	for (i = 0; i < PAGES; i++)
		pwrite(sink, map + i * PAGE, PAGE, 0);
}

TEST_F(model, has_every_move_of_a_page)
{
	struct moves model = {}, seen = {};
	int sink = memfd_create("sink", MFD_CLOEXEC);
	unsigned int round, from, to;
	pthread_t writer;

	ASSERT_GT(model_read(&model), NR_STATES);
	for (round = 1; round <= ROUNDS; round++) {
		use_pages(self->map, self->fd, self->disk, round);
		if (round % 4 == 0)
			come_and_go(round);
	}
	EXPECT_EQ(fault_threads_stop(&self->load), 0);
	/*
	 * While writes fail, a fault that needs a frame waits. A read would fail at once,
	 * also while the disk is being healed, piece by piece.
	 */
	ASSERT_EQ(disk_hurt(0, DISK_PAGES), 0);
	ASSERT_EQ(pthread_create(&writer, NULL, write_first_half,
				 self->map), 0);
	EXPECT_TRUE(SOON(stat_get("io_errors") > 0));
	ASSERT_EQ(disk_heal(0, DISK_PAGES), 0);
	pthread_join(writer, NULL);
	pages_fill(self->map, PAGES / 2, PAGES / 2, ROUNDS + 1);
	/* Clean pages can go while reads fail. */
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, ROUNDS + 1), 0);
	ASSERT_EQ(disk_hurt(0, DISK_PAGES), 0);
	read_all(self->map, sink);
	ASSERT_EQ(disk_heal(0, DISK_PAGES), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, PAGES, ROUNDS + 1), 0);

	ASSERT_EQ(file_write(TRACE "tracing_on", "0"), 0);
	ASSERT_EQ(trace_lost(), 0);
	ASSERT_GT(trace_read(&seen, self->first_region), ROUNDS * PAGES);
	for (from = 0; from < NR_STATES; from++) {
		for (to = 0; to < NR_STATES; to++) {
			if (!seen.nr[from][to] == !model.nr[from][to])
				continue;
			TH_LOG("%s to %s: %lu times seen, %s the model",
			       names[from], names[to], seen.nr[from][to],
			       model.nr[from][to] ? "and in" : "not in");
			EXPECT_EQ(seen.nr[from][to], model.nr[from][to]);
		}
	}
}

TEST_HARNESS_MAIN
