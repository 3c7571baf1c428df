// SPDX-License-Identifier: GPL-2.0
/*
 * The heap of a child.
 *
 * The device's mappings are shared: a child that wrote its heap would write its
 * parent's, and a child that only reads would see the parent's later writes, such as
 * over the arguments that it is about to execute another program with. So no child
 * ever has them: they are MADV_DONTFORK, for any kind of fork. Instead:
 *
 *  - vfork() and posix_spawn(), and with it system() and popen(), lend the child
 *    the parent's memory until it executes. Nothing has to be done.
 *  - After fork() the child makes a region of its own and copies all pages that
 *    are not absent into it, while the parent waits. Then the child may do what any
 *    child may do. That takes time and doubles the pages on the device; so it is
 *    counted, and told when there are many. MADV_DONTFORK and MADV_WIPEONFORK, where
 *    the program has said so, leave pages out.
 *  - A child of clone() itself, or _Fork(), has no heap, and dies by SIGSEGV if it
 *    touches the addresses. Its parent's heap is safe.
 *
 * To copy pages only when they are written would leave out the writes of system
 * calls: they say EFAULT where a store would trap. And the parent would have to wait
 * until the child executes or ends, which may never be.
 *
 * The order matters. The handlers are registered before the allocator's, by the
 * first mmap() that is the allocator's own. So prepare_fork() is called when the
 * allocator has taken its locks; finish_parent() waits before the allocator lets them
 * go; and finish_child() copies before the allocator touches its heap. In a program
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
 * The fork that is going on. heap.lock is held from prepare_fork() to the end of
 * finish_parent() and of finish_child(), so there is but one.
 */
static struct {
	pid_t parent;
	int pipe[2];
	bool copied;
	struct sigaction segv;
	sigset_t mask;
} forking;

/* Ordinary memory will do where the device is not to be had. */
static bool map_copy(int fd, size_t first, size_t nr, unsigned int attributes)
{
	char *start = window_address(&heap.window, first);

	if (fd >= 0 && heap_map(fd, first, nr, PROT_READ | PROT_WRITE, 0))
		return true;
	if (!system_anonymous(start, nr * WINDOW_PAGE))
		return false;
	if (attributes & WINDOW_WIPEONFORK)
		system_madvise(start, nr * WINDOW_PAGE, MADV_WIPEONFORK);
	window_take(&heap.window, first, nr,
		    (attributes & ~WINDOW_PROT) | WINDOW_FOREIGN);
	return true;
}

static long copy_run(int fd, size_t first, size_t nr, unsigned int attributes)
{
	char *start = window_address(&heap.window, first);
	int prot = attributes & WINDOW_PROT;
	long copied = 0;

	if (!map_copy(fd, first, nr, attributes))
		return -1;
	if (!(attributes & WINDOW_WIPEONFORK))
		copied = heap_copy(heap.fd, start, first, nr);
	if (copied >= 0 && prot != (PROT_READ | PROT_WRITE) &&
	    system_mprotect(start, nr * WINDOW_PAGE, prot, -1))
		return -1;
	return copied;
}

/*
 * Mappings that were not inherited are holes, which any new mapping would go to.
 * Those that the program has advised so are gone for good.
 */
static void fill_holes(void)
{
	size_t first = 0, end = heap.window.nr_pages, nr;
	unsigned int attributes;

	for (; (nr = window_next_run(&heap.window, &first, end, &attributes));
	     first += nr) {
		if (attributes & WINDOW_DONTFORK ||
		    !(attributes & WINDOW_FOREIGN))
			system_reserve(window_address(&heap.window, first),
				       nr * WINDOW_PAGE);
		if (attributes & WINDOW_DONTFORK)
			window_release(&heap.window, first, nr);
	}
}

static long copy_all(int fd)
{
	size_t first = 0, end = heap.window.nr_pages, nr;
	unsigned int attributes;
	long copied = 0, some;

	fill_holes();
	for (; (nr = window_next_run(&heap.window, &first, end, &attributes));
	     first += nr) {
		if (attributes & WINDOW_FOREIGN)
			continue;
		some = copy_run(fd, first, nr, attributes);
		if (some < 0)
			return -1;
		copied += some;
	}
	return copied;
}

static void report_copy(unsigned long pages, time_t seconds)
{
	__atomic_add_fetch(&heap.report->forks, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&heap.report->copied_pages, pages, __ATOMIC_RELAXED);
	if (pages >= MANY_PAGES)
		system_say("process %d forked: %lu MiB of heap were copied for its child in %ld s",
			   forking.parent, pages >> 8, (long)seconds);
}

/* Once: by the signal, or else by finish_child(). */
static void make_own_heap(void)
{
	struct timespec start, now;
	long copied;
	int fd;

	if (forking.copied)
		return;
	forking.copied = true;
	/* The parent runs on: a copy would have bytes of different times. */
	if (forking.pipe[0] < 0) {
		system_say("process %d forked; its child %d ends: no free descriptor to wait by",
			   forking.parent, getpid());
		_exit(127);
	}
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
	report_copy(copied, now.tv_sec - start.tv_sec);
}

static void handle_segv(int signal, siginfo_t *info, void *context)
{
	if (getpid() != forking.parent && !forking.copied) {
		make_own_heap();
		return;
	}
	/* The program's own: it happens again, and finds the program's handler. */
	sigaction(signal, &forking.segv, NULL);
}

static void prepare_fork(void)
{
	struct sigaction action = {
		.sa_sigaction = handle_segv,
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

static void restore_signals(void)
{
	sigaction(SIGSEGV, &forking.segv, NULL);
	pthread_sigmask(SIG_SETMASK, &forking.mask, NULL);
}

/* Until the child has copied, or is dead. */
static void finish_parent(void)
{
	char byte;

	if (heap.fd >= 0) {
		system_close(forking.pipe[1]);
		while (read(forking.pipe[0], &byte, 1) < 0 && errno == EINTR)
			;
		system_close(forking.pipe[0]);
		restore_signals();
	}
	pthread_mutex_unlock(&heap.lock);
}

static void finish_child(void)
{
	if (heap.fd >= 0) {
		make_own_heap();
		system_close(forking.pipe[0]);
		if (write(forking.pipe[1], "", 1) < 0)
			system_say("the parent of %d is gone", getpid());
		system_close(forking.pipe[1]);
		restore_signals();
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
	pthread_atfork(prepare_fork, finish_parent, finish_child);
}
