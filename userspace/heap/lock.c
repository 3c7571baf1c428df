// SPDX-License-Identifier: GPL-2.0
/*
 * The lock of the heap. No handler of the program's runs while its thread holds the lock: it
 * might call mmap() itself, wait for another thread that does, or never return.
 *
 * The system call is made directly, because the C library's function leaves out the two
 * signals by which it cancels threads and changes users.
 */

#include <signal.h>
#include "heap.h"
#include "system.h"

#define BIT(signal)	(1UL << ((signal) - 1))

/* An instruction raises these; to block them would kill the program. */
static const unsigned long blocked = ~(BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGFPE) |
				       BIT(SIGILL) | BIT(SIGTRAP));

/**
 * heap_lock() - take heap.lock
 *
 * Return: the thread's mask of signals, for heap_unlock().
 */
unsigned long heap_lock(void)
{
	unsigned long mask;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, &mask, sizeof(mask));
	pthread_mutex_lock(&heap.lock);
	return mask;
}

/**
 * heap_unlock() - release heap.lock; errno stays
 * @mask: of heap_lock()
 */
void heap_unlock(unsigned long mask)
{
	pthread_mutex_unlock(&heap.lock);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}
