/* SPDX-License-Identifier: GPL-2.0 */
/* The directory of a shared region, in Redis: which node may read or write which page. */
#ifndef DSM_DIRECTORY_H
#define DSM_DIRECTORY_H

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DSM_PAGE	4096UL
#define DSM_MAX_NODES	8
#define DSM_MAX_PAGES	1048576UL
/* Longer names of regions are refused. */
#define DSM_MAX_NAME	64

enum directory_script {
	SCRIPT_JOIN,
	SCRIPT_ACQUIRE,
	SCRIPT_CANCEL,
	SCRIPT_READ,
	SCRIPT_RELEASE,
	SCRIPT_LOSE,
	SCRIPT_RENEW,
	SCRIPT_LEAVE,
	NR_SCRIPTS
};

/* What a node may do with a page. The letters are those of the scripts. */
enum directory_right {
	RIGHT_NONE = 0,
	RIGHT_READ = 'r',
	RIGHT_WRITE = 'w',
};

/* Results of directory_acquire(), beside 0. */
#define DIRECTORY_WAIT	1
#define DIRECTORY_LOST	2

/* With its zero byte: number, dot, count. */
#define DSM_NODE_SIZE	32

/**
 * struct directory_grant - what directory_acquire() found
 * @right: 0: that the node has now, what it wanted or more
 * @dead: DIRECTORY_LOST: the node that has died with the content
 */
struct directory_grant {
	enum directory_right right;
	char dead[DSM_NODE_SIZE];
};

/**
 * struct directory - a node's connections to the directory
 * @lock: Protects: @redis, from a command to its reply
 * @redis: the connection
 * @renewals: another one, for directory_renew() alone: a renewal does not wait behind pages
 * @scripts: their digests, by which they are called
 * @region: prefix of all keys
 * @node: this node: its number and how many had joined before, so it is used once
 * @number: of the node, 1 to DSM_MAX_NODES
 * @lease_ms: the node is taken for dead so long after its last directory_renew()
 */
struct directory {
	pthread_mutex_t lock;
	redisContext *redis;
	redisContext *renewals;
	char scripts[NR_SCRIPTS][41];
	char region[DSM_MAX_NAME + 16];
	char node[DSM_NODE_SIZE];
	unsigned int number;
	unsigned int lease_ms;
};

/**
 * struct directory_address - where the directory is
 * @host: name or address
 * @port: TCP port
 * @name: of the region
 */
struct directory_address {
	const char *host;
	int port;
	const char *name;
};

/*
 * All return 0 or a negative errno, unless they say more. -EIO: Redis is gone, or does not answer
 * in time, or does not work as it should. -EOWNERDEAD: this node is taken for dead. After either
 * of them the node must not use its pages. What Redis itself says is on standard error.
 */

/**
 * directory_open() - connect to Redis
 * @directory: to be filled in
 * @address: where it is
 * @lease_ms: see struct directory; a third of it is how long Redis may take to answer
 */
int directory_open(struct directory *directory, const struct directory_address *address,
		   unsigned int lease_ms);

/**
 * directory_join() - become a node
 * @directory: of directory_open()
 * @number: of the node
 * @nr_pages: of the region
 *
 * Return: -EEXIST if the node is there; -EINVAL if the region has another length; -ESTALE if it is
 * of an earlier run of the server, so writes may be missing; -ENOTSUP if the server may evict keys.
 */
int directory_join(struct directory *directory, unsigned int number, size_t nr_pages);

/**
 * directory_acquire() - ask for a right to a page
 * @directory: this node's
 * @page: its number
 * @wanted: RIGHT_READ or RIGHT_WRITE
 * @grant: to be filled in, unless this returns DIRECTORY_WAIT or an error
 * @content: for the content of the page, if this returns 0; NULL: it is not wanted
 *
 * Does not wait for other nodes. If they have to give the page up first, they are told so, and
 * the node is in the page's queue from then on. A message to it says when to ask again; it has
 * to do so from time to time without a message, too, as one of the others may have died. It stays
 * in the queue until this returns something else, or until directory_cancel().
 *
 * Return: 0; DIRECTORY_WAIT; DIRECTORY_LOST if a node has died with the content; or -ENOSPC if
 * Redis has no memory for this: nothing has changed.
 */
int directory_acquire(struct directory *directory, uint64_t page, enum directory_right wanted,
		      struct directory_grant *grant, char *content);

/** directory_cancel() - this node waits for a page no more; others get on */
int directory_cancel(struct directory *directory, uint64_t page);

/** directory_read() - the content of a page that this node has a right to */
int directory_read(struct directory *directory, uint64_t page, char *content);

/**
 * directory_release() - give up a right; the node cannot use the page any more
 * @directory: this node's
 * @page: its number
 * @kept: RIGHT_READ if the page stays there to be read, or RIGHT_NONE
 * @content: what this node has written, or NULL if it has not
 */
int directory_release(struct directory *directory, uint64_t page, enum directory_right kept,
		      const char *content);

/** directory_lose() - a page that this node may write to cannot be read any more */
int directory_lose(struct directory *directory, uint64_t page);

/** directory_renew() - this node is alive; called by one thread at a time */
int directory_renew(struct directory *directory);

/** directory_leave() - this node ends; it has given up all its pages */
int directory_leave(struct directory *directory);

/** directory_close() - end the connections */
void directory_close(struct directory *directory);

/** mailbox_open() - a connection to wait for messages, or NULL */
redisContext *mailbox_open(const struct directory_address *address, unsigned int lease_ms);

/**
 * mailbox_wait() - wait for a message
 * @redis: of mailbox_open()
 * @directory: this node's
 * @box: "retry": a page can be had now; "revoke": a page is to be given up
 * @ms: wait so long
 * @page: the page
 * @wanted: "revoke": the right that another node wants
 *
 * Return: 1 for a message, 0 if none came.
 */
int mailbox_wait(redisContext *redis, const struct directory *directory, const char *box,
		 unsigned int ms, uint64_t *page, enum directory_right *wanted);

#endif /* DSM_DIRECTORY_H */
