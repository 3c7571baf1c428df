// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own swap, on a disk that is used for nothing else, at the highest priority.
 */

#include <err.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>
#include "setting.h"
#include "kernel_swap.h"

#define LRU_GEN		"/sys/kernel/mm/lru_gen/enabled"
#define PAGE_CLUSTER	"/proc/sys/vm/page-cluster"
#define HIGHEST		32767

static const char *swap_disk;

/**
 * kernel_swap_parse() - understand a name
 * @stock: to be filled in
 * @name: lru or mglru, which may have -N behind it, for a page-cluster of N
 *
 * Return: whether it is such a name.
 */
bool kernel_swap_parse(struct kernel_swap *stock, const char *name)
{
	const char *number;
	char *end;

	stock->lru_gen = strncmp(name, "mg", 2) ? 0 : 7;
	name += stock->lru_gen ? 2 : 0;
	if (strncmp(name, "lru", 3))
		return false;
	number = name + 3;
	stock->page_cluster = 3;
	if (!*number)
		return true;
	stock->page_cluster = strtoul(number + 1, &end, 10);
	return *number == '-' && number[1] && !*end &&
	       stock->page_cluster <= 10;
}

static void end_swapping(void)
{
	if (swapoff(swap_disk))
		warn("swapoff %s", swap_disk);
}

static void make_swap(const char *disk)
{
	char *arguments[3] = { "mkswap", (char *)disk, NULL };
	posix_spawn_file_actions_t actions;
	int status = 0, error;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
					 1, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 1, 0);
	error = posix_spawnp(&pid, "mkswap", &actions, NULL, arguments,
			     environ);
	if (error)
		errx(1, "mkswap: %s: install util-linux", strerror(error));
	posix_spawn_file_actions_destroy(&actions);
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "mkswap %s failed: is it in use, or too small?", disk);
}

/**
 * kernel_swap_begin() - get ready to swap
 * @disk: to be overwritten and swapped to until this program ends
 *
 * An error ends the program.
 */
void kernel_swap_begin(const char *disk)
{
	swap_disk = disk;
	make_swap(disk);
	if (swapon(disk, SWAP_FLAG_PREFER | HIGHEST))
		err(1, "swapon %s", disk);
	atexit(end_swapping);
}

/**
 * kernel_swap_use() - choose a way to swap
 * @stock: which
 */
void kernel_swap_use(const struct kernel_swap *stock)
{
	if (!access(LRU_GEN, F_OK))
		setting_number(LRU_GEN, stock->lru_gen);
	else if (stock->lru_gen)
		errx(1, "this kernel has no MGLRU: --stock lru");
	setting_number(PAGE_CLUSTER, stock->page_cluster);
}
