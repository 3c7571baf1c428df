// SPDX-License-Identifier: GPL-2.0
/*
 * What a store pages to: a regular file on ext2/3/4 or xfs, or a block device.
 *
 * As swapon does, a file is mapped to its extents once and from then on reached
 * by bios to the device underneath: paging through the filesystem would take
 * the inode's lock under mmap_lock, and could wait for memory in order to free
 * memory. S_SWAPFILE keeps everybody else from writing to, truncating or
 * deleting the file meanwhile. Filesystems are admitted by name, because others
 * answer bmap() too and move blocks afterwards.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/bitmap.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/vmalloc.h>
#include "bad_slots.h"
#include "compat.h"
#include "discard.h"
#include "swapfile.h"

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC	0x58465342	/* "XFSB"; public since the first release */
#endif

/* One line for the administrator; the path is the one that was written. */
static int refuse_path(struct swaplab_pool *pool, const char *path, int err,
		       const char *why)
{
	swaplab_pool_err(pool, "swap_file %s: %s\n", path, why);
	return err;
}

static bool fs_maps_blocks_for_good(struct super_block *sb)
{
	return sb->s_bdev && (sb->s_magic == EXT4_SUPER_MAGIC ||
			      sb->s_magic == XFS_SUPER_MAGIC);
}

/* Adds slots that lie together to the last extent, or begins another. */
static int add_slots(struct swaplab_store *store, sector_t sector, u32 nr,
		     unsigned int *room)
{
	struct swaplab_extent *last = store->extents + store->nr_extents - 1;
	struct swaplab_extent *more;

	if (store->nr_extents &&
	    last->sector + ((sector_t)last->nr << PAGE_SECTORS_SHIFT) == sector) {
		last->nr += nr;
		store->nr_slots += nr;
		return 0;
	}
	if (store->nr_extents == *room) {
		*room = max(16U, *room * 2);
		more = kvmalloc_array(*room, sizeof(*more), GFP_KERNEL);
		if (!more)
			return -ENOMEM;
		if (store->nr_extents)
			memcpy(more, store->extents,
			       store->nr_extents * sizeof(*more));
		kvfree(store->extents);
		store->extents = more;
	}
	store->extents[store->nr_extents++] = (struct swaplab_extent){
		.slot = store->nr_slots + 1,
		.nr = nr,
		.sector = sector,
	};
	store->nr_slots += nr;
	return 0;
}

/* A block of the file on its device; 0: missing, unwritten or shared. */
static sector_t map_block(struct inode *inode, sector_t block)
{
	return bmap(inode, &block) ? 0 : block;
}

/* Blocks that make a page; 1 if a block has one or more. */
static unsigned int blocks_per_page(struct inode *inode)
{
	return max_t(unsigned int, PAGE_SIZE >> inode->i_blkbits, 1);
}

/* Pages that blocks_per_page() blocks make. */
static u32 pages_per_block(struct inode *inode)
{
	return max_t(u32, i_blocksize(inode) >> PAGE_SHIFT, 1);
}

/*
 * Looks for a page's worth of blocks from @block on that lie together and are
 * aligned on the device. Returns the number of blocks that it is done with: those
 * of a page, and their sector in *@sector, or some that make no page, and 0 there.
 * -EINVAL if a block is missing.
 */
static int map_page(struct inode *inode, sector_t block, sector_t *sector)
{
	int per_page = blocks_per_page(inode), i;
	sector_t first = map_block(inode, block), next;

	*sector = 0;
	if (!first)
		return -EINVAL;
	if (!IS_ALIGNED(first, per_page))
		return 1;
	for (i = 1; i < per_page; i++) {
		next = map_block(inode, block + i);
		if (!next)
			return -EINVAL;
		if (next != first + i)
			return i;
	}
	*sector = first << (inode->i_blkbits - SECTOR_SHIFT);
	return per_page;
}

static int map_file(struct swaplab_pool *pool, struct swaplab_store *store,
		    struct inode *inode, const char *path)
{
	sector_t per_page = blocks_per_page(inode);
	sector_t nr_blocks = i_size_read(inode) >> inode->i_blkbits;
	u32 nr_pages = pages_per_block(inode);
	sector_t block = 0, sector;
	unsigned int room = 0;
	int nr, err;

	while (block + per_page <= nr_blocks &&
	       store->nr_slots <= INT_MAX - nr_pages) {
		if (fatal_signal_pending(current))
			return -EINTR;
		/* The removal of the device waits for this writer. */
		if (READ_ONCE(pool->dead))
			return -ENODEV;
		cond_resched();
		nr = map_page(inode, block, &sector);
		if (nr < 0)
			return refuse_path(pool, path, nr,
					   "has holes, unwritten or shared extents: write it out with zeros (dd, not truncate or fallocate; no reflinks)");
		block += nr;
		err = sector ? add_slots(store, sector, nr_pages, &room) : 0;
		if (err)
			return err;
	}
	if (!store->nr_slots)
		return refuse_path(pool, path, -EINVAL,
				   "holds no whole page that is aligned on its device");
	return 0;
}

static int map_device(struct swaplab_pool *pool, struct swaplab_store *store,
		      const char *path)
{
	u64 nr_pages = min_t(u64, bdev_nr_bytes(store->bdev) >> PAGE_SHIFT,
			     INT_MAX);

	if (!nr_pages)
		return refuse_path(pool, path, -EINVAL, "is smaller than a page");
	store->extents = kvmalloc(sizeof(*store->extents), GFP_KERNEL);
	if (!store->extents)
		return -ENOMEM;
	store->extents[0] = (struct swaplab_extent){ .slot = 1, .nr = nr_pages };
	store->nr_extents = 1;
	store->nr_slots = nr_pages;
	return 0;
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
static int claim_inode(struct swaplab_pool *pool, struct inode *inode,
		       const char *path)
{
	int err = 0;

	inode_lock(inode);
	if (IS_SWAPFILE(inode))
		err = refuse_path(pool, path, -EBUSY,
				  "is in use as swap or by another pool");
	else if (S_ISREG(inode->i_mode) && !inode->i_nlink)
		err = refuse_path(pool, path, -ENOENT, "has been deleted");
	else
		inode->i_flags |= S_SWAPFILE;
	inode_unlock(inode);
	if (err)
		return err;

	inode_dio_wait(inode);
	err = filemap_write_and_wait(inode->i_mapping);
	if (!err && mapping_writably_mapped(inode->i_mapping))
		err = refuse_path(pool, path, -EBUSY,
				  "is mapped writable by a process");
	if (err)
		unclaim_inode(inode);
	return err;
}

static int check_device(struct swaplab_pool *pool, struct block_device *bdev,
			const char *path)
{
	if (bdev_read_only(bdev))
		return refuse_path(pool, path, -EROFS, "is on a read-only device");
	if (bdev_logical_block_size(bdev) > PAGE_SIZE)
		return refuse_path(pool, path, -EINVAL,
				   "is on a device with blocks larger than a page");
	if (bdev_is_zoned(bdev))
		return refuse_path(pool, path, -EINVAL, "is on a zoned device");
	return 0;
}

/*
 * May others read what is paged out? Their writes are stopped by the claim, reads
 * are not. The owner is the inode's own, since an idmapped mount is not the only
 * way to the file.
 */
static bool is_private(struct inode *inode)
{
	return uid_eq(inode->i_uid, current_fsuid()) &&
	       !(inode->i_mode & (S_IRWXG | S_IRWXO));
}

static int open_file(struct swaplab_pool *pool, struct swaplab_store *store,
		     const char *path)
{
	struct inode *inode = file_inode(store->file);
	int err;

	if (!is_private(inode))
		return refuse_path(pool, path, -EPERM,
				   "can be read by other users: make a new file that root owns, with mode 0600 (umask 077)");
	if (!fs_maps_blocks_for_good(inode->i_sb))
		return refuse_path(pool, path, -EINVAL,
				   "is on a filesystem other than ext2, ext3, ext4 or xfs");
	if (IS_ENCRYPTED(inode))
		return refuse_path(pool, path, -EINVAL,
				   "is encrypted by the filesystem, which would be bypassed");
	if (i_size_read(inode) < PAGE_SIZE)
		return refuse_path(pool, path, -EINVAL, "is shorter than a page");
	store->bdev = inode->i_sb->s_bdev;
	err = check_device(pool, store->bdev, path);
	if (err)
		return err;
	err = claim_inode(pool, inode, path);
	if (err)
		return err;
	err = vfs_fsync(store->file, 0);
	if (!err)
		err = map_file(pool, store, inode, path);
	if (err)
		unclaim_inode(inode);
	return err;
}

static int open_device(struct swaplab_pool *pool, struct swaplab_store *store,
		       const char *path)
{
	struct inode *inode = store->file->f_mapping->host;
	struct block_device *bdev;
	int err;

	if (IS_SWAPFILE(inode))
		return refuse_path(pool, path, -EBUSY,
				   "is in use as swap or by another pool");
	bdev = swaplab_bdev_open(path, store, &store->bdev_file);
	if (IS_ERR(bdev))
		return refuse_path(pool, path, PTR_ERR(bdev),
				   "is mounted, in use, or cannot be written");
	store->bdev = bdev;
	if (bdev->bd_dev != file_inode(store->file)->i_rdev)
		err = refuse_path(pool, path, -EBUSY, "changed meanwhile");
	else
		err = check_device(pool, bdev, path);
	if (err)
		goto close;
	err = claim_inode(pool, inode, path);
	if (err)
		goto close;
	err = map_device(pool, store, path);
	if (!err)
		return 0;
	unclaim_inode(inode);
close:
	swaplab_bdev_close(bdev, store->bdev_file);
	return err;
}

/* Only what can serve is opened: opening some devices has side effects. */
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

static int open_path(struct swaplab_pool *pool, struct swaplab_store *store,
		     const char *path)
{
	int err;

	store->file = open_checked(path);
	if (store->file == ERR_PTR(-EINVAL))
		return refuse_path(pool, path, -EINVAL,
				   "is neither a regular file nor a block device");
	if (IS_ERR(store->file))
		return refuse_path(pool, path, PTR_ERR(store->file),
				   "cannot be opened for reading and writing");
	if (S_ISREG(file_inode(store->file)->i_mode))
		err = open_file(pool, store, path);
	else
		err = open_device(pool, store, path);
	if (err)
		filp_close(store->file, NULL);
	return err;
}

static void close_path(struct swaplab_store *store)
{
	unclaim_inode(store->file->f_mapping->host);
	if (S_ISBLK(file_inode(store->file)->i_mode))
		swaplab_bdev_close(store->bdev, store->bdev_file);
	filp_close(store->file, NULL);
}

static struct swaplab_store *store_open(struct swaplab_pool *pool,
					const char *path)
{
	struct swaplab_store *store;
	int err;

	if (path[0] != '/')
		return ERR_PTR(refuse_path(pool, path, -EINVAL,
					   "is not an absolute path"));
	store = kzalloc(sizeof(*store), GFP_KERNEL);
	if (!store)
		return ERR_PTR(-ENOMEM);
	store->pool = pool;
	spin_lock_init(&store->lock);
	store->path = kstrdup(path, GFP_KERNEL);
	if (!store->path) {
		err = -ENOMEM;
		goto free_store;
	}
	err = open_path(pool, store, path);
	if (err)
		goto free_path;
	store->stable_pages = bdev_stable_writes(store->bdev);
	err = -ENOMEM;
	store->used = kvcalloc(BITS_TO_LONGS(store->nr_slots), sizeof(long),
			       GFP_KERNEL);
	store->bad = kvcalloc(BITS_TO_LONGS(store->nr_slots), sizeof(long),
			      GFP_KERNEL);
	store->bad_slots = swaplab_bad_slots_create();
	if (!store->used || !store->bad || !store->bad_slots)
		goto free_slots;
	err = swaplab_discard_create(store);
	if (!err)
		return store;

free_slots:
	swaplab_bad_slots_destroy(store->bad_slots);
	kvfree(store->bad);
	kvfree(store->used);
	close_path(store);
free_path:
	kvfree(store->extents);
	kfree(store->path);
free_store:
	kfree(store);
	return ERR_PTR(err);
}

/* No page refers to a slot, and no transfer is under way. */
static void store_close(struct swaplab_store *store)
{
	swaplab_discard_destroy(store);
	close_path(store);
	swaplab_bad_slots_destroy(store->bad_slots);
	kvfree(store->bad);
	kvfree(store->used);
	kvfree(store->extents);
	kfree(store->path);
	kfree(store);
}

/**
 * swaplab_swapfile_attach() - page to a file or a block device from now on
 * @pool: the pool; the caller holds its config mutex
 * @path: absolute; resolved in the caller's mount namespace
 *
 * Writes one line to the log when it refuses.
 *
 * Return: 0; -EINVAL for what cannot serve as it is, -EPERM for what others can
 * read, -EBUSY for what is in use, -EROFS, -ENOMEM, -EINTR after a fatal signal,
 * -ENODEV if the device is being removed, or what opening the path said.
 */
int swaplab_swapfile_attach(struct swaplab_pool *pool, const char *path)
{
	struct swaplab_store *store;

	lockdep_assert_held(&pool->config);
	if (pool->dead)
		return -ENODEV;
	if (pool->store) {
		swaplab_pool_err(pool, "swap_file %s: %s is attached: write none first\n",
				 path, pool->store->path);
		return -EBUSY;
	}
	store = store_open(pool, path);
	if (IS_ERR(store))
		return PTR_ERR(store);
	spin_lock(&pool->lock);
	WRITE_ONCE(pool->store, store);
	pool->complained = false;
	spin_unlock(&pool->lock);
	swaplab_pool_wake_daemon(pool);
	return 0;
}

/**
 * swaplab_swapfile_detach() - let go of the file or device, if there is one
 * @pool: the pool; the caller holds its config mutex
 *
 * Return: 0, or -EBUSY if the pool has regions.
 */
int swaplab_swapfile_detach(struct swaplab_pool *pool)
{
	struct swaplab_store *store;

	lockdep_assert_held(&pool->config);
	/* Without a region there is no page, so no slot and no transfer. */
	spin_lock(&pool->lock);
	store = pool->store;
	if (!pool->nr_regions)
		WRITE_ONCE(pool->store, NULL);
	spin_unlock(&pool->lock);
	if (!store)
		return 0;
	if (pool->store)
		return -EBUSY;
	store_close(store);
	return 0;
}

/**
 * swaplab_swapfile_show() - the path of what is attached, or "none"
 * @pool: the pool
 * @buf: of a sysfs show()
 *
 * Does not wait for an attach or a detach under way: the pool's lock keeps the store.
 *
 * Return: bytes written.
 */
ssize_t swaplab_swapfile_show(struct swaplab_pool *pool, char *buf)
{
	ssize_t len;

	spin_lock(&pool->lock);
	len = sysfs_emit(buf, "%s\n", pool->store ? pool->store->path : "none");
	spin_unlock(&pool->lock);
	return len;
}
