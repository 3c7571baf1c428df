// SPDX-License-Identifier: GPL-2.0
/*
 * The VMAs that map pages of a region, as the kernel's reverse map finds them.
 *
 * Every VMA of a region is in the interval tree i_mmap of the region's inode. The kernel
 * exports no function that searches that tree, but the header that defines such
 * functions is for all. Those defined here only read.
 *
 * i_mmap_rwsem, held for reading, is all that a walk needs to look into the page tables
 * of a VMA in the tree. Truncation, by unmap_mapping_pages(), relies on the same:
 *
 * - A VMA comes, goes, and changes its bounds with the lock held for writing.
 * - munmap() and exit take a VMA out of the tree before they free its page tables
 *   (free_pgtables()). A page table that it shares with a neighbour stays for that.
 * - mremap() holds the lock for writing while it moves whole page tables.
 * - Nothing makes huge pages of ours: they are not in the page cache, and
 *   khugepaged leaves VM_MIXEDMAP alone.
 * - MADV_DONTNEED, since 6.14, frees page tables that it has emptied, and does not take
 *   the lock. The walk for these kernels in compat.h expects that.
 * - All else, the OOM reaper included, changes PTEs under the page table lock.
 *
 * The mm itself stays while it has VMAs. It need not have users: until exit_mmap() has
 * come to the VMA its PTEs can be looked at like others.
 *
 * fork() puts the child's VMA behind the parent's before it copies PTEs, and mremap()
 * takes the lock, or moves PTEs to a VMA behind the old one. So a walk in the order of
 * the tree that clears PTEs misses none: that is the kernel's rule, too.
 *
 * Walks take neither mmap_lock nor the lock of a VMA, whose owners may be waiting for
 * the daemon. The owner of i_mmap_rwsem does not: the kernel's reclaim takes that lock,
 * so no task waits for memory while it holds it.
 */
#include <linux/fs.h>
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include "rmap.h"

/*
 * PTEs that are looked at in one hold of the lock: mmap(), munmap() and fork() wait for
 * it. A page that is mapped more often than that takes longer, as it does to unmap it.
 */
#define HOLD_PTES	4096

static inline pgoff_t first_index(struct vm_area_struct *vma)
{
	return vma->vm_pgoff;
}

INTERVAL_TREE_DEFINE(struct vm_area_struct, shared.rb, unsigned long,
		     shared.rb_subtree_last, first_index, swaplab_rmap_last,
		     static __maybe_unused, vma_tree)

#define for_each_vma_of(vma, root, first, last)				\
	for (vma = vma_tree_iter_first(root, first, last); vma;		\
	     vma = vma_tree_iter_next(vma, first, last))

/* How far one hold of the lock should go. */
static pgoff_t bound_hold(struct rb_root_cached *root, pgoff_t first,
			  pgoff_t last)
{
	struct vm_area_struct *vma;
	unsigned long nr = 0;

	if (first == last)
		return last;
	for_each_vma_of(vma, root, first, last)
		if (++nr == HOLD_PTES)
			return first;
	return nr ? min(last, first + HOLD_PTES / nr - 1) : last;
}

/**
 * swaplab_rmap_walk_some() - visit the VMAs that map the first of some pages
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @only: visit VMAs of this region, and leave out those of others in its family; or NULL
 * @visit: called for each VMA
 * @data: passed to @visit
 *
 * May sleep. The file of a VMA in i_mmap stays, and so does the region that it has.
 *
 * Return: the last page of those for which all VMAs have been visited, @first at least.
 */
pgoff_t swaplab_rmap_walk_some(struct swaplab_region *region, pgoff_t first,
			       pgoff_t last, struct swaplab_region *only,
			       swaplab_rmap_visit_t visit, void *data)
{
	struct address_space *mapping = region->inode->i_mapping;
	struct rb_root_cached *root = &mapping->i_mmap;
	struct vm_area_struct *vma;

	i_mmap_lock_read(mapping);
	last = bound_hold(root, first, last);
	for_each_vma_of(vma, root, first, last) {
		if (only && swaplab_region_of(vma) != only)
			continue;
		visit(vma, max(first, vma->vm_pgoff),
		      min(last, swaplab_rmap_last(vma)), data);
		cond_resched();
	}
	i_mmap_unlock_read(mapping);
	return last;
}

/**
 * swaplab_rmap_walk() - visit the VMAs that map pages
 * @region: the region
 * @first: index of the first page
 * @last: index of the last page
 * @only: as above
 * @visit: called for each VMA, maybe for some of the pages at a time
 * @data: passed to @visit
 */
void swaplab_rmap_walk(struct swaplab_region *region, pgoff_t first,
		       pgoff_t last, struct swaplab_region *only,
		       swaplab_rmap_visit_t visit, void *data)
{
	pgoff_t done;

	for (;; first = done + 1) {
		done = swaplab_rmap_walk_some(region, first, last, only, visit,
					      data);
		if (done == last)
			return;
		cond_resched();
	}
}

/**
 * swaplab_rmap_has() - does a walk find this VMA?
 * @region: the region
 * @vma: of its pages
 */
bool swaplab_rmap_has(struct swaplab_region *region, struct vm_area_struct *vma)
{
	struct address_space *mapping = region->inode->i_mapping;
	struct vm_area_struct *other;
	bool has = false;

	i_mmap_lock_read(mapping);
	for_each_vma_of(other, &mapping->i_mmap, vma->vm_pgoff, vma->vm_pgoff)
		has |= other == vma;
	i_mmap_unlock_read(mapping);
	return has;
}
