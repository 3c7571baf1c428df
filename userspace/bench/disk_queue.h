/* SPDX-License-Identifier: GPL-2.0 */
/* Requests of a pager in user space to its disk, past the page cache. */
#ifndef _BENCH_DISK_QUEUE_H
#define _BENCH_DISK_QUEUE_H

#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/* The largest request: the limit of the lab's disks, 64 KiB. */
#define TRANSFER_PAGES	16
#define NR_TRANSFERS	256
#define NR_WATCHES	2

/**
 * struct transfer - a request
 * @iocb: the kernel's form of it
 * @next: in a list of the queue
 * @first: page of the disk
 * @nr_pages: pages in memory, which lie behind one another on the disk
 * @is_write: or a read
 * @owner: of the one that asked for it
 * @pages: addresses in memory
 */
struct transfer {
	struct iocb iocb;
	struct transfer *next;
	uint32_t first;
	uint32_t nr_pages;
	bool is_write;
	void *owner;
	struct iovec pages[TRANSFER_PAGES];
};

struct transfer_list {
	struct transfer *head;
	struct transfer **tail;
};

/**
 * struct disk_queue - requests to a disk
 * @fd: of the disk
 * @context: of the kernel's asynchronous I/O
 * @depth: requests that the disk takes; more wait here, and reads go first
 * @nr_in_flight: requests that it has
 * @nr_pending: requests that wait here or are in flight
 * @watches: requests to say when a descriptor can be read
 * @is_watch_new: to be submitted
 * @unused: transfers
 * @reads: waiting
 * @writes: waiting
 * @transfers: all of them
 */
struct disk_queue {
	int fd;
	aio_context_t context;
	uint32_t depth;
	uint32_t nr_in_flight;
	uint32_t nr_pending;
	struct iocb watches[NR_WATCHES];
	bool is_watch_new[NR_WATCHES];
	struct transfer *unused;
	struct transfer_list reads;
	struct transfer_list writes;
	struct transfer transfers[NR_TRANSFERS];
};

void disk_queue_open(struct disk_queue *queue, const char *path, const char *disk);
struct transfer *disk_queue_take(struct disk_queue *queue, uint32_t first, bool is_write,
				 void *owner);
void transfer_add(struct transfer *transfer, void *page);
void disk_queue_add(struct disk_queue *queue, struct transfer *transfer);
void disk_queue_submit(struct disk_queue *queue);
int disk_queue_wait(struct disk_queue *queue, struct io_event *events, int nr, bool can_sleep);
bool disk_queue_tells(const struct disk_queue *queue, const struct io_event *event, int nr);
struct transfer *disk_queue_finish(struct disk_queue *queue, const struct io_event *event);
void disk_queue_put(struct disk_queue *queue, struct transfer *transfer);
void disk_queue_watch(struct disk_queue *queue, int nr, int fd);

#endif /* _BENCH_DISK_QUEUE_H */
