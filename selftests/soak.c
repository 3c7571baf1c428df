// SPDX-License-Identifier: GPL-2.0
/*
 * A long life in short: rounds of processes that come and go, while frames, policies and
 * the swap file change. The memory in use, the cost of faults and the layout of the slots
 * must be the same at the end as at the beginning.
 *
 * The pool under test lives through it all, with a region whose pages are verified and
 * changed; another one loses its store after each round. Both stores are full before the
 * first reading: they are memory.
 *
 * The machine has no other task, and its disks are small: vm-options: --mem 512M --disk 32
 *
 * Without SOAK_ROUNDS there are some rounds, and costs are not compared: make soak does
 * that, on a clock that counts instructions.
 */
#include <math.h>
#include "readings.h"

#define ROUNDS		60
#define WARM_UP		10
#define LONG_WARM_UP	200
#define PROCESSES	10
/* Of the machine's clock, when there is an hour for 1000 rounds. */
#define ROUND_SECONDS	3.6

#define FRAMES		512
#define FEW		64
#define PAGES		2048
#define CHANGES		256	/* of pages, in a round */
#define PATTERN		1024
#define CHURN_PAGES	256
#define DISK		"/dev/nullb1"
#define CONTROL		"/sys/class/swaplab-control/"
#define MAX_POLICIES	64
#define PATTERNS	16
/* Of the rounds; there are readings after each. */
#define PARTS		4

/**
 * struct soak - state that lives as long as the test
 * @map: the region of the pool under test
 * @fd: of it
 * @version: of each page; 0: zeros
 * @policies: the names of all
 * @nr_policies: how many
 * @churn: the other device
 * @seed: of the random choices
 */
struct soak {
	char *map;
	int fd;
	unsigned int version[PAGES];
	char policies[MAX_POLICIES][32];
	int nr_policies;
	char churn[32];
	unsigned int seed;
};

FIXTURE(soak)
{
	struct soak soak;
};

static int churn_write(struct soak *soak, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), CLASS "%s/%s", soak->churn, file);
	return file_write(path, text);
}

static int churn_set(struct soak *soak, const char *file, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", value);
	return churn_write(soak, file, text);
}

/* The policies that modprobe would find. */
static int find_policies(struct soak *soak)
{
	char line[256];
	FILE *names;

	names = popen("cat /lib/modules/$(uname -r)/modules.alias", "r");
	while (names && soak->nr_policies < MAX_POLICIES && fgets(line, sizeof(line), names))
		soak->nr_policies += sscanf(line, "alias swaplab-policy-%31s",
					    soak->policies[soak->nr_policies]) == 1;
	if (names)
		pclose(names);
	return soak->nr_policies;
}

/* Pages of a disk in memory come as they are written. */
static int fill_disk(const char *path)
{
	return run_shell("test $(blockdev --getsize64 %s) -le 100000000 && blkdiscard -z %s",
			 path, path);
}

/* A policy that is used for the first time loads its module, which takes memory. */
static int load_policies(struct soak *soak)
{
	int i, err = 0;

	for (i = 0; i < soak->nr_policies && !err; i++)
		err = pool_write("policy", soak->policies[i]);
	return err;
}

FIXTURE_SETUP(soak)
{
	struct soak *soak = &self->soak;
	char number[16];

	memset(soak, 0, sizeof(*soak));
	if (access("/proc/slabinfo", R_OK) || access(DISK, F_OK))
		SKIP_SETUP("no slabinfo, or no second disk");
	if (fill_disk(store_path()) || fill_disk(DISK))
		SKIP_SETUP("the disks are not small");
	ASSERT_GT(find_policies(soak), 0);
	ASSERT_EQ(load_policies(soak), 0);
	ASSERT_EQ(file_read(CONTROL "hot_add", number, sizeof(number)), 0);
	snprintf(soak->churn, sizeof(soak->churn), "swaplab%s", number);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	soak->map = region_map(&soak->fd, PAGES);
	ASSERT_NE(soak->map, NULL);
	soak->seed = 1;
}

FIXTURE_TEARDOWN(soak)
{
	struct soak *soak = &self->soak;

	region_unmap(soak->fd, soak->map, PAGES);
	pool_write("policy", "aging");
	pool_restore();
	file_write(CONTROL "hot_remove", soak->churn + strlen("swaplab"));
}

static unsigned int number_below(struct soak *soak, unsigned int limit)
{
	return rand_r(&soak->seed) % limit;
}

static bool page_is_right(struct soak *soak, size_t page)
{
	const char *content = soak->map + page * PAGE;

	return soak->version[page] ? page_holds(content, page, soak->version[page]) :
				     page_is_zero(content);
}

static size_t count_wrong(struct soak *soak, size_t first, size_t nr)
{
	size_t page, wrong = 0;

	for (page = first; page < first + nr; page++)
		wrong += !page_is_right(soak, page);
	return wrong;
}

/* Some pages get another content, and a few none. */
static int change_lived(struct soak *soak)
{
	struct swaplab_range hole = { .length = 16 * PAGE };
	size_t page, i;

	for (i = 0; i < CHANGES; i++) {
		page = number_below(soak, PAGES);
		page_fill(soak->map + page * PAGE, page, ++soak->version[page]);
	}
	page = number_below(soak, PAGES - 16);
	hole.offset = page * PAGE;
	memset(soak->version + page, 0, 16 * sizeof(*soak->version));
	return ioctl(soak->fd, SWAPLAB_DISCARD, &hole);
}

/* Half of its pages are to be swapped and read again; it leaves all else to its exit. */
static void run_process(struct soak *soak)
{
	size_t nr = 1 + number_below(soak, CHURN_PAGES), wrong;
	char path[64], *map;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", soak->churn);
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		_exit(2);
	pages_fill(map, 0, nr, 1);
	wrong = count_wrong(soak, number_below(soak, PAGES - 16), 16);
	wrong += pages_wrong(map, 0, nr, 1);
	_exit(wrong != 0);
}

static pid_t start_process(struct soak *soak)
{
	pid_t pid;

	soak->seed++;
	pid = fork();
	if (!pid)
		run_process(soak);
	return pid;
}

/* Frames and policies of both pools, and the daemons of the one that lives. */
static int change_pools(struct soak *soak)
{
	const char *policy = soak->policies[number_below(soak, soak->nr_policies)];
	int err;

	err = churn_set(soak, "nr_frames", FEW + number_below(soak, 4 * FRAMES));
	if (!err)
		err = churn_write(soak, "policy", policy);
	if (!err)
		err = pool_set("nr_frames", FEW + number_below(soak, 2 * FRAMES));
	if (!err)
		err = pool_set("daemons", 1 + number_below(soak, 3));
	return err ? err : pool_write("policy", policy);
}

/* One of them does not come to its own end. */
static int join_processes(pid_t *pids)
{
	int status, i, wrong = 0;

	kill(pids[0], SIGKILL);
	for (i = 0; i < PROCESSES; i++) {
		if (waitpid(pids[i], &status, 0) < 0)
			return -1;
		wrong += status && !(i == 0 && WIFSIGNALED(status));
	}
	return wrong;
}

static int run_round(struct soak *soak)
{
	pid_t pids[PROCESSES];
	int i, err;

	err = churn_write(soak, "swap_file", DISK);
	if (err)
		return err;
	err = change_lived(soak);
	if (err)
		return err;
	for (i = 0; i < PROCESSES; i++)
		pids[i] = start_process(soak);
	err = change_pools(soak);
	if (!err)
		err = count_wrong(soak, number_below(soak, PAGES - 64), 64);
	err = join_processes(pids) ? : err;
	/* A region may outlive its process for a moment. */
	if (!SOON(churn_write(soak, "swap_file", "none") != -EBUSY))
		err = -EBUSY;
	return err;
}

static int run_rounds(struct soak *soak, unsigned int nr, double seconds)
{
	double start = seconds_now(), left;
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = run_round(soak);
		if (err) {
			printf("# round %u: %d\n", i, err);
			return err;
		}
		left = start + (i + 1) * seconds - seconds_now();
		if (left > 0)
			msleep(left * 1000);
	}
	return 0;
}

/* Number @field of a disk: 4 writes, 6 sectors written. */
static double disk_stat(int field)
{
	return sum_column("/sys/block/nullb0/stat", "", field);
}

/**
 * struct cost - of a fixed pattern
 * @touch: us from a first touch to the page
 * @refault: us from a touch to the page, of pages that are swapped
 * @write: pages a transfer to the store
 */
struct cost {
	double touch, refault, write;
};

/* In a region of its own, of more pages than there are frames. */
static int run_pattern(struct cost *cost)
{
	double start, writes, sectors;
	char *map;
	int fd;

	map = region_map(&fd, PATTERN);
	if (!map)
		return -1;
	writes = disk_stat(4);
	sectors = disk_stat(6);
	start = seconds_now();
	pages_fill(map, 0, PATTERN, 1);
	cost->touch = (seconds_now() - start) * 1e6 / PATTERN;
	start = seconds_now();
	if (pages_wrong(map, 0, PATTERN, 1))
		return -1;
	cost->refault = (seconds_now() - start) * 1e6 / PATTERN;
	settled_free_frames();
	cost->write = (disk_stat(6) - sectors) / 8 / (disk_stat(4) - writes);
	region_unmap(fd, map, PATTERN);
	return 0;
}

/* Both pools as they were at first, with few frames. */
static int reset_pools(struct soak *soak)
{
	int err;

	err = churn_set(soak, "nr_frames", 16);
	if (!err)
		err = churn_write(soak, "policy", "aging");
	if (!err)
		err = pool_write("policy", "aging");
	if (!err)
		err = pool_set("nr_frames", FEW);
	if (!err)
		err = pool_set("daemons", 1);
	settled_free_frames();
	return err;
}

/* The mean of some: where the hand of the slots stands differs. */
static int measure_costs(struct cost *mean, int nr)
{
	struct cost cost = {};
	int i, err;

	err = pool_set("nr_frames", FRAMES);
	for (i = 0; i < nr && !err; i++) {
		err = run_pattern(&cost);
		mean->touch += cost.touch / nr;
		mean->refault += cost.refault / nr;
		mean->write += cost.write / nr;
	}
	return err;
}

/* 0: the short test. */
static unsigned int given_rounds(void)
{
	const char *given = getenv("SOAK_ROUNDS");

	return given ? atoi(given) : 0;
}

/* Of the machine and the pools; see take_readings(). */
static const struct {
	const char *name;
	double most;	/* change, in percent */
} readings[] = {
	{ "free pages", 0.5 },
	{ "kB of slabs", 5 },
	{ "kB of slabs that stay", 5 },
	{ "kB for each CPU", 1 },
	{ "nodes of xarrays", 5 },
	{ "objects of kmalloc()", 5 },
	{ "bytes of metadata", 0 },
	{ "pages a write", 5 },
	{ "us a first touch", 5 },
	{ "us a refault", 5 },
};

#define NR_READINGS	(sizeof(readings) / sizeof(*readings))
/* Before the slots have been used for long, the others change. */
#define NR_COUNTS	(NR_READINGS - 3)

/* In a file of its own: the objects of each slab cache. */
static void save_slabs(const char *when)
{
	run_shell("awk 'NR > 2 { print $1, $2 }' /proc/slabinfo | sort > /tmp/slabs.%s", when);
}

static void print_slabs_that_grew(void)
{
	char line[128];
	FILE *slabs;

	slabs = popen("join /tmp/slabs.before /tmp/slabs.after | awk '$3 > $2 + 16'", "r");
	while (slabs && fgets(line, sizeof(line), slabs))
		printf("# grew, from and to: %s", line);
	if (slabs)
		pclose(slabs);
}

static int take_readings(struct soak *soak, const char *when, double *values)
{
	struct cost cost = {};
	int err;

	err = reset_pools(soak);
	if (!err)
		err = measure_costs(&cost, given_rounds() ? PATTERNS : 1);
	if (!err)
		err = reset_pools(soak);
	memory_settle();
	*values++ = free_pages();
	*values++ = sum_column("/proc/meminfo", "Slab:", 1);
	*values++ = sum_column("/proc/meminfo", "SUnreclaim:", 1);
	*values++ = sum_column("/proc/meminfo", "Percpu:", 1);
	*values++ = sum_column("/proc/slabinfo", "radix_tree_node ", 1);
	*values++ = kmalloc_objects();
	*values++ = stat_get("metadata_bytes");
	*values++ = cost.write;
	*values++ = cost.touch;
	*values++ = cost.refault;
	save_slabs(when);
	return err;
}

static void print_readings(const char *when, unsigned int round, const double *values)
{
	size_t i;

	printf("# %s round %u:", when, round);
	for (i = 0; i < NR_READINGS; i++)
		printf("%s %.2f %s", i ? "," : "", values[i], readings[i].name);
	printf("\n");
	fflush(stdout);
}

static int nr_changed(const double *before, const double *after, size_t nr)
{
	int changed = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (fabs(after[i] - before[i]) <= before[i] * readings[i].most / 100)
			continue;
		printf("# changed: %s, from %.2f to %.2f\n", readings[i].name,
		       before[i], after[i]);
		changed++;
	}
	if (changed)
		print_slabs_that_grew();
	/* A test that fails ends without that. */
	fflush(stdout);
	return changed;
}

TEST_F_TIMEOUT(soak, leaves_the_machine_as_it_was, 900)
{
	unsigned int given = given_rounds(), nr = given ? given : ROUNDS;
	unsigned int i, part = given ? nr / PARTS : nr;
	double before[NR_READINGS], after[NR_READINGS];

	ASSERT_GT(part, 0);
	ASSERT_EQ(run_rounds(&self->soak, given ? LONG_WARM_UP : WARM_UP, 0), 0);
	ASSERT_EQ(take_readings(&self->soak, "before", before), 0);
	print_readings("before", 0, before);
	for (i = part; i <= nr; i += part) {
		ASSERT_EQ(run_rounds(&self->soak, part, given ? ROUND_SECONDS : 0), 0);
		ASSERT_EQ(take_readings(&self->soak, "after", after), 0);
		print_readings("after", i, after);
	}
	EXPECT_EQ(count_wrong(&self->soak, 0, PAGES), 0);
	if (!memory_is_watched())
		EXPECT_EQ(nr_changed(before, after, given ? NR_READINGS : NR_COUNTS), 0);
}

/* As if each process of the short test left a region with one page. */
TEST_F(soak, finds_a_region_that_stays_for_each_process)
{
	double before[NR_READINGS], after[NR_READINGS];
	int fds[ROUNDS * PROCESSES], i, opened = 0;
	char *map;

	if (memory_is_watched())
		SKIP(return, "a debug kernel");
	ASSERT_EQ(take_readings(&self->soak, "before", before), 0);
	for (i = 0; i < ROUNDS * PROCESSES; i++) {
		map = region_map(&fds[i], 1);
		opened += !!map;
		if (map)
			map[0] = 1;
	}
	ASSERT_EQ(opened, i);
	EXPECT_EQ(take_readings(&self->soak, "after", after), 0);
	print_readings("with regions,", 0, after);
	EXPECT_GT(nr_changed(before, after, NR_COUNTS), 0);
	while (i--)
		close(fds[i]);
}

TEST_HARNESS_MAIN
