/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows kernel versions. The code is written for the newest
 * interface; a block below emulates it on the kernels before the release that
 * it names. Documentation/kernels.rst has a table of the differences.
 */
#ifndef _SWAPLAB_COMPAT_H
#define _SWAPLAB_COMPAT_H

#include <linux/blkdev.h>
#include <linux/device/class.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
/* 6.3 made vm_flags read-only but for these. */
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
/* 6.3 put maps of ids in place of user namespaces. The module's inodes have none. */
#define SWAPLAB_NO_IDMAP	(&init_user_ns)
#else
#define SWAPLAB_NO_IDMAP	(&nop_mnt_idmap)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
/*
 * Unmap pages of one VMA. Distributions export this for binder; elsewhere it is NULL, as the
 * reference is weak. 6.3 has a function for one VMA in place of that for a range, which looks
 * for no further VMA if the range ends in this one. 7.1 renamed it.
 */
extern typeof(zap_page_range) zap_page_range __weak;
#define swaplab_can_zap()			(!!zap_page_range)
#define swaplab_zap_range(vma, address, size)	zap_page_range(vma, address, size)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
extern typeof(zap_page_range_single) zap_page_range_single __weak;
#define swaplab_can_zap()			(!!zap_page_range_single)
#define swaplab_zap_range(vma, address, size)	\
	zap_page_range_single(vma, address, size, NULL)
#else
extern typeof(zap_vma_range) zap_vma_range __weak;
#define swaplab_can_zap()			(!!zap_vma_range)
#define swaplab_zap_range(vma, address, size)	zap_vma_range(vma, address, size)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
/* 6.4 brought locks of VMAs; before, mmap_lock is all there is. */
static inline void vma_start_write(struct vm_area_struct *vma)
{
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
/* 6.4 made the class and attribute arguments of class callbacks const. */
#define SWAPLAB_CLASS_CONST
#else
#define SWAPLAB_CLASS_CONST	const
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
/* 6.9 holds a block device by a file. */
static inline struct block_device *
swaplab_bdev_open(const char *path, void *holder, struct file **file)
{
	*file = NULL;
	return blkdev_get_by_path(path, FMODE_READ | FMODE_WRITE | FMODE_EXCL,
				  holder);
}

static inline void swaplab_bdev_close(struct block_device *bdev,
				      struct file *file)
{
	blkdev_put(bdev, FMODE_READ | FMODE_WRITE | FMODE_EXCL);
}
#else
static inline struct block_device *
swaplab_bdev_open(const char *path, void *holder, struct file **file)
{
	*file = bdev_file_open_by_path(path, BLK_OPEN_READ | BLK_OPEN_WRITE,
				       holder, NULL);
	return IS_ERR(*file) ? ERR_CAST(*file) : file_bdev(*file);
}

static inline void swaplab_bdev_close(struct block_device *bdev,
				      struct file *file)
{
	bdev_fput(file);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
/* Before 6.6, mmap_lock is all that faults of files hold. */
static inline void release_fault_lock(struct vm_fault *vmf)
{
	mmap_read_unlock(vmf->vma->vm_mm);
}

#define swaplab_map_pages	NULL

/* 6.6 made it inline; before, it is not exported. Frames have one page. */
#define folio_mapcount(folio)	(atomic_read(&(folio)->_mapcount) + 1)
#else
/*
 * vm_operations_struct.map_pages: maps nothing. Later kernels let a fault of a
 * file go on under the VMA lock only where there is one.
 */
static inline vm_fault_t swaplab_map_pages(struct vm_fault *vmf, pgoff_t first,
					   pgoff_t last)
{
	return 0;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
/* 6.7 allocates shrinkers. The module has one. */
static inline struct shrinker *shrinker_alloc(unsigned int flags,
					      const char *name)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker)
		shrinker->flags = flags;
	return shrinker;
}

static inline int swaplab_shrinker_register(struct shrinker *shrinker,
					    const char *name)
{
	return register_shrinker(shrinker, "%s", name);
}

/* Only after a successful registration. */
static inline void shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#else
static inline int swaplab_shrinker_register(struct shrinker *shrinker,
					    const char *name)
{
	shrinker_register(shrinker);
	return 0;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
/* Since 6.8 list_lru_add() is told the cgroup; these still ask the object's memory for it. */
#define list_lru_add_obj(lru, item)	list_lru_add(lru, item)
#define list_lru_del_obj(lru, item)	list_lru_del(lru, item)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
/* 6.3 renamed it. */
#define memcg_kmem_online()	memcg_kmem_enabled()
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
/* 6.10 took the source from __assign_str(): __string() remembers it. */
#define swaplab_assign_str(dst, src)	__assign_str(dst, src)
#else
#define swaplab_assign_str(dst, src)	__assign_str(dst)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
/*
 * 6.12 is the last kernel known to export apply_to_existing_page_range(). The function
 * that is left makes missing page tables, and expects that none is freed meanwhile, as
 * MADV_DONTNEED does since 6.14. The walk here follows the kernel's rules for that, which
 * mm/pgtable-generic.c has above pte_offset_map_lock(): upper levels stay while the VMA
 * cannot go (see rmap.c); RCU keeps the memory of a page table; and with its lock held a
 * second look at the PMD tells whether it is in use.
 */
static inline pmd_t *swaplab_pmd_of(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(pgdp_get(pgd)))
		return NULL;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(p4dp_get(p4d)))
		return NULL;
	pud = pud_offset(p4d, address);
	if (pud_none(pudp_get(pud)))
		return NULL;
	return pmd_offset(pud, address);
}

/* NULL if there is no page table; else its lock is held, and RCU. */
static inline pte_t *swaplab_pte_lock(struct mm_struct *mm,
				      unsigned long address, spinlock_t **lock)
{
	pmd_t *pmd = swaplab_pmd_of(mm, address);
	pmd_t value;

	if (!pmd)
		return NULL;
	rcu_read_lock();
	for (;;) {
		value = pmdp_get_lockless(pmd);
		if (!pmd_present(value) || pmd_leaf(value))
			break;
		*lock = pte_lockptr(mm, &value);
		spin_lock(*lock);
		/* Once more if it has changed, be it the accessed bit alone. */
		if (pmd_same(value, pmdp_get_lockless(pmd)))
			return pte_offset_kernel(&value, address);
		spin_unlock(*lock);
	}
	rcu_read_unlock();
	return NULL;
}

static inline void swaplab_pte_unlock(spinlock_t *lock)
{
	spin_unlock(lock);
	rcu_read_unlock();
}

static inline int swaplab_apply_to_existing(struct mm_struct *mm,
					    unsigned long address,
					    unsigned long size, pte_fn_t fn,
					    void *data)
{
	unsigned long next, end = address + size;
	spinlock_t *lock;	/* of the page table */
	int err = 0;
	pte_t *pte;

	for (; address < end && !err; address = next) {
		next = pmd_addr_end(address, end);
		pte = swaplab_pte_lock(mm, address, &lock);
		if (!pte)
			continue;
		for (; address < next && !err; address += PAGE_SIZE, pte++)
			if (!pte_none(ptep_get(pte)))
				err = fn(pte, address, data);
		swaplab_pte_unlock(lock);
	}
	return err;
}

#define apply_to_existing_page_range	swaplab_apply_to_existing
#endif

/*
 * Clear the accessed bit of a PTE under its lock. On x86 the kernel's own helper is
 * not exported; that of arm64 is inline, and does not look at the VMA. Like them,
 * this leaves the TLB alone: a stale entry costs a missed reference until it is
 * replaced, never data.
 */
static inline bool swaplab_pte_test_clear_young(pte_t *ptep,
						unsigned long address)
{
#if defined(CONFIG_X86)
	return pte_young(*ptep) &&
	       test_and_clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)ptep);
#elif defined(CONFIG_ARM64)
	return ptep_test_and_clear_young(NULL, address, ptep);
#else
#error "swaplab harvests accessed bits on x86 and arm64 only"
#endif
}

#endif /* _SWAPLAB_COMPAT_H */
