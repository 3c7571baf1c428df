// SPDX-License-Identifier: GPL-2.0
/*
 * A private filesystem: one anonymous inode a region. All VMAs of the region are in
 * its i_mapping, so that unmapping pages of one region never touches another's.
 * An inode of the device node would be shared by all regions, and is of a
 * filesystem that treats its pages as its own.
 */
#include <linux/dcache.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include "super.h"

#define SWAPLAB_SUPER_MAGIC	0x73776c62	/* "swlb" */

static struct vfsmount *super_mount;

/* For /proc/PID/maps: as the device's own file there. dynamic_dname() is not exported. */
static char *super_dname(struct dentry *dentry, char *buffer, int len)
{
	char name[32];
	int size;

	size = snprintf(name, sizeof(name), "/dev/%s", dentry->d_name.name) + 1;
	if (size > len || size > sizeof(name))
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(buffer + len - size, name, size);
}

static const struct dentry_operations super_dentry_ops = {
	.d_dname = super_dname,
};

static int super_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *pseudo = init_pseudo(fc, SWAPLAB_SUPER_MAGIC);

	if (!pseudo)
		return -ENOMEM;
	pseudo->dops = &super_dentry_ops;
	return 0;
}

/* No owner: kern_mount() would hold the module for ever. */
static struct file_system_type super_type = {
	.name = "swaplab",
	.init_fs_context = super_init_fs_context,
	.kill_sb = kill_anon_super,
};

int swaplab_super_mount(void)
{
	super_mount = kern_mount(&super_type);
	return PTR_ERR_OR_ZERO(super_mount);
}

/*
 * After the last region: no inode is left. The end of a file lets go of the module first, and
 * of the mount last. So that may still be under way, and needs super_type and
 * super_dentry_ops. may_umount() allows for two references, here both ours.
 */
void swaplab_super_unmount(void)
{
	mntget(super_mount);
	while (!may_umount(super_mount))
		usleep_range(1000, 2000);
	mntput(super_mount);
	kern_unmount(super_mount);
}

/* An inode whose mapping has noop_dirty_folio() and no writeback, or ERR_PTR(). */
struct inode *swaplab_super_inode(void)
{
	return alloc_anon_inode(super_mount->mnt_sb);
}

/*
 * A file that shows an inode, open for reading and writing, or ERR_PTR(). @name is the
 * device's. The module stays while the file does.
 */
struct file *swaplab_super_file(struct inode *inode, const char *name,
				const struct file_operations *fops)
{
	struct file *file;

	/* The file has one of each; its end puts them. */
	ihold(inode);
	__module_get(THIS_MODULE);
	file = alloc_file_pseudo(inode, super_mount, name, O_RDWR, fops);
	if (IS_ERR(file)) {
		iput(inode);
		module_put(THIS_MODULE);
	}
	return file;
}
