// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded to a server of a swap device on the same machine, as paging waits for it:
 * locks its memory, and that of its children, which do not inherit the lock.
 */
#include <err.h>
#include <pthread.h>
#include <sys/mman.h>

static void lock_memory(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
}

__attribute__((constructor)) static void begin(void)
{
	lock_memory();
	pthread_atfork(NULL, NULL, lock_memory);
}
