/* SPDX-License-Identifier: GPL-2.0 */
/* Touching pages that may answer with SIGBUS. */
#ifndef SWAPLAB_SIGBUS_H
#define SWAPLAB_SIGBUS_H

#include <setjmp.h>
#include "swaplab_test.h"

/* A thread gets its own, as the one that touched the page. */
static __thread sigjmp_buf after_sigbus;

static inline void on_sigbus(int sig)
{
	siglongjmp(after_sigbus, 1);
}

static inline void catch_sigbus(void)
{
	signal(SIGBUS, on_sigbus);
}

/* False if the page got SIGBUS instead. */
static inline bool try_fill(char *map, size_t page, unsigned int version)
{
	if (sigsetjmp(after_sigbus, 1))
		return false;
	page_fill(map + page * PAGE, page, version);
	return true;
}

/* 0 if the page holds this, SIGBUS if it got that, or -1. */
static inline int try_read(char *map, size_t page, unsigned int version)
{
	if (sigsetjmp(after_sigbus, 1))
		return SIGBUS;
	return page_holds(map + page * PAGE, page, version) ? 0 : -1;
}

#endif /* SWAPLAB_SIGBUS_H */
