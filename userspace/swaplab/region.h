/* SPDX-License-Identifier: GPL-2.0 */
/* The regions of a device, as far as processes have file descriptors of them. */
#ifndef SWAPLAB_REGION_H
#define SWAPLAB_REGION_H

#include "device.h"
#include "process.h"

/* Lines of fdinfo, in the order in which they are shown: pages first, then events. */
enum {
	REGION_PAGES, REGION_RESIDENT, REGION_SWAPPED, REGION_DIRTY, REGION_LOCKED,
	NR_REGION_STATES, REGION_QUOTA = NR_REGION_STATES,
	REGION_WORKING_SET, NR_REGION_PAGES, NR_REGION_VALUES = 10
};

extern const char *const region_names[NR_REGION_VALUES];

/**
 * struct region - a file descriptor of a region
 * @holder: the process
 * @id: the region's number; 0: unknown, the process has it mapped only
 * @is_private: fork() copies its pages; the rest is about those of the process that opened it
 * @values: the values in fdinfo, by region_names
 */
struct region {
	struct holder holder;
	unsigned long id;
	bool is_private;
	unsigned long values[NR_REGION_VALUES];
};

unsigned int region_list(const struct device *device, struct region **regions);
bool region_is_forked(const struct region *regions, unsigned int nr, const struct region *region);
bool region_count(struct region *region, const struct device *device);
unsigned int region_find(const struct device *device, pid_t pid, int fd,
			 struct region *found);
struct region region_of_process(pid_t pid, int fd, struct device *device);
bool region_read(struct region *region, const struct holder *holder);
bool region_states(int fd, pid_t pid, unsigned long first, unsigned long nr,
		   unsigned char *states);

#endif /* SWAPLAB_REGION_H */
