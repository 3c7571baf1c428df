// SPDX-License-Identifier: GPL-2.0
/*
 * Regions by name: they are found by it, live on without it, and keep their pages, or not,
 * when nothing has them open.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

static bool finds_others;

/* Plants a fault: a name finds a new region in place of its own. */
void names_find_others(void)
{
	finds_others = true;
}

/* No two regions get the same name, in all processes and threads. */
static void make_name(char *name)
{
	static unsigned int nr;

	sprintf(name, "fuzz-%d-%u", getpid(),
		__atomic_add_fetch(&nr, 1, __ATOMIC_RELAXED));
}

/* A descriptor, or -errno. */
static int open_name(const char *name, int flags, unsigned int options)
{
	struct swaplab_open request = {
		.flags = flags | O_CLOEXEC,
		.mode = 0600,
		.options = options,
	};
	int device = open(DEVICE, O_RDWR | O_CLOEXEC), fd;

	strcpy(request.name, name);
	if (finds_others && !(flags & O_CREAT)) {
		make_name(request.name);
		request.flags |= O_CREAT | O_RDWR;
	}
	fd = ioctl(device, SWAPLAB_OPEN, &request);
	if (fd < 0)
		fd = -errno;
	close(device);
	return fd;
}

static int unlink_name(const char *name)
{
	struct swaplab_unlink request = { };
	int device = open(DEVICE, O_RDWR | O_CLOEXEC), err = 0;

	strcpy(request.name, name);
	if (ioctl(device, SWAPLAB_UNLINK, &request))
		err = -errno;
	close(device);
	return err;
}

/* Those of workers that were killed. */
void names_clear(void)
{
	struct swaplab_name name = { };
	int device = open(DEVICE, O_RDWR | O_CLOEXEC);

	while (!ioctl(device, SWAPLAB_NEXT_NAME, &name))
		unlink_name(name.name);
	close(device);
}

static void drop_name(struct worker *worker, struct region *region)
{
	int err;

	if (!region->name[0])
		return;
	err = unlink_name(region->name);
	/* Where the fault is planted, the region may have gone unseen. */
	if (err && !finds_others)
		report_mismatch(worker, "unlink: %s", strerror(-err));
	region->name[0] = '\0';
}

/* In its end a worker leaves no region behind that stays. */
void names_drop(struct worker *worker)
{
	size_t i;

	for (i = 0; i < NR_REGIONS; i++)
		drop_name(worker, &worker->regions[i]);
}

static void *map_all(int fd, int prot)
{
	return fd < 0 ? MAP_FAILED : mmap(NULL, REGION_SIZE, prot, MAP_SHARED, fd, 0);
}

/* A new region with this name, zeros. The worker's old one is closed. */
static void create_region(struct worker *worker, struct region *region)
{
	int fd = open_name(region->name, O_CREAT | O_EXCL | O_RDWR,
			   region->stays ? SWAPLAB_OPEN_STAYS : 0);
	void *map = map_all(fd, PROT_READ | PROT_WRITE);

	memset(region->model, 0, REGION_SIZE);
	if (map != MAP_FAILED) {
		region->fd = fd;
		region->map = map;
		return;
	}
	report_mismatch(worker, "create: %s", strerror(fd < 0 ? -fd : errno));
	region_open(region, false);
}

static void op_name(struct worker *worker)
{
	struct region *region = worker->region;

	drop_name(worker, region);
	region_close(region);
	region->view = NULL;
	region->is_private = false;
	make_name(region->name);
	region->stays = random_below(&worker->random, 2);
	create_region(worker, region);
}

/* Another descriptor takes the place of the one that the worker has. */
static void replace_file(struct worker *worker, struct region *region)
{
	int fd = open_name(region->name, O_RDWR, 0);
	void *map = map_all(fd, PROT_READ | PROT_WRITE);

	if (map == MAP_FAILED) {
		report_mismatch(worker, "open: %s", strerror(fd < 0 ? -fd : errno));
		return;
	}
	munmap(region->map, REGION_SIZE);
	close(region->fd);
	region->map = map;
	region->fd = fd;
}

/* The pages are there if the region stays, or if a child has not closed it yet. */
static void close_and_open(struct worker *worker, struct region *region)
{
	void *map;
	int fd;

	region_close(region);
	region->view = NULL;
	fd = open_name(region->name, O_RDWR, 0);
	if (fd == -ENOENT && !region->stays) {
		create_region(worker, region);
		return;
	}
	map = map_all(fd, PROT_READ | PROT_WRITE);
	if (map == MAP_FAILED) {
		report_mismatch(worker, "open again: %s", strerror(fd < 0 ? -fd : errno));
		drop_name(worker, region);
		region_open(region, false);
		return;
	}
	region->map = map;
	region->fd = fd;
}

static void read_by_name(struct worker *worker, struct region *region)
{
	int fd = open_name(region->name, O_RDONLY, 0);
	void *map = map_all(fd, PROT_READ);

	if (map == MAP_FAILED) {
		report_mismatch(worker, "open to read: %s", strerror(fd < 0 ? -fd : errno));
		return;
	}
	region_compare(worker, map, 0, REGION_SIZE, "read by name");
	munmap(map, REGION_SIZE);
	close(fd);
}

static void op_reopen(struct worker *worker)
{
	struct region *region = worker->region;

	if (!region->name[0])
		return;
	switch (random_below(&worker->random, 3)) {
	case 0:
		read_by_name(worker, region);
		return;
	case 1:
		replace_file(worker, region);
		break;
	default:
		close_and_open(worker, region);
	}
	region_compare(worker, region->map, 0, REGION_SIZE, "open by name");
}

/* The region lives on, and another one can have the name. */
static void op_unlink(struct worker *worker)
{
	struct region *region = worker->region;
	char name[sizeof(region->name)];
	int fd;

	if (!region->name[0])
		return;
	strcpy(name, region->name);
	drop_name(worker, region);
	fd = open_name(name, O_RDWR, 0);
	if (fd >= 0) {
		report_mismatch(worker, "a name was found that was taken away");
		close(fd);
	}
	region_compare(worker, region->map, 0, REGION_SIZE, "without a name");
}

const struct op name_ops[] = {
	{ "name", 4, op_name },
	{ "reopen", 8, op_reopen },
	{ "unlink", 2, op_unlink },
	{ }
};
