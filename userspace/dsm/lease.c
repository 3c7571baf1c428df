// SPDX-License-Identifier: GPL-2.0
/*
 * Renews the lease six times before it is over. A node whose lease was not renewed for two thirds
 * of its time has ended before others take it for dead; but poll() does not count the time that the
 * machine sleeps, so after a sleep a sixth of the lease may pass until it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>
#include "lease.h"

/* The time that goes on while a machine sleeps. */
static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void renew(struct lease *lease)
{
	struct directory *directory = lease->node->directory;
	long long sent = now_ms();
	int err = 0;

	if (sent - lease->renewed_ms < directory->lease_ms * 2 / 3)
		err = directory_renew(directory);
	if (err)
		node_fail(lease->node, err);
	if (now_ms() - lease->renewed_ms >= directory->lease_ms * 2 / 3)
		node_fail(lease->node, -EOWNERDEAD);
	lease->renewed_ms = sent;
}

static void *keep_renewing(void *data)
{
	struct lease *lease = data;
	struct pollfd stop = { .fd = lease->stop[0], .events = POLLIN };

	while (!poll(&stop, 1, lease->node->directory->lease_ms / 6))
		renew(lease);
	return NULL;
}

int lease_start(struct lease *lease, struct node *node)
{
	*lease = (struct lease){ .node = node, .renewed_ms = now_ms() };
	if (pipe2(lease->stop, O_CLOEXEC))
		return -errno;
	renew(lease);
	return -pthread_create(&lease->thread, NULL, keep_renewing, lease);
}

void lease_stop(struct lease *lease)
{
	close(lease->stop[1]);
	pthread_join(lease->thread, NULL);
	close(lease->stop[0]);
}
