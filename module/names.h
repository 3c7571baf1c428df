/* SPDX-License-Identifier: GPL-2.0 */
/* The names of a pool's regions. */
#ifndef _SWAPLAB_NAMES_H
#define _SWAPLAB_NAMES_H

#include <linux/rbtree.h>
#include <linux/swaplab.h>
#include "region.h"

/**
 * struct swaplab_named - what a region with a name has beside others; pool->names.lock
 * @node: in the tree of names; cleared when the name is taken away
 * @region: the region, which frees this in its end
 * @nr_files: open files of the region
 * @stays: the region does not go with the last of them while it has its name
 * @name: never changes
 */
struct swaplab_named {
	struct rb_node node;
	struct swaplab_region *region;
	unsigned int nr_files;
	bool stays;
	char name[];
};

long swaplab_names_open(struct file *file, const struct swaplab_open __user *arg);
bool swaplab_names_close(struct swaplab_region *region);
int swaplab_names_unlink(struct file *file, const struct swaplab_unlink __user *arg);
int swaplab_names_next(struct file *file, struct swaplab_name __user *arg);
void swaplab_names_end(struct swaplab_pool *pool);

#endif /* _SWAPLAB_NAMES_H */
