/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that fault and verify for as long as a test changes something. */
#ifndef SWAPLAB_FAULT_THREADS_H
#define SWAPLAB_FAULT_THREADS_H

#include "swaplab_test.h"

#define FAULT_THREADS	4

struct fault_threads;

struct fault_thread {
	pthread_t thread;
	struct fault_threads *load;
	size_t first, wrong;
	unsigned int rounds;
};

struct fault_threads {
	struct fault_thread workers[FAULT_THREADS];
	volatile bool stop;
	char *map;
	size_t nr_pages;
	int fd;
};

static void *fault_thread_main(void *data)
{
	struct fault_thread *worker = data;
	struct fault_threads *load = worker->load;
	size_t nr = load->nr_pages / FAULT_THREADS;

	do {
		pages_fill(load->map, worker->first, nr, ++worker->rounds);
		worker->wrong += pages_wrong(load->map, worker->first, nr,
					     worker->rounds);
	} while (!load->stop);
	return NULL;
}

/* Works on a region of its own; 0 or an error. */
static inline int fault_threads_start(struct fault_threads *load, size_t nr_pages)
{
	size_t i;
	int err = 0;

	load->stop = false;
	load->nr_pages = nr_pages;
	load->map = region_map(&load->fd, nr_pages);
	if (!load->map)
		return -1;
	for (i = 0; i < FAULT_THREADS && !err; i++) {
		load->workers[i] = (struct fault_thread){
			.load = load,
			.first = i * (nr_pages / FAULT_THREADS),
		};
		err = pthread_create(&load->workers[i].thread, NULL,
				     fault_thread_main, &load->workers[i]);
	}
	return err;
}

/* Returns the number of wrong pages, or -1 if a thread made no progress. */
static inline long fault_threads_stop(struct fault_threads *load)
{
	bool idle = false;
	long wrong = 0;
	int i;

	load->stop = true;
	for (i = 0; i < FAULT_THREADS; i++) {
		pthread_join(load->workers[i].thread, NULL);
		wrong += load->workers[i].wrong;
		idle |= !load->workers[i].rounds;
	}
	region_unmap(load->fd, load->map, load->nr_pages);
	return idle ? -1 : wrong;
}

#endif /* SWAPLAB_FAULT_THREADS_H */
