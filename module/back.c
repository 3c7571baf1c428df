// SPDX-License-Identifier: GPL-2.0
/*
 * SWAPLAB_BACK: a file becomes the origin of a range of pages, and the pages that are there
 * are discarded.
 *
 * fork() copies entries and origins with mmap_lock held for writing. So with private pages
 * mmap_lock is held here for reading, and a fork() comes before all of this or after it. A
 * discard waits for transits meanwhile. The task that has a page in transit does not wait
 * for mmap_lock, be it behind a writer: a fault that has dropped it ends the transit
 * before the kernel takes it again.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include "back.h"
#include "origin.h"
#include "removal.h"

static int set_origin(struct swaplab_region *region, pgoff_t first, pgoff_t last,
		      struct file *file, pgoff_t index)
{
	struct mm_struct *mm = region->family ? current->mm : NULL;
	int err;

	if (mm && mmap_read_lock_killable(mm))
		return -EINTR;
	err = swaplab_removal_check_mlocked(region, first, last) ?:
	      swaplab_origin_set(region, first, last, file, index) ?:
	      swaplab_removal_discard_range(region, first, last);
	if (mm)
		mmap_read_unlock(mm);
	return err;
}

/**
 * swaplab_back() - make a file the origin of pages
 * @region: of the calling process, if it has a family
 * @first: index of the first page
 * @last: index of the last page
 * @fd: descriptor of the file; -1: the pages are zeros again
 * @index: of the first page in the file
 *
 * Return: 0 or -errno, see SWAPLAB_BACK.
 */
int swaplab_back(struct swaplab_region *region, pgoff_t first, pgoff_t last, int fd,
		 pgoff_t index)
{
	struct file *file, *origin;
	int err;

	if (fd == -1)
		return set_origin(region, first, last, NULL, 0);
	file = fget(fd);
	if (!file)
		return -EBADF;
	origin = swaplab_origin_file(file, index);
	fput(file);
	if (IS_ERR(origin))
		return PTR_ERR(origin);
	err = set_origin(region, first, last, origin, index);
	fput(origin);
	return err;
}
