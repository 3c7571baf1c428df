// SPDX-License-Identifier: GPL-2.0
/* Others that write to the pages, or read them, without a fault of the processor. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "fuzz.h"

/*
 * Pages that are pinned at a time, or about to be: all workers together must leave some
 * frames to the pool, or they wait for one another.
 */
static size_t pinned_range(struct worker *worker, size_t max, size_t *size)
{
	return region_range(worker, worker->depth ? 3 : max, size);
}

/* The disk reads the page: through direct I/O to it, and back by another buffer. */
static void op_direct_write(struct worker *worker)
{
	size_t size, offset = pinned_range(worker, 16, &size);
	off_t at = worker->scratch_place + offset;

	if (pwrite(worker->scratch, worker->region->map + offset, size, at) !=
	    (ssize_t)size)
		return;
	if (pread(worker->scratch, worker->bounce, size, at) == (ssize_t)size)
		region_compare(worker, worker->bounce, offset, size,
			       "direct write");
}

/* The disk writes the page. */
static void op_direct_read(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = pinned_range(worker, 16, &size);
	off_t at = worker->scratch_place + offset;

	region_fill(worker, offset, size);
	memcpy(worker->bounce, region->model + offset, size);
	if (pwrite(worker->scratch, worker->bounce, size, at) != (ssize_t)size ||
	    pread(worker->scratch, region->map + offset, size, at) !=
	    (ssize_t)size)
		memcpy(region->map + offset, region->model + offset, size);
}

static void op_vm_readv(struct worker *worker)
{
	size_t size, offset = pinned_range(worker, 16, &size);
	struct iovec local = { worker->bounce, size };
	struct iovec remote = { worker->region->map + offset, size };
	ssize_t done = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

	if (done > 0)
		region_compare(worker, worker->bounce, offset, done,
			       "process_vm_readv");
}

static void op_vm_writev(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = pinned_range(worker, 16, &size);
	struct iovec local = { region->model + offset, size };
	struct iovec remote = { region->map + offset, size };
	ssize_t done;

	region_fill(worker, offset, size);
	done = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (done < 0)
		done = 0;
	memcpy(region->map + offset + done, region->model + offset + done,
	       size - done);
}

/* The kernel copies, and faults on our behalf. */
static void op_pipe(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 8, &size);
	int ends[2];
	ssize_t done;

	if (pipe2(ends, O_CLOEXEC))
		return;
	done = write(ends[1], region->map + offset, size);
	if (done > 0 && read(ends[0], worker->bounce, done) == done)
		region_compare(worker, worker->bounce, offset, done, "pipe");
	region_fill(worker, offset, size);
	done = write(ends[1], region->model + offset, size);
	if (done < 0 || read(ends[0], region->map + offset, done) != done)
		done = 0;
	memcpy(region->map + offset + done, region->model + offset + done,
	       size - done);
	close(ends[0]);
	close(ends[1]);
}

/* The pages themselves go into the pipe, and are read from it. */
static void op_vmsplice(struct worker *worker)
{
	size_t size, offset = pinned_range(worker, 8, &size);
	struct iovec vec = { worker->region->map + offset, size };
	int ends[2];
	ssize_t done;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	done = vmsplice(ends[1], &vec, 1, SPLICE_F_NONBLOCK);
	if (done > 0 && read(ends[0], worker->bounce, done) == done)
		region_compare(worker, worker->bounce, offset, done, "vmsplice");
	close(ends[0]);
	close(ends[1]);
}

const struct op transfer_ops[] = {
	{ "direct_write", 4, op_direct_write },
	{ "direct_read", 4, op_direct_read },
	{ "vm_readv", 4, op_vm_readv },
	{ "vm_writev", 4, op_vm_writev },
	{ "pipe", 4, op_pipe },
	{ "vmsplice", 4, op_vmsplice },
	{ }
};
