// SPDX-License-Identifier: GPL-2.0
/* The page daemon: when it works, when it sleeps, and which pages it takes. */
#include "disk.h"
#include "swaplab_test.h"

#define FRAMES	256
#define LOW	20
#define HIGH	60
#define CONTROL	"/sys/class/swaplab-control/"

/* How often a task has been on a CPU. */
static unsigned long switches_of(pid_t pid)
{
	unsigned long nr = 0;
	char line[256], *colon;
	FILE *status;

	snprintf(line, sizeof(line), "/proc/%d/status", pid);
	status = fopen(line, "r");
	while (status && fgets(line, sizeof(line), status)) {
		colon = strchr(line, ':');
		if (colon && strstr(line, "ctxt_switches"))
			nr += strtoul(colon + 1, NULL, 10);
	}
	if (status)
		fclose(status);
	return nr;
}

FIXTURE(daemon)
{
	char *map;
	int fd;
};

FIXTURE_SETUP(daemon)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, 8 * FRAMES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(daemon)
{
	munmap(self->map, 8 * FRAMES * PAGE);
	close(self->fd);
	pool_restore();
}

TEST_F(daemon, leaves_free_frames_between_the_watermarks_after_a_burst)
{
	unsigned long nr_free;
	size_t nr;

	for (nr = FRAMES; nr <= 4 * FRAMES; nr += FRAMES / 2 + 7) {
		pages_fill(self->map, 0, nr, 1);
		nr_free = settled_free_frames();
		EXPECT_GE(nr_free, pool_get("watermark_low"));
		EXPECT_LE(nr_free, pool_get("watermark_high"));
	}
}

TEST_F(daemon, keeps_to_watermarks_that_are_set_by_hand)
{
	unsigned long nr_free;

	pages_fill(self->map, 0, 2 * FRAMES, 1);
	ASSERT_EQ(pool_set("watermark_high", HIGH), 0);
	ASSERT_EQ(pool_set("watermark_low", LOW), 0);
	/* That alone is a reason to work: fewer are free than low. */
	nr_free = settled_free_frames();
	EXPECT_GE(nr_free, LOW);
	EXPECT_LE(nr_free, HIGH);
	pages_fill(self->map, 0, 2 * FRAMES, 1);
	nr_free = settled_free_frames();
	EXPECT_GE(nr_free, LOW);
	EXPECT_LE(nr_free, HIGH);
}

TEST_F(daemon, needs_fewer_free_frames_while_nobody_waits)
{
	unsigned long first, low, waits = stat_get("frame_waits");
	size_t next = 4 * FRAMES;

	ASSERT_EQ(pool_set("nr_frames", 4 * FRAMES), 0);
	first = pool_get("watermark_low");
	EXPECT_EQ(first, 4 * FRAMES / 64);
	pages_fill(self->map, 0, next, 1);
	settled_free_frames();
	/* The daemon adapts the watermark when it starts: some ten times. */
	for (; next < 7 * FRAMES; next += 2) {
		pages_fill(self->map, next, 2, 1);
		msleep(2);
	}
	low = pool_get("watermark_low");
	if (stat_get("frame_waits") == waits)
		EXPECT_LE(low, first * 3 / 4);
	EXPECT_GE(low, 4 * FRAMES / 256);
	EXPECT_EQ(pool_get("watermark_high"), low + 4 * FRAMES / 64 - 1);
	/* A new budget is a new beginning; the daemon may have begun to work. */
	ASSERT_EQ(pool_set("nr_frames", 4 * FRAMES), 0);
	EXPECT_GE(pool_get("watermark_low"), first - first / 8);
}

TEST_F(daemon, needs_more_free_frames_after_faults_had_to_wait)
{
	const char *disk = disk_create("size=16 irqmode=2 completion_nsec=20000000");
	unsigned long first, most = 0, waits;
	int i;

	if (!disk)
		SKIP(return, "null_blk makes no disk");
	munmap(self->map, 8 * FRAMES * PAGE);
	close(self->fd);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", disk), 0);
	ASSERT_EQ(pool_set("nr_frames", 4 * FRAMES), 0);
	first = pool_get("watermark_low");
	waits = stat_get("frame_waits");
	self->map = region_map(&self->fd, 8 * FRAMES);
	ASSERT_NE(self->map, NULL);
	for (i = 0; i < 8; i++) {
		pages_fill(self->map, i * FRAMES, FRAMES, 1);
		/*
		 * The frames that were missing in one shortage change the watermark in
		 * the next.
		 */
		settled_free_frames();
		if (pool_get("watermark_low") > most)
			most = pool_get("watermark_low");
	}
	EXPECT_GT(stat_get("frame_waits"), waits);
	EXPECT_GT(most, first);

	munmap(self->map, 8 * FRAMES * PAGE);
	close(self->fd);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	disk_destroy();
	self->map = region_map(&self->fd, 8 * FRAMES);
}

TEST_F(daemon, does_not_wake_above_low_and_wakes_below)
{
	size_t next = 2 * FRAMES;
	unsigned long wakeups;

	ASSERT_EQ(keep_to_cpu(0, 0), 0);
	ASSERT_EQ(pool_set("watermark_high", HIGH), 0);
	ASSERT_EQ(pool_set("watermark_low", LOW), 0);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	pages_fill(self->map, 0, next, 1);
	settled_free_frames();
	wakeups = stat_get("daemon_wakeups");
	EXPECT_GT(wakeups, 0);
	/* One by one, down to low, with none left that is set aside for this CPU. */
	for (; stat_get("free_frames") > LOW || stat_get("cpu_frames"); next++)
		page_fill(self->map + next * PAGE, next, 1);
	msleep(500);
	EXPECT_EQ(stat_get("daemon_wakeups"), wakeups);
	EXPECT_EQ(stat_get("free_frames"), LOW);
	/* One more wakes it, once, and it works up to high. */
	page_fill(self->map + next * PAGE, next, 1);
	EXPECT_EQ(settled_free_frames(), HIGH);
	EXPECT_EQ(stat_get("daemon_wakeups"), wakeups + 1);
}

/* Has it been asleep for a second? */
static bool daemon_rests(pid_t pid, unsigned long *switches)
{
	*switches = switches_of(pid);
	msleep(1000);
	return switches_of(pid) == *switches;
}

TEST_F(daemon, sleeps_while_nobody_uses_the_pages)
{
	pid_t pid = daemon_pid(0);
	unsigned long switches;

	ASSERT_GT(pid, 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 50), 0);
	pages_fill(self->map, 0, 2 * FRAMES, 1);
	settled_free_frames();
	/* A few samples, until one finds that no page has been used. */
	EXPECT_TRUE(SOON(daemon_rests(pid, &switches)));
	EXPECT_GT(switches, 0);
	msleep(3000);
	EXPECT_EQ(switches_of(pid), switches);
}

/*
 * Uses pages until they are sampled, or for a while. A sample that finds none used,
 * because this thread had no CPU meanwhile, is the last before a page comes in.
 */
static bool is_sampled(int fd, char *map, size_t nr, int seconds)
{
	struct swaplab_range extra = { .offset = nr * PAGE, .length = PAGE };
	unsigned long before = stat_get("samples");
	double end = seconds_now() + seconds;
	int i;

	for (i = 0; seconds_now() < end && stat_get("samples") == before; i++) {
		/* Else the TLB has them, and the CPU sets no accessed bit. */
		mprotect(map, nr * PAGE, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
		pages_wrong(map, 0, nr, 1);
		ioctl(fd, SWAPLAB_DISCARD, &extra);
		*(volatile char *)(map + nr * PAGE);
		msleep(10);
	}
	return stat_get("samples") != before;
}

TEST_F(daemon, heeds_a_shorter_interval_at_once)
{
	ASSERT_EQ(pool_set("scan_interval_ms", 50), 0);
	pages_fill(self->map, 0, FRAMES / 4, 1);
	/* Until a sample is an hour away. */
	EXPECT_TRUE(is_sampled(self->fd, self->map, FRAMES / 4, 60));
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	settled_free_frames();
	EXPECT_FALSE(is_sampled(self->fd, self->map, FRAMES / 4, 1));
	ASSERT_EQ(pool_set("scan_interval_ms", 50), 0);
	EXPECT_TRUE(is_sampled(self->fd, self->map, FRAMES / 4, 60));
}

TEST_F(daemon, samples_what_is_used_though_frames_are_plenty)
{
	char policy[256];

	ASSERT_EQ(pool_text("policy", policy, sizeof(policy)), 0);
	if (strstr(policy, "[none]"))
		SKIP(return, "modprobe finds no policy");
	ASSERT_EQ(pool_set("scan_interval_ms", 50), 0);
	pages_fill(self->map, 0, FRAMES / 4, 1);
	EXPECT_TRUE(is_sampled(self->fd, self->map, FRAMES / 4, 60));
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	settled_free_frames();
	EXPECT_FALSE(is_sampled(self->fd, self->map, FRAMES / 4, 1));
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	EXPECT_TRUE(is_sampled(self->fd, self->map, FRAMES / 4, 60));
}

TEST_F(daemon, writes_the_victims_of_a_batch_together)
{
	const char *disk = disk_create("size=16");
	unsigned long nr_writes, sectors;
	char path[128], text[256];
	int nr_fields;

	if (!disk)
		SKIP(return, "null_blk makes no disk");
	munmap(self->map, 8 * FRAMES * PAGE);
	close(self->fd);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", disk), 0);
	ASSERT_EQ(pool_set("watermark_high", HIGH), 0);
	ASSERT_EQ(pool_set("watermark_low", LOW), 0);
	self->map = region_map(&self->fd, 8 * FRAMES);
	ASSERT_NE(self->map, NULL);

	pages_fill(self->map, 0, 8 * FRAMES, 1);
	settled_free_frames();
	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk + strlen("/dev/"));
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	nr_fields = sscanf(text, "%*u %*u %*u %*u %lu %*u %lu", &nr_writes,
			   &sectors);
	ASSERT_EQ(nr_fields, 2);
	EXPECT_EQ(sectors * DISK_SECTOR / PAGE, stat_get("swap_outs"));
	EXPECT_GE(stat_get("swap_outs"), 4 * nr_writes);
	EXPECT_EQ(pages_wrong(self->map, 0, 8 * FRAMES, 1), 0);

	munmap(self->map, 8 * FRAMES * PAGE);
	close(self->fd);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	disk_destroy();
	self->map = region_map(&self->fd, 8 * FRAMES);
}

/*
 * One thread does both; with two, the scheduler would decide how often the pages are
 * used. It waits for samples; otherwise the scheduler would decide how many there are.
 */
TEST_F(daemon, spares_the_pages_in_use_when_a_scan_goes_by)
{
	unsigned long nr_used = FRAMES / 8, nr_scanned = 4 * FRAMES, before;
	char policy[256], *used;
	size_t i;
	int fd;

	ASSERT_EQ(pool_text("policy", policy, sizeof(policy)), 0);
	if (strstr(policy, "[none]"))
		SKIP(return, "modprobe finds no policy");
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 20), 0);
	/* One more for is_sampled(). */
	used = region_map(&fd, nr_used + 1);
	ASSERT_NE(used, NULL);
	pages_fill(self->map, 0, nr_scanned, 1);
	pages_fill(used, 0, nr_used, 1);
	before = fdinfo_get(fd, "refaults");
	for (i = 0; i < 2 * nr_scanned; i++) {
		*(volatile char *)(self->map + i % nr_scanned * PAGE);
		if (i % (FRAMES / 4) == 0)
			ASSERT_TRUE(is_sampled(fd, used, nr_used, 60));
	}
	EXPECT_GE(fdinfo_get(self->fd, "refaults"), 2 * nr_scanned - FRAMES);
	/* Without a look at accessed bits, some 8 times each. */
	EXPECT_LE(fdinfo_get(fd, "refaults") - before, nr_used);
	EXPECT_EQ(pages_wrong(used, 0, nr_used, 1), 0);
	munmap(used, (nr_used + 1) * PAGE);
	close(fd);
}

TEST_F(daemon, gives_frames_back_when_the_machine_runs_short)
{
	unsigned long resident;

	pages_fill(self->map, 0, 2 * FRAMES, 1);
	settled_free_frames();
	resident = stat_get("resident");
	/* Asks all shrinkers for all they have. */
	ASSERT_EQ(file_write("/proc/sys/vm/drop_caches", "2"), 0);
	EXPECT_TRUE(SOON(stat_get("resident") < resident / 2));
	EXPECT_EQ(pages_wrong(self->map, 0, 2 * FRAMES, 1), 0);
}

TEST_F(daemon, comes_and_goes_with_its_device)
{
	char text[32];
	int id;

	ASSERT_EQ(file_read(CONTROL "hot_add", text, sizeof(text)), 0);
	id = atoi(text);
	EXPECT_GT(daemon_pid(id), 0);
	EXPECT_EQ(file_write(CONTROL "hot_remove", text), 0);
	EXPECT_EQ(daemon_pid(id), 0);
	EXPECT_GT(daemon_pid(0), 0);
}

TEST_HARNESS_MAIN
