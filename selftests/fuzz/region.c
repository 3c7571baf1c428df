// SPDX-License-Identifier: GPL-2.0
/* Regions and their models: making, writing, comparing. */
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

/* Writes a whole string; 0 or -errno. */
int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Reads a small file without its last newline; 0 or -errno. */
int file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	close(fd);
	if (len < 0)
		return -EIO;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

/* Adds to one of the totals. */
void count(struct worker *worker, uint64_t *total, uint64_t nr)
{
	if (!worker->is_doomed)
		__atomic_add_fetch(total, nr, __ATOMIC_RELAXED);
}

/* Reports a mismatch, and how to repeat the operations before it. */
void report_mismatch(struct worker *worker, const char *format, ...)
{
	va_list args;

	__atomic_add_fetch(&worker->totals->mismatches, 1, __ATOMIC_RELAXED);
	printf("fuzz: worker %u, %u forks deep: not as it has to be: ",
	       worker->id, worker->depth);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\nfuzz: operation %lu, %s; again: --replay %#llx --ops %lu\n",
	       worker->number, sequence_name(worker->seed, worker->number),
	       (unsigned long long)worker->seed, worker->number + 1);
	fflush(stdout);
}

static bool shares_all;

/* Plants a fault: regions that should be private are not. */
void region_share_all(void)
{
	shares_all = true;
}

/* Regions with static slots cannot be private, and a worker may have asked for these. */
static int open_private(void)
{
	int fd;

	while ((fd = open(DEVICE, O_RDWR | O_CLOEXEC)) >= 0) {
		if (!ioctl(fd, SWAPLAB_FORK_PRIVATE) || errno != EINVAL)
			break;
		close(fd);
		file_write(POOL "slot_allocation", "dynamic");
	}
	return fd;
}

/* A new region is zeros. Without a device there is nothing to be done. */
void region_open(struct region *region, bool is_private)
{
	region->is_private = is_private;
	region->name[0] = '\0';
	region->fd = is_private && !shares_all ? open_private() :
		open(DEVICE, O_RDWR | O_CLOEXEC);
	region->map = region->fd < 0 ? MAP_FAILED :
		mmap(NULL, REGION_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		     region->fd, 0);
	if (region->map == MAP_FAILED) {
		perror("fuzz: " DEVICE);
		exit(2);
	}
	region->view = NULL;
	if (!region->model)
		region->model = malloc(REGION_SIZE);
	memset(region->model, 0, REGION_SIZE);
}

void region_close(struct region *region)
{
	munmap(region->map, REGION_SIZE);
	if (region->view)
		munmap(region->view, region->view_size);
	close(region->fd);
}

/* A range of whole pages, of at most so many: its offset and size. */
size_t region_range(struct worker *worker, size_t max, size_t *size)
{
	size_t nr = 1 + random_below(&worker->random, max);
	size_t first = random_below(&worker->random, REGION_PAGES - nr + 1);

	*size = nr * PAGE;
	return first * PAGE;
}

/* Other bytes in a range of the model; the caller brings them to the region. */
void region_fill(struct worker *worker, size_t offset, size_t size)
{
	unsigned char *model = worker->region->model;
	uint64_t word;
	size_t i;

	for (i = 0; i < size; i += sizeof(word)) {
		word = random_next(&worker->random);
		memcpy(model + offset + i, &word,
		       size - i < sizeof(word) ? size - i : sizeof(word));
	}
}

void region_compare(struct worker *worker, const unsigned char *bytes,
		    size_t offset, size_t size, const char *how)
{
	unsigned char *model = worker->region->model + offset;
	size_t i;

	count(worker, &worker->totals->bytes, size);
	if (!memcmp(bytes, model, size))
		return;
	for (i = 0; i < size - 1 && bytes[i] == model[i]; i++)
		;
	report_mismatch(worker, "%s: page %zu, byte %zu: %02x, not %02x", how,
			(offset + i) / PAGE, (offset + i) % PAGE, bytes[i], model[i]);
	/* Told once. */
	memcpy(model, bytes, size);
}
