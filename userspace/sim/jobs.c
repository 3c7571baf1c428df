// SPDX-License-Identifier: GPL-2.0
/* Jobs start in their order, on as many threads as the user wants. */

#include <pthread.h>
#include <time.h>
#include "jobs.h"
#include "memory.h"
#include "opt.h"
#include "progress.h"

struct work {
	struct job *jobs;
	unsigned int nr;
	/* Protects: the two below, and stderr. */
	pthread_mutex_t lock;
	unsigned int nr_begun;
	struct progress progress;
};

static double read_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/**
 * jobs_share() - the frames of a part, where each has its own
 * @nr_frames: of all parts, at least one for each
 * @part: which one, from 0
 * @nr_parts: how many
 *
 * Return: as many as the others have; the first ones have one more if some are left over.
 */
unsigned long jobs_share(unsigned long nr_frames, unsigned int part, unsigned int nr_parts)
{
	return nr_frames / nr_parts + (part < nr_frames % nr_parts);
}

static struct pool_result run_pool(const struct trace *trace, const char *policy,
				   unsigned long nr_frames,
				   const struct pool_config *config,
				   struct pool_result *parts)
{
	const struct swaplab_policy_ops *ops = registry_find(policy);

	return ops ? pool_run(trace, ops, nr_frames, config, parts) :
		     opt_run(trace, nr_frames, config, parts);
}

static void add_counts(struct pool_result *sum, const struct pool_result *result)
{
	sum->references += result->references;
	sum->misses += result->misses;
	sum->dirty_evictions += result->dirty_evictions;
	sum->policy_errors += result->policy_errors;
}

/* Each part is alone with its frames, so that others do not matter to it. */
static void run_shares(struct job *job)
{
	const struct pool_config *config = job->config;
	const struct trace *part = job->trace->parts;
	unsigned int i, nr = job->trace->nr_parts;

	for (i = 0; i < nr; i++, part++) {
		/* The warm-up may be all of it. */
		if (config->parts[i].schedule.warm_up < part->nr)
			job->parts[i] = run_pool(part, job->policy,
						 jobs_share(job->nr_frames, i, nr),
						 &config->parts[i], NULL);
		add_counts(&job->result, &job->parts[i]);
	}
}

static void run_merged(struct job *job)
{
	const struct pool_config *config = job->config;
	const struct trace *trace = job->trace;
	unsigned int i;

	job->parts = memory_array(trace->nr_parts, sizeof(*job->parts));
	if (config->is_shared_out) {
		run_shares(job);
		return;
	}
	job->result = run_pool(trace, job->policy, job->nr_frames, config, job->parts);
	for (i = 0; i < trace->nr_parts; i++)
		job->parts[i].references = trace->parts[i].nr -
					   config->parts[i].schedule.warm_up;
}

static void run_job(struct job *job)
{
	double begin = read_clock();

	if (job->space)
		job->result = space_run(job->trace, job->space, job->values, job->config,
					&job->residence);
	else if (job->trace->parts)
		run_merged(job);
	else
		job->result = run_pool(job->trace, job->policy, job->nr_frames, job->config,
				       NULL);
	job->seconds = read_clock() - begin;
}

static void *do_jobs(void *data)
{
	struct work *work = data;
	struct job *job;

	pthread_mutex_lock(&work->lock);
	while (work->nr_begun < work->nr) {
		job = &work->jobs[work->nr_begun++];
		pthread_mutex_unlock(&work->lock);
		run_job(job);
		pthread_mutex_lock(&work->lock);
		work->progress.done++;
		progress_bar(&work->progress);
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
}

/**
 * jobs_run() - do all jobs
 * @jobs: all of them; their results are filled in
 * @nr: how many
 * @nr_threads: at once, at least 1
 */
void jobs_run(struct job *jobs, unsigned int nr, unsigned int nr_threads)
{
	pthread_t *threads = memory_array(nr_threads, sizeof(*threads));
	struct work work = {
		.jobs = jobs,
		.nr = nr,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	unsigned int i;

	progress_begin(&work.progress, nr);
	progress_bar(&work.progress);
	for (i = 0; i < nr_threads; i++)
		if (pthread_create(&threads[i], NULL, do_jobs, &work))
			errx(1, "no thread can be started");
	for (i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}
