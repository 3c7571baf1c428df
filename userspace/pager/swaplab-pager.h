/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libswaplab-pager: programs that supply the pages of a region of a swaplab device. The
 * descriptors, the ioctls and the threads are the library's; the program has a function that
 * fills a page.
 *
 * After an error all functions return a negative errno; otherwise 0, unless they say more.
 */
#ifndef SWAPLAB_PAGER_H
#define SWAPLAB_PAGER_H

#include <linux/swaplab.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define PAGER_PAGE		4096UL
#define PAGER_MAX_THREADS	16
/* The most pages that one answer has. */
#define PAGER_MAX_PAGES		64

struct pager;

/**
 * struct pager_ops - what a pager does
 * @fill: fill @nr pages of the region, from page @page on, at @to, which is zeros. The first one
 *	was asked for. Returns how many have been filled, from the first one on; 0: that page is
 *	zeros; or a negative errno: the task that touched it gets SIGBUS. Called by several threads
 *	at once
 * @save: (optional) page @page has been written to, and is taken back; its content is at @from. No
 *	page is being filled meanwhile. Returns 0 or a negative errno
 * @touched: (optional) a page was asked for; called before @fill
 * @serve: (optional) answers a request, now or later, by pager_supply() and its like; the others
 *	are not called
 */
struct pager_ops {
	long (*fill)(void *data, uint64_t page, size_t nr, char *to);
	int (*save)(void *data, uint64_t page, const char *from);
	void (*touched)(void *data, uint64_t page);
	void (*serve)(void *data, struct pager *pager,
		      const struct swaplab_pager_request *request);
};

/**
 * struct pager - a region whose pages a program supplies
 * @ops: of the program
 * @data: for @ops
 * @map: its pages, to be used by any thread but those that serve
 * @nr_pages: its length
 * @nr_ahead: pages that an answer may have, the one that was asked for among them, 1 to
 *	PAGER_MAX_PAGES
 * @region: descriptor of the region
 * @fd: descriptor of the pager
 * @filling: held for reading while pages are filled and supplied, for writing while they are
 *	taken back and saved: so old content does not come after new. The writer goes first, so
 *	no thread may take it twice
 * @stop: a pipe; a byte in it stops the threads
 * @nr_threads: that serve
 * @threads: they
 */
struct pager {
	const struct pager_ops *ops;
	void *data;
	char *map;
	size_t nr_pages;
	size_t nr_ahead;
	int region;
	int fd;
	pthread_rwlock_t filling;
	int stop[2];
	unsigned int nr_threads;
	pthread_t threads[PAGER_MAX_THREADS];
};

/**
 * pager_open() - map a new region, and become its pager
 * @pager: to be filled in
 * @device: such as "/dev/swaplab0"
 * @nr_pages: of the region
 * @ops: they stay the caller's
 * @data: for @ops
 *
 * pager_serve() has to follow before a page is touched.
 */
int pager_open(struct pager *pager, const char *device, size_t nr_pages,
	       const struct pager_ops *ops, void *data);

/**
 * pager_open_protected() - the same, and pages can be supplied to be read only
 * @pager: to be filled in
 * @device: such as "/dev/swaplab0"
 * @nr_pages: of the region
 * @ops: they stay the caller's
 * @data: for @ops
 */
int pager_open_protected(struct pager *pager, const char *device, size_t nr_pages,
			 const struct pager_ops *ops, void *data);

/**
 * pager_serve() - begin to answer
 * @pager: of pager_open()
 * @nr_threads: that answer, 1 to PAGER_MAX_THREADS
 */
int pager_serve(struct pager *pager, unsigned int nr_threads);

/**
 * pager_prefetch() - supply pages before they are touched
 * @pager: of pager_open()
 * @page: the first one
 * @nr: how many
 *
 * A page that is there is left as it is. Where pager_ops.fill ends, the call ends, with 0. Not to
 * be called by pager_ops.fill or pager_ops.save.
 */
int pager_prefetch(struct pager *pager, uint64_t page, size_t nr);

/**
 * pager_take_back() - take pages away, with what was written to them
 * @pager: of pager_open(); its ops have save()
 * @page: the first one
 * @nr: how many
 *
 * Calls pager_ops.save for each page that was written to. Afterwards the pages are asked for at
 * their next touch. Not to be called by pager_ops.fill or pager_ops.save. If this fails, some pages
 * have been taken, and save() was called for those of them that were written to.
 *
 * Return: how many were written to, or a negative errno: also that of save(), and then what was
 * written to that page is lost.
 */
long pager_take_back(struct pager *pager, uint64_t page, size_t nr);

/**
 * pager_supply() - a page is there, and can be written to
 * @pager: of pager_open()
 * @id: of the request that this answers, or 0
 * @page: its number
 * @from: its content; not used if the page is there to be read only
 *
 * This and the next three are for pager_ops.serve. They return -ESTALE if the request has ended,
 * because its task was killed, say, or the page was revoked meanwhile: that is no failure.
 */
int pager_supply(struct pager *pager, uint64_t id, uint64_t page, const char *from);

/** pager_supply_readonly() - the same with pager_open_protected(): it is there to be read only */
int pager_supply_readonly(struct pager *pager, uint64_t id, uint64_t page, const char *from);

/**
 * pager_grant() - a page that is there to be read can be written to
 * @pager: of pager_open_protected()
 * @id: of the request
 * @page: its number
 *
 * Return: -ENOENT if it is not there any more: it has to be supplied.
 */
int pager_grant(struct pager *pager, uint64_t id, uint64_t page);

/** pager_refuse() - the tasks that have touched the page get SIGBUS */
int pager_refuse(struct pager *pager, uint64_t id, uint64_t page);

/**
 * pager_revoke() - take a page away
 * @pager: of pager_open()
 * @page: its number
 * @to: for its content, a page
 *
 * The program sees to it that no thread supplies what was in the page before.
 *
 * Return: 1 if the page was written to, and @to has its content; 0; or a negative errno.
 */
int pager_revoke(struct pager *pager, uint64_t page, char *to);

/** pager_protect() - the same, but the page stays there to be read, of pager_open_protected() */
int pager_protect(struct pager *pager, uint64_t page, char *to);

/**
 * pager_close() - end the threads, and unmap the region
 * @pager: of pager_open(); no thread uses the pages
 */
void pager_close(struct pager *pager);

#endif /* SWAPLAB_PAGER_H */
