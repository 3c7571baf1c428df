// SPDX-License-Identifier: GPL-2.0
/* The kinds of memory that are compared, by their names, and their counters. */

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "memory.h"
#include "path.h"

static const struct memory_ops *const kinds[] = {
	&anonymous_memory,
	&buffer_pool,
	&device_memory,
	&file_mapping,
	&random_file_mapping,
	&uffd_pager,
	&uffd_plain_pager,
	NULL
};

/* Requests and 512-byte sectors, see Documentation/block/stat.rst. */
static void count_disk(const char *disk, struct paging *paging)
{
	unsigned long read_sectors, written_sectors;
	char path[PATH_BYTES];
	FILE *file;

	path_format(path, "/sys/block/%s/stat", disk);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lu %*u %lu %*u %lu %*u %lu", &paging->reads,
			    &read_sectors, &paging->writes, &written_sectors) != 4)
		err(2, "%s", path);
	fclose(file);
	paging->read_kb = read_sectors / 2;
	paging->written_kb = written_sectors / 2;
}

static void wait_for_disk(const char *disk)
{
	char path[PATH_BYTES];
	unsigned long reads, writes;
	FILE *file;

	path_format(path, "/sys/block/%s/inflight", disk);
	do {
		usleep(1000);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%lu %lu", &reads, &writes) != 2)
			err(2, "%s", path);
		fclose(file);
	} while (reads + writes);
}

/**
 * memory_map() - get the memory, empty
 * @memory: filled in, but for @memory->disk, @memory->cgroup and @memory->nr_frames
 * @backend: a kind, and what it needs behind a colon, such as "device:/dev/swaplab0"
 * @size: in bytes
 */
void memory_map(struct memory *memory, const char *backend, size_t size)
{
	size_t len = strcspn(backend, ":");
	int i;

	for (i = 0; kinds[i]; i++)
		if (strlen(kinds[i]->name) == len && !strncmp(kinds[i]->name, backend, len))
			break;
	if (!kinds[i])
		errx(2, "no such backend: %s", backend);
	memory->ops = kinds[i];
	memory->where = backend[len] ? backend + len + 1 : NULL;
	memory->size = size;
	memory->ops->map(memory);
}

/**
 * memory_page_out() - send (nearly) everything to the disk
 * @memory: the memory
 */
void memory_page_out(const struct memory *memory)
{
	memory->ops->page_out(memory);
	if (memory->disk)
		wait_for_disk(memory->disk);
}

/**
 * memory_count() - read the counters
 * @memory: the memory
 * @paging: filled in
 */
void memory_count(const struct memory *memory, struct paging *paging)
{
	memset(paging, 0, sizeof(*paging));
	memory->ops->count(memory, paging);
	if (memory->disk)
		count_disk(memory->disk, paging);
}

/**
 * paging_subtract() - get the difference of two counts
 * @paging: the later counters; the difference afterwards
 * @earlier: the earlier ones
 */
void paging_subtract(struct paging *paging, const struct paging *earlier)
{
	paging->misses -= earlier->misses;
	paging->swap_ins -= earlier->swap_ins;
	paging->readahead -= earlier->readahead;
	paging->readahead_hits -= earlier->readahead_hits;
	paging->reads -= earlier->reads;
	paging->writes -= earlier->writes;
	paging->read_kb -= earlier->read_kb;
	paging->written_kb -= earlier->written_kb;
}

/**
 * memory_reserve() - get anonymous memory that takes no page until it is touched
 * @nr: of elements
 * @size: of each, in bytes
 *
 * Return: its start.
 */
void *memory_reserve(size_t nr, size_t size)
{
	void *start = mmap(NULL, nr * size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED)
		err(2, "mmap of %zu bytes", nr * size);
	return start;
}

/**
 * memory_join_cgroup() - have this process charged to the cgroup, if there is one
 * @memory: not mapped yet
 */
void memory_join_cgroup(const struct memory *memory)
{
	char path[PATH_BYTES];

	if (!memory->cgroup)
		return;
	path_format(path, "%s/cgroup.procs", memory->cgroup);
	path_write(path, "0");
}

/**
 * memory_cgroup_peak() - get the most memory that the cgroup had
 * @memory: the memory
 *
 * Return: bytes; 0 without a cgroup.
 */
unsigned long memory_cgroup_peak(const struct memory *memory)
{
	char path[PATH_BYTES];

	if (!memory->cgroup)
		return 0;
	path_format(path, "%s/memory.peak", memory->cgroup);
	return path_read_number(path);
}

/**
 * memory_major_faults() - count the faults of this process that waited for a disk
 *
 * Return: how many.
 */
unsigned long memory_major_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_majflt;
}
