/* SPDX-License-Identifier: GPL-2.0 */
/* The requests of a region: 0 or -errno. */
#ifndef SWAPLAB_REQUESTS_H
#define SWAPLAB_REQUESTS_H

#include "swaplab_test.h"

static inline int request_send(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

/* A request on pages. */
static inline int request_pages(int fd, unsigned long cmd, uint64_t first,
				uint64_t nr)
{
	struct swaplab_range range = {
		.offset = first * PAGE,
		.length = nr * PAGE,
	};

	return request_send(fd, cmd, &range);
}

static inline int page_states(int fd, uint64_t first, uint64_t nr,
			      uint8_t *states)
{
	struct swaplab_page_states query = {
		.range = { .offset = first * PAGE, .length = nr * PAGE },
		.states = (uintptr_t)states,
	};

	return request_send(fd, SWAPLAB_PAGE_STATES, &query);
}

/* Counts the pages, of 256 at most, that have all of these bits. */
static inline size_t pages_that_are(int fd, size_t first, size_t nr,
				    uint8_t bits)
{
	uint8_t states[256] = {};
	size_t i, found = 0;

	if (page_states(fd, first, nr, states))
		return -1UL;
	for (i = 0; i < nr; i++)
		found += (states[i] & bits) == bits;
	return found;
}

#endif /* SWAPLAB_REQUESTS_H */
