// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes without a device, each of which does something else: each test makes a case that nodes
 * which use pages at random hardly meet.
 *
 * Usage: cases PORT: of a Redis without keys. Prints TAP.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "peer.h"

#define NR_PAGES	8
/* Of these, one node has the first ones pinned; the module looks at each of them so long. */
#define NR_PINNED	4
#define PIN_US		20000
/* A node that has not ended by then has failed. */
#define PATIENCE_S	30

/* What the processes share: the steps of a test come one after the other. */
static struct shared {
	struct world world;
	atomic_uint step;
} *shared;

static struct directory_address address = { .host = "127.0.0.1" };
static int number, failed;

static void ok(bool passed, const char *name)
{
	printf("%sok %d %s\n", passed ? "" : "not ", ++number, name);
	failed |= !passed;
}

static void begin(const char *name)
{
	address.name = name;
	*shared = (struct shared){ };
}

static void reach(unsigned int step)
{
	atomic_store(&shared->step, step);
}

static void await(unsigned int step)
{
	while (atomic_load(&shared->step) < step)
		usleep(1000);
}

/* A node runs a function; it leaves if that returns 0, and else ends with its status. */
static pid_t start(unsigned int node, int (*run)(struct peer *peer))
{
	static struct peer peer;
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	alarm(PATIENCE_S);
	peer_join(&peer, &shared->world, node, &address, NR_PAGES);
	status = run(&peer);
	if (!status)
		peer_leave(&peer);
	_exit(status);
}

static bool succeeds(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && !status;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int read_and_stay(struct peer *peer)
{
	int err = fake_read(1);

	reach(1);
	while (!err)
		pause();
	return 1;
}

static void *write_always(void *data)
{
	while (!fake_write(0))
		;
	return NULL;
}

static int write_for_ever(struct peer *peer)
{
	write_always(NULL);
	return 1;
}

static int write_late(struct peer *peer)
{
	pthread_t thread;
	long long start;

	pthread_create(&thread, NULL, write_always, NULL);
	await(2);
	start = now_ms();
	return fake_write(1) || now_ms() - start > PEER_LEASE_MS + 5000;
}

/* Messages come for page 0 all the time, and none for page 1. */
static void test_busy(void)
{
	pid_t reader, writer, other;

	begin("busy");
	reader = start(3, read_and_stay);
	await(1);
	writer = start(1, write_late);
	other = start(2, write_for_ever);
	while (atomic_load(&shared->world.done[1][0]) < 20 ||
	       atomic_load(&shared->world.done[2][0]) < 20)
		usleep(1000);
	peer_kill(&shared->world, 3, reader);
	reach(2);
	ok(succeeds(writer), "a busy node learns that another one is dead");
	peer_kill(&shared->world, 2, other);
}

static void pin(int err)
{
	uint64_t page;

	for (page = 0; page < NR_PINNED; page++)
		fake_break(page, err, PIN_US);
}

static int have_pinned(struct peer *peer)
{
	uint64_t page;

	for (page = 0; page <= NR_PINNED; page++)
		if (fake_write(page))
			return 1;
	pin(-EBUSY);
	reach(1);
	await(2);
	pin(0);
	await(3);
	return 0;
}

static void *write_page(void *data)
{
	return (void *)(uintptr_t)(fake_write((uintptr_t)data) != 0);
}

static int want_pinned(struct peer *peer)
{
	pthread_t threads[NR_PINNED];
	uintptr_t nr_failed = 0, page;
	long long start;
	void *result;
	bool is_late;

	for (page = 0; page < NR_PINNED; page++)
		pthread_create(&threads[page], NULL, write_page, (void *)page);
	sleep(3);
	start = now_ms();
	nr_failed += fake_write(NR_PINNED) != 0;
	is_late = now_ms() - start > 4000;
	reach(2);
	for (page = 0; page < NR_PINNED; page++) {
		pthread_join(threads[page], &result);
		nr_failed += (uintptr_t)result;
	}
	reach(3);
	return nr_failed || is_late;
}

static void test_pinned(void)
{
	pid_t holder, writer;

	begin("pinned");
	holder = start(1, have_pinned);
	await(1);
	writer = start(2, want_pinned);
	ok(succeeds(writer), "pages that are pinned do not delay others, and come in the end");
	ok(succeeds(holder), "the node that had them leaves");
}

static int have_page(struct peer *peer)
{
	if (fake_write(0))
		return 1;
	fake_break(0, -EBUSY, PIN_US);
	reach(1);
	await(2);
	usleep(500000);
	fake_break(0, 0, 0);
	await(3);
	return 0;
}

static void *free_page(void *data)
{
	await(3);
	fake_break(1, 0, 0);
	return NULL;
}

/* It takes long to leave, as a page is pinned. */
static int leave_while_waiting(struct peer *peer)
{
	pthread_t writer, other;

	if (fake_write(1))
		return 1;
	fake_break(1, -EBUSY, PIN_US);
	pthread_create(&other, NULL, free_page, NULL);
	pthread_create(&writer, NULL, write_page, NULL);
	while (!atomic_load(&peer->node.nr_waiting))
		usleep(1000);
	reach(2);
	return 0;
}

static int wait_behind(struct peer *peer)
{
	long long start;
	bool is_late;

	await(2);
	start = now_ms();
	is_late = fake_write(0) || now_ms() - start > 5000;
	reach(3);
	return is_late;
}

static void test_leave(void)
{
	pid_t holder, leaver, waiter;

	begin("leave");
	holder = start(1, have_page);
	await(1);
	waiter = start(3, wait_behind);
	leaver = start(2, leave_while_waiting);
	ok(succeeds(waiter), "a node that leaves is not in the way of those behind it");
	ok(succeeds(leaver) && succeeds(holder), "and leaves when it can");
}

/* One page cannot be read from the store, and another one not be taken away. */
static int have_broken(struct peer *peer)
{
	if (fake_write(0) || fake_write(1) || fake_write(2))
		return 1;
	fake_break(0, -EIO, 0);
	fake_break(1, -ENOMEM, 0);
	reach(1);
	await(2);
	if (node_leave(&peer->node) != -ENOMEM)
		return 1;
	lease_stop(&peer->lease);
	if (directory_leave(&peer->directory))
		return 1;
	reach(3);
	_exit(0);
}

static int want_broken(struct peer *peer)
{
	await(1);
	if (fake_write(0) != -EFAULT || fake_write(2))
		return 1;
	reach(2);
	await(3);
	return fake_write(1) != -EFAULT;
}

static void test_broken(void)
{
	pid_t holder, writer;

	begin("broken");
	holder = start(1, have_broken);
	writer = start(2, want_broken);
	ok(succeeds(holder), "a node that cannot give up a page says so, and leaves");
	ok(succeeds(writer), "pages that cannot be had are lost, and no others");
}

static void tell_server(const char *command)
{
	redisContext *redis = mailbox_open(&address, PEER_LEASE_MS);

	if (!redis)
		errx(1, "no Redis at port %d", address.port);
	freeReplyObject(redisCommand(redis, command));
	redisFree(redis);
}

static int live_without_memory(struct peer *peer)
{
	int err = 0;

	fake_write(0);
	tell_server("CONFIG SET maxmemory 1");
	if (!fake_write(1) || fake_write(0))
		err = 1;
	tell_server("CONFIG SET maxmemory 0");
	return err || fake_write(1);
}

static void test_full(void)
{
	begin("full");
	ok(succeeds(start(1, live_without_memory)),
	   "a node that gets no page of a full server lives on");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: cases PORT");
	address.port = atoi(argv[1]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		err(1, "memory");
	test_busy();
	test_pinned();
	test_leave();
	test_broken();
	test_full();
	ok(!atomic_load(&shared->world.nr_errors), "no rights conflict");
	printf("1..%d\n", number);
	return failed;
}
