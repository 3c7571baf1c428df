// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of a pager in user space to its disk, by the kernel's asynchronous I/O. A
 * request completes in the interrupt and wakes any thread that waits, which io_uring does
 * not: it needs the thread that submitted.
 *
 * No more requests are submitted than the disk takes, because io_submit() would sleep,
 * and reads would have to wait behind all writes.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "content.h"
#include "disk_queue.h"
#include "path.h"

#define MOST_IN_FLIGHT	64
/* Where the path is no disk of its own, as in tests. */
#define DEPTH		8

static uint32_t depth_of(const char *disk)
{
	char path[PATH_BYTES];
	uint32_t depth;

	if (!disk)
		return DEPTH;
	path_format(path, "/sys/block/%s/queue/nr_requests", disk);
	depth = path_read_number(path);
	return depth < MOST_IN_FLIGHT ? depth : MOST_IN_FLIGHT;
}

static void list_add(struct transfer_list *list, struct transfer *transfer)
{
	transfer->next = NULL;
	*list->tail = transfer;
	list->tail = &transfer->next;
}

static struct transfer *list_take(struct transfer_list *list)
{
	struct transfer *transfer = list->head;

	list->head = transfer->next;
	if (!list->head)
		list->tail = &list->head;
	return transfer;
}

/**
 * disk_queue_open() - get ready
 * @queue: filled in
 * @path: of the disk
 * @disk: its name in /sys/block, or NULL
 */
void disk_queue_open(struct disk_queue *queue, const char *path, const char *disk)
{
	int i;

	memset(queue, 0, sizeof(*queue));
	queue->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (queue->fd < 0)
		err(2, "%s", path);
	queue->depth = depth_of(disk);
	queue->reads.tail = &queue->reads.head;
	queue->writes.tail = &queue->writes.head;
	for (i = 0; i < NR_TRANSFERS; i++)
		disk_queue_put(queue, &queue->transfers[i]);
	if (syscall(SYS_io_setup, MOST_IN_FLIGHT + NR_WATCHES, &queue->context))
		err(2, "io_setup");
}

/**
 * disk_queue_take() - begin a request
 * @queue: the queue
 * @first: page of the disk
 * @is_write: or a read
 * @owner: for the caller
 *
 * Return: a request without pages; NULL: too many are under way.
 */
struct transfer *disk_queue_take(struct disk_queue *queue, uint32_t first, bool is_write,
				 void *owner)
{
	struct transfer *transfer = queue->unused;

	if (!transfer)
		return NULL;
	queue->unused = transfer->next;
	transfer->first = first;
	transfer->nr_pages = 0;
	transfer->is_write = is_write;
	transfer->owner = owner;
	return transfer;
}

/**
 * transfer_add() - add a page in memory, for the next page of the disk
 * @transfer: has room
 * @page: its address
 */
void transfer_add(struct transfer *transfer, void *page)
{
	struct iovec *last = &transfer->pages[transfer->nr_pages++];

	last->iov_base = page;
	last->iov_len = PAGE_BYTES;
}

/**
 * disk_queue_add() - queue a request, for disk_queue_submit()
 * @queue: the queue
 * @transfer: with its pages
 */
void disk_queue_add(struct disk_queue *queue, struct transfer *transfer)
{
	struct iocb *iocb = &transfer->iocb;

	memset(iocb, 0, sizeof(*iocb));
	iocb->aio_data = (uintptr_t)transfer;
	iocb->aio_fildes = queue->fd;
	iocb->aio_lio_opcode = transfer->is_write ? IOCB_CMD_PWRITEV : IOCB_CMD_PREADV;
	iocb->aio_buf = (uintptr_t)transfer->pages;
	iocb->aio_nbytes = transfer->nr_pages;
	iocb->aio_offset = (int64_t)transfer->first * PAGE_BYTES;
	list_add(transfer->is_write ? &queue->writes : &queue->reads, transfer);
	queue->nr_pending++;
}

/* Half of the disk is left for reads to come. */
static struct transfer *next_to_submit(struct disk_queue *queue)
{
	if (queue->reads.head)
		return list_take(&queue->reads);
	if (queue->writes.head && queue->nr_in_flight < (queue->depth + 1) / 2)
		return list_take(&queue->writes);
	return NULL;
}

/* Those that are new, or have told something and are wanted again. */
static int list_watches(struct disk_queue *queue, struct iocb **iocbs)
{
	int i, nr = 0;

	for (i = 0; i < NR_WATCHES; i++) {
		if (!queue->is_watch_new[i])
			continue;
		queue->is_watch_new[i] = false;
		iocbs[nr++] = &queue->watches[i];
	}
	return nr;
}

/**
 * disk_queue_submit() - give the disk as many requests as it takes
 * @queue: the queue
 */
void disk_queue_submit(struct disk_queue *queue)
{
	struct iocb *iocbs[MOST_IN_FLIGHT + NR_WATCHES];
	struct transfer *transfer;
	long nr, done = 0, submitted;

	nr = list_watches(queue, iocbs);
	while (queue->nr_in_flight < queue->depth) {
		transfer = next_to_submit(queue);
		if (!transfer)
			break;
		queue->nr_in_flight++;
		iocbs[nr++] = &transfer->iocb;
	}
	while (done < nr) {
		submitted = syscall(SYS_io_submit, queue->context, nr - done, iocbs + done);
		if (submitted <= 0 && errno != EAGAIN)
			err(2, "io_submit");
		done += submitted > 0 ? submitted : 0;
	}
}

/**
 * disk_queue_wait() - get requests that are done; others may use the queue meanwhile
 * @queue: the queue
 * @events: filled in
 * @nr: how many there is room for
 * @can_sleep: until there is one
 *
 * Return: how many there are.
 */
int disk_queue_wait(struct disk_queue *queue, struct io_event *events, int nr, bool can_sleep)
{
	struct timespec now = { 0, 0 };
	int done;

	do {
		done = syscall(SYS_io_getevents, queue->context, can_sleep ? 1 : 0, nr, events,
			       can_sleep ? NULL : &now);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		err(2, "io_getevents");
	return done;
}

/**
 * disk_queue_tells() - find out whether a descriptor that is watched can be read
 * @queue: the queue
 * @event: from disk_queue_wait()
 * @nr: of the watch
 *
 * Return: whether it can; it is not watched any more.
 */
bool disk_queue_tells(const struct disk_queue *queue, const struct io_event *event, int nr)
{
	return event->obj == (uintptr_t)&queue->watches[nr];
}

/**
 * disk_queue_finish() - get the request that is done
 * @queue: the queue
 * @event: from disk_queue_wait(), and of no watch
 *
 * Return: the request.
 */
struct transfer *disk_queue_finish(struct disk_queue *queue, const struct io_event *event)
{
	struct transfer *transfer = (struct transfer *)(uintptr_t)event->data;

	if (event->res != (int64_t)transfer->nr_pages * PAGE_BYTES)
		errx(2, "%s of page %u: %lld", transfer->is_write ? "write" : "read",
		     transfer->first, (long long)event->res);
	queue->nr_in_flight--;
	queue->nr_pending--;
	return transfer;
}

/**
 * disk_queue_put() - end a request
 * @queue: the queue
 * @transfer: is done
 */
void disk_queue_put(struct disk_queue *queue, struct transfer *transfer)
{
	transfer->next = queue->unused;
	queue->unused = transfer;
}

/**
 * disk_queue_watch() - have disk_queue_tells() say, once, when a descriptor can be read
 * @queue: the queue, of which disk_queue_submit() sends this
 * @nr: of the watch, which has no other descriptor under way
 * @fd: the descriptor
 */
void disk_queue_watch(struct disk_queue *queue, int nr, int fd)
{
	struct iocb *watch = &queue->watches[nr];

	memset(watch, 0, sizeof(*watch));
	watch->aio_fildes = fd;
	watch->aio_lio_opcode = IOCB_CMD_POLL;
	watch->aio_buf = POLLIN;
	queue->is_watch_new[nr] = true;
}
