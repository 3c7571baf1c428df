/* SPDX-License-Identifier: GPL-2.0 */
/* A thread that renews the lease of a node. */
#ifndef DSM_LEASE_H
#define DSM_LEASE_H

#include <pthread.h>
#include "node.h"

/**
 * struct lease - a lease that is renewed
 * @node: whose it is; ends if the lease cannot be renewed
 * @renewed_ms: when it was last; the time before the command was sent
 * @stop: a pipe; closed at one end to stop the thread
 * @thread: renews it
 */
struct lease {
	struct node *node;
	long long renewed_ms;
	int stop[2];
	pthread_t thread;
};

/** lease_start() - @node has just joined. Returns 0 or a negative errno */
int lease_start(struct lease *lease, struct node *node);

/** lease_stop() - the node is about to leave */
void lease_stop(struct lease *lease);

#endif /* DSM_LEASE_H */
