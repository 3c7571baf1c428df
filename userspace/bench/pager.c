// SPDX-License-Identifier: GPL-2.0
/*
 * Times a touch of a page that a thread of the same process supplies, by SWAPLAB_PAGER and by
 * userfaultfd, and prints the microseconds of each: lines "NAME,US". The thread sleeps until it
 * is asked for a page, answers with a copy of one, and sleeps again. The pool, which has frames
 * for all pages, is prepared by the caller.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "clock.h"
#include "content.h"

#define ROUNDS	5

static char content[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static size_t nr_pages;
static int server;

static void *serve_swaplab(void *unused)
{
	struct swaplab_pager_request request;
	struct swaplab_supply supply = { .address = (uintptr_t)content };

	while (read(server, &request, sizeof(request)) == sizeof(request)) {
		supply.id = request.id;
		supply.offset = request.offset;
		supply.length = request.length;
		if (ioctl(server, SWAPLAB_PAGER_SUPPLY, &supply))
			err(1, "SWAPLAB_PAGER_SUPPLY");
	}
	return NULL;
}

static void *serve_userfaultfd(void *unused)
{
	struct uffdio_copy copy = { .src = (uintptr_t)content, .len = PAGE_BYTES };
	struct uffd_msg message;

	/* The last message is of a munmap(). */
	while (read(server, &message, sizeof(message)) == sizeof(message) &&
	       message.event == UFFD_EVENT_PAGEFAULT) {
		copy.dst = message.arg.pagefault.address & -PAGE_BYTES;
		if (ioctl(server, UFFDIO_COPY, &copy))
			err(1, "UFFDIO_COPY");
	}
	return NULL;
}

static char *map_swaplab(const char *device, int *fd)
{
	struct swaplab_pager_open request = { };
	char *map;

	*fd = open(device, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		err(1, "%s", device);
	map = mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s: mmap", device);
	server = ioctl(*fd, SWAPLAB_PAGER, &request);
	if (server < 0)
		err(1, "SWAPLAB_PAGER");
	return map;
}

static char *map_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_EVENT_UNMAP };
	struct uffdio_register range = {
		.range.len = nr_pages * PAGE_BYTES,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	char *map;

	map = mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	range.range.start = (uintptr_t)map;
	server = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (server < 0 || ioctl(server, UFFDIO_API, &api) ||
	    ioctl(server, UFFDIO_REGISTER, &range))
		err(1, "userfaultfd");
	return map;
}

static double touch_all(volatile char *map, bool writes)
{
	double begin = now_us();
	size_t i;

	for (i = 0; i < nr_pages; i++) {
		if (writes)
			map[i * PAGE_BYTES] = 2;
		else if (map[i * PAGE_BYTES] != 1)
			errx(1, "page %zu has something else", i);
	}
	return (now_us() - begin) / nr_pages;
}

/* With a device, of swaplab; else of userfaultfd. */
static double time_round(const char *device, bool writes)
{
	pthread_t thread;
	double us;
	int fd = -1;
	char *map;

	map = device ? map_swaplab(device, &fd) : map_userfaultfd();
	if (pthread_create(&thread, NULL, device ? serve_swaplab : serve_userfaultfd, NULL))
		err(1, "pthread_create");
	us = touch_all(map, writes);
	munmap(map, nr_pages * PAGE_BYTES);
	if (device)
		close(fd);
	pthread_join(thread, NULL);
	close(server);
	return us;
}

static int compare_us(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void time_rounds(const char *name, const char *device, bool writes)
{
	double us[ROUNDS];
	size_t i;

	for (i = 0; i < ROUNDS; i++)
		us[i] = time_round(device, writes);
	qsort(us, ROUNDS, sizeof(*us), compare_us);
	printf("%s,%.2f\n", name, us[ROUNDS / 2]);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: pager DEVICE PAGES");
	nr_pages = strtoul(argv[2], NULL, 0);
	memset(content, 1, sizeof(content));
	time_rounds("userfaultfd read", NULL, false);
	time_rounds("swaplab read", argv[1], false);
	time_rounds("userfaultfd write", NULL, true);
	time_rounds("swaplab write", argv[1], true);
	return 0;
}
