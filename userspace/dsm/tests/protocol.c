// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes without a device use pages at random, and each use is checked: it finds the last write, and
 * no other node has a right that conflicts.
 *
 * Usage: protocol PORT NODES PAGES USES MS...
 *
 * After each MS milliseconds another node is killed. The last lines say how many uses found a lost
 * page, and whether all writes are in the directory at the end.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "peer.h"

#define NR_THREADS	2

static struct directory_address address = { .host = "127.0.0.1", .name = "test" };
static size_t nr_pages;
static unsigned long nr_uses;

static void *use_pages(void *data)
{
	unsigned int seed = (uintptr_t)data;
	unsigned long nr_lost = 0, i;
	unsigned int choice;
	uint64_t page;

	for (i = 0; i < nr_uses; i++) {
		page = rand_r(&seed) % nr_pages;
		choice = rand_r(&seed) % 10;
		if (choice < 5)
			nr_lost += fake_read(page) != 0;
		else if (choice < 9)
			nr_lost += fake_write(page) != 0;
		else
			fake_drop(page);
	}
	return (void *)nr_lost;
}

static unsigned long use_by_threads(unsigned int number)
{
	pthread_t threads[NR_THREADS];
	unsigned long nr_lost = 0;
	void *result;
	uintptr_t i;

	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&threads[i], NULL, use_pages, (void *)(number * 100 + i)))
			errx(1, "pthread_create");
	for (i = 0; i < NR_THREADS; i++) {
		pthread_join(threads[i], &result);
		nr_lost += (unsigned long)result;
	}
	return nr_lost;
}

static void must(int result, const char *what)
{
	if (result)
		errx(1, "%s: %d", what, result);
}

static void run_node(struct world *world, unsigned int number)
{
	static struct peer peer;
	unsigned long nr_lost;

	peer_join(&peer, world, number, &address, nr_pages);
	nr_lost = use_by_threads(number);
	peer_leave(&peer);
	if (nr_lost)
		printf("node %u: %lu uses found a lost page\n", number, nr_lost);
	fflush(stdout);
	_exit(0);
}

/* What the nodes have written is in the directory, but for lost pages. */
static void check_content(struct world *world)
{
	struct directory_grant grant;
	struct directory directory;
	unsigned long nr_lost = 0;
	char content[DSM_PAGE] __attribute__((aligned(8)));
	uint64_t page;
	int result;

	must(directory_open(&directory, &address, PEER_LEASE_MS), "directory_open");
	must(directory_join(&directory, DSM_MAX_NODES, nr_pages), "directory_join");
	for (page = 0; page < nr_pages; page++) {
		result = directory_acquire(&directory, page, RIGHT_READ, &grant, content);
		if (result == DIRECTORY_LOST)
			nr_lost++;
		else if (result)
			errx(1, "page %llu: %d", (unsigned long long)page, result);
		else if (*(unsigned long *)content != atomic_load(&world->latest[page]))
			errx(1, "page %llu has %lu of %lu writes", (unsigned long long)page,
			     *(unsigned long *)content, atomic_load(&world->latest[page]));
	}
	must(directory_leave(&directory), "directory_leave");
	directory_close(&directory);
	printf("%lu pages are lost, and the others have all writes\n", nr_lost);
}

static int wait_for_nodes(const pid_t *pids, unsigned int nr)
{
	int status, bad = 0;

	for (; nr; nr--, pids++)
		if (*pids && (waitpid(*pids, &status, 0) != *pids || status))
			bad++;
	return bad;
}

int main(int argc, char **argv)
{
	pid_t pids[FAKE_MAX_NODES] = { };
	unsigned int nr_nodes, number;
	struct world *world;
	int i, bad;

	if (argc < 5)
		errx(2, "usage: protocol PORT NODES PAGES USES [MS]...");
	address.port = atoi(argv[1]);
	nr_nodes = atoi(argv[2]);
	nr_pages = atoi(argv[3]);
	nr_uses = atol(argv[4]);
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (world == MAP_FAILED || !nr_nodes || nr_nodes >= FAKE_MAX_NODES || !nr_pages ||
	    nr_pages > FAKE_MAX_PAGES || argc - 5 >= (int)nr_nodes)
		errx(2, "numbers");
	for (number = 1; number <= nr_nodes; number++) {
		pids[number - 1] = fork();
		if (!pids[number - 1])
			run_node(world, number);
	}
	for (i = 5; i < argc; i++) {
		usleep(atoi(argv[i]) * 1000);
		peer_kill(world, i - 4, pids[i - 5]);
		pids[i - 5] = 0;
	}
	bad = wait_for_nodes(pids, nr_nodes);
	printf("%d nodes have failed, %lu errors\n", bad, atomic_load(&world->nr_errors));
	if (bad || atomic_load(&world->nr_errors))
		return 1;
	check_content(world);
	return 0;
}
