/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that change and verify pages, each page as often as it takes. */
#ifndef SWAPLAB_RETRY_THREADS_H
#define SWAPLAB_RETRY_THREADS_H

#include "sigbus.h"

/**
 * struct retry_thread - one of them; SIGBUS is caught
 * @thread: itself
 * @map: of a region
 * @first: page that is its own, and the next ones
 * @nr: how many
 * @stop: it is to end
 * @version: of all its pages, when it has stopped
 * @failed: touches that got SIGBUS
 * @wrong: pages that did not hold the last version
 */
struct retry_thread {
	pthread_t thread;
	char *map;
	size_t first, nr;
	volatile bool stop;
	unsigned int version;
	unsigned long failed, wrong;
};

static inline void retry_thread_fill(struct retry_thread *s, size_t page)
{
	while (!try_fill(s->map, page, s->version)) {
		s->failed++;
		msleep(1);
	}
}

static inline void retry_thread_verify(struct retry_thread *s, size_t page)
{
	int result;

	while ((result = try_read(s->map, page, s->version)) == SIGBUS) {
		s->failed++;
		msleep(1);
	}
	s->wrong += !!result;
}

static inline void *retry_thread_main(void *data)
{
	struct retry_thread *s = data;
	size_t page;

	do {
		s->version++;
		for (page = s->first; page < s->first + s->nr; page++)
			retry_thread_fill(s, page);
		for (page = s->first; page < s->first + s->nr; page++)
			retry_thread_verify(s, page);
	} while (!s->stop);
	return NULL;
}

/* Some of them, each with as many of the first pages of a region; 0 or an error. */
static inline int retry_threads_start(struct retry_thread *crowd, int nr, char *map,
				      size_t nr_pages)
{
	int i, err = 0;

	catch_sigbus();
	for (i = 0; i < nr && !err; i++) {
		crowd[i] = (struct retry_thread){
			.map = map,
			.first = i * (nr_pages / nr),
			.nr = nr_pages / nr,
		};
		err = pthread_create(&crowd[i].thread, NULL, retry_thread_main,
				     &crowd[i]);
	}
	return err;
}

/* Checks that none saw a wrong page, and that their pages hold the last version. */
static inline void retry_threads_stop(struct retry_thread *crowd, int nr,
				      unsigned long *failed, unsigned long *wrong)
{
	size_t page;
	int i;

	*failed = *wrong = 0;
	for (i = 0; i < nr; i++)
		crowd[i].stop = true;
	for (i = 0; i < nr; i++)
		pthread_join(crowd[i].thread, NULL);
	for (i = 0; i < nr; i++) {
		/* The disk may be down just now. */
		for (page = crowd[i].first; page < crowd[i].first + crowd[i].nr; page++)
			retry_thread_verify(&crowd[i], page);
		*failed += crowd[i].failed;
		*wrong += crowd[i].wrong;
	}
}

#endif /* SWAPLAB_RETRY_THREADS_H */
