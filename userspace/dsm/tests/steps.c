// SPDX-License-Identifier: GPL-2.0
/*
 * The directory step by step, by nodes that are one thread: each test makes an interleaving.
 *
 * Usage: steps PORT: of a Redis without keys. Prints TAP.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../directory.h"

#define LEASE_MS	2000
#define NR_PAGES	10

static int number, failed;

static void ok(bool passed, const char *name)
{
	printf("%sok %d %s\n", passed ? "" : "not ", ++number, name);
	failed |= !passed;
}

static struct directory_address address = { .host = "127.0.0.1" };
static struct directory nodes[4];
static redisContext *box;
static char content[DSM_PAGE];

static void close_node(unsigned int node)
{
	if (nodes[node].redis)
		directory_close(&nodes[node]);
	nodes[node].redis = NULL;
}

static int join(unsigned int node)
{
	int err;

	close_node(node);
	err = directory_open(&nodes[node], &address, LEASE_MS);
	return err ? err : directory_join(&nodes[node], node, NR_PAGES);
}

/* Three nodes of a region of its own. */
static void begin(const char *name)
{
	unsigned int node;

	address.name = name;
	for (node = 1; node <= 3; node++)
		if (join(node))
			errx(1, "%s: node %u cannot join", name, node);
}

static void end(void)
{
	unsigned int node;

	for (node = 1; node <= 3; node++)
		close_node(node);
}

/* The others live on. */
static void let_die(unsigned int dead)
{
	unsigned int node, ms;

	for (ms = 0; ms < LEASE_MS * 3 / 2; ms += 100) {
		for (node = 1; node <= 3; node++)
			if (node != dead)
				directory_renew(&nodes[node]);
		usleep(100000);
	}
}

static int acquire(unsigned int node, uint64_t page, enum directory_right right)
{
	struct directory_grant grant;
	int result = directory_acquire(&nodes[node], page, right, &grant, content);

	return result ? result : (int)grant.right;
}

static int release(unsigned int node, uint64_t page, enum directory_right kept, char byte)
{
	memset(content, byte, DSM_PAGE);
	return directory_release(&nodes[node], page, kept, byte ? content : NULL);
}

/* The right that is wanted, 0 if there is no message, or -1 if it is for another page. */
static int next_message(unsigned int node, const char *name, uint64_t page)
{
	enum directory_right wanted;
	uint64_t found;
	int result = mailbox_wait(box, &nodes[node], name, 10, &found, &wanted);

	if (result <= 0)
		return result;
	return found == page ? (int)wanted : -1;
}

static bool has_retry(unsigned int node, uint64_t page)
{
	return next_message(node, "retry", page) > 0;
}

static void test_join(void)
{
	struct directory other;

	begin("join");
	directory_open(&other, &address, LEASE_MS);
	ok(directory_join(&other, 2, NR_PAGES) == -EEXIST, "a node does not join twice");
	ok(directory_join(&other, 4, NR_PAGES + 1) == -EINVAL, "a region has one length");
	ok(!directory_leave(&nodes[2]) && !join(2), "a node leaves and comes back");
	ok(fcntl(nodes[1].redis->fd, F_GETFD) & FD_CLOEXEC, "no other program gets its connection");
	pthread_mutex_lock(&nodes[1].lock);
	ok(!directory_renew(&nodes[1]), "a renewal does not wait behind a page");
	pthread_mutex_unlock(&nodes[1].lock);
	let_die(3);
	ok(directory_renew(&nodes[3]) == -EOWNERDEAD, "a lease ends");
	ok(acquire(3, 0, RIGHT_READ) == -EOWNERDEAD, "and its node gets nothing");
	ok(release(3, 0, RIGHT_NONE, 0) == -EOWNERDEAD, "and gives nothing");
	ok(!join(3) && acquire(3, 0, RIGHT_READ) == RIGHT_READ, "its successor does");
	directory_close(&other);
	end();
}

static void test_rights(void)
{
	begin("rights");
	ok(acquire(1, 0, RIGHT_READ) == RIGHT_READ && acquire(2, 0, RIGHT_READ) == RIGHT_READ &&
	   !content[5], "two nodes read zeros");
	ok(acquire(1, 0, RIGHT_WRITE) == DIRECTORY_WAIT, "a writer waits for a reader");
	ok(acquire(1, 0, RIGHT_WRITE) == DIRECTORY_WAIT, "it asks again, and waits");
	ok(next_message(2, "revoke", 0) == RIGHT_WRITE && !next_message(1, "revoke", 0),
	   "the reader is told, and not the writer");
	ok(!next_message(2, "revoke", 0), "and told once");
	ok(acquire(3, 0, RIGHT_READ) == DIRECTORY_WAIT, "a new reader waits behind the writer");
	ok(acquire(2, 0, RIGHT_READ) == RIGHT_READ, "the one that reads already does not");
	ok(!release(2, 0, RIGHT_NONE, 0) && has_retry(1, 0) && !has_retry(3, 0),
	   "the writer is told, as it is first");
	ok(acquire(1, 0, RIGHT_WRITE) == RIGHT_WRITE, "it gets the page");
	ok(next_message(1, "revoke", 0) == RIGHT_READ, "and is told that the reader wants it");
	ok(acquire(1, 0, RIGHT_READ) == RIGHT_WRITE, "an owner may read");
	ok(!release(1, 0, RIGHT_READ, 'a') && has_retry(3, 0), "it writes, and keeps a copy");
	ok(acquire(3, 0, RIGHT_READ) == RIGHT_READ && content[0] == 'a' && content[4095] == 'a',
	   "the reader sees it");
	ok(acquire(1, 0, RIGHT_READ) == RIGHT_READ && content[0] == 'a', "so does the writer");
	ok(release(3, 0, RIGHT_NONE, 'b') == -EIO && acquire(1, 0, RIGHT_READ) == RIGHT_READ &&
	   content[0] == 'a', "a reader cannot write");
	end();
}

static void test_two_upgrades(void)
{
	begin("upgrades");
	acquire(1, 0, RIGHT_READ);
	acquire(2, 0, RIGHT_READ);
	ok(acquire(1, 0, RIGHT_WRITE) == DIRECTORY_WAIT &&
	   acquire(2, 0, RIGHT_WRITE) == DIRECTORY_WAIT, "two readers want to write");
	ok(next_message(2, "revoke", 0) == RIGHT_WRITE && !next_message(1, "revoke", 0),
	   "the second one is to give up");
	release(2, 0, RIGHT_NONE, 0);
	ok(acquire(1, 0, RIGHT_WRITE) == RIGHT_WRITE, "the first one gets the page");
	ok(next_message(1, "revoke", 0) == RIGHT_WRITE && !release(1, 0, RIGHT_NONE, 'x') &&
	   has_retry(2, 0) && acquire(2, 0, RIGHT_WRITE) == RIGHT_WRITE && content[7] == 'x',
	   "then the second one, with what the first one has written");
	end();
}

static void test_changed_mind(void)
{
	begin("mind");
	acquire(1, 0, RIGHT_READ);
	acquire(2, 0, RIGHT_READ);
	acquire(1, 0, RIGHT_WRITE);
	ok(acquire(3, 0, RIGHT_READ) == DIRECTORY_WAIT, "a writer is first, a reader second");
	ok(acquire(1, 0, RIGHT_READ) == RIGHT_READ && has_retry(3, 0) &&
	   acquire(3, 0, RIGHT_READ) == RIGHT_READ,
	   "the writer that only reads after all lets the reader go on");
	end();
}

static void test_cancel(void)
{
	begin("cancel");
	acquire(1, 0, RIGHT_WRITE);
	ok(acquire(2, 0, RIGHT_WRITE) == DIRECTORY_WAIT &&
	   acquire(3, 0, RIGHT_WRITE) == DIRECTORY_WAIT, "two nodes wait");
	ok(!release(1, 0, RIGHT_NONE, 'c') && !directory_cancel(&nodes[2], 0) &&
	   has_retry(3, 0), "the first one waits no more, and the other one is told");
	ok(acquire(3, 0, RIGHT_WRITE) == RIGHT_WRITE && content[3] == 'c', "it gets the page");
	ok(!directory_cancel(&nodes[2], 0) && !directory_cancel(&nodes[3], 0) &&
	   acquire(3, 0, RIGHT_READ) == RIGHT_WRITE, "a node that does not wait loses nothing");
	end();
}

static void test_deaths(void)
{
	begin("deaths");
	acquire(1, 0, RIGHT_READ);
	acquire(1, 1, RIGHT_WRITE);
	release(1, 1, RIGHT_READ, 'o');
	acquire(1, 1, RIGHT_WRITE);
	acquire(3, 2, RIGHT_WRITE);
	acquire(1, 2, RIGHT_WRITE);
	ok(acquire(2, 0, RIGHT_WRITE) == DIRECTORY_WAIT && acquire(2, 2, RIGHT_READ) ==
	   DIRECTORY_WAIT && acquire(2, 1, RIGHT_READ) == DIRECTORY_WAIT,
	   "a node waits for a reader, an owner, and the first one in a queue");
	let_die(1);
	ok(acquire(2, 0, RIGHT_WRITE) == RIGHT_WRITE, "a dead reader has no right");
	ok(acquire(2, 1, RIGHT_READ) == DIRECTORY_LOST && has_retry(2, 1),
	   "a dead owner's page is lost");
	ok(acquire(3, 1, RIGHT_WRITE) == DIRECTORY_LOST, "for all");
	ok(acquire(2, 2, RIGHT_READ) == DIRECTORY_WAIT &&
	   next_message(3, "revoke", 2) == RIGHT_WRITE &&
	   next_message(3, "revoke", 2) == RIGHT_READ,
	   "the lock of a dead node goes to the next one in the queue");
	ok(!release(3, 2, RIGHT_READ, 'q') && has_retry(2, 2) &&
	   acquire(2, 2, RIGHT_READ) == RIGHT_READ && content[9] == 'q', "which gets the page");
	ok(!join(1) && acquire(1, 1, RIGHT_READ) == DIRECTORY_LOST,
	   "nor does a node that comes back get what it had");
	ok(!directory_lose(&nodes[3], 2) && acquire(2, 2, RIGHT_READ) == RIGHT_READ,
	   "only an owner loses a page");
	end();
}

static void tell_server(const char *command)
{
	redisReply *reply = redisCommand(box, command);

	freeReplyObject(reply);
}

static void test_full(void)
{
	begin("full");
	acquire(1, 0, RIGHT_WRITE);
	acquire(1, 1, RIGHT_WRITE);
	tell_server("CONFIG SET maxmemory 1");
	ok(acquire(2, 0, RIGHT_READ) == -ENOSPC && acquire(3, 2, RIGHT_WRITE) == -ENOSPC,
	   "a server without memory gives no right");
	ok(!release(1, 0, RIGHT_NONE, 'f') && !directory_lose(&nodes[1], 1),
	   "and takes what was written");
	ok(!directory_renew(&nodes[1]), "nodes live on");
	tell_server("CONFIG SET maxmemory 0");
	ok(acquire(2, 0, RIGHT_READ) == RIGHT_READ && content[1] == 'f' &&
	   acquire(3, 2, RIGHT_WRITE) == RIGHT_WRITE && acquire(2, 1, RIGHT_READ) ==
	   DIRECTORY_LOST, "with memory all is as before");
	end();
}

static void test_server(void)
{
	address.name = "server";
	tell_server("SET swaplab-dsm:server:run before");
	ok(join(1) == -ESTALE, "a region of another run of the server is refused");
	tell_server("CONFIG SET maxmemory-policy allkeys-lru");
	ok(join(1) == -ENOTSUP, "so is a server that may evict");
	tell_server("CONFIG SET maxmemory-policy noeviction");
	address.port++;
	ok(join(1) == -EIO, "and no server");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: steps PORT");
	address.port = atoi(argv[1]);
	box = mailbox_open(&address, 10 * LEASE_MS);
	if (!box)
		errx(1, "no Redis at port %s", argv[1]);
	test_join();
	test_rights();
	test_two_upgrades();
	test_changed_mind();
	test_cancel();
	test_deaths();
	test_full();
	test_server();
	close_node(1);
	redisFree(box);
	printf("1..%d\n", number);
	return failed;
}
