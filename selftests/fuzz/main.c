// SPDX-License-Identifier: GPL-2.0
/*
 * Options, processes and threads. Time passes in epochs: workers run, one of their
 * processes is killed, and when all are gone the module is unloaded and loaded again.
 */
#include <getopt.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

#define PROCESSES	2
#define THREADS		2
#define EPOCH		15.0	/* seconds */
#define PATIENCE	300	/* until a worker is said to hang */

static struct totals *totals;

struct thread {
	pthread_t thread;
	struct worker worker;
	uint64_t seed;
	double deadline;
};

/* No operation here may get it: the store has room, and the disk no faults. */
static void on_sigbus(int sig)
{
	if (worker_of_thread)
		report_mismatch(worker_of_thread, "SIGBUS");
	_exit(1);
}

static void *thread_main(void *data)
{
	struct thread *thread = data;

	worker_run(&thread->worker, thread->seed, -1UL, thread->deadline, NULL);
	return NULL;
}

/* Threads share the address space and its locks, each with regions of its own. */
static void process_main(unsigned int process, uint64_t seed, double deadline)
{
	struct thread threads[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		threads[i].seed = seed + process * THREADS + i;
		worker_init(&threads[i].worker, process * THREADS + i,
			    threads[i].seed, totals);
		threads[i].deadline = deadline;
	}
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i].thread, NULL, thread_main,
			       &threads[i]);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i].thread, NULL);
	exit(0);
}

static void run_epoch(uint64_t seed, double seconds)
{
	pid_t pids[PROCESSES];
	unsigned int i;

	pool_prepare();
	fflush(stdout);
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			process_main(i, seed, seconds_now() + seconds);
	}
	usleep(seconds * 0.8e6);
	kill(pids[seed % PROCESSES], SIGKILL);
	/* One that does not end is a bug that the kernel's log may explain. */
	alarm(PATIENCE);
	children_wait_all(totals);
	alarm(0);
}

/* With the last region gone nothing holds it; the last mmput() may be late. */
static void reload_module(void)
{
	static const char unload[] =
		"for f in /sys/class/swaplab/*/policy; do echo none > $f; done;"
		"cd /sys/module/swaplab/holders && rmmod * 2> /dev/null;"
		"rmmod swaplab 2> /dev/null";
	int tries = 300;

	while (system(unload) && --tries)
		usleep(200000);
	if (!tries || system("modprobe swaplab") || access(POOL, F_OK)) {
		printf("fuzz: the module cannot be loaded again\n");
		totals->mismatches++;
	}
}

static void print_totals(void)
{
	printf("%llu operations, %llu KiB compared, %llu mismatches\n",
	       (unsigned long long)totals->ops,
	       (unsigned long long)totals->bytes >> 10,
	       (unsigned long long)totals->mismatches);
}

static bool run_for(uint64_t seed, double seconds)
{
	double end = seconds_now() + seconds, left;
	struct random random = { seed };
	unsigned int nr = 0;

	while ((left = end - seconds_now()) > 0 && !totals->mismatches) {
		run_epoch(random_next(&random), left < EPOCH ? left : EPOCH);
		if (!totals->mismatches)
			reload_module();
		nr++;
	}
	printf("fuzz: seed %#llx, %u epochs: ", (unsigned long long)seed, nr);
	print_totals();
	return totals->mismatches;
}

static void usage(void)
{
	fprintf(stderr,
		"Usage: fuzz [--seed N] [--seconds N]    processes and threads\n"
		"       fuzz --replay SEED --ops N       one sequence, by one thread\n"
		"       fuzz --shrink SEED --ops N       the same, made shorter\n"
		"--rogue plants a fault: bytes in the store change.\n"
		"--share plants another: no region is private.\n"
		"--rename plants another: a name finds another region.\n"
		"--lose plants another: the last page of a move is lost on its way.\n");
	exit(2);
}

static void plant_fault(int option)
{
	switch (option) {
	case 'x':
		sequence_use_rogue();
		break;
	case 'f':
		region_share_all();
		break;
	case 'e':
		names_find_others();
		break;
	case 'l':
		move_lose_pages();
		break;
	default:
		usage();
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ "replay", required_argument, NULL, 'r' },
		{ "shrink", required_argument, NULL, 'm' },
		{ "ops", required_argument, NULL, 'n' },
		{ "rogue", no_argument, NULL, 'x' },
		{ "share", no_argument, NULL, 'f' },
		{ "rename", no_argument, NULL, 'e' },
		{ "lose", no_argument, NULL, 'l' },
		{ }
	};
	uint64_t seed = time(NULL);
	unsigned long nr_ops = 1000;
	double seconds = 60;
	int option, mode = 0;
	bool failed;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'r':
		case 'm':
			mode = option;
			seed = strtoull(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			seconds = atof(optarg);
			break;
		case 'n':
			nr_ops = strtoul(optarg, NULL, 0);
			break;
		default:
			plant_fault(option);
		}
	}
	totals = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	signal(SIGBUS, on_sigbus);
	/* Children of a worker that has ended become this process's. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (mode == 'm')
		return shrink_sequence(seed, nr_ops, totals);
	if (mode == 'r') {
		failed = sequence_fails(seed, nr_ops, NULL, totals);
		print_totals();
	} else {
		failed = run_for(seed, seconds);
	}
	return failed;
}
