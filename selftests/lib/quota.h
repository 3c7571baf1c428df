/* SPDX-License-Identifier: GPL-2.0 */
/* Regions with quotas. */
#ifndef SWAPLAB_TEST_QUOTA_H
#define SWAPLAB_TEST_QUOTA_H

#include "exact_pool.h"
#include "requests.h"

/* Sets the bounds of a region; 0 or -errno. */
static inline int quota_set(int fd, uint64_t min, uint64_t max)
{
	struct swaplab_quota request = { .min = min, .max = max };

	return request_send(fd, SWAPLAB_QUOTA, &request);
}

static inline void pages_touch(const char *map, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		page_touch(map, i);
}

#endif /* SWAPLAB_TEST_QUOTA_H */
