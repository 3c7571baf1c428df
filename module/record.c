// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings: which pages of a pool are used, in order, for a file to read.
 *
 * Exactly: no more pages are mapped than fit a window, the ones mapped last. The
 * use of any other page is a fault, which is logged; the page takes the place of
 * the one that has been in the window for longest, and that is unmapped. A use of
 * a page in the window is not seen. The window alone decides which uses are logged:
 * pages in it that were evicted, or that another process maps, come back unlogged.
 *
 * The PTE is set here and not by the kernel after the fault, so that the log, the
 * window and the page tables change in one step, under recording.lock. So to
 * unmap a page for good does not take its folio lock.
 *
 * By samples: each page that the leading daemon finds accessed is logged, and the end of each
 * sample.
 *
 * A task that uses memory never waits for the reader of the recording: a record that
 * the ring has no room for is counted and dropped.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "pte.h"
#include "record.h"
#include "regions.h"
#include "unmap.h"

#define DEFAULT_WINDOW	8
#define DEFAULT_RING	65536

/**
 * struct recorded_page - a page that may be mapped
 * @region: NULL: none
 * @index: of the page
 */
struct recorded_page {
	struct swaplab_region *region;
	pgoff_t index;
};

/**
 * struct swaplab_recorder - an open file that reads a recording
 * @pool: that has the pages; it stays while its @recorded is set
 * @mode: SWAPLAB_RECORD_*
 * @lock: inside of every other lock
 * @ring: records that have not been read
 * @nr_records: that have come into @ring
 * @nr_dropped: that found no room there
 * @buffer: of @ring
 * @read_lock: the reader's memory is touched under it, and may be recorded itself
 * @readers: wait for records
 * @window_pages: size of @window
 * @oldest: place in @window that is taken next
 * @window: the pages that may be mapped; under the pool's recording.lock
 */
struct swaplab_recorder {
	struct swaplab_pool *pool;
	unsigned int mode;
	spinlock_t lock;		/* Protects: ring's incoming end, and counters */
	DECLARE_KFIFO_PTR(ring, __le64);
	u64 nr_records;
	u64 nr_dropped;
	void *buffer;
	struct mutex read_lock;		/* Protects: ring's outgoing end */
	wait_queue_head_t readers;
	unsigned int window_pages;
	unsigned int oldest;
	struct recorded_page window[];
};

static __le64 record_of(struct swaplab_region *region, pgoff_t index,
			bool is_write)
{
	u64 page = (u64)region->id << SWAPLAB_RECORD_INDEX_BITS |
		   (index & (BIT_ULL(SWAPLAB_RECORD_INDEX_BITS) - 1));

	return cpu_to_le64(page << 1 | is_write);
}

static void log_record(struct swaplab_recorder *recorder, __le64 record)
{
	spin_lock(&recorder->lock);
	if (kfifo_put(&recorder->ring, record))
		recorder->nr_records++;
	else
		recorder->nr_dropped++;
	spin_unlock(&recorder->lock);
	if (wq_has_sleeper(&recorder->readers))
		wake_up_interruptible(&recorder->readers);
}

/* The caller holds recording.lock, which protects the recorder. */
static struct swaplab_recorder *recorder_of(struct swaplab_pool *pool)
{
	return rcu_dereference_protected(pool->recording.recorder,
					 lockdep_is_held(&pool->recording.lock));
}

static bool is_in_window(struct swaplab_recorder *recorder,
			 struct swaplab_region *region, pgoff_t index)
{
	unsigned int i;

	for (i = 0; i < recorder->window_pages; i++)
		if (recorder->window[i].index == index &&
		    recorder->window[i].region == region)
			return true;
	return false;
}

static void move_window(struct swaplab_recorder *recorder,
			struct swaplab_region *region, pgoff_t index)
{
	struct recorded_page *page = &recorder->window[recorder->oldest];

	if (page->region)
		swaplab_unmap_pages(page->region, page->index, 1);
	page->region = region;
	page->index = index;
	recorder->oldest = (recorder->oldest + 1) % recorder->window_pages;
}

/**
 * swaplab_record_map() - map a page that is used, and record that
 * @vma: of the page's region, as the fault has it
 * @frame: its folio locked and referenced by the caller
 * @is_write: is it used for writing?
 *
 * Return: VM_FAULT_NOPAGE if the page is mapped, VM_FAULT_OOM, or 0 if uses are
 * not recorded exactly any more, and the caller has to map it.
 */
vm_fault_t swaplab_record_map(struct vm_area_struct *vma,
			      struct swaplab_frame *frame, bool is_write)
{
	struct swaplab_region *region = swaplab_region_of(vma);
	struct swaplab_pool *pool = region->pool;
	pgoff_t index = frame->folio->index;
	struct swaplab_recorder *recorder;
	int err;

	mutex_lock(&pool->recording.lock);
	if (!swaplab_record_is_exact(pool)) {
		mutex_unlock(&pool->recording.lock);
		return 0;
	}
	recorder = recorder_of(pool);
	if (!is_in_window(recorder, region, index)) {
		log_record(recorder, record_of(region, index, is_write));
		move_window(recorder, region, index);
	}
	err = swaplab_pte_set(vma, frame);
	mutex_unlock(&pool->recording.lock);
	return err ? VM_FAULT_OOM : VM_FAULT_NOPAGE;
}

static void log_sampled(struct swaplab_pool *pool, __le64 record)
{
	struct swaplab_recorder *recorder;

	rcu_read_lock();
	recorder = rcu_dereference(pool->recording.recorder);
	if (recorder && recorder->mode == SWAPLAB_RECORD_SAMPLED)
		log_record(recorder, record);
	rcu_read_unlock();
}

static void log_seen(struct swaplab_region *region, pgoff_t index)
{
	log_sampled(region->pool, record_of(region, index, false));
}

/**
 * swaplab_record_sample() - sample accessed bits, and record that if it is wanted
 * @pool: the pool
 * @any: set to whether any page was found accessed
 *
 * Does not take recording.lock: the caller is the leader.
 *
 * Return: as swaplab_pte_sample().
 */
unsigned long swaplab_record_sample(struct swaplab_pool *pool, bool *any)
{
	unsigned long nr;

	if (!swaplab_record_is_sampled(pool))
		return swaplab_pte_sample(pool, any, NULL);
	nr = swaplab_pte_sample(pool, any, log_seen);
	log_sampled(pool, cpu_to_le64(SWAPLAB_RECORD_END));
	return nr;
}

/**
 * swaplab_record_forget() - a region is about to go
 * @region: without mappings, so that no page of it comes into the window again
 */
void swaplab_record_forget(struct swaplab_region *region)
{
	struct swaplab_pool *pool = region->pool;
	struct swaplab_recorder *recorder;
	unsigned int i;

	mutex_lock(&pool->recording.lock);
	recorder = recorder_of(pool);
	for (i = 0; recorder && i < recorder->window_pages; i++)
		if (recorder->window[i].region == region)
			recorder->window[i].region = NULL;
	mutex_unlock(&pool->recording.lock);
}

static int wait_for_records(struct file *file, struct swaplab_recorder *recorder)
{
	if (file->f_flags & O_NONBLOCK)
		return kfifo_is_empty(&recorder->ring) ? -EAGAIN : 0;
	return wait_event_interruptible(recorder->readers,
					!kfifo_is_empty(&recorder->ring));
}

static ssize_t recorder_read(struct file *file, char __user *buf, size_t size,
			     loff_t *pos)
{
	struct swaplab_recorder *recorder = file->private_data;
	unsigned int copied = 0;
	int err;

	if (size < sizeof(__le64))
		return -EINVAL;
	size = min_t(size_t, size, INT_MAX);
	/* Another reader may have taken all records. */
	do {
		err = wait_for_records(file, recorder);
		if (err)
			return err;
		mutex_lock(&recorder->read_lock);
		err = kfifo_to_user(&recorder->ring, buf, size, &copied);
		mutex_unlock(&recorder->read_lock);
	} while (!err && !copied);
	return copied ? copied : err;
}

static __poll_t recorder_poll(struct file *file, poll_table *wait)
{
	struct swaplab_recorder *recorder = file->private_data;

	poll_wait(file, &recorder->readers, wait);
	return kfifo_is_empty(&recorder->ring) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static long recorder_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct swaplab_recorder *recorder = file->private_data;
	struct swaplab_record_counters counters;

	if (cmd != SWAPLAB_RECORD_COUNTERS)
		return -ENOTTY;
	spin_lock(&recorder->lock);
	counters.records = recorder->nr_records;
	counters.dropped = recorder->nr_dropped;
	spin_unlock(&recorder->lock);
	if (copy_to_user((void __user *)arg, &counters, sizeof(counters)))
		return -EFAULT;
	return 0;
}

static struct swaplab_recorder *
recorder_create(struct swaplab_pool *pool, const struct swaplab_record *request)
{
	unsigned int window = request->window ? request->window : DEFAULT_WINDOW;
	unsigned int ring = request->ring ? request->ring : DEFAULT_RING;
	struct swaplab_recorder *recorder;
	size_t size;

	recorder = kzalloc(struct_size(recorder, window, window),
			   GFP_KERNEL_ACCOUNT);
	if (!recorder)
		return NULL;
	size = roundup_pow_of_two(ring) * sizeof(__le64);
	recorder->buffer = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!recorder->buffer) {
		kfree(recorder);
		return NULL;
	}
	WARN_ON_ONCE(kfifo_init(&recorder->ring, recorder->buffer, size));
	recorder->pool = pool;
	recorder->mode = request->mode;
	recorder->window_pages = window;
	spin_lock_init(&recorder->lock);
	mutex_init(&recorder->read_lock);
	init_waitqueue_head(&recorder->readers);
	return recorder;
}

static void recorder_destroy(struct swaplab_recorder *recorder)
{
	kvfree(recorder->buffer);
	kfree(recorder);
}

/* One at a time. The pool is not removed while it is claimed. */
static bool claim_recording(struct swaplab_pool *pool)
{
	bool claimed;

	spin_lock(&pool->lock);
	claimed = !pool->recording.reserved;
	pool->recording.reserved = true;
	spin_unlock(&pool->lock);
	return claimed;
}

static void unclaim_recording(struct swaplab_pool *pool)
{
	spin_lock(&pool->lock);
	pool->recording.reserved = false;
	spin_unlock(&pool->lock);
}

static void attach_recorder(struct swaplab_pool *pool,
			    struct swaplab_recorder *recorder)
{
	mutex_lock(&pool->recording.lock);
	rcu_assign_pointer(pool->recording.recorder, recorder);
	WRITE_ONCE(pool->recording.mode, recorder->mode);
	mutex_unlock(&pool->recording.lock);
}

static void detach_recorder(struct swaplab_pool *pool)
{
	mutex_lock(&pool->recording.lock);
	WRITE_ONCE(pool->recording.mode, 0);
	RCU_INIT_POINTER(pool->recording.recorder, NULL);
	mutex_unlock(&pool->recording.lock);
	/* A sample may be logging. */
	synchronize_rcu();
}

/*
 * The last reference to the file: there is no reader. Faults find the recorder under
 * recording.lock only, and samples under RCU.
 */
static int recorder_release(struct inode *inode, struct file *file)
{
	struct swaplab_recorder *recorder = file->private_data;
	struct swaplab_pool *pool = recorder->pool;

	detach_recorder(pool);
	recorder_destroy(recorder);
	unclaim_recording(pool);
	return 0;
}

static const struct file_operations recorder_fops = {
	.owner = THIS_MODULE,
	.release = recorder_release,
	.read = recorder_read,
	.poll = recorder_poll,
	.unlocked_ioctl = recorder_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static bool has_valid_window(const struct swaplab_record *request)
{
	if (!request->window)
		return true;
	return request->mode == SWAPLAB_RECORD_EXACT &&
	       request->window >= SWAPLAB_RECORD_MIN_WINDOW &&
	       request->window <= SWAPLAB_RECORD_MAX_WINDOW;
}

static bool has_valid_ring(const struct swaplab_record *request)
{
	return !request->ring || (request->ring >= SWAPLAB_RECORD_MIN_RING &&
				  request->ring <= SWAPLAB_RECORD_MAX_RING);
}

static bool is_valid_request(const struct swaplab_record *request)
{
	return (request->mode == SWAPLAB_RECORD_EXACT ||
		request->mode == SWAPLAB_RECORD_SAMPLED) &&
	       !request->reserved && has_valid_window(request) &&
	       has_valid_ring(request);
}

/*
 * Waits for a fault that may be mapping a page and have seen no recorder. A fault looks
 * whether there is one, and sets its PTE, with the folio locked. So after this has had
 * that lock, there is no such fault.
 *
 * A page that is not resident yet, or being read, needs no wait: the task that brings it
 * in passes swaplab_region_settle(), a full barrier, before it looks. Here, the recorder
 * is published before the page's state is read. So one of the two sees the other's step.
 */
static void wait_for_fault(struct swaplab_region *region, pgoff_t index)
{
	struct swaplab_frame *frame;
	struct folio *folio;
	unsigned int flags;

	for (;;) {
		frame = swaplab_region_peek(region, index, &flags);
		if (!swaplab_entry_is_frame(frame) ||
		    flags & SWAPLAB_FRAME_READING)
			return;
		folio = swaplab_region_lock_folio(region, index, frame, true);
		if (!folio)
			continue;
		folio_unlock(folio);
		folio_put(folio);
		return;
	}
}

static int forget_uses(struct swaplab_region *region, pgoff_t first,
		       pgoff_t last, void *data)
{
	unsigned long index;
	void *entry;

	xa_for_each_range(&region->pages, index, entry, first, last)
		wait_for_fault(region, index);
	swaplab_unmap_in_family(region, first, last - first + 1);
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/*
 * Unmaps all pages, so that their next use is seen. PTEs that fork() copies meanwhile go,
 * too: see rmap.c.
 */
static int forget_all_uses(struct swaplab_pool *pool)
{
	return swaplab_regions_walk(pool, forget_uses, NULL);
}

/* Faults have to know before their pages are unmapped. */
static int begin_exact(struct swaplab_recorder *recorder)
{
	attach_recorder(recorder->pool, recorder);
	smp_mb(); /* and swaplab_region_settle() has the other: see wait_for_fault() */
	return forget_all_uses(recorder->pool);
}

/* Accessed bits of before have to go before a sample is logged. */
static int begin_sampled(struct swaplab_recorder *recorder)
{
	int err;

	err = forget_all_uses(recorder->pool);
	if (err)
		return err;
	attach_recorder(recorder->pool, recorder);
	/* If it sleeps, it does not know yet that there is something to sample. */
	swaplab_pool_wake_daemon(recorder->pool);
	return 0;
}

/**
 * swaplab_record_start() - begin to record
 * @pool: the pool; the caller has a region of it
 * @request: of SWAPLAB_RECORD
 *
 * Pages that are mapped now are unmapped once, so that their next use is seen.
 *
 * Return: a file descriptor, which ends the recording when it is closed; -EINVAL, -EBUSY,
 * -ENOMEM, -EMFILE, or -EINTR after a fatal signal.
 */
int swaplab_record_start(struct swaplab_pool *pool,
			 const struct swaplab_record *request)
{
	struct swaplab_recorder *recorder;
	int fd;

	if (!is_valid_request(request))
		return -EINVAL;
	recorder = recorder_create(pool, request);
	if (!recorder)
		return -ENOMEM;
	fd = -EBUSY;
	if (!claim_recording(pool))
		goto destroy;
	if (request->mode == SWAPLAB_RECORD_EXACT)
		fd = begin_exact(recorder);
	else
		fd = begin_sampled(recorder);
	if (!fd)
		fd = anon_inode_getfd("[swaplab-record]", &recorder_fops,
				      recorder, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	detach_recorder(pool);
	unclaim_recording(pool);
destroy:
	recorder_destroy(recorder);
	return fd;
}
