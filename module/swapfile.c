// SPDX-License-Identifier: GPL-2.0
/*
 * A store that is a regular file on ext2, ext3, ext4 or xfs, or a block device.
 *
 * As swapon does, the module maps a file to its extents once, and then sends bios to
 * the device underneath. Paging through the filesystem would take the inode's lock
 * under mmap_lock, and could wait for memory in order to free memory. S_SWAPFILE stops
 * writes to the file, truncation and deletion meanwhile. Filesystems are admitted by
 * name, because others answer bmap() too and move blocks afterwards.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "compat.h"
#include "extents.h"
#include "io.h"
#include "swapfile.h"

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC	0x58465342	/* "XFSB"; public since the first release */
#endif

/**
 * struct swapfile - a store that is a file or a block device
 * @store: the slots
 * @file: the swap file, or the device node; held open
 * @bdev: the block device underneath
 * @bdev_file: claims @bdev, if @file is a device node
 * @extents: where the slots lie on @bdev
 */
struct swapfile {
	struct swaplab_store store;
	struct file *file;
	struct block_device *bdev;
	struct file *bdev_file;
	struct swaplab_extents extents;
};

/* The back end's part of a transfer. */
struct swapfile_io {
	struct bio bio;
	struct bio_vec vecs[SWAPLAB_IO_PAGES];
};

static_assert(sizeof(struct swapfile_io) <= SWAPLAB_IO_PRIVATE);

static struct swapfile *swapfile_of(struct swaplab_store *store)
{
	return container_of(store, struct swapfile, store);
}

static u32 swapfile_nr_neighbours(struct swaplab_store *store, u32 slot)
{
	const struct swaplab_extent *extent;

	extent = swaplab_extents_find(&swapfile_of(store)->extents, slot);
	return extent->slot + extent->nr - slot;
}

static void swapfile_end_io(struct bio *bio)
{
	struct swaplab_io *io = bio->bi_private;
	int err = blk_status_to_errno(bio->bi_status);

	bio_uninit(bio);
	swaplab_io_done(io, err);
}

static blk_opf_t swapfile_opf(unsigned int flags)
{
	blk_opf_t opf = REQ_OP_READ;

	/* Like direct I/O: not to be held back in favour of other writes. */
	if (flags & SWAPLAB_IO_WRITE)
		opf = REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
	if (flags & SWAPLAB_IO_ALONE)
		opf |= REQ_NOMERGE;
	if (flags & SWAPLAB_IO_AHEAD)
		opf |= REQ_RAHEAD;
	return opf | REQ_SWAP;
}

static void swapfile_submit(struct swaplab_io *io)
{
	struct swapfile *swapfile = swapfile_of(io->store);
	struct swapfile_io *own = (void *)io->private;
	unsigned int i;

	bio_init(&own->bio, swapfile->bdev, own->vecs, SWAPLAB_IO_PAGES,
		 swapfile_opf(io->flags));
	own->bio.bi_iter.bi_sector = swaplab_extents_sector(&swapfile->extents,
							    io->slot);
	own->bio.bi_private = io;
	own->bio.bi_end_io = swapfile_end_io;
	for (i = 0; i < io->nr; i++)
		__bio_add_page(&own->bio, folio_page(io->frames[i]->folio, 0),
			       PAGE_SIZE, 0);
	submit_bio(&own->bio);
}

/* An error does no harm: the device remembers more than it has to. */
static void swapfile_discard(struct swaplab_store *store, u32 slot, u32 nr)
{
	struct swapfile *swapfile = swapfile_of(store);
	u32 part;

	for (; nr; slot += part, nr -= part) {
		part = min(nr, swapfile_nr_neighbours(store, slot));
		blkdev_issue_discard(swapfile->bdev,
				     swaplab_extents_sector(&swapfile->extents, slot),
				     (sector_t)part << PAGE_SECTORS_SHIFT,
				     GFP_KERNEL);
	}
}

/* One line for the administrator; the path is the one that was written. */
static int log_refusal(struct swapfile *swapfile, int err, const char *why)
{
	swaplab_pool_err(swapfile->store.pool, "swap_file %s: %s\n",
			 swapfile->store.path, why);
	return err;
}

static bool fs_maps_blocks_for_good(struct super_block *sb)
{
	return sb->s_bdev && (sb->s_magic == EXT4_SUPER_MAGIC ||
			      sb->s_magic == XFS_SUPER_MAGIC);
}

static int map_file(struct swapfile *swapfile, struct inode *inode)
{
	struct swaplab_extents *extents = &swapfile->extents;
	int err;

	err = swaplab_extents_map(extents, inode, swapfile->store.pool);
	if (err == -EINVAL)
		return log_refusal(swapfile, err,
				   "has holes, unwritten or shared extents: write it out with zeros (dd, not truncate or fallocate; no reflinks)");
	if (!err && !extents->nr_slots)
		return log_refusal(swapfile, -EINVAL,
				   "holds no whole page that is aligned on its device");
	return err;
}

static int map_device(struct swapfile *swapfile)
{
	u64 nr_pages = bdev_nr_bytes(swapfile->bdev) >> PAGE_SHIFT;

	if (!nr_pages)
		return log_refusal(swapfile, -EINVAL, "is smaller than a page");
	return swaplab_extents_add(&swapfile->extents, 0,
				   min_t(u64, nr_pages, INT_MAX));
}

static void unclaim_inode(struct inode *inode)
{
	inode_lock(inode);
	inode->i_flags &= ~S_SWAPFILE;
	inode_unlock(inode);
}

/*
 * Take the inode for swapping alone, as swapon does: the flag stops new writers,
 * then the writes under way are waited for and written out.
 */
static int claim_inode(struct swapfile *swapfile, struct inode *inode)
{
	int err = 0;

	inode_lock(inode);
	if (IS_SWAPFILE(inode))
		err = log_refusal(swapfile, -EBUSY,
				  "is in use as swap or by another pool");
	else if (S_ISREG(inode->i_mode) && !inode->i_nlink)
		err = log_refusal(swapfile, -ENOENT, "has been deleted");
	else
		inode->i_flags |= S_SWAPFILE;
	inode_unlock(inode);
	if (err)
		return err;

	inode_dio_wait(inode);
	err = filemap_write_and_wait(inode->i_mapping);
	if (!err && mapping_writably_mapped(inode->i_mapping))
		err = log_refusal(swapfile, -EBUSY, "is mapped writable by a process");
	if (err)
		unclaim_inode(inode);
	return err;
}

static int check_device(struct swapfile *swapfile)
{
	struct block_device *bdev = swapfile->bdev;

	if (bdev_read_only(bdev))
		return log_refusal(swapfile, -EROFS, "is on a read-only device");
	if (bdev_logical_block_size(bdev) > PAGE_SIZE)
		return log_refusal(swapfile, -EINVAL,
				   "is on a device with blocks larger than a page");
	if (bdev_is_zoned(bdev))
		return log_refusal(swapfile, -EINVAL, "is on a zoned device");
	return 0;
}

/*
 * True if no other user can open the file. The claim stops their writes, not their
 * reads. The inode's own owner counts, not that in the mount: an idmapped mount is
 * not the only way to the file.
 */
static bool is_private(struct inode *inode)
{
	return uid_eq(inode->i_uid, current_fsuid()) &&
	       !(inode->i_mode & 0077);
}

static int check_file(struct swapfile *swapfile, struct inode *inode)
{
	if (!is_private(inode))
		return log_refusal(swapfile, -EPERM,
				   "can be read by other users: make a new file that root owns, with mode 0600 (umask 077)");
	if (!fs_maps_blocks_for_good(inode->i_sb))
		return log_refusal(swapfile, -EINVAL,
				   "is on a filesystem other than ext2, ext3, ext4 or xfs");
	if (IS_ENCRYPTED(inode))
		return log_refusal(swapfile, -EINVAL,
				   "is encrypted by the filesystem, which would be bypassed");
	if (i_size_read(inode) < PAGE_SIZE)
		return log_refusal(swapfile, -EINVAL, "is shorter than a page");
	return 0;
}

static int open_file(struct swapfile *swapfile)
{
	struct inode *inode = file_inode(swapfile->file);
	int err;

	err = check_file(swapfile, inode);
	if (err)
		return err;
	swapfile->bdev = inode->i_sb->s_bdev;
	err = check_device(swapfile);
	if (err)
		return err;
	err = claim_inode(swapfile, inode);
	if (err)
		return err;
	err = vfs_fsync(swapfile->file, 0);
	if (!err)
		err = map_file(swapfile, inode);
	if (err)
		unclaim_inode(inode);
	return err;
}

static int open_device(struct swapfile *swapfile)
{
	struct inode *inode = swapfile->file->f_mapping->host;
	struct block_device *bdev;
	int err;

	if (IS_SWAPFILE(inode))
		return log_refusal(swapfile, -EBUSY,
				   "is in use as swap or by another pool");
	bdev = swaplab_bdev_open(swapfile->store.path, swapfile,
				 &swapfile->bdev_file);
	if (IS_ERR(bdev))
		return log_refusal(swapfile, PTR_ERR(bdev),
				   "is mounted, in use, or cannot be written");
	swapfile->bdev = bdev;
	if (bdev->bd_dev != file_inode(swapfile->file)->i_rdev)
		err = log_refusal(swapfile, -EBUSY, "changed meanwhile");
	else
		err = check_device(swapfile);
	if (err)
		goto close;
	err = claim_inode(swapfile, inode);
	if (err)
		goto close;
	err = map_device(swapfile);
	if (!err)
		return 0;
	unclaim_inode(inode);
close:
	swaplab_bdev_close(bdev, swapfile->bdev_file);
	return err;
}

/* Opens nothing but files and block devices: some devices act on being opened. */
static struct file *open_checked(const char *path)
{
	struct file *file;
	struct path where;
	umode_t mode;
	int err;

	err = kern_path(path, LOOKUP_FOLLOW, &where);
	if (err)
		return ERR_PTR(err);
	mode = d_inode(where.dentry)->i_mode;
	if (S_ISDIR(mode))
		file = ERR_PTR(-EISDIR);
	else if (!S_ISREG(mode) && !S_ISBLK(mode))
		file = ERR_PTR(-EINVAL);
	else
		file = dentry_open(&where, O_RDWR | O_LARGEFILE,
				   current_cred());
	path_put(&where);
	return file;
}

static int open_path(struct swapfile *swapfile)
{
	struct file *file = open_checked(swapfile->store.path);
	int err;

	if (file == ERR_PTR(-EINVAL))
		return log_refusal(swapfile, -EINVAL,
				   "is neither a regular file nor a block device");
	if (IS_ERR(file))
		return log_refusal(swapfile, PTR_ERR(file),
				   "cannot be opened for reading and writing");
	swapfile->file = file;
	if (S_ISREG(file_inode(file)->i_mode))
		err = open_file(swapfile);
	else
		err = open_device(swapfile);
	if (err)
		filp_close(file, NULL);
	return err;
}

static void close_path(struct swapfile *swapfile)
{
	unclaim_inode(swapfile->file->f_mapping->host);
	if (S_ISBLK(file_inode(swapfile->file)->i_mode))
		swaplab_bdev_close(swapfile->bdev, swapfile->bdev_file);
	filp_close(swapfile->file, NULL);
}

static void swapfile_free(struct swapfile *swapfile)
{
	swaplab_extents_free(&swapfile->extents);
	kfree(swapfile->store.path);
	kfree(swapfile);
}

static void swapfile_close(struct swaplab_store *store)
{
	close_path(swapfile_of(store));
	swapfile_free(swapfile_of(store));
}

static const struct swaplab_store_ops swapfile_ops = {
	.submit = swapfile_submit,
	.nr_neighbours = swapfile_nr_neighbours,
	.discard = swapfile_discard,
	.close = swapfile_close,
};

static struct swapfile *swapfile_alloc(struct swaplab_pool *pool,
				       const char *path)
{
	struct swapfile *swapfile = kzalloc(sizeof(*swapfile), GFP_KERNEL);

	if (!swapfile)
		return NULL;
	swapfile->store.ops = &swapfile_ops;
	swapfile->store.pool = pool;
	swapfile->store.path = kstrdup(path, GFP_KERNEL);
	if (swapfile->store.path)
		return swapfile;
	kfree(swapfile);
	return NULL;
}

/**
 * swaplab_swapfile_open() - make a store of a file or a block device
 * @pool: the pool that will use it
 * @path: absolute; resolved in the caller's mount namespace
 *
 * Writes one line to the log when it refuses.
 *
 * Return: the store, for swaplab_store_init(); ERR_PTR(): -EINVAL if the file or device
 * cannot serve as it is, -EPERM if other users can read it, -EBUSY if it is in use,
 * -EROFS, -ENOMEM, -EINTR after a fatal signal, -ENODEV if the pool is being removed,
 * or an error of opening the path.
 */
struct swaplab_store *swaplab_swapfile_open(struct swaplab_pool *pool,
					    const char *path)
{
	struct swapfile *swapfile = swapfile_alloc(pool, path);
	int err;

	if (!swapfile)
		return ERR_PTR(-ENOMEM);
	if (path[0] == '/')
		err = open_path(swapfile);
	else
		err = log_refusal(swapfile, -EINVAL, "is not an absolute path");
	if (err) {
		swapfile_free(swapfile);
		return ERR_PTR(err);
	}
	swapfile->store.nr_slots = swapfile->extents.nr_slots;
	swapfile->store.stable_pages = bdev_stable_writes(swapfile->bdev);
	swapfile->store.discards = bdev_max_discard_sectors(swapfile->bdev);
	return &swapfile->store;
}
