// SPDX-License-Identifier: GPL-2.0
/*
 * The descriptor of a pager: read() gives requests, ioctls answer them and take pages back. It
 * keeps the pool, as an open region does, because answers take frames; but not the region, nor its
 * pages.
 */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "family.h"
#include "load.h"
#include "pager.h"
#include "pager_file.h"
#include "pager_queue.h"
#include "revoke.h"
#include "supply.h"

/* 1: there is a request; 0: the region is gone, and no request will come; or -errno. */
static int wait_for_request(struct file *file, struct swaplab_pager *pager)
{
	bool is_gone;
	int err = 0;

	while (!err) {
		if (swaplab_pager_has_request(pager, &is_gone))
			return 1;
		if (is_gone)
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = swaplab_pager_wait_request(pager);
	}
	return err;
}

/* Bytes, or -EFAULT if there was no room for the first one. */
static ssize_t copy_requests(struct swaplab_pager *pager, char __user *buf, size_t size)
{
	struct swaplab_pager_request request;
	size_t copied = 0;

	while (size - copied >= sizeof(request) &&
	       swaplab_pager_take_request(pager, &request)) {
		if (copy_to_user(buf + copied, &request, sizeof(request))) {
			swaplab_pager_return_request(pager, request.id);
			return copied ? copied : -EFAULT;
		}
		copied += sizeof(request);
	}
	return copied;
}

static ssize_t pager_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct swaplab_pager *pager = file->private_data;
	ssize_t copied = 0;
	int err;

	if (size < sizeof(struct swaplab_pager_request))
		return -EINVAL;
	/* Another reader may have taken all requests. */
	while (!copied) {
		err = wait_for_request(file, pager);
		if (err <= 0)
			return err;
		copied = copy_requests(pager, buf, size);
	}
	return copied;
}

static __poll_t pager_poll(struct file *file, poll_table *wait)
{
	struct swaplab_pager *pager = file->private_data;
	__poll_t events = 0;
	bool is_gone;

	poll_wait(file, swaplab_pager_readers(pager), wait);
	if (swaplab_pager_has_request(pager, &is_gone))
		events = EPOLLIN | EPOLLRDNORM;
	return is_gone ? events | EPOLLIN | EPOLLRDNORM | EPOLLHUP : events;
}

static long pager_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct swaplab_pager *pager = file->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case SWAPLAB_PAGER_SUPPLY:
		return swaplab_supply_data(pager, user);
	case SWAPLAB_PAGER_UNAVAILABLE:
		return swaplab_supply_zeros(pager, user);
	case SWAPLAB_PAGER_GRANT:
		return swaplab_supply_grant(pager, user);
	case SWAPLAB_PAGER_ERROR:
		return swaplab_supply_error(pager, user);
	case SWAPLAB_PAGER_REVOKE:
		return swaplab_revoke(pager, user);
	default:
		return -ENOTTY;
	}
}

/* The last reference to the file: no task reads or answers. */
static int pager_release(struct inode *inode, struct file *file)
{
	struct swaplab_pager *pager = file->private_data;
	struct swaplab_pool *pool = swaplab_pager_pool(pager);

	swaplab_pager_close(pager);
	swaplab_load_allow();
	swaplab_pool_leave(pool);
	return 0;
}

static const struct file_operations pager_fops = {
	.owner = THIS_MODULE,
	.release = pager_release,
	.read = pager_read,
	.poll = pager_poll,
	.unlocked_ioctl = pager_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/* A file with a new pager, which has no region yet. */
static struct file *create_file(struct swaplab_pool *pool, bool protects)
{
	struct swaplab_pager *pager;
	struct file *file;
	int err;

	err = swaplab_pool_enter(pool);
	if (err)
		return ERR_PTR(err);
	pager = swaplab_pager_create(pool, protects);
	if (!pager) {
		swaplab_pool_leave(pool);
		return ERR_PTR(-ENOMEM);
	}
	file = anon_inode_getfile("[swaplab-pager]", &pager_fops, pager, O_RDONLY);
	if (IS_ERR(file)) {
		swaplab_pager_put(pager);
		swaplab_pool_leave(pool);
		return file;
	}
	/* A task that serves as a pager is not to wait for a turn. */
	swaplab_load_forbid();
	return file;
}

static struct file *open_pager(struct swaplab_region *region, bool protects)
{
	struct file *file = create_file(region->pool, protects);
	int err;

	if (IS_ERR(file))
		return file;
	err = swaplab_pager_attach(file->private_data, region);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static int check_open(struct file *file, const struct swaplab_pager_open *request)
{
	struct swaplab_region *region = file->private_data;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (request->flags & ~SWAPLAB_PAGER_PROTECT || request->reserved)
		return -EINVAL;
	if (!inode_owner_or_capable(SWAPLAB_NO_IDMAP, region->inode))
		return -EACCES;
	/* After a fork() it would have to know whose page it is asked for. */
	return swaplab_family_of(region) ? -EINVAL : 0;
}

/**
 * swaplab_pager_file_open() - SWAPLAB_PAGER
 * @file: of the region
 * @arg: the request
 *
 * Return: a file descriptor or -errno.
 */
long swaplab_pager_file_open(struct file *file,
			     const struct swaplab_pager_open __user *arg)
{
	struct swaplab_pager_open request;
	struct file *pager;
	int fd;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	fd = check_open(file, &request);
	if (fd)
		return fd;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	pager = open_pager(file->private_data, request.flags & SWAPLAB_PAGER_PROTECT);
	if (IS_ERR(pager)) {
		put_unused_fd(fd);
		return PTR_ERR(pager);
	}
	fd_install(fd, pager);
	return fd;
}
