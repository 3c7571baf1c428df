// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks. The daemons evict when fewer frames than the low one are free, until
 * the high one is reached. A free frame holds no page, so few should be free; but
 * a fault that finds none has to wait for the disk, and readahead takes free ones only.
 *
 * Left alone, they adapt: the low one begins at 1/64 of the budget, is doubled when a
 * fault had to wait for a frame or readahead could not have those that it wanted, and is
 * made smaller by an eighth when the leader starts and that has not happened since it
 * started last. It stays within 1/256 and 1/32. The high one is 1/64 above it: a batch
 * that is worth a wake-up. From the first frame below the low one, that is one frame
 * more: for whole transfers, high is less by one.
 */
#include "frame.h"
#include "watermark.h"

/* Frames that can be freed while a fault waits for the disk. */
#define WATERMARK_SLICE	8

static unsigned long share_of(unsigned long nr, unsigned int share)
{
	return max(2UL, nr / share);
}

static unsigned long low_of(unsigned long automatic, unsigned long low,
			    unsigned long high)
{
	if (low)
		return low;
	return high ? min(automatic, high - 1) : automatic;
}

static unsigned long high_of(unsigned long automatic, unsigned long low,
			     unsigned long high, unsigned long nr)
{
	return high ? high :
		      min(low_of(automatic, low, 0) + share_of(nr, 64) - 1, nr);
}

/**
 * swaplab_watermark_low() - free frames at which the daemons start
 * @pool: the pool
 */
unsigned long swaplab_watermark_low(struct swaplab_pool *pool)
{
	return low_of(READ_ONCE(pool->watermarks.automatic_low),
		      READ_ONCE(pool->watermarks.low),
		      READ_ONCE(pool->watermarks.high));
}

/**
 * swaplab_watermark_high() - free frames at which the daemons stop
 * @pool: the pool
 */
unsigned long swaplab_watermark_high(struct swaplab_pool *pool)
{
	return high_of(READ_ONCE(pool->watermarks.automatic_low),
		       READ_ONCE(pool->watermarks.low),
		       READ_ONCE(pool->watermarks.high),
		       READ_ONCE(pool->nr_room));
}

/**
 * swaplab_watermark_is_short() - is there a reason to evict?
 * @pool: the pool
 *
 * Frames on their way to the store are as good as free.
 */
bool swaplab_watermark_is_short(struct swaplab_pool *pool)
{
	long nr_free = swaplab_frame_nr_free(pool);

	return nr_free + atomic_read(&pool->daemons.nr_writing) <
		       (long)swaplab_watermark_low(pool) ||
	       (nr_free <= 0 && atomic_read(&pool->waiters.nr)) ||
	       READ_ONCE(pool->nr_pressure) || READ_ONCE(pool->request.nr);
}

/*
 * Free frames to stop at: the high watermark. A fault that waits for its page will
 * want the CPU when the page is there: then do no more at a time than fits into the
 * wait. The more of them wait, the less it matters which is delayed.
 */
static long goal_of(struct swaplab_pool *pool)
{
	long nr_reading = atomic_read(&pool->nr_reading);
	long high = swaplab_watermark_high(pool);

	if (!nr_reading)
		return high;
	return min(high, (long)swaplab_watermark_low(pool) +
			 nr_reading * WATERMARK_SLICE);
}

/**
 * swaplab_watermark_nr_wanted() - frames to free until the pool is content
 * @pool: the pool
 *
 * Those on their way to the store count.
 */
unsigned long swaplab_watermark_nr_wanted(struct swaplab_pool *pool)
{
	long missing = goal_of(pool) - swaplab_frame_nr_free(pool);

	return max3(missing, (long)READ_ONCE(pool->nr_pressure),
		    (long)READ_ONCE(pool->request.nr));
}

/**
 * swaplab_watermark_check() - see to it that frames do not run out
 * @pool: the pool
 *
 * Called after frames were taken, and reads into them submitted: the daemon may get
 * the CPU at once, and should use the time while a device is at work.
 */
void swaplab_watermark_check(struct swaplab_pool *pool)
{
	/* Pairs with the leader's, which rests when no frame is taken. */
	smp_mb();
	if (!swaplab_watermark_is_short(pool) &&
	    !READ_ONCE(pool->daemons.sampling_idle))
		return;
	WRITE_ONCE(pool->daemons.sampling_idle, false);
	swaplab_pool_wake_daemon(pool);
}

/**
 * swaplab_watermark_adapt() - adapt to shortages since the last call
 * @pool: the pool; the caller is its leader, about to evict
 */
void swaplab_watermark_adapt(struct swaplab_pool *pool)
{
	unsigned long low;

	spin_lock(&pool->lock);
	low = pool->watermarks.automatic_low;
	low = READ_ONCE(pool->watermarks.shortage) ? 2 * low :
						     low - DIV_ROUND_UP(low, 8);
	WRITE_ONCE(pool->watermarks.automatic_low,
		   clamp(low, share_of(pool->nr_room, 256),
			 share_of(pool->nr_room, 32)));
	WRITE_ONCE(pool->watermarks.shortage, false);
	spin_unlock(&pool->lock);
}

static bool is_valid(unsigned long nr, unsigned long low, unsigned long high)
{
	unsigned long automatic = share_of(nr, 64);
	unsigned long l = low_of(automatic, low, high);
	unsigned long h = high_of(automatic, low, high, nr);

	return l && l < h && h <= nr;
}

/**
 * swaplab_watermark_fits() - may the budget be so large?
 * @pool: the pool, locked
 * @nr_frames: frames
 *
 * Return: false if a watermark set by hand would not fit.
 */
bool swaplab_watermark_fits(struct swaplab_pool *pool, unsigned long nr_frames)
{
	lockdep_assert_held(&pool->lock);
	return is_valid(nr_frames, pool->watermarks.low, pool->watermarks.high);
}

/**
 * swaplab_watermark_reset() - begin to adapt anew
 * @pool: the pool, locked; its budget has changed
 */
void swaplab_watermark_reset(struct swaplab_pool *pool)
{
	WRITE_ONCE(pool->watermarks.automatic_low, share_of(pool->nr_room, 64));
	WRITE_ONCE(pool->watermarks.shortage, false);
}

/**
 * swaplab_watermark_set() - change one or both watermarks
 * @pool: the pool; the caller holds its config mutex
 * @low: free frames at which the daemons start; 0: automatic
 * @high: free frames at which it stops; 0: automatic
 *
 * Return: 0, -EINVAL if they would not be low < high <= nr_frames.
 */
int swaplab_watermark_set(struct swaplab_pool *pool, unsigned long low,
			  unsigned long high)
{
	int err = -EINVAL;

	spin_lock(&pool->lock);
	if (low < pool->nr_frames && high <= pool->nr_frames &&
	    is_valid(pool->nr_frames, low, high)) {
		WRITE_ONCE(pool->watermarks.low, low);
		WRITE_ONCE(pool->watermarks.high, high);
		swaplab_watermark_reset(pool);
		err = 0;
	}
	spin_unlock(&pool->lock);
	if (!err)
		swaplab_pool_wake_daemon(pool);
	return err;
}
