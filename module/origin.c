// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are the origin of pages (SWAPLAB_BACK): an absent page is filled from the file,
 * instead of with zeros. A pager (SWAPLAB_PAGER, see pager.c) is the origin of all pages of its
 * region that have no file. From then on it is a page like any other. If it is clean it is
 * dropped, as a page of zeros is, and read from the file again; once written to it goes to
 * the store. The file is never written to.
 *
 * The ranges of a region are an array that does not change. SWAPLAB_BACK replaces it under
 * the xa_lock of region->pages, under which pages are published. So a page is published
 * either with the origin that it has then, or not at all. SWAPLAB_BACK discards the range
 * afterwards: no page is left whose content is of another origin, and which would be dropped
 * because it is clean.
 *
 * A page is read into the file's page cache first, and then copied. While it is read, the
 * fault has neither a frame nor a page in transit: a file whose server does not answer
 * holds up the tasks that touch its pages, and nothing else. The fault has no lock of its
 * own then, where the kernel allows that. It takes the same locks as a fault on a mapping of
 * the file does, in the same order, and none of the inode: a task may write from a page of
 * the region to the file that is the page's origin.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include "origin.h"
#include "pager.h"

/* Ranges of one region. Each keeps its file open. */
#define MAX_RANGES	4096

/**
 * struct origin_range - pages of a region that come from a file
 * @first: index of the first one in the region
 * @last: index of the last one
 * @file: the file
 * @index: of the first one in the file
 */
struct origin_range {
	pgoff_t first;
	pgoff_t last;
	struct file *file;
	pgoff_t index;
};

/**
 * struct swaplab_origins - the ranges of a region, or of several after a fork()
 * @refs: of regions, and of tasks that look at it without the xa_lock
 * @nr: of ranges
 * @ranges: by @first; they do not overlap
 */
struct swaplab_origins {
	refcount_t refs;
	unsigned int nr;
	struct origin_range ranges[];
};

static void origins_put(struct swaplab_origins *origins)
{
	unsigned int i;

	if (!origins || !refcount_dec_and_test(&origins->refs))
		return;
	for (i = 0; i < origins->nr; i++)
		fput(origins->ranges[i].file);
	kvfree(origins);
}

static struct swaplab_origins *origins_get(struct swaplab_region *region)
{
	struct swaplab_origins *origins;

	xa_lock(&region->pages);
	origins = region->origins;
	if (origins)
		refcount_inc(&origins->refs);
	xa_unlock(&region->pages);
	return origins;
}

/* The range that has this page, or NULL. */
static const struct origin_range *find_range(const struct swaplab_origins *origins,
					     pgoff_t index)
{
	unsigned int low = 0, high = origins->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (index > origins->ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < origins->nr && index >= origins->ranges[low].first)
		return &origins->ranges[low];
	return NULL;
}

/* Under the xa_lock of region->pages. */
static void find_origin(struct swaplab_region *region, pgoff_t index,
			struct swaplab_origin *origin)
{
	const struct origin_range *range = NULL;

	if (region->origins)
		range = find_range(region->origins, index);
	origin->file = range ? range->file : NULL;
	origin->index = range ? range->index + (index - range->first) : 0;
	origin->pager = range ? NULL : region->pager;
	origin->supply = NULL;
}

/**
 * swaplab_origin_get() - the origin of a page
 * @region: the region
 * @index: of the page
 * @origin: to be filled in
 *
 * Return: true, and swaplab_origin_put() has to follow; false if it is zeros.
 */
bool swaplab_origin_get(struct swaplab_region *region, pgoff_t index,
			struct swaplab_origin *origin)
{
	if (likely(!swaplab_origin_has_any(region)))
		return false;
	xa_lock(&region->pages);
	find_origin(region, index, origin);
	if (origin->file)
		get_file(origin->file);
	if (origin->pager)
		swaplab_pager_get(origin->pager);
	xa_unlock(&region->pages);
	return origin->file || origin->pager;
}

/** swaplab_origin_put() - after swaplab_origin_get() has returned true */
void swaplab_origin_put(const struct swaplab_origin *origin)
{
	if (origin->file)
		fput(origin->file);
	swaplab_pager_put(origin->pager);
}

/**
 * swaplab_origin_is() - is this the origin of a page?
 * @region: the region; the caller holds the xa_lock of its pages
 * @index: of the page
 * @origin: as the caller found it; its file or pager is the same one if the pointer is,
 *	because the caller has a reference. NULL: zeros
 */
bool swaplab_origin_is(struct swaplab_region *region, pgoff_t index,
		       const struct swaplab_origin *origin)
{
	struct swaplab_origin now;

	find_origin(region, index, &now);
	if (!origin)
		return !now.file && !now.pager;
	return now.file == origin->file && now.index == origin->index &&
	       now.pager == origin->pager;
}

/* Only regular files whose pages are in a page cache. */
static bool has_page_cache(struct file *file)
{
	struct address_space *mapping = file->f_mapping;

	return S_ISREG(file_inode(file)->i_mode) && !IS_DAX(mapping->host) &&
	       (shmem_mapping(mapping) || mapping->a_ops->read_folio);
}

/**
 * swaplab_origin_file() - the file whose pages a mapping of a file shows
 * @file: as the caller has opened it
 * @index: of a page that mmap() can map
 *
 * That is another one on a filesystem that lies on others, and only that filesystem knows
 * which. So the file is mapped for a moment, as the caller could do, and asks for the same
 * rights. If another thread of the caller puts another mapping there meanwhile, its file is
 * one that the caller may read as well.
 *
 * Return: the file, with a reference, or ERR_PTR(): -EACCES if it is not open for reading,
 * -ENODEV or -EINVAL if it has no page cache, or another error of mmap().
 */
struct file *swaplab_origin_file(struct file *file, pgoff_t index)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long address;

	if (!S_ISREG(file_inode(file)->i_mode))
		return ERR_PTR(-EINVAL);
	address = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE,
			  index << PAGE_SHIFT);
	if (IS_ERR_VALUE(address))
		return ERR_PTR(address);
	mmap_read_lock(mm);
	vma = find_vma(mm, address);
	file = NULL;
	if (vma && vma->vm_start <= address && vma->vm_flags & VM_READ)
		file = vma->vm_file;
	if (file && has_page_cache(file))
		get_file(file);
	else
		file = ERR_PTR(-EINVAL);
	mmap_read_unlock(mm);
	vm_munmap(address, PAGE_SIZE);
	return file;
}

/* Adds a range behind the others, or to the last one if it goes on there. */
static void add_origin_range(struct swaplab_origins *origins, pgoff_t first, pgoff_t last,
			     struct file *file, pgoff_t index)
{
	struct origin_range *end = &origins->ranges[origins->nr];

	if (origins->nr && end[-1].file == file && end[-1].last + 1 == first &&
	    end[-1].index + (first - end[-1].first) == index) {
		end[-1].last = last;
		return;
	}
	*end = (struct origin_range){ first, last, get_file(file), index };
	origins->nr++;
}

/* What is left of a range of before, outside of the new one. */
static void add_rest_of(struct swaplab_origins *origins, const struct origin_range *old,
			pgoff_t first, pgoff_t last)
{
	first = max(first, old->first);
	last = min(last, old->last);
	add_origin_range(origins, first, last, old->file,
			 old->index + (first - old->first));
}

/* @old with one range more, or without one if @file is NULL. */
static struct swaplab_origins *copy_origins(const struct swaplab_origins *old,
					    pgoff_t first, pgoff_t last,
					    struct file *file, pgoff_t index)
{
	unsigned int nr_old = old ? old->nr : 0, i;
	struct swaplab_origins *origins;

	/* The new range may split one. */
	origins = kvzalloc(struct_size(origins, ranges, nr_old + 2),
			   GFP_KERNEL_ACCOUNT);
	if (!origins)
		return NULL;
	refcount_set(&origins->refs, 1);
	for (i = 0; i < nr_old && old->ranges[i].first < first; i++)
		add_rest_of(origins, &old->ranges[i], 0, first - 1);
	if (i && old->ranges[i - 1].last > last)
		i--;
	if (file)
		add_origin_range(origins, first, last, file, index);
	for (; i < nr_old; i++)
		if (old->ranges[i].last > last)
			add_rest_of(origins, &old->ranges[i], last + 1, ULONG_MAX);
	return origins;
}

/**
 * swaplab_origin_set() - pages of a region come from a file from now on
 * @region: the region; the caller discards the pages afterwards
 * @first: index of the first page
 * @last: index of the last page
 * @file: of swaplab_origin_file(); stays the caller's. NULL: they have no file any more
 * @index: of the first page in the file
 *
 * Return: 0; -EINVAL if pages may be read-only, of their pager; -ENOMEM, also if the region has too
 * many ranges.
 */
int swaplab_origin_set(struct swaplab_region *region, pgoff_t first, pgoff_t last,
		       struct file *file, pgoff_t index)
{
	struct swaplab_origins *old, *new;
	int err = 0;
	bool done;

	if (!file && !READ_ONCE(region->origins) && !READ_ONCE(region->protects))
		return 0;
	do {
		old = origins_get(region);
		new = copy_origins(old, first, last, file, index);
		if (!new || new->nr > MAX_RANGES) {
			origins_put(new);
			origins_put(old);
			return -ENOMEM;
		}
		xa_lock(&region->pages);
		done = region->protects || region->origins == old;
		if (region->protects)
			err = -EINVAL;
		else if (done)
			WRITE_ONCE(region->origins, new);
		xa_unlock(&region->pages);
		/* The region's reference, or that of a copy which came too late. */
		origins_put(done && !err ? old : new);
		origins_put(old);
	} while (!done);
	return err;
}

/**
 * swaplab_origin_inherit() - give a child of fork() the origins of its parent
 * @region: of the child; no other task knows it
 * @parent: the caller holds its mmap_lock for writing, which SWAPLAB_BACK holds, too
 */
void swaplab_origin_inherit(struct swaplab_region *region,
			    struct swaplab_region *parent)
{
	region->origins = origins_get(parent);
}

/**
 * swaplab_origin_drop() - a region is about to be freed
 * @region: no other task knows it
 */
void swaplab_origin_drop(struct swaplab_region *region)
{
	origins_put(region->origins);
	swaplab_pager_put(region->pager);
}

/** swaplab_origin_count() - the number of ranges of a region that have a file; a snapshot */
unsigned int swaplab_origin_count(struct swaplab_region *region)
{
	unsigned int nr = 0;

	xa_lock(&region->pages);
	if (region->origins)
		nr = region->origins->nr;
	xa_unlock(&region->pages);
	return nr;
}

static bool is_beyond_end(const struct swaplab_origin *origin)
{
	loff_t size = i_size_read(origin->file->f_mapping->host);

	return origin->index >= DIV_ROUND_UP_ULL(size, PAGE_SIZE);
}

/**
 * swaplab_origin_find() - look for a page in the page cache
 * @origin: of swaplab_origin_get()
 *
 * Return: a folio that has it, up to date and referenced; NULL if it has to be read;
 * ERR_PTR(-EIO) if it lies beyond the end of the file, or its memory is bad.
 */
struct folio *swaplab_origin_find(const struct swaplab_origin *origin)
{
	struct folio *folio;

	if (is_beyond_end(origin))
		return ERR_PTR(-EIO);
	/* Some kernels say NULL for none, and some an error. */
	folio = filemap_get_folio(origin->file->f_mapping, origin->index);
	if (IS_ERR_OR_NULL(folio))
		return NULL;
	if (PageHWPoison(folio_file_page(folio, origin->index))) {
		folio_put(folio);
		return ERR_PTR(-EIO);
	}
	if (folio_test_uptodate(folio))
		return folio;
	folio_put(folio);
	return NULL;
}

/*
 * As for a fault on a mapping of the file: a truncation that begins now takes the page from
 * the page cache when it gets the lock.
 */
static struct folio *read_folio(const struct swaplab_origin *origin)
{
	struct address_space *mapping = origin->file->f_mapping;
	struct folio *folio = ERR_PTR(-EIO);

	page_cache_sync_readahead(mapping, &origin->file->f_ra, origin->file,
				  origin->index, 1);
	filemap_invalidate_lock_shared(mapping);
	if (!is_beyond_end(origin))
		folio = read_mapping_folio(mapping, origin->index, origin->file);
	filemap_invalidate_unlock_shared(mapping);
	return folio;
}

static struct folio *read_shmem(const struct swaplab_origin *origin)
{
	struct page *page = shmem_read_mapping_page(origin->file->f_mapping,
						    origin->index);

	return IS_ERR(page) ? ERR_CAST(page) : page_folio(page);
}

/**
 * swaplab_origin_read() - bring a page into the page cache
 * @origin: of swaplab_origin_get(); swaplab_origin_find() did not find it
 *
 * Waits for the file. The page may be gone again afterwards.
 *
 * Return: 0, -EINTR after a fatal signal, else -EIO.
 */
int swaplab_origin_read(const struct swaplab_origin *origin)
{
	struct folio *folio;

	folio = shmem_mapping(origin->file->f_mapping) ? read_shmem(origin) :
							  read_folio(origin);
	if (!IS_ERR(folio)) {
		folio_put(folio);
		return 0;
	}
	return fatal_signal_pending(current) ? -EINTR : -EIO;
}
