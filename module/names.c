// SPDX-License-Identifier: GPL-2.0
/*
 * Names of regions: programs that know only the name open the same region.
 *
 * SWAPLAB_OPEN opens the device again. The region that this makes gets the name, or, if
 * the name has a region already, the new file gets that one, and the new region goes. So
 * a region with a name has several files, which it counts. Nothing else can reach the file
 * before it has its region for good: it has no descriptor yet.
 *
 * Under the names' lock, a name in the tree has a region that is not about to end. The
 * last close of a file takes the name out, in one hold of the lock with the count. So
 * an open finds the region before its end, and the region stays; or it makes another
 * one, whose pages are absent.
 *
 * A region that stays is in the tree without a file, and idle: nothing maps it, but reclaim
 * goes on with its pages. It goes with its name, or with the pool.
 */
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>
#include "compat.h"
#include "leave.h"
#include "names.h"
#include "user.h"

#define OPEN_FLAGS	(O_ACCMODE | O_CREAT | O_EXCL | O_CLOEXEC)

static struct swaplab_named *named_of(const struct rb_node *node)
{
	return rb_entry_safe(node, struct swaplab_named, node);
}

static int compare_name(const void *name, const struct rb_node *node)
{
	return strcmp(name, named_of(node)->name);
}

static bool is_before(struct rb_node *node, const struct rb_node *other)
{
	return compare_name(named_of(node)->name, other) < 0;
}

static struct swaplab_named *find_name(struct swaplab_pool *pool, const char *name)
{
	lockdep_assert_held(&pool->names.lock);
	return named_of(rb_find(name, &pool->names.tree, compare_name));
}

static struct swaplab_named *find_behind(struct swaplab_pool *pool, const char *name)
{
	struct rb_node *node = pool->names.tree.rb_node, *found = NULL;

	lockdep_assert_held(&pool->names.lock);
	while (node) {
		if (compare_name(name, node) < 0) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return named_of(found);
}

/* A pool whose regions are all idle can be removed. */
static void count_idle(struct swaplab_pool *pool, int nr)
{
	spin_lock(&pool->lock);
	pool->nr_idle += nr;
	spin_unlock(&pool->lock);
}

static void take_name(struct swaplab_named *named)
{
	struct swaplab_pool *pool = named->region->pool;

	lockdep_assert_held(&pool->names.lock);
	rb_erase(&named->node, &pool->names.tree);
	RB_CLEAR_NODE(&named->node);
	WRITE_ONCE(pool->names.nr, pool->names.nr - 1);
}

/* The new region of a file gets a name. */
static int name_region(struct file *file, struct swaplab_named *named,
		       const struct swaplab_open *request)
{
	struct swaplab_region *region = file->private_data;
	struct swaplab_pool *pool = region->pool;

	/* Or a user could have any number of regions that stay. */
	if (swaplab_user_charge(region, file, 1))
		return -ENOSPC;
	region->inode->i_mode = request->mode & ~current_umask();
	region->file = NULL;
	region->named = named;
	named->region = region;
	named->nr_files = 1;
	named->stays = request->options & SWAPLAB_OPEN_STAYS;
	rb_add(&named->node, &pool->names.tree, is_before);
	WRITE_ONCE(pool->names.nr, pool->names.nr + 1);
	return 0;
}

/* The file gets the region that has the name, as a further one of its files. */
static int join_region(struct file *file, struct swaplab_named *named,
		       const struct swaplab_open *request)
{
	int mask = MAY_READ | (file->f_mode & FMODE_WRITE ? MAY_WRITE : 0);
	struct swaplab_region *region = named->region;
	int err;

	if (request->flags & O_EXCL)
		return -EEXIST;
	err = generic_permission(SWAPLAB_NO_IDMAP, region->inode, mask);
	if (err)
		return err;
	if (!named->nr_files++)
		count_idle(region->pool, -1);
	file->private_data = region;
	file->f_mapping = region->inode->i_mapping;
	return 0;
}

/*
 * @named is for the region of the file, if that gets the name; NULL: it may not. Ends the
 * region that the file had, if it got another one: that one never had a page.
 */
static int find_region(struct file *file, struct swaplab_named *named,
		       const struct swaplab_open *request)
{
	struct swaplab_region *made = file->private_data;
	struct swaplab_pool *pool = made->pool;
	struct swaplab_named *found;
	int err = -ENOENT;

	if (mutex_lock_killable(&pool->names.lock))
		return -EINTR;
	found = find_name(pool, request->name);
	if (found)
		err = join_region(file, found, request);
	else if (named)
		err = name_region(file, named, request);
	mutex_unlock(&pool->names.lock);
	if (file->private_data != made) {
		swaplab_region_destroy(made);
		swaplab_pool_leave(pool);
	}
	return err;
}

static bool has_name(struct swaplab_pool *pool, const char *name)
{
	bool found;

	mutex_lock(&pool->names.lock);
	found = find_name(pool, name);
	mutex_unlock(&pool->names.lock);
	return found;
}

static struct swaplab_named *named_alloc(const char *name)
{
	size_t size = strlen(name) + 1;
	struct swaplab_named *named;

	named = kzalloc(struct_size(named, name, size), GFP_KERNEL_ACCOUNT);
	if (named)
		memcpy(named->name, name, size);
	return named;
}

/* A file of the region, or ERR_PTR(). */
static struct file *open_named(struct file *device, const struct swaplab_open *request)
{
	struct swaplab_region *region = device->private_data;
	struct swaplab_named *named = NULL;
	struct file *file;
	int err;

	if (request->flags & O_CREAT) {
		named = named_alloc(request->name);
		if (!named)
			return ERR_PTR(-ENOMEM);
	} else if (!has_name(region->pool, request->name)) {
		return ERR_PTR(-ENOENT);
	}
	file = dentry_open(&device->f_path, request->flags & O_ACCMODE,
			   current_cred());
	if (IS_ERR(file))
		goto free;
	err = find_region(file, named, request);
	if (err) {
		fput(file);
		file = ERR_PTR(err);
		goto free;
	}
	region = file->private_data;
	if (region->named == named)
		return file;
free:
	kfree(named);
	return file;
}

static int check_name(const char *name)
{
	size_t len = strnlen(name, SWAPLAB_NAME_SIZE);

	if (len == SWAPLAB_NAME_SIZE)
		return -ENAMETOOLONG;
	return !len || strchr(name, '/') ? -EINVAL : 0;
}

static int check_open(const struct swaplab_open *request, fmode_t mode)
{
	unsigned int access = request->flags & O_ACCMODE;
	bool creates = request->flags & O_CREAT;

	if (request->flags & ~OPEN_FLAGS || request->reserved ||
	    request->options & ~SWAPLAB_OPEN_STAYS ||
	    (access != O_RDONLY && access != O_RDWR))
		return -EINVAL;
	if (creates && request->mode & ~0777)
		return -EINVAL;
	if (!creates && (request->options || request->flags & O_EXCL))
		return -EINVAL;
	if ((creates || access == O_RDWR) && !(mode & FMODE_WRITE))
		return -EBADF;
	return check_name(request->name);
}

/* A descriptor that was passed on gives no more of the device than its own region. */
static int may_open(struct file *device, bool writes)
{
	return file_permission(device, MAY_OPEN | MAY_READ |
				       (writes ? MAY_WRITE : 0));
}

/**
 * swaplab_names_open() - SWAPLAB_OPEN
 * @file: of the device
 * @arg: the request
 *
 * Return: a file descriptor or -errno.
 */
long swaplab_names_open(struct file *file, const struct swaplab_open __user *arg)
{
	struct swaplab_open request;
	struct file *opened;
	int fd;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	fd = check_open(&request, file->f_mode) ?:
	     may_open(file, (request.flags & O_ACCMODE) == O_RDWR);
	if (fd)
		return fd;
	fd = get_unused_fd_flags(request.flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	opened = open_named(file, &request);
	if (IS_ERR(opened)) {
		put_unused_fd(fd);
		return PTR_ERR(opened);
	}
	fd_install(fd, opened);
	return fd;
}

/**
 * swaplab_names_close() - a file of a region is closed, and not mapped any more
 * @region: its region
 *
 * Return: true if the region is to end; else the caller must not use it any more.
 */
bool swaplab_names_close(struct swaplab_region *region)
{
	struct swaplab_named *named = region->named;
	struct swaplab_pool *pool = region->pool;
	bool ends;

	if (!named)
		return true;
	mutex_lock(&pool->names.lock);
	ends = !--named->nr_files;
	if (ends && !RB_EMPTY_NODE(&named->node)) {
		if (named->stays) {
			ends = false;
			count_idle(pool, 1);
		} else {
			take_name(named);
		}
	}
	mutex_unlock(&pool->names.lock);
	return ends;
}

/* Takes a name away, and its region if that is idle, into @ended. */
static int unlink_name(struct swaplab_pool *pool, const char *name,
		       struct swaplab_region **ended)
{
	struct swaplab_named *named = find_name(pool, name);

	if (!named)
		return -ENOENT;
	if (!inode_owner_or_capable(SWAPLAB_NO_IDMAP, named->region->inode))
		return -EACCES;
	take_name(named);
	if (!named->nr_files) {
		count_idle(pool, -1);
		*ended = named->region;
	}
	return 0;
}

/**
 * swaplab_names_unlink() - SWAPLAB_UNLINK
 * @file: of the device
 * @arg: the request
 *
 * Return: 0 or -errno.
 */
int swaplab_names_unlink(struct file *file, const struct swaplab_unlink __user *arg)
{
	struct swaplab_region *region = file->private_data, *ended = NULL;
	struct swaplab_pool *pool = region->pool;
	struct swaplab_unlink request;
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	err = request.reserved ? -EINVAL : check_name(request.name);
	if (err)
		return err;
	if (mutex_lock_killable(&pool->names.lock))
		return -EINTR;
	err = unlink_name(pool, request.name, &ended);
	mutex_unlock(&pool->names.lock);
	if (ended)
		swaplab_leave(ended);
	return err;
}

static void describe(const struct swaplab_named *named, struct swaplab_name *answer)
{
	struct swaplab_region *region = named->region;

	*answer = (struct swaplab_name){
		.region = region->id,
		.mode = region->inode->i_mode & 0777,
		.uid = from_kuid_munged(current_user_ns(), region->inode->i_uid),
		.gid = from_kgid_munged(current_user_ns(), region->inode->i_gid),
		.nr_files = named->nr_files,
		.options = named->stays ? SWAPLAB_OPEN_STAYS : 0,
		.resident = atomic_long_read(&region->nr_resident),
		.swapped = atomic_long_read(&region->nr_swapped),
	};
	strcpy(answer->name, named->name);
}

/**
 * swaplab_names_next() - SWAPLAB_NEXT_NAME
 * @file: of the device
 * @arg: the request, and the answer
 *
 * Return: 0 or -errno.
 */
int swaplab_names_next(struct file *file, struct swaplab_name __user *arg)
{
	struct swaplab_region *region = file->private_data;
	struct swaplab_pool *pool = region->pool;
	struct swaplab_named *named;
	struct swaplab_name answer;
	int err;

	err = may_open(file, false);
	if (err)
		return err;
	if (copy_from_user(&answer, arg, sizeof(answer)))
		return -EFAULT;
	if (strnlen(answer.name, sizeof(answer.name)) == sizeof(answer.name))
		return -ENAMETOOLONG;
	if (mutex_lock_killable(&pool->names.lock))
		return -EINTR;
	named = find_behind(pool, answer.name);
	if (named)
		describe(named, &answer);
	mutex_unlock(&pool->names.lock);
	if (!named)
		return -ENOENT;
	return copy_to_user(arg, &answer, sizeof(answer)) ? -EFAULT : 0;
}

/**
 * swaplab_names_end() - end the regions that stay
 * @pool: dead, so each of its regions is idle, and nothing can open them any more
 *
 * Waits for pages that are being read or written.
 */
void swaplab_names_end(struct swaplab_pool *pool)
{
	struct swaplab_named *named;

	do {
		mutex_lock(&pool->names.lock);
		named = find_behind(pool, "");
		if (named) {
			take_name(named);
			count_idle(pool, -1);
		}
		mutex_unlock(&pool->names.lock);
		if (named)
			swaplab_leave_now(named->region);
	} while (named);
}
