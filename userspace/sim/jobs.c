// SPDX-License-Identifier: GPL-2.0
/* Jobs start in their order, on as many threads as the user wants. */

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "jobs.h"
#include "memory.h"
#include "opt.h"

#define BAR_WIDTH	40

struct work {
	struct job *jobs;
	unsigned int nr;
	const struct pool_config *config;
	/* Protects: the two below, and stderr. */
	pthread_mutex_t lock;
	unsigned int nr_begun;
	unsigned int nr_done;
};

static double read_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void run_job(struct job *job, const struct pool_config *config)
{
	const struct swaplab_policy_ops *ops = registry_find(job->policy);
	double begin = read_clock();

	if (job->space)
		job->result = space_run(job->trace, job->space, job->values, config,
					&job->residence);
	else if (ops)
		job->result = pool_run(job->trace, ops, job->nr_frames, config);
	else
		job->result = opt_run(job->trace, job->nr_frames, config);
	job->seconds = read_clock() - begin;
}

static void show_progress(const struct work *work)
{
	int width = BAR_WIDTH * work->nr_done / work->nr;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r[%.*s%*s] %u of %u", width,
		"########################################", BAR_WIDTH - width, "",
		work->nr_done, work->nr);
	if (work->nr_done == work->nr)
		fputs("\r\033[K", stderr);
}

static void *do_jobs(void *data)
{
	struct work *work = data;
	struct job *job;

	pthread_mutex_lock(&work->lock);
	while (work->nr_begun < work->nr) {
		job = &work->jobs[work->nr_begun++];
		pthread_mutex_unlock(&work->lock);
		run_job(job, work->config);
		pthread_mutex_lock(&work->lock);
		work->nr_done++;
		show_progress(work);
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
}

/**
 * jobs_run() - do all jobs
 * @jobs: all of them; their results are filled in
 * @nr: how many
 * @nr_threads: at once, at least 1
 * @config: how pools work
 */
void jobs_run(struct job *jobs, unsigned int nr, unsigned int nr_threads,
	      const struct pool_config *config)
{
	pthread_t *threads = memory_array(nr_threads, sizeof(*threads));
	struct work work = {
		.jobs = jobs,
		.nr = nr,
		.config = config,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	unsigned int i;

	show_progress(&work);
	for (i = 0; i < nr_threads; i++)
		if (pthread_create(&threads[i], NULL, do_jobs, &work))
			errx(1, "no thread can be started");
	for (i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}
