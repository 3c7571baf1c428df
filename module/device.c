// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/swaplabN: each open() makes a region, and mmap() maps it. SWAPLAB_OPEN may give the
 * new file another region, see names.c. The file's f_mapping is its region's own, so that
 * all code that goes from a mapping to its VMAs finds those of the region there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include "advise.h"
#include "allocation.h"
#include "compat.h"
#include "device.h"
#include "fault.h"
#include "fork.h"
#include "frame.h"
#include "ioctl.h"
#include "leave.h"
#include "load.h"
#include "mkwrite.h"
#include "names.h"
#include "origin.h"
#include "pager.h"
#include "pte.h"
#include "region.h"
#include "registry.h"
#include "static_slots.h"

static int device_open(struct inode *inode, struct file *file)
{
	struct swaplab_pool *pool =
		container_of(inode->i_cdev, struct swaplab_pool, cdev);
	struct swaplab_region *region;
	int err;

	err = swaplab_pool_enter(pool);
	if (err)
		return err;
	swaplab_registry_bind_default(pool);
	region = swaplab_region_create(pool);
	if (IS_ERR(region)) {
		swaplab_pool_leave(pool);
		return PTR_ERR(region);
	}
	swaplab_allocation_join(region);
	region->file = file;
	file->private_data = region;
	file->f_mapping = region->inode->i_mapping;
	return 0;
}

/* The last reference on a file: no VMA is left that it maps. */
static int device_release(struct inode *inode, struct file *file)
{
	struct swaplab_region *region = file->private_data;

	file->f_mapping = inode->i_mapping;
	if (swaplab_names_close(region))
		swaplab_leave(region);
	return 0;
}

/*
 * Nothing to do; but 6.1 grows a VMA with VM_MIXEDMAP in place only if it has close():
 * else mremap() tries to merge it, which such VMAs refuse.
 */
static void vma_close(struct vm_area_struct *vma)
{
}

/* No page_mkwrite: with it, pages could not be pinned for long. */
static const struct vm_operations_struct swaplab_vm_ops = {
	.close = vma_close,
	.fault = swaplab_fault,
	.map_pages = swaplab_map_pages,
};

/* Of a region whose pager may make pages read-only. */
static const struct vm_operations_struct protected_vm_ops = {
	.close = vma_close,
	.fault = swaplab_fault,
	.map_pages = swaplab_map_pages,
	.page_mkwrite = swaplab_mkwrite,
};

/* Private and writable, or to be made so by mprotect(). */
static bool is_private(struct vm_area_struct *vma)
{
	return (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* The region of the calling process, if that has inherited the file. */
static int set_own_file(struct vm_area_struct *vma)
{
	struct file *file = swaplab_fork_file(vma->vm_file, vma->vm_mm);

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (file != vma->vm_file)
		vma_set_file(vma, file);
	fput(file);
	return 0;
}

static int map_region(struct swaplab_region *region, struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	unsigned long max = READ_ONCE(region->pool->tunables.max_region_pages);
	unsigned long nr = vma_pages(vma);
	int err;

	if (is_private(vma))
		return -EINVAL;
	if (max && (vma->vm_pgoff >= max || nr > max - vma->vm_pgoff))
		return -ENOSPC;
	if (!swaplab_region_may_reach(region, file, vma->vm_pgoff + nr))
		return -ENXIO;
	err = swaplab_static_slots_reserve(region, file, vma->vm_pgoff, nr);
	if (err)
		return err;
	/*
	 * VM_MIXEDMAP, which our pages do not need, makes mlock() succeed without
	 * locking. Without it a program that locks all it maps, as memtester does,
	 * could lock every frame of the pool and then wait for one for ever;
	 * SWAPLAB_LOCK locks within limits.
	 */
	vm_flags_set(vma, VM_DONTDUMP | VM_MIXEDMAP);
	if (region->family)
		return swaplab_fork_mmap(region, vma);
	vma->vm_ops = swaplab_region_begin_map(region) ? &protected_vm_ops : &swaplab_vm_ops;
	return 0;
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = set_own_file(vma);

	return err ? err : map_region(vma->vm_file->private_data, vma);
}

static bool page_is_dirty(struct swaplab_region *region, pgoff_t index)
{
	void *entry;
	bool dirty;

	rcu_read_lock();
	entry = swaplab_region_load(region, index);
	dirty = swaplab_entry_is_frame(entry) && swaplab_frame_is_dirty(entry);
	rcu_read_unlock();
	return dirty;
}

/* Resident pages that are newer than the store; a snapshot. */
static unsigned long count_dirty(struct swaplab_region *region)
{
	unsigned long index, nr = 0;
	void *entry;

	swaplab_pte_collect_dirty(region, 0, ULONG_MAX);
	xa_for_each_marked(&region->pages, index, entry, SWAPLAB_RESIDENT) {
		nr += page_is_dirty(region, index);
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return nr;
}

/* The region itself and the leaves of its tree of pages; frames are the pool's. */
static size_t count_metadata(struct swaplab_region *region)
{
	size_t size = sizeof(*region);
	unsigned long index = 0;

	while (xa_find(&region->pages, &index, ULONG_MAX, XA_PRESENT)) {
		size += sizeof(struct xa_node);
		if (index >= ULONG_MAX - XA_CHUNK_SIZE ||
		    fatal_signal_pending(current))
			break;
		index = (index | XA_CHUNK_MASK) + 1;
		cond_resched();
	}
	return size;
}

static void device_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct swaplab_region *region = file->private_data;
	unsigned long resident = atomic_long_read(&region->nr_resident);
	unsigned long swapped = atomic_long_read(&region->nr_swapped);

	seq_printf(seq, "id:\t%u\n", region->id);
	if (region->named) {
		seq_puts(seq, "name:\t");
		seq_escape(seq, region->named->name, "\n\\");
		seq_putc(seq, '\n');
	}
	seq_printf(seq, "private:\t%d\n", !!READ_ONCE(region->family));
	seq_printf(seq, "origins:\t%u\n", swaplab_origin_count(region));
	seq_printf(seq, "pager:\t%u\n", swaplab_pager_state(region));
	seq_printf(seq, "pages:\t%lu\n", resident + swapped);
	seq_printf(seq, "resident:\t%lu\n", resident);
	seq_printf(seq, "swapped:\t%lu\n", swapped);
	seq_printf(seq, "dirty:\t%lu\n", count_dirty(region));
	seq_printf(seq, "locked:\t%lu\n", atomic_long_read(&region->nr_mlocked));
	seq_printf(seq, "charged:\t%lu\n", READ_ONCE(region->nr_charged));
	seq_printf(seq, "quota:\t%lu\n", swaplab_allocation_quota(region));
	seq_printf(seq, "working_set:\t%lu\n", swaplab_allocation_working_set(region));
	seq_printf(seq, "quota_min:\t%lu\n", READ_ONCE(region->quota_min));
	seq_printf(seq, "quota_max:\t%lu\n", READ_ONCE(region->quota_max));
	seq_printf(seq, "suspended:\t%d\n", swaplab_load_is_suspended(region));
	seq_printf(seq, "faults:\t%lu\n", atomic_long_read(&region->faults));
	seq_printf(seq, "refaults:\t%lu\n", atomic_long_read(&region->refaults));
	seq_printf(seq, "metadata_bytes:\t%zu\n", count_metadata(region));
}

const struct file_operations swaplab_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.mmap = device_mmap,
	.unlocked_ioctl = swaplab_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.fsync = noop_fsync,
	.fadvise = swaplab_fadvise,
	.show_fdinfo = device_show_fdinfo,
	.llseek = noop_llseek,
};
