// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module without memory: each allocation of the module's own part of a load
 * fails in turn, from the last to the first. Nothing is left behind.
 *
 * Allocations of the kernel's part are not tested, and it complains about some.
 * initcall_debug shows which part an allocation belongs to: it logs a line before the
 * module's part begins. Linux 6.1's class_register() loses the name of a class that it
 * cannot register; kmem_cache_create() shows its stack when it fails, without a warning;
 * and event_define_fields(), of the kernel's part, warns.
 *
 * Pages do not fail: the number of pages that a load takes depends on the state of
 * caches, and so would the number of each other allocation.
 *
 * kernel: kasan (for /proc/thread-self/fail-nth)
 * vm-options: --append initcall_debug --allow size.[0-9]{1,2}.:|Call.Trace|define_fields
 */
#include "fail_alloc.h"
#include "module_load.h"

#define SITES		100000	/* more than loading has */
/*
 * After so many failures in a row before our part begins, all of ours have been tried. A
 * single one may be by chance: the kernel's debugging caches objects, and refills the
 * cache at any time.
 */
#define BEFORE		2

/* Has the module's own part begun since this was asked last? */
static bool has_begun(int log)
{
	char record[2048];
	bool begun = false;
	ssize_t len;

	while ((len = read(log, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		record[len] = '\0';
		begun |= !!strstr(record, "calling  swaplab_init");
	}
	return begun;
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
	int fail_nth = failures_open(), log, nth, err, nr = 0;
	int nr_before = 0;
	const char *path = "/dev/shm/swaplab.ko";
	bool failed;

	/* The host's filesystem cannot read the module without memory. */
	ASSERT_EQ(run_shell("cp %s %s", module_path(), path), 0);
	log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_EQ(faults_prepare(), 0);
	ASSERT_EQ(fault_set("fail_page_alloc", "min-order", "20"), 0);
	ASSERT_EQ(unload_module(), 0);
	nth = nr_sites(fail_nth, path);
	ASSERT_GT(nth, 0);
	has_begun(log);
	for (; nth > 0 && nr_before < BEFORE; nth--) {
		ASSERT_EQ(failures_begin(fail_nth, nth), 0);
		err = load_module(path, "");
		failed = failures_end(fail_nth);
		failures_begin(fail_nth, 0);
		nr_before++;
		if (!has_begun(log))
			continue;
		nr_before = 0;
		nr += failed;
		EXPECT_EQ(err ? err : unload_module(), err ? -ENOMEM : 0);
		EXPECT_FALSE(path_exists("/sys/module/swaplab"));
		EXPECT_FALSE(path_exists("/sys/class/swaplab"));
		EXPECT_FALSE(path_exists("/sys/class/swaplab-control"));
		EXPECT_FALSE(path_exists(DEVICE));
	}
	EXPECT_GT(nr, 0);
	TH_LOG("load: %d allocations failed in turn", nr);
	EXPECT_EQ(load_module(path, ""), 0);
	unlink(path);
}

TEST_HARNESS_MAIN
