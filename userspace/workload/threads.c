// SPDX-License-Identifier: GPL-2.0
/* Threads that do the same with parts of the work. */

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include "threads.h"
#include "workload.h"

/**
 * threads_run() - run threads, and wait for their ends
 * @nr: how many
 * @work: what each does with its part
 * @parts: an array of @nr parts
 * @size: of a part
 */
void threads_run(unsigned int nr, void *(*work)(void *part), void *parts, size_t size)
{
	pthread_t *threads = workload_allocate(nr, sizeof(*threads));
	unsigned int i;

	for (i = 0; i < nr; i++) {
		errno = pthread_create(&threads[i], NULL, work, (char *)parts + i * size);
		if (errno)
			err(1, "a thread");
	}
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}
