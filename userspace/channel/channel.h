/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A channel: messages of whole pages from one process to another, by pages that move.
 *
 * The receiver creates a channel by a name, and the sender opens it. The pages of a
 * message come from a region of the sender's, wait in the region of that name, and go to a
 * region of the receiver's. They may be evicted at any time and need not all fit into
 * memory. No content is copied.
 *
 * All functions return a negative errno after an error. A channel has one sender and one
 * receiver, each a single thread, that trust one another as users of shared memory do. It
 * is not to be used on both sides of a fork().
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <linux/swaplab.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHANNEL_PAGE		4096UL
/* The most pages that wait in a channel. */
#define CHANNEL_MAX_PAGES	512

struct channel_control;

/**
 * struct channel - one end of a channel
 * @device: descriptor of the device
 * @region: descriptor of the region with the pages that wait
 * @control: its first page, shared with the other end
 * @nr_pages: how many pages may wait, a power of two
 * @position: pages that this end has sent, or received; counts as a struct counter does
 * @sends: this is the sender's end
 * @name: of the region
 */
struct channel {
	int device;
	int region;
	struct channel_control *control;
	unsigned int nr_pages;
	uint32_t position;
	bool sends;
	char name[SWAPLAB_NAME_SIZE];
};

int channel_create(struct channel *channel, const char *device, const char *name,
		   unsigned int nr_pages);
int channel_open(struct channel *channel, const char *device, const char *name);
void channel_close(struct channel *channel);
int channel_send(struct channel *channel, int fd, uint64_t offset, size_t length);
ssize_t channel_receive(struct channel *channel, int fd, uint64_t offset, size_t room);

#endif /* CHANNEL_H */
