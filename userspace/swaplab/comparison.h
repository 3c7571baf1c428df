/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to page that are compared, and the figures of their runs. */
#ifndef SWAPLAB_COMPARISON_H
#define SWAPLAB_COMPARISON_H

#include <stdbool.h>
#include "disk.h"
#include "kernel_swap.h"

#define COMPARISON_MAX	24

/**
 * struct figures - of one run
 * @seconds: elapsed
 * @misses: faults that waited for the disk
 * @traffic: of the disk
 * @memory: bytes of the program at its peak
 */
struct figures {
	double seconds;
	unsigned long misses;
	struct disk_traffic traffic;
	unsigned long long memory;
};

/**
 * struct contender - a way to page
 * @name: a policy, or a way of the kernel's own
 * @is_stock: it is the kernel's own
 * @stock: which of the kernel's own
 * @figures: an array of one for each repeat
 */
struct contender {
	const char *name;
	bool is_stock;
	struct kernel_swap stock;
	struct figures *figures;
};

/**
 * struct comparison - contenders, and the conditions that they share
 * @contenders: the ways to page
 * @nr: how many
 * @repeats: runs of each
 * @frames: of the device
 * @memory: bytes that each may have
 * @title: for charts
 */
struct comparison {
	struct contender contenders[COMPARISON_MAX];
	int nr;
	int repeats;
	unsigned long frames;
	unsigned long long memory;
	const char *title;
};

void comparison_add(struct comparison *comparison, const char *list, bool is_stock);
int comparison_unequal(const struct comparison *comparison);
void comparison_print(const struct comparison *comparison);
void comparison_write_csv(const struct comparison *comparison, const char *path);
void comparison_draw(const struct comparison *comparison, const char *path);

#endif /* SWAPLAB_COMPARISON_H */
