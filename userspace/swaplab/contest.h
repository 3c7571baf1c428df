/* SPDX-License-Identifier: GPL-2.0 */
/* Who is compared with whom, and what each run of them gave. */
#ifndef SWAPLAB_CONTEST_H
#define SWAPLAB_CONTEST_H

#include <stdbool.h>
#include <stdio.h>
#include "disk.h"
#include "stock.h"

#define CONTEST_MAX	24

/**
 * struct figures - of one run
 * @seconds: elapsed
 * @misses: faults that waited for the disk
 * @traffic: of the disk
 * @memory: bytes at the peak, all that is the program's
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
 * @is_stock: the latter
 * @stock: and which
 * @figures: an array of one for each repeat
 */
struct contender {
	const char *name;
	bool is_stock;
	struct stock stock;
	struct figures *figures;
};

/**
 * struct contest - the whole
 * @contenders: who takes part
 * @nr: how many
 * @repeats: runs of each
 * @frames: of the device
 * @memory: bytes that each may have
 * @title: for charts
 */
struct contest {
	struct contender contenders[CONTEST_MAX];
	int nr;
	int repeats;
	unsigned long frames;
	unsigned long long memory;
	const char *title;
};

void contest_add(struct contest *contest, const char *list, bool is_stock);
int contest_unequal(const struct contest *contest);
void contest_print(const struct contest *contest, FILE *file);
void contest_write_csv(const struct contest *contest, const char *path);
void contest_draw(const struct contest *contest, const char *path);

#endif /* SWAPLAB_CONTEST_H */
