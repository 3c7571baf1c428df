// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of the heap in a child.
 *
 * The device's mappings are shared: a child that wrote its heap would write its
 * parent's, and one that only reads would see what the parent writes meanwhile,
 * such as over the arguments that it is about to execute another program with. So
 * no child ever has them: they are MADV_DONTFORK, whoever forks. Instead:
 *
 *  - vfork() and posix_spawn(), and with it system() and popen(), lend the child
 *    the parent's memory until it executes. Nothing has to be done.
 *  - After fork() the child makes a region of its own and copies all pages that
 *    are not absent into it, while the parent waits. Then it may do what a child
 *    may do. That takes time and doubles the pages on the device; so it is counted,
 *    and told when there are many.
 *  - A child of clone() itself, or _Fork(), has no heap, and dies by SIGSEGV if it
 *    touches what would be there. Its parent's is safe.
 *
 * To copy only what is written, when it is written, would leave open what system
 * calls write: they say EFAULT where a store would trap. And the parent would have
 * to wait until the child executes or ends, which may never be.
 *
 * The order matters. The handlers are registered before the allocator's, by the
 * first mmap() that is the allocator's own. So "prepare" is called when the
 * allocator has taken its locks; the parent's waits before the allocator lets them
 * go; and the child's copies before the allocator touches its heap. In a program
 * with threads the C library touches the heap even before: it resets the locks of
 * open streams. Hence the handler of SIGSEGV, which is set until the fork is over.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include "heap.h"
#include "system.h"

/* Copies that are told: they take seconds on a disk. */
#define MANY_PAGES	(64UL << 20 >> 12)

/*
 * Of the fork that is going on. heap.lock is held from "prepare" to "parent", or to
 * the end of the copying, so there is but one.
 */
static struct {
	pid_t parent;
	int pipe[2];
	bool copied;
	struct sigaction segv;
	sigset_t mask;
} forking;

/* Ordinary memory will do where the device is not to be had. */
static bool map_copy(int fd, size_t first, size_t nr)
{
	if (fd >= 0 && heap_map(fd, first, nr, PROT_READ | PROT_WRITE, 0))
		return true;
	if (!system_anonymous(window_address(&heap.window, first),
			      nr * WINDOW_PAGE))
		return false;
	window_take(&heap.window, first, nr, true);
	return true;
}

static long copy_run(int fd, size_t first, size_t nr)
{
	size_t length = nr * WINDOW_PAGE;
	void *from = system_mmap(NULL, length, PROT_READ, MAP_SHARED, heap.fd,
				 first * WINDOW_PAGE);
	long copied = -1;

	if (from == MAP_FAILED)
		return -1;
	if (map_copy(fd, first, nr))
		copied = heap_copy(heap.fd, window_address(&heap.window, first),
				   from, first, nr);
	system_munmap(from, length);
	return copied;
}

/* What was not inherited are holes, which any new mapping would go to. */
static void fill_holes(void)
{
	size_t first = 0, end = heap.window.nr_pages, nr;
	bool foreign;

	for (; (nr = window_next_run(&heap.window, &first, end, &foreign));
	     first += nr)
		if (!foreign)
			system_reserve(window_address(&heap.window, first),
				       nr * WINDOW_PAGE);
}

static long copy_all(int fd)
{
	size_t first = 0, end = heap.window.nr_pages, nr;
	long copied = 0, some;
	bool foreign;

	fill_holes();
	for (; (nr = window_next_run(&heap.window, &first, end, &foreign));
	     first += nr) {
		if (foreign)
			continue;
		some = copy_run(fd, first, nr);
		if (some < 0)
			return -1;
		copied += some;
	}
	return copied;
}

static void tell(unsigned long pages, time_t seconds)
{
	__atomic_add_fetch(&heap.report->forks, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&heap.report->copied_pages, pages, __ATOMIC_RELAXED);
	if (pages >= MANY_PAGES)
		system_say("process %d forked: %lu MiB of heap were copied for its child in %ld s",
			   forking.parent, pages >> 8, (long)seconds);
}

/* Once: by the signal, or else by child(). */
static void make_own_heap(void)
{
	struct timespec start, now;
	long copied;
	int fd;

	if (forking.copied)
		return;
	forking.copied = true;
	clock_gettime(CLOCK_MONOTONIC, &start);
	fd = heap_open(heap.device);
	copied = copy_all(fd);
	if (copied < 0) {
		system_say("process %d forked; its child %d ends, as its heap cannot be copied: %s",
			   forking.parent, getpid(), strerror(errno));
		_exit(127);
	}
	system_close(heap.fd);
	heap.fd = fd;
	clock_gettime(CLOCK_MONOTONIC, &now);
	tell(copied, now.tv_sec - start.tv_sec);
}

static void on_segv(int signal, siginfo_t *info, void *context)
{
	if (getpid() != forking.parent && !forking.copied) {
		make_own_heap();
		return;
	}
	/* Somebody else's: it happens again, and finds its own handler. */
	sigaction(signal, &forking.segv, NULL);
}

static void prepare(void)
{
	struct sigaction action = {
		.sa_sigaction = on_segv,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK,
	};
	sigset_t segv;

	pthread_mutex_lock(&heap.lock);
	if (heap.fd < 0)
		return;
	forking.parent = getpid();
	forking.copied = false;
	if (pipe2(forking.pipe, O_CLOEXEC))
		memset(forking.pipe, -1, sizeof(forking.pipe));
	sigaction(SIGSEGV, &action, &forking.segv);
	sigemptyset(&segv);
	sigaddset(&segv, SIGSEGV);
	pthread_sigmask(SIG_UNBLOCK, &segv, &forking.mask);
}

static void set_back(void)
{
	sigaction(SIGSEGV, &forking.segv, NULL);
	pthread_sigmask(SIG_SETMASK, &forking.mask, NULL);
}

/* Until the child has copied, or is dead. */
static void parent(void)
{
	char byte;

	if (heap.fd >= 0) {
		system_close(forking.pipe[1]);
		while (read(forking.pipe[0], &byte, 1) < 0 && errno == EINTR)
			;
		system_close(forking.pipe[0]);
		set_back();
	}
	pthread_mutex_unlock(&heap.lock);
}

static void child(void)
{
	if (heap.fd >= 0) {
		make_own_heap();
		system_close(forking.pipe[0]);
		if (write(forking.pipe[1], "", 1) < 0)
			system_say("the parent of %d is gone", getpid());
		system_close(forking.pipe[1]);
		set_back();
	}
	pthread_mutex_init(&heap.lock, NULL);
}

/**
 * fork_prepare_heap() - keep the heaps of parents and children apart
 *
 * To be called before the allocator registers handlers of its own.
 */
void fork_prepare_heap(void)
{
	pthread_atfork(prepare, parent, child);
}
