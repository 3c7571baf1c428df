// SPDX-License-Identifier: GPL-2.0
/*
 * Times fork() of a process with pages in memory and in the store, and the first writes
 * after it, and prints for each the microseconds: a line "NAME,US". The memory is a region of
 * a device with private pages, or anonymous memory. The pool, or the kernel's own swap, is
 * prepared by the caller; the pool has frames for twice the pages.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "clock.h"
#include "content.h"

#define FEW_FRAMES	64
#define ROUNDS		5

static size_t nr_pages, nr_resident;
static volatile char *map;

static void *map_memory(const char *device)
{
	int fd = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char path[64];

	if (device) {
		snprintf(path, sizeof(path), "/dev/%s", device);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || ioctl(fd, SWAPLAB_FORK_PRIVATE))
			err(2, "%s", path);
		flags = MAP_SHARED;
	}
	return mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static void set_frames(const char *device, size_t nr)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/swaplab/%s/nr_frames", device);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%zu", nr) < 0 || fclose(file))
		err(2, "%s", path);
}

static size_t stat_of(const char *device, const char *name)
{
	char path[96];
	size_t value;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/swaplab/%s/stats/%s", device, name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%zu", &value) != 1)
		err(2, "%s", path);
	fclose(file);
	return value;
}

static void write_pages(size_t first, size_t nr)
{
	size_t i;

	for (i = first; i < first + nr; i++)
		map[i * PAGE_BYTES]++;
}

static void page_out(const char *device)
{
	if (device) {
		set_frames(device, FEW_FRAMES);
		while (stat_of(device, "resident") > FEW_FRAMES)
			usleep(10000);
		set_frames(device, 2 * nr_pages);
	} else if (madvise((void *)map, nr_pages * PAGE_BYTES, MADV_PAGEOUT)) {
		err(2, "MADV_PAGEOUT");
	}
}

static pid_t fork_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (!pid)
		for (;;)
			pause();
	return pid;
}

static void time_forks(void)
{
	double forks = 0, shared = 0, alone = 0, begin;
	size_t nr = nr_resident / 2;
	int round;
	pid_t pid;

	for (round = 0; round < ROUNDS; round++) {
		begin = now_us();
		pid = fork_child();
		forks += now_us() - begin;
		begin = now_us();
		write_pages(0, nr);
		shared += now_us() - begin;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		/* The other half was read-only, too. */
		begin = now_us();
		write_pages(nr, nr);
		alone += now_us() - begin;
	}
	printf("fork,%.1f\n", forks / ROUNDS);
	printf("first write to a shared page,%.2f\n", shared / ROUNDS / nr);
	printf("first write to a page that was shared,%.2f\n", alone / ROUNDS / nr);
}

int main(int argc, char **argv)
{
	const char *device;

	if (argc != 4)
		errx(2, "usage: forks DEVICE|anonymous PAGES RESIDENT");
	device = strcmp(argv[1], "anonymous") ? argv[1] : NULL;
	nr_pages = strtoul(argv[2], NULL, 0);
	nr_resident = strtoul(argv[3], NULL, 0);
	map = map_memory(device);
	if (map == MAP_FAILED)
		err(2, "mmap");
	write_pages(0, nr_pages);
	if (nr_resident < nr_pages)
		page_out(device);
	write_pages(0, nr_resident);
	time_forks();
	return 0;
}
