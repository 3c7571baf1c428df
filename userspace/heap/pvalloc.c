// SPDX-License-Identifier: GPL-2.0
/* pvalloc(), which jemalloc lacks: memory of the C library's would go to jemalloc's free(). */

#include <errno.h>
#include <malloc.h>
#include "span.h"

/**
 * pvalloc() - allocate whole pages
 * @bytes: how many at least; rounded up, to one page at least
 *
 * Return: their address, or NULL and ENOMEM.
 */
void *pvalloc(size_t bytes)
{
	size_t rounded = round_to_pages(bytes ? bytes : 1);

	if (!rounded) {
		errno = ENOMEM;
		return NULL;
	}
	return memalign(WINDOW_PAGE, rounded);
}
