// SPDX-License-Identifier: GPL-2.0
/* Operations of a process on its memory: accesses, and changes of mappings. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fuzz.h"

#ifndef MADV_COLD
#define MADV_COLD		20
#define MADV_PAGEOUT		21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

static void op_write_pages(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 32, &size);

	region_fill(worker, offset, size);
	memcpy(region->map + offset, region->model + offset, size);
}

/* Any bytes, often across the end of a page. */
static void op_write_bytes(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size = 1 + random_below(&worker->random, 3000);
	size_t offset = random_below(&worker->random, REGION_SIZE - size);

	region_fill(worker, offset, size);
	memcpy(region->map + offset, region->model + offset, size);
}

static void op_read(struct worker *worker)
{
	size_t size, offset = region_range(worker, REGION_PAGES, &size);

	region_compare(worker, worker->region->map + offset, offset, size,
		       "read");
}

/*
 * A hole, or nothing at all, and then all of it again. Something has to be in the
 * hole meanwhile, or another thread's mmap() may put its own there.
 */
static void op_munmap(struct worker *worker)
{
	struct region *region = worker->region;
	/* Private pages go with the last mapping. */
	size_t max = REGION_PAGES - region->is_private;
	size_t size, offset = region_range(worker, max, &size);

	mmap(region->map + offset, size, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (mmap(region->map + offset, size, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, region->fd, offset) == MAP_FAILED)
		report_mismatch(worker, "munmap: cannot map it again");
}

static void drop_view(struct region *region)
{
	if (region->view)
		munmap(region->view, region->view_size);
	region->view = NULL;
}

/* A second mapping of a part, to be read through only, or to be written, too. */
static void op_view(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 64, &size);
	void *view;

	drop_view(region);
	view = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, region->fd,
		    offset);
	if (view == MAP_FAILED)
		return;
	region->view = view;
	region->view_offset = offset;
	region->view_size = size;
	region_compare(worker, region->view, offset, size, "view");
}

static void op_view_write(struct worker *worker)
{
	struct region *region = worker->region;

	if (!region->view)
		return;
	region_fill(worker, region->view_offset, region->view_size);
	memcpy(region->view, region->model + region->view_offset,
	       region->view_size);
}

/* To another place, and shorter or longer, as long as it stays in the region. */
static void op_mremap(struct worker *worker)
{
	struct region *region = worker->region;
	size_t nr, size;
	void *view;

	if (!region->view)
		return;
	nr = (REGION_SIZE - region->view_offset) / PAGE;
	size = (1 + random_below(&worker->random, nr)) * PAGE;
	view = mremap(region->view, region->view_size, size, MREMAP_MAYMOVE);
	if (view == MAP_FAILED)
		return;
	region->view = view;
	region->view_size = size;
	region_compare(worker, region->view, region->view_offset, size,
		       "mremap");
}

static void op_mprotect(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 32, &size);

	mprotect(region->map + offset, size, PROT_READ);
	region_compare(worker, region->map + offset, offset, size, "mprotect");
	mprotect(region->map + offset, size, PROT_NONE);
	mprotect(region->map + offset, size, PROT_READ | PROT_WRITE);
}

/* None of these may change the content of the pages. */
static void op_madvise(struct worker *worker)
{
	static const int advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
		MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_COLD, MADV_PAGEOUT,
		MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_HUGEPAGE,
		MADV_MERGEABLE, MADV_DODUMP, 12345,
	};
	size_t size, offset = region_range(worker, 32, &size);
	size_t i = random_below(&worker->random, ARRAY_SIZE(advice));

	madvise(worker->region->map + offset, size, advice[i]);
	region_compare(worker, worker->region->map + offset, offset, size,
		       "madvise");
}

static void op_mlock(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 16, &size);

	mlock(region->map + offset, size);
	region_compare(worker, region->map + offset, offset, size, "mlock");
	munlock(region->map + offset, size);
}

static void op_msync(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, REGION_PAGES, &size);
	unsigned char resident[REGION_PAGES];

	msync(region->map + offset, size, MS_SYNC | MS_INVALIDATE);
	mincore(region->map + offset, size, resident);
}

/*
 * A child may have the region, too, so it has to die with its parent, which may have been
 * killed already.
 */
static pid_t fork_bound(void)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid && prctl(PR_SET_PDEATHSIG, SIGKILL))
		_exit(1);
	if (!pid && getppid() != parent)
		_exit(0);
	return pid;
}

/*
 * A child sees all of the region and may change it. If that is private, the parent changes
 * its own pages meanwhile.
 */
static void op_fork(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 32, &size);
	pid_t pid;

	region_fill(worker, offset, size);
	pid = fork_bound();
	if (!pid) {
		memcpy(region->map + offset, region->model + offset, size);
		region_compare(worker, region->map, 0, REGION_SIZE, "child");
		_exit(0);
	}
	if (region->is_private)
		region_fill(worker, offset, size);
	if (pid < 0 || region->is_private)
		memcpy(region->map + offset, region->model + offset, size);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	region_compare(worker, region->map + offset, offset, size, "parent");
}

/*
 * A child that is killed while it writes: each byte is the old one or the new one, and
 * does not change from then on. If the region is private, it is the old one.
 */
static void op_kill(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 32, &size), i;
	unsigned char *now = region->map + offset;
	unsigned char *new = region->model + offset;
	unsigned int delay = random_below(&worker->random, 3000);
	pid_t pid;

	memcpy(worker->bounce, new, size);
	region_fill(worker, offset, size);
	pid = fork_bound();
	if (!pid) {
		for (;;)
			memcpy(now, new, size);
	}
	if (pid > 0) {
		usleep(delay);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (region->is_private)
		memcpy(new, worker->bounce, size);
	for (i = 0; i < size; i++)
		if (now[i] != new[i] && now[i] != worker->bounce[i])
			break;
	if (i < size)
		report_mismatch(worker, "kill: page %zu, byte %zu: neither old nor new",
				(offset + i) / PAGE, i % PAGE);
	memcpy(new, now, size);
}

/* Closes the region, with its pages in any state, and opens another. */
static void op_reopen(struct worker *worker)
{
	region_close(worker->region);
	region_open(worker->region, random_below(&worker->random, 2));
	region_compare(worker, worker->region->map, 0, REGION_SIZE, "new");
}

static void op_dup(struct worker *worker)
{
	struct region *region = worker->region;
	int fd = dup(region->fd);

	if (fd < 0)
		return;
	close(region->fd);
	region->fd = fd;
}

const struct op memory_ops[] = {
	{ "write_pages", 30, op_write_pages },
	{ "write_bytes", 30, op_write_bytes },
	{ "read", 30, op_read },
	{ "munmap", 5, op_munmap },
	{ "view", 5, op_view },
	{ "view_write", 5, op_view_write },
	{ "mremap", 5, op_mremap },
	{ "mprotect", 3, op_mprotect },
	{ "madvise", 10, op_madvise },
	{ "mlock", 2, op_mlock },
	{ "msync", 1, op_msync },
	{ "fork", 2, op_fork },
	{ "kill", 1, op_kill },
	{ "reopen", 2, op_reopen },
	{ "dup", 1, op_dup },
	{ }
};
