/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own swap, and cgroups to count and limit memory. */
#ifndef SWAPLAB_STOCK_H
#define SWAPLAB_STOCK_H

#include <stdbool.h>

/**
 * struct stock - a way of the kernel's own to swap
 * @lru_gen: value of /sys/kernel/mm/lru_gen/enabled: 0 the classic lists, 7 MGLRU
 * @page_cluster: readahead of 2^this pages
 */
struct stock {
	int lru_gen;
	int page_cluster;
};

bool stock_parse(struct stock *stock, const char *name);
void stock_begin(const char *disk);
void stock_use(const struct stock *stock);
const char *stock_cgroup(unsigned long long limit);
unsigned long long stock_peak(void);

#endif /* SWAPLAB_STOCK_H */
