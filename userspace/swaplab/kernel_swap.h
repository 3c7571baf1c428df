/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own swap. */
#ifndef SWAPLAB_KERNEL_SWAP_H
#define SWAPLAB_KERNEL_SWAP_H

#include <stdbool.h>

/**
 * struct kernel_swap - a way of the kernel's own to swap
 * @lru_gen: value of /sys/kernel/mm/lru_gen/enabled: 0 the classic lists, 7 MGLRU
 * @page_cluster: readahead of 2^this pages
 */
struct kernel_swap {
	int lru_gen;
	int page_cluster;
};

bool kernel_swap_parse(struct kernel_swap *stock, const char *name);
void kernel_swap_begin(const char *disk);
void kernel_swap_use(const struct kernel_swap *stock);

#endif /* SWAPLAB_KERNEL_SWAP_H */
