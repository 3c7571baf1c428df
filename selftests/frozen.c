// SPDX-License-Identifier: GPL-2.0
/*
 * A fault does not spin while the daemon has its page frozen: however long the daemon
 * is kept from its processor, the fault looks at the page a few times only.
 *
 * The daemon shares its processor with a real-time task, and is preempted wherever it
 * happens to be. That takes a kernel that preempts itself. A probe counts the looks, and
 * its breakpoint changes the kernel's code, so vm-options: --append preempt=full --turns
 */
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include "tracing.h"

#define PROBE	"swaplab_test_look"
#define EVENT	TRACING "events/kprobes/" PROBE "/"

#define FRAMES	32
#define NR	24	/* pages that are touched: frames for all of them */
#define TOUCHERS	4
#define PREEMPTIONS	3000	/* and at most ten times as many */
#define EVICTIONS	(PREEMPTIONS / 10)
#define LOOKS	64	/* that one touch may take: some at the pages around, too */

FIXTURE(frozen)
{
	char id[16];
	char *map;
	int fd;
};

static bool kernel_is_preemptible(void)
{
	char mode[64];

	run_shell("mount -t debugfs none /sys/kernel/debug");
	return !file_read("/sys/kernel/debug/sched/preempt", mode, sizeof(mode)) &&
	       strstr(mode, "(full)");
}

FIXTURE_SETUP(frozen)
{
	if (!tracing_has("kprobe_events"))
		SKIP_SETUP("the kernel has no probes");
	if (!kernel_is_preemptible())
		SKIP_SETUP("the kernel does not preempt itself");
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP_SETUP("there is one processor only");
	ASSERT_EQ(file_write(TRACING "kprobe_events",
			     "p:" PROBE " swaplab_region_lock_folio"), 0);
	ASSERT_EQ(file_read(EVENT "id", self->id, sizeof(self->id)), 0);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	/* Evicts pages, used or not. */
	if (pool_write("policy", "fifo"))
		SKIP_SETUP("modprobe finds no policy");
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(frozen)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
	file_write(TRACING "kprobe_events", "-:" PROBE);
}

struct toucher {
	pthread_t thread;
	const char *map;
	size_t page;
	int counter;
	unsigned long touches, most;
	volatile bool stop;
};

/* Counts the looks of the calling thread. */
static int counter_open(const char *id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = strtoul(id, NULL, 10),
	};

	return syscall(__NR_perf_event_open, &attr, 0, -1, -1,
		       PERF_FLAG_FD_CLOEXEC);
}

static const char *event_id;

static void *toucher_main(void *data)
{
	struct toucher *toucher = data;
	uint64_t before = 0, after;

	keep_to_cpu(0, 0);
	toucher->counter = counter_open(event_id);
	while (toucher->counter >= 0 && !toucher->stop) {
		toucher->page = (toucher->page + 1) % NR;
		(void)*(const volatile char *)(toucher->map + toucher->page * PAGE);
		if (read(toucher->counter, &after, sizeof(after)) != sizeof(after))
			break;
		if (after - before > toucher->most)
			toucher->most = after - before;
		before = after;
		toucher->touches++;
	}
	return NULL;
}

/* On a slow machine it takes more of them until enough pages were evicted. */
static bool is_enough(int nr_preemptions)
{
	return nr_preemptions >= PREEMPTIONS && nr_preemptions % 100 == 0 &&
	       stat_get("evictions") > EVICTIONS;
}

/*
 * Takes the daemon's processor from it again and again, for longer than it had it.
 * Returns false if that is not possible.
 */
static bool preempt_daemon(struct toucher *touchers)
{
	struct sched_param param = { .sched_priority = 1 };
	bool spins = false;
	double end;
	int i, j;

	if (keep_to_cpu(0, 1) || sched_setscheduler(0, SCHED_FIFO, &param))
		return false;
	for (i = 0; i < 10 * PREEMPTIONS && !spins && !is_enough(i); i++) {
		usleep(50);
		for (end = seconds_now() + 0.002; seconds_now() < end;)
			;
		for (j = 0; j < TOUCHERS; j++)
			spins |= touchers[j].most > LOOKS;
	}
	param.sched_priority = 0;
	return !sched_setscheduler(0, SCHED_OTHER, &param);
}

TEST_F(frozen, pages_are_not_spun_on)
{
	struct toucher touchers[TOUCHERS] = {};
	struct pressure pressure;
	int i;

	event_id = self->id;
	ASSERT_EQ(keep_to_cpu(0, 0), 0);
	ASSERT_EQ(pressure_start(&pressure, FRAMES), 0);
	for (i = 0; i < TOUCHERS; i++) {
		touchers[i].map = self->map;
		touchers[i].page = i * NR / TOUCHERS;
		ASSERT_EQ(pthread_create(&touchers[i].thread, NULL,
					 toucher_main, &touchers[i]), 0);
	}
	ASSERT_EQ(keep_to_cpu(daemon_pid(0), 1), 0);
	EXPECT_TRUE(preempt_daemon(touchers));
	pressure_stop(&pressure);
	for (i = 0; i < TOUCHERS; i++) {
		touchers[i].stop = true;
		pthread_join(touchers[i].thread, NULL);
		close(touchers[i].counter);
		TH_LOG("%lu touches, %lu looks for one", touchers[i].touches,
		       touchers[i].most);
		/* Pages were there, and without a PTE: faults have looked. */
		EXPECT_GT(touchers[i].most, 0);
		EXPECT_LE(touchers[i].most, LOOKS);
	}
	EXPECT_GT(stat_get("evictions"), EVICTIONS);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_HARNESS_MAIN
