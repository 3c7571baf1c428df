// SPDX-License-Identifier: GPL-2.0
/*
 * One pool, in which a policy meets a trace: the module's core, as far as a policy
 * notices it.
 *
 * There is a frame structure for each page of the trace, resident or not, so a
 * hit costs one look at its flags. A page is evicted when a frame is wanted, not
 * ahead of time as by the daemon.
 *
 * With full visibility the referenced flag is set by each reference but the one
 * that brings the page in, or the policy's access() called instead. With sampled
 * visibility a reference sets an accessed bit only, as the processor does, the
 * one that brings the page in too. A tick copies accessed bits into flags, but not
 * the first of a page (fresh: that use is known already); and before a victim goes
 * its bit is looked at once more, fresh or not: see module/pte.c and look_at_batch() in
 * module/reclaim.c. A policy that does not need references is spared both.
 */

#include <string.h>
#include "frame.h"
#include "memory.h"
#include "pool.h"

/* How often a policy may go over all its frames for a victim, as in module/policy.c. */
#define POLICY_ROUNDS	8

/* Young victims beyond two a frame after which youth protects no more. */
#define PATIENCE	64

/* The words of a frame are undefined when a policy gets it. */
#define POISON		0x6b6b6b6bU

struct pool {
	struct swaplab_frame *frames;	/* by page id */
	struct folio *folios;		/* likewise */
	uint32_t nr_pages;
	uint32_t hand;			/* of the plain scan */
	unsigned long nr_frames;
	unsigned long nr_resident;
	uint32_t nr_evicted;
	bool looks;			/* at a victim again */
	struct swaplab_policy *policy;
	const uint32_t *owners;		/* of pages, if the trace is merged */
	struct pool_result *parts;	/* by owner */
	unsigned int nr_parts;
	struct pool_result result;
};

static void admit_frame(struct pool *pool, struct swaplab_frame *frame,
			enum swaplab_reason reason)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(frame->word); i++)
		frame->word[i] = POISON;
	pool->policy->reason = reason;
	pool->policy->ops->admit(pool->policy, frame);
	atomic_or(FRAME_ADMITTED, &frame->flags);
}

static void putback_frame(struct pool *pool, struct swaplab_frame *frame)
{
	const struct swaplab_policy_ops *ops = pool->policy->ops;

	if (!ops->putback) {
		admit_frame(pool, frame, SWAPLAB_REASON_PUTBACK);
		return;
	}
	ops->putback(pool->policy, frame);
	atomic_or(FRAME_ADMITTED, &frame->flags);
}

static void remove_frame(struct pool *pool, struct swaplab_frame *frame,
			 enum swaplab_reason reason)
{
	pool->policy->reason = reason;
	pool->policy->ops->remove(pool->policy, frame);
}

static struct swaplab_frame *scan_frames(struct pool *pool)
{
	struct swaplab_frame *frame;

	do {
		frame = &pool->frames[pool->hand++ % pool->nr_pages];
	} while (!(atomic_read(&frame->flags) & FRAME_ADMITTED));
	remove_frame(pool, frame, SWAPLAB_REASON_SCAN);
	return frame;
}

/* NULL if the policy gives no victim, or asks to be called again without end. */
static struct swaplab_frame *ask_policy(struct pool *pool)
{
	unsigned int looks = swaplab_policy_victim_looks(pool->policy);
	unsigned long left = POLICY_ROUNDS * (pool->nr_resident / looks + 1);
	struct swaplab_frame *frame;

	do {
		frame = pool->policy->ops->victim(pool->policy);
		if (frame != SWAPLAB_VICTIM_AGAIN)
			return frame;
	} while (left--);
	return NULL;
}

static struct swaplab_frame *choose_victim(struct pool *pool)
{
	struct swaplab_frame *frame = ask_policy(pool);

	if (IS_ERR_OR_NULL(frame) || !(atomic_read(&frame->flags) & FRAME_ADMITTED)) {
		pool->result.policy_errors++;
		frame = scan_frames(pool);
	}
	atomic_andnot(FRAME_ADMITTED, &frame->flags);
	return frame;
}

static struct pool_result *part_of(const struct pool *pool,
				   const struct swaplab_frame *frame)
{
	return &pool->parts[pool->owners[frame - pool->frames]];
}

static void evict_page(struct pool *pool)
{
	struct swaplab_frame *frame = choose_victim(pool);
	unsigned long nr_seen = 1;

	while (pool->looks && atomic_read(&frame->flags) & FRAME_ACCESSED &&
	       nr_seen++ <= 2 * pool->nr_resident + PATIENCE) {
		atomic_andnot(FRAME_ACCESSED | FRAME_FRESH, &frame->flags);
		atomic_or(SWAPLAB_FRAME_REFERENCED, &frame->flags);
		putback_frame(pool, frame);
		frame = choose_victim(pool);
	}
	if (atomic_read(&frame->flags) & FRAME_DIRTY) {
		pool->result.dirty_evictions++;
		if (pool->parts)
			part_of(pool, frame)->dirty_evictions++;
	}
	frame->flags.counter = 0;
	/* 0 means that the page was never resident. */
	frame->slot = ++pool->nr_evicted ? pool->nr_evicted : 1;
	pool->nr_resident--;
}

static void bring_in(struct pool *pool, struct swaplab_frame *frame, int flags)
{
	const struct swaplab_policy_ops *ops = pool->policy->ops;

	pool->result.misses++;
	if (pool->parts)
		part_of(pool, frame)->misses++;
	if (pool->nr_resident == pool->nr_frames)
		evict_page(pool);
	pool->nr_resident++;
	frame->flags.counter = FRAME_RESIDENT | FRAME_FRESH | flags;
	if (frame->slot && ops->refault)
		ops->refault(pool->policy, frame,
			     (pool->nr_evicted - frame->slot) & INT_MAX);
	admit_frame(pool, frame, frame->slot ? SWAPLAB_REASON_READ : SWAPLAB_REASON_ZERO);
}

static int dirty_flag(uint32_t reference)
{
	return TRACE_IS_WRITE(reference) << FRAME_DIRTY_BIT;
}

/* Each reference marks its frame. */
static void replay_marks(struct pool *pool, const uint32_t *references,
			 uint64_t nr, int mark_hit, int mark_fault)
{
	struct swaplab_frame *frames = pool->frames, *frame;
	uint64_t i;
	int flags;

	for (i = 0; i < nr; i++) {
		frame = &frames[TRACE_PAGE(references[i])];
		flags = atomic_read(&frame->flags);
		if (flags & FRAME_RESIDENT)
			frame->flags.counter = flags | mark_hit |
					       dirty_flag(references[i]);
		else
			bring_in(pool, frame,
				 mark_fault | dirty_flag(references[i]));
	}
}

/* Each reference is told to the policy. */
static void replay_accesses(struct pool *pool, const uint32_t *references,
			    uint64_t nr)
{
	const struct swaplab_policy_ops *ops = pool->policy->ops;
	struct swaplab_frame *frame;
	uint64_t i;

	for (i = 0; i < nr; i++) {
		frame = &pool->frames[TRACE_PAGE(references[i])];
		if (atomic_read(&frame->flags) & FRAME_RESIDENT) {
			atomic_or(dirty_flag(references[i]), &frame->flags);
			ops->access(pool->policy, frame);
		} else {
			bring_in(pool, frame, dirty_flag(references[i]));
		}
	}
}

static void replay_references(struct pool *pool, const uint32_t *references,
			      uint64_t nr, enum visibility visibility)
{
	if (visibility == VISIBILITY_SAMPLED)
		replay_marks(pool, references, nr, FRAME_ACCESSED,
			     FRAME_ACCESSED);
	else if (pool->policy->ops->access)
		replay_accesses(pool, references, nr);
	else
		replay_marks(pool, references, nr, SWAPLAB_FRAME_REFERENCED, 0);
}

static void sample_bits(struct pool *pool)
{
	struct swaplab_frame *frame;
	uint32_t page;
	int flags;

	for (page = 0; page < pool->nr_pages; page++) {
		frame = &pool->frames[page];
		flags = atomic_read(&frame->flags);
		if (!(flags & FRAME_ACCESSED))
			continue;
		if (!(flags & FRAME_FRESH))
			flags |= SWAPLAB_FRAME_REFERENCED;
		frame->flags.counter = flags & ~(FRAME_ACCESSED | FRAME_FRESH);
	}
}

static void end_period(struct pool *pool, enum visibility visibility)
{
	const struct swaplab_policy_ops *ops = pool->policy->ops;

	if (!ops->needs_references)
		return;
	if (visibility == VISIBILITY_SAMPLED)
		sample_bits(pool);
	while (ops->tick && ops->tick(pool->policy))
		;
}

/* As in the module: the policy allocates before the pool grows; evictions come last. */
static void set_frames(struct pool *pool, unsigned long nr_frames)
{
	struct swaplab_policy *policy = pool->policy;

	if (nr_frames > pool->nr_frames && policy->ops->resize &&
	    policy->ops->resize(policy, nr_frames))
		errx(1, "out of memory");
	policy->nr_frames = nr_frames;
	pool->nr_frames = nr_frames;
	while (pool->nr_resident > nr_frames)
		evict_page(pool);
}

static void keep_schedule(struct pool *pool, const struct schedule *schedule,
			  uint64_t done)
{
	unsigned long nr_frames = schedule_frames(schedule, done);

	if (done && done == schedule->warm_up) {
		pool->result = (struct pool_result){
			.policy_errors = pool->result.policy_errors,
		};
		if (pool->parts)
			memset(pool->parts, 0, pool->nr_parts * sizeof(*pool->parts));
	}
	if (nr_frames)
		set_frames(pool, nr_frames);
}

static void create_pool(struct pool *pool, const struct trace *trace)
{
	uint32_t page;

	pool->nr_pages = trace->pages.nr;
	pool->owners = trace->owners;
	pool->nr_parts = trace->nr_parts;
	pool->frames = memory_array(pool->nr_pages, sizeof(*pool->frames));
	pool->folios = memory_array(pool->nr_pages, sizeof(*pool->folios));
	for (page = 0; page < pool->nr_pages; page++) {
		pool->folios[page].index = trace->pages.numbers[page];
		pool->frames[page].folio = &pool->folios[page];
		/* Policies tell regions apart, and do no more with them. */
		if (pool->owners)
			pool->frames[page].region = (void *)(pool->owners[page] + 1ul);
	}
}

/* Which part of the counted references is the next one in; none in the warm-up. */
static unsigned int stretch_at(const struct trace *trace, uint64_t warm_up, uint64_t done)
{
	if (done < warm_up)
		return POOL_STRETCHES;
	return (done - warm_up) * POOL_STRETCHES / (trace->nr - warm_up);
}

static uint64_t stretch_end(const struct trace *trace, uint64_t warm_up, unsigned int stretch)
{
	uint64_t nr = trace->nr - warm_up;

	if (stretch == POOL_STRETCHES)
		return warm_up;
	return warm_up + DIV_ROUND_UP(nr * (stretch + 1), POOL_STRETCHES);
}

/* For few pages: it takes memory and time for each of them. */
static void show_pages(const struct pool *pool, const struct watch *watch)
{
	unsigned char *states = memory_array(pool->nr_pages, 1);
	uint32_t page;
	int flags;

	for (page = 0; page < pool->nr_pages; page++) {
		flags = atomic_read(&pool->frames[page].flags);
		if (flags & FRAME_RESIDENT)
			states[page] |= POOL_RESIDENT;
		if (flags & SWAPLAB_FRAME_REFERENCED)
			states[page] |= POOL_REFERENCED;
		if (flags & FRAME_DIRTY)
			states[page] |= POOL_DIRTY;
	}
	watch->see(watch->data, states);
	free(states);
}

static void read_stats(struct pool *pool)
{
	const struct swaplab_policy_stat *stats = pool->policy->ops->stats;
	struct pool_result *result = &pool->result;
	unsigned int i;

	for (i = 0; stats && stats[i].name && i < POOL_MAX_STATS; i++)
		result->stats[i] = *(unsigned long *)((char *)pool->policy->data +
						      stats[i].offset);
	result->nr_stats = i;
}

/* Those that were evicted do not come back. */
static void forget_page(struct pool *pool, struct swaplab_frame *frame)
{
	const struct swaplab_policy_ops *ops = pool->policy->ops;

	if (frame->slot && ops->forget)
		ops->forget(pool->policy, frame->region, frame->folio->index);
}

/* As at the end of a region in the module: each page is removed from the policy. */
static void destroy_pool(struct pool *pool)
{
	struct swaplab_frame *frame;
	uint32_t page;

	for (page = 0; page < pool->nr_pages; page++) {
		frame = &pool->frames[page];
		if (atomic_read(&frame->flags) & FRAME_ADMITTED)
			remove_frame(pool, frame, SWAPLAB_REASON_DISCARD);
		else
			forget_page(pool, frame);
	}
	registry_destroy(pool->policy);
	free(pool->folios);
	free(pool->frames);
}

/**
 * pool_run() - replay a trace
 * @trace: the trace
 * @ops: of the policy
 * @nr_frames: of the pool, at least 1
 * @config: how it works
 * @parts: of a merged trace, by part, zeroed: set to misses and dirty evictions of its
 *	pages; or NULL
 *
 * Return: the counts.
 */
struct pool_result pool_run(const struct trace *trace,
			    const struct swaplab_policy_ops *ops,
			    unsigned long nr_frames,
			    const struct pool_config *config,
			    struct pool_result *parts)
{
	struct pool pool = {
		.nr_frames = nr_frames,
		.policy = registry_create(ops, nr_frames, &config->settings),
		.looks = config->visibility == VISIBILITY_SAMPLED &&
			 ops->needs_references,
		.parts = parts,
	};
	uint64_t done, nr, misses;
	unsigned int stretch;

	create_pool(&pool, trace);
	for (done = 0; done < trace->nr; done += nr) {
		keep_schedule(&pool, &config->schedule, done);
		stretch = stretch_at(trace, config->schedule.warm_up, done);
		nr = stretch_end(trace, config->schedule.warm_up, stretch) - done;
		nr = min(nr, config->tick - done % config->tick);
		nr = min(nr, schedule_next(&config->schedule, done));
		if (config->watch.see)
			nr = 1;
		misses = pool.result.misses;
		replay_references(&pool, trace->references + done, nr,
				  config->visibility);
		pool.result.references += nr;
		if (stretch < POOL_STRETCHES)
			pool.result.stretches[stretch] += pool.result.misses - misses;
		if (config->watch.see)
			show_pages(&pool, &config->watch);
		if ((done + nr) % config->tick == 0)
			end_period(&pool, config->visibility);
	}
	read_stats(&pool);
	destroy_pool(&pool);
	return pool.result;
}
