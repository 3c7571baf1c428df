/* SPDX-License-Identifier: GPL-2.0 */
/* A pager that a test is, and one in threads that supplies page p of version v as word_of(p, v). */
#ifndef SWAPLAB_PAGER_LIB_H
#define SWAPLAB_PAGER_LIB_H

#include <poll.h>
#include "requests.h"
#include "sigbus.h"

/* A descriptor or -errno. */
static inline int pager_open_flags(int fd, uint32_t flags)
{
	struct swaplab_pager_open request = { .flags = flags };
	int pager = ioctl(fd, SWAPLAB_PAGER, &request);

	return pager < 0 ? -errno : pager;
}

static inline int pager_open(int fd)
{
	return pager_open_flags(fd, 0);
}

/* A region like that of region_map(), with a pager that may make pages read-only, or NULL. */
static inline char *pager_map_protected(int *fd, int *pager, size_t nr_pages)
{
	char *map;

	*fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return NULL;
	*pager = pager_open_flags(*fd, SWAPLAB_PAGER_PROTECT);
	map = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	return *pager >= 0 && map != MAP_FAILED ? map : NULL;
}

static inline int pager_answer_flags(int pager, unsigned long cmd, uint64_t id, size_t first,
				     size_t nr, const void *from, uint64_t flags,
				     uint64_t *done)
{
	struct swaplab_supply supply = {
		.id = id,
		.offset = first * PAGE,
		.length = nr * PAGE,
		.address = (uintptr_t)from,
		.flags = flags,
		.done = -1ULL,
	};
	int err = request_send(pager, cmd, &supply);

	if (done)
		*done = supply.done;
	return err;
}

static inline int pager_answer(int pager, unsigned long cmd, uint64_t id, size_t first,
			       size_t nr, const void *from, uint64_t *done)
{
	return pager_answer_flags(pager, cmd, id, first, nr, from, 0, done);
}

static inline int pager_supply(int pager, uint64_t id, size_t first, size_t nr,
			       const void *from)
{
	return pager_answer(pager, SWAPLAB_PAGER_SUPPLY, id, first, nr, from, NULL);
}

static inline int pager_unavailable(int pager, uint64_t id, size_t first, size_t nr)
{
	return pager_answer(pager, SWAPLAB_PAGER_UNAVAILABLE, id, first, nr, NULL, NULL);
}

static inline int pager_grant(int pager, uint64_t id, size_t first, size_t nr)
{
	return pager_answer(pager, SWAPLAB_PAGER_GRANT, id, first, nr, NULL, NULL);
}

static inline int pager_error(int pager, uint64_t id, size_t page)
{
	return pager_answer(pager, SWAPLAB_PAGER_ERROR, id, page, 1, NULL, NULL);
}

/* Supplies one page of a version. */
static inline int pager_supply_version(int pager, uint64_t id, size_t page,
				       unsigned int version)
{
	uint64_t content[WORDS];

	page_fill(content, page, version);
	return pager_supply(pager, id, page, 1, content);
}

/* The same, read-only. */
static inline int pager_supply_readonly(int pager, uint64_t id, size_t page,
					unsigned int version)
{
	uint64_t content[WORDS];

	page_fill(content, page, version);
	return pager_answer_flags(pager, SWAPLAB_PAGER_SUPPLY, id, page, 1, content,
				  SWAPLAB_SUPPLY_READONLY, NULL);
}

/* Takes pages back, to @to; 0 or -errno. */
static inline int pager_revoke(int pager, size_t first, size_t nr, void *to, uint64_t flags,
			       uint64_t *written, size_t *done)
{
	struct swaplab_revoke request = {
		.offset = first * PAGE,
		.length = nr * PAGE,
		.address = (uintptr_t)to,
		.flags = flags,
		.written = -1ULL,
		.done = -1ULL,
	};
	int err = request_send(pager, SWAPLAB_PAGER_REVOKE, &request);

	if (written)
		*written = request.written;
	if (done)
		*done = request.done / PAGE;
	return err;
}

/* Waits for the next request: 1, 0 if the region is gone, or -errno. */
static inline int pager_next(int pager, struct swaplab_pager_request *request)
{
	ssize_t len = read(pager, request, sizeof(*request));

	return len < 0 ? -errno : len == sizeof(*request);
}

/* What poll() says now. */
static inline int pager_events(int pager)
{
	struct pollfd poller = { .fd = pager, .events = POLLIN };

	return poll(&poller, 1, 0) < 0 ? -errno : poller.revents;
}

#define PAGER_MAX_THREADS	8

/**
 * struct pager_server - threads that serve a pager
 * @pager: its descriptor
 * @version: of the pages
 * @nr_requests: that were answered
 * @nr_errors: answers that failed, but for those to a request that had ended
 * @stop: a pipe that is closed to end the threads
 * @nr_threads: that run
 * @threads: they
 */
struct pager_server {
	int pager;
	unsigned int version;
	unsigned long nr_requests;
	unsigned long nr_errors;
	int stop[2];
	unsigned int nr_threads;
	pthread_t threads[PAGER_MAX_THREADS];
};

static inline void pager_serve_all(struct pager_server *server)
{
	struct swaplab_pager_request requests[4];
	ssize_t len, i;
	int err;

	/* Another thread may have them by now. */
	len = read(server->pager, requests, sizeof(requests));
	for (i = 0; i < len / (ssize_t)sizeof(*requests); i++) {
		/* Before the answer: the task that touched the page may look at it then. */
		__atomic_add_fetch(&server->nr_requests, 1, __ATOMIC_RELAXED);
		err = pager_supply_version(server->pager, requests[i].id,
					   requests[i].offset / PAGE, server->version);
		if (err && err != -ESTALE)
			__atomic_add_fetch(&server->nr_errors, 1, __ATOMIC_RELAXED);
	}
}

static inline void *pager_thread(void *data)
{
	struct pager_server *server = data;
	struct pollfd polls[2] = {
		{ .fd = server->pager, .events = POLLIN },
		{ .fd = server->stop[0], .events = POLLIN },
	};

	while (poll(polls, 2, -1) > 0 && !polls[1].revents &&
	       !(polls[0].revents & POLLHUP))
		pager_serve_all(server);
	return NULL;
}

/* Serves @pager, which is made O_NONBLOCK, by some threads; 0 or -1. */
static inline int pager_serve(struct pager_server *server, int pager, unsigned int version,
			      unsigned int nr_threads)
{
	unsigned int i;

	*server = (struct pager_server){ .pager = pager, .version = version };
	if (fcntl(pager, F_SETFL, O_NONBLOCK) || pipe(server->stop))
		return -1;
	for (i = 0; i < nr_threads; i++) {
		if (pthread_create(&server->threads[i], NULL, pager_thread, server))
			return -1;
		server->nr_threads++;
	}
	return 0;
}

/* The pager stays open. */
static inline void pager_stop(struct pager_server *server)
{
	unsigned int i;

	close(server->stop[1]);
	for (i = 0; i < server->nr_threads; i++)
		pthread_join(server->threads[i], NULL);
	close(server->stop[0]);
}

/**
 * struct pager_touch - a thread that touches a page
 * @map: of the region
 * @page: that it touches
 * @version: that it expects to read
 * @writes: it writes that instead
 * @result: 0, SIGBUS, or -1: it held something else
 * @thread: the thread
 */
struct pager_touch {
	char *map;
	size_t page;
	unsigned int version;
	bool writes;
	int result;
	pthread_t thread;
};

static inline void *pager_touch_page(void *data)
{
	struct pager_touch *touch = data;

	if (touch->writes)
		touch->result = try_fill(touch->map, touch->page, touch->version) ?
					0 : SIGBUS;
	else
		touch->result = try_read(touch->map, touch->page, touch->version);
	return NULL;
}

static inline int pager_touch_begin(struct pager_touch *touch, char *map, size_t page,
				    unsigned int version)
{
	*touch = (struct pager_touch){ .map = map, .page = page, .version = version };
	return pthread_create(&touch->thread, NULL, pager_touch_page, touch);
}

static inline int pager_write_begin(struct pager_touch *touch, char *map, size_t page,
				    unsigned int version)
{
	*touch = (struct pager_touch){ map, page, version, .writes = true };
	return pthread_create(&touch->thread, NULL, pager_touch_page, touch);
}

static inline int pager_touch_end(struct pager_touch *touch)
{
	pthread_join(touch->thread, NULL);
	return touch->result;
}

/* An answer for page 3 that waits for the memory that it copies from, which has another pager. */
struct pager_slow_answer {
	pthread_t thread;
	int pager;
	const char *from;
	int result;
};

static inline void *pager_answer_slowly(void *data)
{
	struct pager_slow_answer *answer = data;

	answer->result = pager_supply(answer->pager, 0, 3, 1, answer->from);
	return NULL;
}

#endif /* SWAPLAB_PAGER_LIB_H */
