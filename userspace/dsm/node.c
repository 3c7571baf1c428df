// SPDX-License-Identifier: GPL-2.0
/*
 * The pager's side of a node. Three threads: the library's serves the region's faults, one asks
 * again for pages when other nodes have given them up, one gives pages up.
 *
 * Why memory is sequentially consistent, as far as that of one machine is:
 *
 * 1. In the directory a page has one owner and no reader, or any number of readers and no owner,
 *    or neither. Redis runs one script at a time, and script_acquire alone adds a right, when no
 *    conflicting one is there. A dead owner's page is lost: nobody gets a right to it again.
 *
 * 2. A node that has the page in its region has a right in the directory: that of an owner if the
 *    page is writable, else that of a reader or an owner. For this the node gets a right first in
 *    the directory and then in the region (ask_directory), and gives it up first in the region and
 *    then in the directory (give_up). page->lock keeps the two steps together, so that no
 *    revocation comes between a right and the supply that belongs to it. A revocation that comes
 *    before ends the request: then the supply does nothing (-ESTALE), and the fault asks anew.
 *
 * 3. So at any time a page is either writable at one node, and at no other node at all, or
 *    read-only everywhere. A page that reclaim drops makes that no less true: the node still has
 *    its right, and a page that is dropped is clean, so the directory has its content.
 *
 * 4. script_release stores the content in the same step that ends the ownership, and
 *    script_acquire gives it in the step that begins the next right. So a page that comes in has
 *    the last write to it. A reader whose right becomes an owner's has had it since, and keeps the
 *    page, or is told that it was dropped (-ENOENT), and fetches it.
 *
 * 5. The module takes a page from all page tables and flushes the TLBs before it copies it, and
 *    the interrupt for that drains the CPUs' store buffers. So each access happens within the time
 *    in which its node has the right, and by 3 and 4 all accesses are as if the nodes had one
 *    memory, in the order of time. What a thread sees of the order of its own accesses is the
 *    machine's memory model, on x86 total store order: a store may still be delayed behind a later
 *    load. A program that needs more says so by fences or atomic operations, as on one machine.
 *
 * No node waits for ever. The first node in a page's queue has its lock: rights that conflict with
 * the one it wants are not granted to others, and those that are there are called in. The thread
 * that gives up pages waits for Redis and the module alone, and not for another node. Two nodes
 * that want to write to a page that both read are one behind the other in the queue: the second one
 * gives up its page, which ends its request, and its fault asks anew. A message may be lost with a
 * node that dies: so a node that waits asks again each ASK_MS, and finds out who is dead.
 *
 * Death: a node renews its lease. It stops, and its pages with it, when two thirds of the lease
 * have gone by without; others take it for dead after all of it. This holds if clocks run alike
 * and a process that is ready to run is not kept from it for a third of a lease.
 */
#include <errno.h>
#include <linux/swaplab.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "node.h"

/* How often a node that waits for a page asks for it without a message. */
#define ASK_MS		250
/*
 * A page that has come is left to the fault that waits for it. The module sees to that, too, but
 * looks again a clock tick later: this is how long a fault usually needs.
 */
#define HOLD_US		200
/* A node that leaves tries so often to give up a page that is locked or pinned, 1 ms apart. */
#define LEAVE_TRIES	2000

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void set_waits(struct node *node, struct page *page, bool waits)
{
	if (page->waits == waits)
		return;
	page->waits = waits;
	atomic_fetch_add(&node->nr_waiting, waits ? 1 : -1);
}

static void report_loss(struct page *page, uint64_t number, const char *dead)
{
	if (page->is_lost)
		return;
	page->is_lost = true;
	/* The name of a node is its number, a dot, and a count. */
	fprintf(stderr, "swaplab-pager-dsm: page %llu is lost: node %.*s has died with it\n",
		(unsigned long long)number, (int)strcspn(dead, "."), dead);
}

/* The page was there to be read all the time, or was dropped. */
static int grant_page(struct node *node, uint64_t number, const struct page *page)
{
	char content[DSM_PAGE];
	int err = pager_grant(&node->pager, page->id, number);

	if (err != -ENOENT)
		return err;
	err = directory_read(node->directory, number, content);
	if (err)
		node_fail(node, err);
	return pager_supply(&node->pager, page->id, number, content);
}

static void answer(struct node *node, uint64_t number, struct page *page, const char *content)
{
	int err;

	if (page->kind == SWAPLAB_PAGER_UPGRADE)
		err = grant_page(node, number, page);
	else if (page->right == RIGHT_WRITE)
		err = pager_supply(&node->pager, page->id, number, content);
	else
		err = pager_supply_readonly(&node->pager, page->id, number, content);
	page->came_us = now_us();
	if (err && err != -ESTALE)
		pager_refuse(&node->pager, page->id, number);
}

/* Under page->lock. */
static void stop_waiting(struct node *node, uint64_t number, struct page *page)
{
	int err;

	if (!page->waits)
		return;
	err = directory_cancel(node->directory, number);
	if (err)
		node_fail(node, err);
	set_waits(node, page, false);
}

/* Under page->lock. */
static void ask_directory(struct node *node, uint64_t number, struct page *page)
{
	bool reads = page->kind == SWAPLAB_PAGER_READ;
	bool has_page = page->kind == SWAPLAB_PAGER_UPGRADE;
	struct directory_grant grant;
	char content[DSM_PAGE];
	int result;

	result = directory_acquire(node->directory, number, reads ? RIGHT_READ : RIGHT_WRITE,
				   &grant, has_page ? NULL : content);
	if (result == -ENOSPC) {
		stop_waiting(node, number, page);
		pager_refuse(&node->pager, page->id, number);
		return;
	}
	if (result < 0)
		node_fail(node, result);
	set_waits(node, page, result == DIRECTORY_WAIT);
	if (result == DIRECTORY_WAIT)
		return;
	if (result == DIRECTORY_LOST) {
		report_loss(page, number, grant.dead);
		pager_refuse(&node->pager, page->id, number);
		return;
	}
	page->right = grant.right;
	answer(node, number, page, content);
}

static void serve(void *data, struct pager *pager, const struct swaplab_pager_request *request)
{
	struct node *node = data;
	uint64_t number = request->offset / DSM_PAGE;
	struct page *page = &node->pages[number];

	pthread_mutex_lock(&page->lock);
	/* The faults on a page share a request: an earlier one has ended. */
	page->id = request->id;
	page->kind = request->kind;
	if (atomic_load(&node->is_leaving))
		pager_refuse(pager, page->id, number);
	else
		ask_directory(node, number, page);
	pthread_mutex_unlock(&page->lock);
}

static const struct pager_ops ops = { .serve = serve };

static void ask_again(struct node *node, uint64_t number)
{
	struct page *page = &node->pages[number];

	pthread_mutex_lock(&page->lock);
	if (page->waits && !atomic_load(&node->is_leaving))
		ask_directory(node, number, page);
	pthread_mutex_unlock(&page->lock);
}

static void ask_for_all(struct node *node)
{
	uint64_t number;

	for (number = 0; number < node->nr_pages && atomic_load(&node->nr_waiting); number++)
		ask_again(node, number);
}

static void *ask_anew(void *data)
{
	struct node *node = data;
	long long asked_us = now_us();
	enum directory_right wanted;
	uint64_t number;
	int result;

	while (!atomic_load(&node->is_done)) {
		result = mailbox_wait(node->retries, node->directory, "retry", ASK_MS, &number,
				      &wanted);
		if (result < 0)
			node_fail(node, result);
		if (result && number < node->nr_pages)
			ask_again(node, number);
		/* Also while there are messages: they may all be for other pages. */
		if (now_us() - asked_us >= ASK_MS * 1000) {
			ask_for_all(node);
			asked_us = now_us();
		}
	}
	return NULL;
}

/* Under page->lock. */
static int give_up(struct node *node, uint64_t number, struct page *page,
		   enum directory_right kept)
{
	char content[DSM_PAGE];
	int result, err;

	if (kept == RIGHT_READ)
		result = pager_protect(&node->pager, number, content);
	else
		result = pager_revoke(&node->pager, number, content);
	if (result < 0 && result != -EIO)
		return result;
	/* What the store cannot read is lost like what a node has died with. */
	if (result < 0) {
		report_loss(page, number, node->directory->node);
		err = directory_lose(node->directory, number);
		kept = RIGHT_NONE;
	} else {
		err = directory_release(node->directory, number, kept,
					result ? content : NULL);
	}
	if (err)
		node_fail(node, err);
	page->right = kept;
	return 0;
}

static void let_use(const struct page *page)
{
	long long left = page->came_us + HOLD_US - now_us();

	if (left > 0)
		usleep(left);
}

/*
 * A failure is left to the other node, which asks again: the module has waited for a pin that ends
 * soon, and more tries would delay other pages.
 */
static void revoke_page(struct node *node, uint64_t number, enum directory_right wanted)
{
	struct page *page = &node->pages[number];

	pthread_mutex_lock(&page->lock);
	let_use(page);
	if (wanted == RIGHT_WRITE && page->right != RIGHT_NONE)
		give_up(node, number, page, RIGHT_NONE);
	else if (wanted == RIGHT_READ && page->right == RIGHT_WRITE)
		give_up(node, number, page, RIGHT_READ);
	pthread_mutex_unlock(&page->lock);
}

static void *heed_others(void *data)
{
	struct node *node = data;
	enum directory_right wanted;
	uint64_t number;
	int result;

	while (!atomic_load(&node->is_done)) {
		result = mailbox_wait(node->revocations, node->directory, "revoke", ASK_MS,
				      &number, &wanted);
		if (result < 0)
			node_fail(node, result);
		if (result && number < node->nr_pages)
			revoke_page(node, number, wanted);
	}
	return NULL;
}

int node_open(struct node *node, const char *device, size_t nr_pages)
{
	size_t i;
	int err;

	*node = (struct node){ .nr_pages = nr_pages };
	node->pages = calloc(nr_pages, sizeof(*node->pages));
	if (!node->pages)
		return -ENOMEM;
	for (i = 0; i < nr_pages; i++)
		pthread_mutex_init(&node->pages[i].lock, NULL);
	err = pager_open_protected(&node->pager, device, nr_pages, &ops, node);
	if (err)
		free(node->pages);
	return err;
}

int node_start(struct node *node, struct directory *directory,
	       const struct directory_address *address)
{
	int err;

	node->directory = directory;
	node->retries = mailbox_open(address, directory->lease_ms);
	node->revocations = mailbox_open(address, directory->lease_ms);
	if (!node->retries || !node->revocations)
		return -EIO;
	err = pthread_create(&node->threads[0], NULL, ask_anew, node);
	if (!err)
		err = pthread_create(&node->threads[1], NULL, heed_others, node);
	/* One thread: of two requests for a page the later one counts. */
	return err ? -err : pager_serve(&node->pager, 1);
}

/* Other nodes that wait behind this one get on before it has given up all pages. */
static void leave_queues(struct node *node)
{
	struct page *page;
	uint64_t number;

	for (number = 0; number < node->nr_pages; number++) {
		page = &node->pages[number];
		pthread_mutex_lock(&page->lock);
		stop_waiting(node, number, page);
		pthread_mutex_unlock(&page->lock);
	}
}

/* Also waits for a thread that is about to get a right. */
static int leave_page(struct node *node, uint64_t number)
{
	struct page *page = &node->pages[number];
	int err = 0, tries;

	pthread_mutex_lock(&page->lock);
	if (page->right != RIGHT_NONE)
		err = give_up(node, number, page, RIGHT_NONE);
	for (tries = 1; err == -EBUSY && tries < LEAVE_TRIES; tries++) {
		usleep(1000);
		err = give_up(node, number, page, RIGHT_NONE);
	}
	pthread_mutex_unlock(&page->lock);
	return err;
}

int node_leave(struct node *node)
{
	uint64_t number;
	int err, first = 0;

	atomic_store(&node->is_leaving, true);
	leave_queues(node);
	for (number = 0; number < node->nr_pages; number++) {
		err = leave_page(node, number);
		if (!err)
			continue;
		fprintf(stderr, "swaplab-pager-dsm: page %llu cannot be given up: %s\n",
			(unsigned long long)number, strerror(-err));
		first = first ? first : err;
	}
	return first;
}

void node_close(struct node *node)
{
	unsigned int i;

	atomic_store(&node->is_done, true);
	for (i = 0; i < 2; i++)
		pthread_join(node->threads[i], NULL);
	pager_close(&node->pager);
	redisFree(node->retries);
	redisFree(node->revocations);
	free(node->pages);
}

/* Other processes may have the region, too. A lock may be held by a thread that waits for Redis. */
static void discard_pages(struct node *node)
{
	struct swaplab_range all = { .length = node->nr_pages * DSM_PAGE };
	char content[DSM_PAGE];
	uint64_t number;

	if (!ioctl(node->pager.region, SWAPLAB_DISCARD, &all) || errno != EBUSY)
		return;
	/* A page is locked, and all are left as they are. */
	for (number = 0; number < node->nr_pages; number++)
		if (node->pages[number].right != RIGHT_NONE)
			pager_revoke(&node->pager, number, content);
}

void node_fail(struct node *node, int err)
{
	pid_t program = atomic_load(&node->program);

	/* The thread that was first ends the process. */
	while (atomic_exchange(&node->has_failed, true))
		pause();
	if (program)
		kill(program, SIGKILL);
	discard_pages(node);
	fprintf(stderr, "swaplab-pager-dsm: %s: this node has ended, and its pages are gone\n",
		err == -EOWNERDEAD ? "the lease was not renewed in time" :
				     "Redis is gone, or does not answer as it should");
	_exit(1);
}
