// SPDX-License-Identifier: GPL-2.0
/*
 * Regions with private pages (SWAPLAB_FORK_PRIVATE): a child of fork() has the pages of its
 * parent as they were, and each of the two its own from its first write on.
 *
 * fork() calls open() for the child's copy of a VMA before it takes its reference on the
 * VMA's file, puts the VMA into i_mmap and copies page tables. So open() makes a region for
 * the child, with a file of its own, and leaves that file in the VMA. The new region has
 * the inode of the old one, so the VMA goes into the same i_mmap, behind its parent.
 *
 * From the first fork on, all VMAs of both regions have page_mkwrite(), which makes the
 * kernel map pages read-only until they are written to. PTEs that are there are made
 * read-only and clean: a dirty one would become writable by mprotect() without a fault.
 * fork() flushes the TLB of the parent after it has copied the page tables, and on its
 * error paths, too, before it drops mmap_lock. As for the kernel's own private memory, a
 * thread of the parent may write by an old TLB entry until then, as if before the fork.
 *
 * The entries are copied by clone.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include "clone.h"
#include "compat.h"
#include "family.h"
#include "fault.h"
#include "fork.h"
#include "mkwrite.h"
#include "pte.h"
#include "record.h"
#include "removal.h"
#include "rmap.h"
#include "unmap.h"

/* How long a mapping waits for the disk to let go of pages that go with it, in jiffies. */
#define PATIENCE	HZ

static const struct vm_operations_struct private_ops;
static const struct vm_operations_struct forked_ops;

/* A VMA of a child that could not have the pages: each touch is SIGBUS. */
static vm_fault_t lost_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct lost_ops = {
	.fault = lost_fault,
};

/* What vma_set_page_prot(), which is not exported, does when it sees page_mkwrite. */
static void begin_mkwrite(struct vm_area_struct *vma)
{
	vma->vm_ops = &forked_ops;
	WRITE_ONCE(vma->vm_page_prot,
		   vm_get_page_prot(vma->vm_flags & ~VM_SHARED));
}

static bool is_vma_of(struct vm_area_struct *vma, struct swaplab_region *region)
{
	return (vma->vm_ops == &private_ops || vma->vm_ops == &forked_ops) &&
	       swaplab_region_of(vma) == region;
}

/*
 * Also VMAs that fork() leaves out (MADV_DONTFORK). With a VMA locked for writing no fault
 * in it is under way; page tables are the daemon's as before. A secondary MMU has page
 * tables of its own, and is told by an unmap only.
 */
static void protect_pages(struct swaplab_region *region)
{
	struct mm_struct *mm = region->mm;
	struct vm_area_struct *vma;
	bool unmaps = mm_has_notifiers(mm) || swaplab_record_is_exact(region->pool);

	mmap_assert_write_locked(mm);
	for (vma = find_vma(mm, 0); vma; vma = find_vma(mm, vma->vm_end)) {
		if (!is_vma_of(vma, region))
			continue;
		vma_start_write(vma);
		begin_mkwrite(vma);
		if (unmaps)
			swaplab_unmap_pages(region, vma->vm_pgoff, vma_pages(vma));
		else
			swaplab_pte_protect(vma);
		cond_resched();
	}
	region->has_forked = true;
	/* PTEs are read-only before references are looked at. */
	smp_mb();
}

static struct swaplab_region *fork_region(struct swaplab_region *parent,
					  struct mm_struct *mm)
{
	struct swaplab_region *clone = swaplab_clone_create(parent, mm);

	if (!clone)
		return NULL;
	protect_pages(parent);
	if (!swaplab_clone_fill(clone, parent))
		return clone;
	swaplab_clone_give_up(clone);
	return NULL;
}

static struct swaplab_region *find_member(struct swaplab_family *family,
					  struct mm_struct *mm)
{
	struct swaplab_region *region;

	spin_lock(&family->lock);
	region = swaplab_family_member(family, mm);
	spin_unlock(&family->lock);
	return region;
}

static void count_vma(struct swaplab_region *region)
{
	spin_lock(&region->family->lock);
	WRITE_ONCE(region->nr_vmas, region->nr_vmas + 1);
	spin_unlock(&region->family->lock);
}

/*
 * The child cannot have the pages. Nothing of the parent may be copied for this VMA: its
 * page tables are empty when fork() comes to them.
 */
static void lose_vma(struct swaplab_region *region, struct vm_area_struct *vma)
{
	pr_warn_ratelimited("%s: no memory to fork %s (%d), or it is beyond max_user_pages: the child gets SIGBUS when it touches its pages\n",
			    region->pool->name, current->comm, current->pid);
	vma->vm_ops = &lost_ops;
	swaplab_unmap_pages(region, vma->vm_pgoff, vma_pages(vma));
}

/*
 * A VMA was copied: by a split or mremap() in the same address space, or by fork(). Kernels
 * that take the reference on the file before this cannot be told of another file: the VMA
 * is in i_mmap by then.
 */
static void private_open(struct vm_area_struct *vma)
{
	struct swaplab_region *region = swaplab_region_of(vma), *clone;

	if (vma->vm_mm == region->mm) {
		count_vma(region);
		return;
	}
	clone = find_member(region->family, vma->vm_mm);
	if (!clone && !swaplab_rmap_has(region, vma))
		clone = fork_region(region, vma->vm_mm);
	if (!clone) {
		lose_vma(region, vma);
		return;
	}
	begin_mkwrite(vma);
	count_vma(clone);
	/* The reference is taken next. */
	vma->vm_file = clone->file;
}

/*
 * The pages go with the last VMA, even if a descriptor stays: another process may have
 * inherited it. Those that are being read or written are waited for, since nothing else
 * would take them before the descriptor is closed; not so in a region that fork() has made,
 * whose file goes now. No lock is held that the end of a transfer needs.
 */
static void private_close(struct vm_area_struct *vma)
{
	struct swaplab_region *region = swaplab_region_of(vma);
	struct file *file = NULL;
	bool last;

	spin_lock(&region->family->lock);
	WRITE_ONCE(region->nr_vmas, region->nr_vmas - 1);
	last = !region->nr_vmas;
	if (last)
		swap(region->own_file, file);
	spin_unlock(&region->family->lock);
	/* The VMA still has a reference on the file. */
	if (last)
		swaplab_removal_discard_all(region, file ? 0 : PATIENCE);
	if (file)
		fput(file);
}

static const struct vm_operations_struct private_ops = {
	.open = private_open,
	.close = private_close,
	.fault = swaplab_fault,
	.map_pages = swaplab_map_pages,
};

static const struct vm_operations_struct forked_ops = {
	.open = private_open,
	.close = private_close,
	.fault = swaplab_fault,
	.map_pages = swaplab_map_pages,
	.page_mkwrite = swaplab_mkwrite,
};

/**
 * swaplab_fork_file() - the file of the region that a process means
 * @file: of a region, maybe inherited from the process that mapped it
 * @mm: the address space of the process
 *
 * Return: @file itself, or that of the region of @mm in the same family, with a
 * reference; ERR_PTR(-EBUSY) if the family has no region for this process.
 */
struct file *swaplab_fork_file(struct file *file, struct mm_struct *mm)
{
	struct swaplab_region *region = file->private_data, *member;
	struct swaplab_family *family = swaplab_family_of(region);

	if (!family)
		return get_file(file);
	spin_lock(&family->lock);
	member = region->mm && region->mm != mm ?
		 swaplab_family_member(family, mm) : region;
	if (member == region)
		get_file(file);
	else if (member && member->own_file)
		file = get_file(member->own_file);
	else
		file = ERR_PTR(-EBUSY);
	spin_unlock(&family->lock);
	return file;
}

/* False if another address space maps the region. */
static bool claim_region(struct swaplab_region *region, struct mm_struct *mm)
{
	bool is_own;

	spin_lock(&region->family->lock);
	if (!region->mm) {
		mmgrab(mm);
		region->mm = mm;
	}
	is_own = region->mm == mm;
	spin_unlock(&region->family->lock);
	return is_own;
}

/*
 * A first mapping must not show pages that the disk has kept when the last one went. The
 * number of VMAs is stable: it changes with mmap_lock held.
 */
static bool discard_remains(struct swaplab_region *region)
{
	return region->nr_vmas || swaplab_removal_discard_all(region, PATIENCE);
}

/**
 * swaplab_fork_mmap() - prepare a VMA of a region in a family
 * @region: of vma->vm_file
 * @vma: from mmap(), with mmap_lock held for writing
 *
 * Return: 0, or -EBUSY if another address space maps the region, or pages of a mapping that
 * is gone wait for their disk.
 */
int swaplab_fork_mmap(struct swaplab_region *region, struct vm_area_struct *vma)
{
	if (!claim_region(region, vma->vm_mm) || !discard_remains(region))
		return -EBUSY;
	count_vma(region);
	/* If it has forked, mmap() itself sees page_mkwrite. */
	vma->vm_ops = region->has_forked ? &forked_ops : &private_ops;
	return 0;
}
