/* SPDX-License-Identifier: GPL-2.0 */
/* A node: a region whose pages are shared with other nodes. */
#ifndef DSM_NODE_H
#define DSM_NODE_H

#include <stdatomic.h>
#include "../pager/swaplab-pager.h"
#include "directory.h"

/**
 * struct page - a page, at this node
 * @lock: Protects: the rest, and this node's right in the directory. It is held from the step in
 *	the directory to the one in the region, or the other way round, and never while the node
 *	waits for another one
 * @right: the right that the directory says this node has
 * @waits: is there a request that waits for the right? Then the node is in the page's queue
 * @kind: of the last request: SWAPLAB_PAGER_READ, WRITE or UPGRADE
 * @id: of the last request
 * @came_us: when it was answered, by CLOCK_MONOTONIC
 * @is_lost: it was said that the page is lost
 */
struct page {
	pthread_mutex_t lock;
	enum directory_right right;
	bool waits;
	bool is_lost;
	uint32_t kind;
	uint64_t id;
	long long came_us;
};

/**
 * struct node - a region whose pages are shared
 * @pager: of the region
 * @directory: where the pages are
 * @pages: one for each page
 * @nr_pages: how many
 * @nr_waiting: pages that wait
 * @is_leaving: no right is asked for any more
 * @has_failed: a thread ends the process
 * @is_done: the threads end
 * @program: the process that uses the pages, or 0
 * @retries: connection for messages that a page can be had
 * @revocations: connection for messages that a page is wanted
 * @threads: that wait for these
 */
struct node {
	struct pager pager;
	struct directory *directory;
	struct page *pages;
	size_t nr_pages;
	atomic_size_t nr_waiting;
	atomic_bool is_leaving;
	atomic_bool has_failed;
	atomic_bool is_done;
	atomic_int program;
	redisContext *retries;
	redisContext *revocations;
	pthread_t threads[2];
};

/**
 * node_open() - make a region
 * @node: to be filled in
 * @device: such as "/dev/swaplab0"
 * @nr_pages: of the region
 *
 * Return: 0 or a negative errno.
 */
int node_open(struct node *node, const char *device, size_t nr_pages);

/**
 * node_start() - begin to serve
 * @node: of node_open()
 * @directory: the node has joined it
 * @address: of the directory
 *
 * Return: 0 or a negative errno.
 */
int node_start(struct node *node, struct directory *directory,
	       const struct directory_address *address);

/**
 * node_leave() - write back all pages, and give them up
 * @node: of node_start(); its program has ended
 *
 * Return: 0 or a negative errno: a page is locked or pinned by another process, so it will be lost.
 */
int node_leave(struct node *node);

/** node_close() - end the threads, and the region */
void node_close(struct node *node);

/**
 * node_fail() - end the process, since the pages must not be used any more
 * @node: of node_start()
 * @err: of the directory: why
 *
 * The program is killed, and what it has written to pages since they came is discarded.
 */
void node_fail(struct node *node, int err) __attribute__((noreturn));

#endif /* DSM_NODE_H */
