/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pager's library without a device: a region of which this process is the only user, and whose
 * pages are used by functions. It checks that no two nodes have rights to a page that conflict.
 */
#ifndef DSM_FAKE_H
#define DSM_FAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <swaplab-pager.h>

/* Numbers of nodes are less. */
#define FAKE_MAX_NODES	8
#define FAKE_MAX_PAGES	64

enum fake_state { FAKE_ABSENT, FAKE_READONLY, FAKE_WRITABLE };

/**
 * struct world - what the processes of all nodes share, and nodes of machines could not
 * @state: what each node has
 * @latest: how often each page was written to: its content says the same
 * @done: the same, of each node
 * @nr_errors: that were found
 */
struct world {
	atomic_int state[FAKE_MAX_NODES][FAKE_MAX_PAGES];
	atomic_ulong latest[FAKE_MAX_PAGES];
	atomic_ulong done[FAKE_MAX_NODES][FAKE_MAX_PAGES];
	atomic_ulong nr_errors;
};

/** fake_begin() - this process is node @number of @world; pager_open_protected() follows */
void fake_begin(struct world *world, unsigned int number);

/** fake_read() - read a page. Returns 0, or -EFAULT for SIGBUS */
int fake_read(uint64_t page);

/** fake_write() - add one to what is in a page. Returns 0, or -EFAULT for SIGBUS */
int fake_write(uint64_t page);

/** fake_drop() - reclaim a page, if it is clean */
void fake_drop(uint64_t page);

/**
 * fake_break() - a page cannot be taken away any more
 * @page: its number
 * @err: -EBUSY if it is pinned, say, or -EIO if the store cannot read it; 0: it can, after all
 * @us: how long it takes to find that
 */
void fake_break(uint64_t page, int err, unsigned int us);

#endif /* DSM_FAKE_H */
