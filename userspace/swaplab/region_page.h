/* SPDX-License-Identifier: GPL-2.0 */
/* What a device tells about one page of another process's region. */
#ifndef SWAPLAB_REGION_PAGE_H
#define SWAPLAB_REGION_PAGE_H

#include <stdbool.h>
#include <sys/types.h>
#include "device.h"

/**
 * struct region_page - a page of a region
 * @device: its device
 * @region: number of the region; 0: unknown
 * @index: of the page in the region
 * @state: SWAPLAB_PAGE_* bits
 * @why: why @state is not known; empty if it is
 */
struct region_page {
	struct device device;
	unsigned long region;
	unsigned long long index;
	unsigned char state;
	char why[128];
};

bool region_page_device(const char *path, struct device *device);
void region_page_ask(struct region_page *page, pid_t pid, int fd);

#endif /* SWAPLAB_REGION_PAGE_H */
