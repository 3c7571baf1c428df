// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <signal.h>
#include <sys/wait.h>
#include "peer.h"

static void must(int result, const char *what)
{
	if (result)
		errx(1, "%s: %d", what, result);
}

void peer_join(struct peer *peer, struct world *world, unsigned int number,
	       const struct directory_address *address, size_t nr_pages)
{
	fake_begin(world, number);
	must(node_open(&peer->node, "", nr_pages), "node_open");
	must(directory_open(&peer->directory, address, PEER_LEASE_MS), "directory_open");
	must(directory_join(&peer->directory, number, nr_pages), "directory_join");
	must(node_start(&peer->node, &peer->directory, address), "node_start");
	must(lease_start(&peer->lease, &peer->node), "lease_start");
}

void peer_leave(struct peer *peer)
{
	must(node_leave(&peer->node), "node_leave");
	lease_stop(&peer->lease);
	must(directory_leave(&peer->directory), "directory_leave");
	node_close(&peer->node);
	directory_close(&peer->directory);
}

/* Its pages are nobody's until the others take it for dead. */
void peer_kill(struct world *world, unsigned int number, pid_t pid)
{
	uint64_t page;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (page = 0; page < FAKE_MAX_PAGES; page++)
		atomic_store(&world->state[number][page], FAKE_ABSENT);
}
