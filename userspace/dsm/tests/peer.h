/* SPDX-License-Identifier: GPL-2.0 */
/* A node of a test: this process, with a region that fake.c makes. */
#ifndef DSM_PEER_H
#define DSM_PEER_H

#include "../lease.h"
#include "fake.h"

#define PEER_LEASE_MS	3000

/**
 * struct peer - a node of a test
 * @node: it
 * @directory: where its pages are
 * @lease: that it renews
 */
struct peer {
	struct node node;
	struct directory directory;
	struct lease lease;
};

/**
 * peer_join() - this process becomes a node, or ends
 * @peer: to be filled in
 * @world: of all nodes
 * @number: of the node
 * @address: of the directory
 * @nr_pages: of the region
 */
void peer_join(struct peer *peer, struct world *world, unsigned int number,
	       const struct directory_address *address, size_t nr_pages);

/** peer_leave() - the node leaves, or this process ends */
void peer_leave(struct peer *peer);

/** peer_kill() - node @number of @world, which is process @pid, dies */
void peer_kill(struct world *world, unsigned int number, pid_t pid);

#endif /* DSM_PEER_H */
