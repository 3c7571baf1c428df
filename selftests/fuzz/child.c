// SPDX-License-Identifier: GPL-2.0
/*
 * Children that live beside their parents: each goes on with its copies of the private
 * regions, and has children of its own. They end in any order.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fuzz.h"

#define MAX_DEPTH	3
#define MAX_OPS		30

/* The status of a child that has not been killed says whether it got to its end. */
static void child_end(struct worker *worker, struct child *child)
{
	int status;

	if (!child->pid)
		return;
	if (child->is_doomed)
		kill(child->pid, SIGKILL);
	if (waitpid(child->pid, &status, 0) == child->pid && status &&
	    !(child->is_doomed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		report_mismatch(worker, "a child ended with status %#x", status);
	child->pid = 0;
}

void children_end(struct worker *worker)
{
	size_t i;

	for (i = 0; i < NR_CHILDREN; i++)
		child_end(worker, &worker->children[i]);
}

/*
 * Waits for all, also for those whose parents have ended. SIGKILL is no failure: a parent that
 * kills a child may be killed itself before it waits for it.
 */
void children_wait_all(struct totals *totals)
{
	int status;

	while (wait(&status) > 0) {
		if (!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			continue;
		printf("fuzz: a worker ended with status %#x\n", status);
		__atomic_add_fetch(&totals->mismatches, 1, __ATOMIC_RELAXED);
	}
}

/* In the child: what it shares with its parent is the parent's. */
static void drop_shared(struct worker *worker, struct random *random)
{
	struct region *region;
	size_t i;

	for (i = 0; i < NR_REGIONS; i++) {
		region = &worker->regions[i];
		if (region->is_private)
			continue;
		region_close(region);
		region_open(region, random_below(random, 2));
	}
	close(worker->scratch);
	worker_open_scratch(worker);
}

/* All of a child's life. Its pages may go one by one, or with its address space. */
static void live(struct worker *worker, bool is_doomed)
{
	struct random random = worker->random;
	unsigned long nr_ops = 1 + random_below(&random, MAX_OPS);
	size_t i;

	worker->depth++;
	worker->is_doomed |= is_doomed;
	worker->leaves_children = random_below(&random, 2);
	memset(worker->children, 0, sizeof(worker->children));
	drop_shared(worker, &random);
	worker_run(worker, random_next(&random), nr_ops, worker->deadline, NULL);
	for (i = 0; i < NR_REGIONS && nr_ops % 2; i++)
		region_close(&worker->regions[i]);
	fflush(stdout);
	_exit(0);
}

/* A second mapping that only the parent has. */
static void keep_view(struct region *region, int advice)
{
	if (region->view)
		madvise(region->view, region->view_size, advice);
}

static void op_spawn(struct worker *worker)
{
	size_t i = random_below(&worker->random, NR_CHILDREN);
	bool is_doomed = random_below(&worker->random, 4) == 0;
	bool keeps_view = random_below(&worker->random, 4) == 0;
	struct region *region = worker->region;
	struct child *child = &worker->children[i];

	if (worker->depth == MAX_DEPTH)
		return;
	child_end(worker, child);
	if (keeps_view)
		keep_view(region, MADV_DONTFORK);
	child->is_doomed = is_doomed;
	child->pid = fork();
	if (!child->pid) {
		if (keeps_view)
			region->view = NULL;
		live(worker, is_doomed);
	}
	if (child->pid < 0)
		child->pid = 0;
	if (keeps_view)
		keep_view(region, MADV_DOFORK);
}

/* Waits for one child, or kills it. */
static void op_reap(struct worker *worker)
{
	child_end(worker, &worker->children[random_below(&worker->random,
							 NR_CHILDREN)]);
}

static bool is_zero(const unsigned char *bytes)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, PAGE - 1);
}

/*
 * Private pages go with the last mapping of a process, but for those that are in transit
 * just then. Then a child has no region any more that it could map.
 */
static void op_unmap_all(struct worker *worker)
{
	struct region *region = worker->region;
	void *map;
	size_t i;

	if (!region->is_private)
		return;
	munmap(region->map, REGION_SIZE);
	if (region->view)
		munmap(region->view, region->view_size);
	region->view = NULL;
	map = mmap(NULL, REGION_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   region->fd, 0);
	if (map == MAP_FAILED) {
		close(region->fd);
		region_open(region, true);
		return;
	}
	region->map = map;
	for (i = 0; i < REGION_SIZE; i += PAGE)
		if (is_zero(region->map + i))
			memset(region->model + i, 0, PAGE);
	region_compare(worker, region->map, 0, REGION_SIZE, "mapped again");
}

const struct op child_ops[] = {
	{ "spawn", 8, op_spawn },
	{ "reap", 4, op_reap },
	{ "unmap_all", 1, op_unmap_all },
	{ }
};
