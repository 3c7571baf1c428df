// SPDX-License-Identifier: GPL-2.0
/*
 * The library. Each thread waits for a request or for the end, fills pages in memory of its own,
 * and answers. The descriptor does not block: another thread may have taken the request by the
 * time a thread reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "swaplab-pager.h"

/* Answers to a request, or to none if its id is 0. */
static int answer_with(struct pager *pager, unsigned long cmd, uint64_t id, uint64_t page,
		       size_t nr, const char *from, uint64_t flags)
{
	struct swaplab_supply supply = {
		.id = id,
		.offset = page * PAGER_PAGE,
		.length = nr * PAGER_PAGE,
		.address = (uintptr_t)from,
		.flags = flags,
	};

	return ioctl(pager->fd, cmd, &supply) ? -errno : 0;
}

static int answer(struct pager *pager, unsigned long cmd, uint64_t id, uint64_t page,
		  size_t nr, const char *from)
{
	return answer_with(pager, cmd, id, page, nr, from, 0);
}

/* As many pages as the program has filled, one at least. Returns how many. */
static long fill_and_answer(struct pager *pager, uint64_t id, uint64_t page, size_t nr,
			    char *buffer)
{
	long filled;
	int err;

	memset(buffer, 0, nr * PAGER_PAGE);
	filled = pager->ops->fill(pager->data, page, nr, buffer);
	if (filled < 0) {
		if (id)
			answer(pager, SWAPLAB_PAGER_ERROR, id, page, 1, NULL);
		return filled;
	}
	if (filled)
		err = answer(pager, SWAPLAB_PAGER_SUPPLY, id, page, filled, buffer);
	else
		err = answer(pager, SWAPLAB_PAGER_UNAVAILABLE, id, page, 1, NULL);
	/* Else the task would wait until the request's time is over. */
	if (err && err != -ESTALE && id)
		answer(pager, SWAPLAB_PAGER_ERROR, id, page, 1, NULL);
	return err ? err : filled;
}

static long supply(struct pager *pager, uint64_t id, uint64_t page, size_t nr, char *buffer)
{
	long filled;

	pthread_rwlock_rdlock(&pager->filling);
	filled = fill_and_answer(pager, id, page, nr, buffer);
	pthread_rwlock_unlock(&pager->filling);
	return filled;
}

static size_t nr_until_end(const struct pager *pager, uint64_t page, size_t nr)
{
	return nr < pager->nr_pages - page ? nr : pager->nr_pages - page;
}

static void serve_request(struct pager *pager, char *buffer)
{
	struct swaplab_pager_request request;
	uint64_t page;

	if (read(pager->fd, &request, sizeof(request)) != sizeof(request))
		return;
	page = request.offset / PAGER_PAGE;
	/* A mapping of another process may be longer. */
	if (page >= pager->nr_pages) {
		answer(pager, SWAPLAB_PAGER_ERROR, request.id, page, 1, NULL);
		return;
	}
	if (pager->ops->serve) {
		pager->ops->serve(pager->data, pager, &request);
		return;
	}
	if (pager->ops->touched)
		pager->ops->touched(pager->data, page);
	/* An error here is a request that has ended: its task was killed, say. */
	supply(pager, request.id, page, nr_until_end(pager, page, pager->nr_ahead), buffer);
}

static void *serve(void *data)
{
	struct pager *pager = data;
	struct pollfd polls[2] = {
		{ .fd = pager->fd, .events = POLLIN },
		{ .fd = pager->stop[0], .events = POLLIN },
	};
	char *buffer = malloc(PAGER_MAX_PAGES * PAGER_PAGE);

	while (buffer) {
		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			break;
		if (polls[1].revents || polls[0].revents & POLLHUP)
			break;
		serve_request(pager, buffer);
	}
	free(buffer);
	return NULL;
}

/* A region whose pages can be protected gets its pager before it is mapped. */
static int open_region(struct pager *pager, const char *device, uint32_t flags)
{
	struct swaplab_pager_open request = { .flags = flags };

	pager->region = open(device, O_RDWR | O_CLOEXEC);
	if (pager->region < 0)
		return -errno;
	pager->fd = ioctl(pager->region, SWAPLAB_PAGER, &request);
	if (pager->fd < 0 || fcntl(pager->fd, F_SETFL, O_NONBLOCK) ||
	    pipe2(pager->stop, O_CLOEXEC))
		return -errno;
	pager->map = mmap(NULL, pager->nr_pages * PAGER_PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, pager->region, 0);
	return pager->map == MAP_FAILED ? -errno : 0;
}

/* Threads that fill without a pause would keep pager_take_back() waiting for ever. */
static void init_filling(pthread_rwlock_t *filling)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(&attributes,
				      PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(filling, &attributes);
	pthread_rwlockattr_destroy(&attributes);
}

static int open_pager(struct pager *pager, const char *device, size_t nr_pages,
		      const struct pager_ops *ops, void *data, uint32_t flags)
{
	int err;

	if (!nr_pages)
		return -EINVAL;
	*pager = (struct pager){
		.ops = ops,
		.data = data,
		.map = MAP_FAILED,
		.nr_pages = nr_pages,
		.nr_ahead = 1,
		.region = -1,
		.fd = -1,
		.stop = { -1, -1 },
	};
	init_filling(&pager->filling);
	err = open_region(pager, device, flags);
	if (err)
		pager_close(pager);
	return err;
}

int pager_open(struct pager *pager, const char *device, size_t nr_pages,
	       const struct pager_ops *ops, void *data)
{
	return open_pager(pager, device, nr_pages, ops, data, 0);
}

int pager_open_protected(struct pager *pager, const char *device, size_t nr_pages,
			 const struct pager_ops *ops, void *data)
{
	return open_pager(pager, device, nr_pages, ops, data, SWAPLAB_PAGER_PROTECT);
}

int pager_serve(struct pager *pager, unsigned int nr_threads)
{
	sigset_t all, mask;
	int err = 0;

	if (!nr_threads || nr_threads > PAGER_MAX_THREADS || pager->nr_threads ||
	    !pager->nr_ahead || pager->nr_ahead > PAGER_MAX_PAGES)
		return -EINVAL;
	/* Signals are for the threads of the program: a handler may touch pages of the region. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	while (!err && pager->nr_threads < nr_threads) {
		err = pthread_create(&pager->threads[pager->nr_threads], NULL, serve, pager);
		if (!err)
			pager->nr_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	/* With fewer threads it is slower, and works. */
	return pager->nr_threads ? 0 : -err;
}

int pager_prefetch(struct pager *pager, uint64_t page, size_t nr)
{
	char *buffer;
	long done = 1;

	if (page > pager->nr_pages || nr > pager->nr_pages - page)
		return -EINVAL;
	buffer = malloc(PAGER_MAX_PAGES * PAGER_PAGE);
	if (!buffer)
		return -ENOMEM;
	while (nr && done > 0) {
		done = supply(pager, 0, page, nr < PAGER_MAX_PAGES ? nr : PAGER_MAX_PAGES,
			      buffer);
		if (done > 0) {
			page += done;
			nr -= done;
		}
	}
	free(buffer);
	return done < 0 ? done : 0;
}

/* Saves the pages of which @written has a bit; returns how many, or the first error. */
static long save(struct pager *pager, uint64_t page, uint64_t written, const char *buffer)
{
	long saved = 0;
	int err = 0, result;

	for (; written; written >>= 1, page++, buffer += PAGER_PAGE) {
		if (!(written & 1))
			continue;
		result = pager->ops->save(pager->data, page, buffer);
		err = err ? err : result;
		saved++;
	}
	return err ? err : saved;
}

/* At most PAGER_MAX_PAGES. */
static long take_back(struct pager *pager, uint64_t page, size_t nr, char *buffer)
{
	struct swaplab_revoke request = {
		.offset = page * PAGER_PAGE,
		.length = nr * PAGER_PAGE,
		.address = (uintptr_t)buffer,
	};
	int err = 0;
	long saved;

	pthread_rwlock_wrlock(&pager->filling);
	if (ioctl(pager->fd, SWAPLAB_PAGER_REVOKE, &request))
		err = -errno;
	saved = save(pager, page, request.written, buffer);
	pthread_rwlock_unlock(&pager->filling);
	return err ? err : saved;
}

long pager_take_back(struct pager *pager, uint64_t page, size_t nr)
{
	long saved = 0, result = 0;
	char *buffer;
	size_t part;

	if (!pager->ops->save || page > pager->nr_pages || nr > pager->nr_pages - page)
		return -EINVAL;
	buffer = malloc(PAGER_MAX_PAGES * PAGER_PAGE);
	if (!buffer)
		return -ENOMEM;
	for (; nr && result >= 0; page += part, nr -= part) {
		part = nr < PAGER_MAX_PAGES ? nr : PAGER_MAX_PAGES;
		result = take_back(pager, page, part, buffer);
		saved += result;
	}
	free(buffer);
	return result < 0 ? result : saved;
}

int pager_supply(struct pager *pager, uint64_t id, uint64_t page, const char *from)
{
	return answer(pager, SWAPLAB_PAGER_SUPPLY, id, page, 1, from);
}

int pager_supply_readonly(struct pager *pager, uint64_t id, uint64_t page, const char *from)
{
	return answer_with(pager, SWAPLAB_PAGER_SUPPLY, id, page, 1, from,
			   SWAPLAB_SUPPLY_READONLY);
}

int pager_grant(struct pager *pager, uint64_t id, uint64_t page)
{
	return answer(pager, SWAPLAB_PAGER_GRANT, id, page, 1, NULL);
}

int pager_refuse(struct pager *pager, uint64_t id, uint64_t page)
{
	return answer(pager, SWAPLAB_PAGER_ERROR, id, page, 1, NULL);
}

static int revoke_page(struct pager *pager, uint64_t page, char *to, uint64_t flags)
{
	struct swaplab_revoke request = {
		.offset = page * PAGER_PAGE,
		.length = PAGER_PAGE,
		.address = (uintptr_t)to,
		.flags = flags,
	};

	if (ioctl(pager->fd, SWAPLAB_PAGER_REVOKE, &request))
		return -errno;
	return request.written & 1;
}

int pager_revoke(struct pager *pager, uint64_t page, char *to)
{
	return revoke_page(pager, page, to, 0);
}

int pager_protect(struct pager *pager, uint64_t page, char *to)
{
	return revoke_page(pager, page, to, SWAPLAB_REVOKE_READONLY);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void pager_close(struct pager *pager)
{
	unsigned int i;

	/* A forked process may have this end, too. No thread reads the byte, so all see it. */
	while (pager->nr_threads && write(pager->stop[1], "", 1) < 0 && errno == EINTR)
		;
	for (i = 0; i < pager->nr_threads; i++)
		pthread_join(pager->threads[i], NULL);
	close_fd(pager->stop[1]);
	close_fd(pager->stop[0]);
	if (pager->map != MAP_FAILED)
		munmap(pager->map, pager->nr_pages * PAGER_PAGE);
	close_fd(pager->region);
	close_fd(pager->fd);
	pthread_rwlock_destroy(&pager->filling);
}
