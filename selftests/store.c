// SPDX-License-Identifier: GPL-2.0
/*
 * Pages go to each kind of store and come back.
 *
 * The disks are memory behind loop devices.
 */
#include <linux/fiemap.h>
#include <linux/fs.h>
#include "loop.h"

FIXTURE(paging)
{
	char dir[32], path[128];
	int fd;
};

/* To a file of a filesystem, or to a whole disk. */
FIXTURE_VARIANT(paging)
{
	const char *type, *mkfs, *slots;
	off_t size;
	bool in_pieces, may_not_mount;
};

FIXTURE_VARIANT_ADD(paging, to_an_ext4_file)
{
	.type = "ext4",
	.mkfs = "mkfs.ext4 -q -b 4096",
	.size = 16 << 20,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(paging, to_an_ext4_file_with_small_blocks)
{
	.type = "ext4",
	.mkfs = "mkfs.ext4 -q -b 1024",
	.size = 16 << 20,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(paging, to_an_xfs_file_in_pieces)
{
	.type = "xfs",
	.mkfs = "mkfs.xfs -q -f",
	.size = 320 << 20,
	.in_pieces = true,
	.slots = "dynamic",
};

/* From 6.12 on. */
FIXTURE_VARIANT_ADD(paging, to_an_xfs_file_with_blocks_larger_than_a_page)
{
	.type = "xfs",
	.mkfs = "mkfs.xfs -q -f -b size=16384",
	.size = 320 << 20,
	.may_not_mount = true,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(paging, to_static_slots_in_pieces)
{
	.type = "xfs",
	.mkfs = "mkfs.xfs -q -f",
	.size = 320 << 20,
	.in_pieces = true,
	.slots = "static",
};

FIXTURE_VARIANT_ADD(paging, to_a_block_device)
{
	.size = 4 << 20,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(paging, to_static_slots)
{
	.size = 4 << 20,
	.slots = "static",
};

/* Two files that grow in turn have no long extents. */
static int make_pieces(const char *path, unsigned int nr_pages)
{
	void *zeros = aligned_alloc(PAGE, PAGE);
	char other[256];
	int fds[2], err = 0;
	unsigned int i;

	snprintf(other, sizeof(other), "%s.other", path);
	fds[0] = open(path, O_RDWR | O_CREAT | O_DIRECT, 0600);
	fds[1] = open(other, O_RDWR | O_CREAT | O_DIRECT, 0600);
	memset(zeros, 0, PAGE);
	for (i = 0; i < 2 * nr_pages && !err; i++)
		err = pwrite(fds[i % 2], zeros, PAGE, i / 2 * PAGE) != PAGE;
	close(fds[0]);
	close(fds[1]);
	free(zeros);
	return err;
}

static unsigned int nr_extents(const char *path)
{
	struct fiemap map = { .fm_length = ~0ULL, .fm_flags = FIEMAP_FLAG_SYNC };
	int fd = open(path, O_RDONLY);

	if (fd < 0 || ioctl(fd, FS_IOC_FIEMAP, &map))
		map.fm_mapped_extents = 0;
	close(fd);
	return map.fm_mapped_extents;
}

FIXTURE_SETUP(paging)
{
	int len = variant->mkfs ? strcspn(variant->mkfs, " ") : 0;
	int err;

	if (len && run_shell("command -v %.*s", len, variant->mkfs))
		SKIP_SETUP("no %.*s", len, variant->mkfs);
	pool_restore();
	strcpy(self->dir, "/tmp/swaplab-XXXXXX");
	ASSERT_NE(mkdtemp(self->dir), NULL);
	if (!variant->mkfs) {
		ASSERT_GE(loop_create(variant->size, false, self->path), 0);
	} else {
		err = mount_fs(variant->mkfs, variant->size, variant->type,
			       self->dir);
		if (err && variant->may_not_mount)
			SKIP_SETUP("this kernel mounts no such filesystem");
		ASSERT_EQ(err, 0);
		snprintf(self->path, sizeof(self->path), "%s/swap", self->dir);
		ASSERT_EQ(variant->in_pieces ? make_pieces(self->path, 512) :
			  file_make(self->path, 512), 0);
	}
	if (variant->in_pieces)
		ASSERT_GT(nr_extents(self->path), 16);
	ASSERT_EQ(pool_set("nr_frames", 64), 0);
	ASSERT_EQ(pool_write("slot_allocation", variant->slots), 0);
	ASSERT_EQ(pool_write("swap_file", self->path), 0);
}

FIXTURE_TEARDOWN(paging)
{
	pool_restore();
	umount(self->dir);
	rmdir(self->dir);
}

TEST_F(paging, brings_back_what_was_evicted)
{
	unsigned int version;
	char *map;

	map = region_map(&self->fd, 256);
	ASSERT_NE(map, NULL);
	for (version = 1; version <= 2; version++) {
		pages_fill(map, 0, 256, version);
		EXPECT_EQ(pages_wrong(map, 0, 256, version), 0);
	}
	EXPECT_GE(fdinfo_get(self->fd, "swapped"), 256 - 64);
	region_unmap(self->fd, map, 256);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
}

TEST_HARNESS_MAIN
