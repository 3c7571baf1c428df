// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module without memory: each allocation of the module's own part of a load
 * fails in turn, from the last to the first. Nothing is left behind.
 *
 * Allocations of the kernel's part are not tested, and it complains about some.
 * initcall_debug shows which part an allocation belongs to: it logs a line before the
 * module's part begins, and one when that has ended. Behind it are more allocations than in
 * it, of the kernel's coverage. Linux 6.1's class_register() loses the name of a class that it
 * cannot register; kmem_cache_create() shows its stack when it fails, without a warning;
 * and event_define_fields(), of the kernel's part, warns.
 *
 * Pages do not fail: the number of pages that a load takes depends on the state of
 * caches, and so would the number of each other allocation.
 *
 * kernel: kasan (for /proc/thread-self/fail-nth)
 * vm-options: --append initcall_debug --append slub_debug=A;-,kmemleak_object
 * vm-options: --allow size.[0-9]{1,2}.:|Call.Trace|define_fields
 */
#include "fail_alloc.h"
#include "module_load.h"

#define SITES		100000	/* more than loading has */
/*
 * After so many failures in a row before our part begins, all of ours have been tried. A
 * single one may be by chance: the kernel's debugging caches objects, and refills the
 * cache at any time. So as many are tried behind our part.
 */
#define BESIDE		2

/* SILENT: an allocation may ask for no message. */
enum part { BEFORE, OURS, BEHIND, SILENT };

/* The part of the last load that an allocation failed in, by the log since this was asked. */
static enum part find_part(int log)
{
	enum part part = BEFORE, found = SILENT;
	bool has_failed = false;
	char record[2048];
	ssize_t len;

	while ((len = read(log, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		record[len] = '\0';
		if (strstr(record, "calling  swaplab_init")) {
			part = OURS;
		} else if (strstr(record, "initcall swaplab_init")) {
			part = BEHIND;
		} else if (!has_failed && strstr(record, "FAULT_INJECTION")) {
			has_failed = true;
			found = part;
		}
	}
	return found;
}

/* How many allocations it takes. */
static int nr_sites(int fail_nth, const char *path)
{
	char left[16] = {};

	if (failures_begin(fail_nth, SITES) || load_module(path, "") ||
	    pread(fail_nth, left, sizeof(left) - 1, 0) <= 0 ||
	    failures_begin(fail_nth, 0) || unload_module())
		return -1;
	return SITES - atoi(left);
}

/* Loads the module, with the nth allocation failing. */
static enum part load_failing(int log, int fail_nth, int nth, const char *path, int *err)
{
	find_part(log);
	*err = failures_begin(fail_nth, nth) ?: load_module(path, "");
	failures_begin(fail_nth, 0);
	return find_part(log);
}

/* As load_failing(), and unloads it. BEHIND if all up to @end are silent, or there is none. */
static enum part find_part_of(int log, int fail_nth, int nth, int end, const char *path)
{
	enum part part = SILENT;
	int err;

	for (; part == SILENT && nth < end; nth++) {
		part = load_failing(log, fail_nth, nth, path, &err);
		if (!err && unload_module())
			break;
	}
	return part == SILENT ? BEHIND : part;
}

/* The first allocation behind our part. */
static int find_behind(int log, int fail_nth, int nr, const char *path)
{
	int low = 0, high = nr, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (find_part_of(log, fail_nth, middle, high, path) == BEHIND)
			high = middle;
		else
			low = middle;
	}
	return high;
}

FIXTURE(loading)
{
};

FIXTURE_SETUP(loading)
{
}

FIXTURE_TEARDOWN(loading)
{
}

/* Some hundred loads, each of which a debug kernel takes seconds for. */
TEST_F_TIMEOUT(loading, fails_at_each_allocation_and_leaves_nothing, 400)
{
	int fail_nth = failures_open(), log, nth, last, err, nr = 0;
	int nr_before = 0;
	const char *path = "/dev/shm/swaplab.ko";
	enum part part;

	/*
	 * The host's filesystem cannot read the module without memory. Its debugging
	 * information is most of it, and would be read at each load.
	 */
	ASSERT_EQ(run_shell("strip --strip-debug -o %s %s", path, module_path()), 0);
	log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_EQ(faults_prepare(), 0);
	ASSERT_EQ(fault_set("failslab", "verbose", "1"), 0);
	ASSERT_EQ(fault_set("failslab", "verbose_ratelimit_interval_ms", "0"), 0);
	ASSERT_EQ(fault_set("fail_page_alloc", "min-order", "20"), 0);
	ASSERT_EQ(unload_module(), 0);
	nth = nr_sites(fail_nth, path);
	ASSERT_GT(nth, 0);
	nth = find_behind(log, fail_nth, nth, path);
	last = nth;
	for (nth += BESIDE; nth > 0 && nr_before < BESIDE; nth--) {
		part = load_failing(log, fail_nth, nth, path, &err);
		if (part == BEFORE) {
			nr_before++;
			EXPECT_TRUE(err || !unload_module());
			continue;
		}
		if (part != SILENT)
			nr_before = 0;
		nr += part == OURS;
		EXPECT_EQ(err ? err : unload_module(), err ? -ENOMEM : 0);
		EXPECT_FALSE(path_exists("/sys/module/swaplab"));
		EXPECT_FALSE(path_exists("/sys/class/swaplab"));
		EXPECT_FALSE(path_exists("/sys/class/swaplab-control"));
		EXPECT_FALSE(path_exists(DEVICE));
	}
	EXPECT_GT(nr, 0);
	TH_LOG("load: %d allocations failed in turn, up to number %d", nr, last);
	EXPECT_EQ(load_module(path, ""), 0);
	unlink(path);
}

TEST_HARNESS_MAIN
