// SPDX-License-Identifier: GPL-2.0
/*
 * What can be paged to, what is refused and how, and the slots in it.
 *
 * The disks are memory behind loop devices.
 */
#include <linux/fiemap.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include "swaplab_test.h"

/* Runs a shell command; its exit status. */
__attribute__((format(printf, 1, 2)))
static int run(const char *format, ...)
{
	char command[1024];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Mount points; the ext4 filesystem is there for all tests. */
static char ext4[64], other_fs[64];

/* A disk in memory until the process ends: its path, and its pages by a fd. */
static int disk_make(off_t size, bool read_only, char device[64])
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control, disk, nr;

	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	nr = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	snprintf(device, 64, "/dev/loop%d", nr);
	disk = open(device, O_RDWR | O_CLOEXEC);
	/* By a name of its own: mkfs.btrfs tells by it what is mounted. */
	config.fd = memfd_create(device, MFD_CLOEXEC);
	if (read_only)
		config.info.lo_flags |= LO_FLAGS_READ_ONLY;
	if (ftruncate(config.fd, size) || ioctl(disk, LOOP_CONFIGURE, &config))
		return -1;
	/* Left open: without a user the device would go. */
	return config.fd;
}

static int mount_fs(const char *mkfs, off_t size, const char *type,
		    const char *dir)
{
	char device[64];

	if (disk_make(size, false, device) < 0)
		return -1;
	return run("%s %s >/dev/null 2>&1", mkfs, device) ||
	       mount(device, dir, type, 0, NULL);
}

/* A file of zeros. */
static int make_file(const char *path, unsigned int nr_pages)
{
	static const char zeros[PAGE];
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (nr_pages-- && !err)
		err = write(fd, zeros, PAGE) != PAGE;
	err |= fsync(fd);
	close(fd);
	return err;
}

static bool has_program(const char *name)
{
	return !run("command -v %s >/dev/null", name);
}

static bool is_attached(const char *path)
{
	char text[256];

	return !pool_text("swap_file", text, sizeof(text)) &&
	       !strcmp(text, path);
}

/* How many lines the module has written to the kernel's log since last asked. */
static int log_lines(void)
{
	static int log = -1;
	char record[2048];
	ssize_t len;
	int nr = 0;

	if (log < 0) {
		log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		lseek(log, 0, SEEK_END);
		return 0;
	}
	while ((len = read(log, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		record[len] = '\0';
		nr += !!strstr(record, ";swaplab: swaplab");
	}
	return nr;
}

/* Refused with this error and one line in the log, and nothing is attached. */
static bool is_refused(const char *path, int error)
{
	int err, lines;

	log_lines();
	err = pool_write("swap_file", path);
	lines = log_lines();
	if (err == -error && lines == 1 && is_attached("none"))
		return true;
	printf("# %s: error %d, %d lines in the log\n", path, -err, lines);
	return false;
}

FIXTURE(refusal)
{
	char path[128], other[128], device[64];
};

FIXTURE_SETUP(refusal)
{
	pool_restore();
	snprintf(self->path, sizeof(self->path), "%s/swap", ext4);
	snprintf(self->other, sizeof(self->other), "%s/swap", other_fs);
	ASSERT_EQ(make_file(self->path, 64), 0);
}

FIXTURE_TEARDOWN(refusal)
{
	pool_restore();
	umount(other_fs);
	unlink(self->path);
}

TEST_F(refusal, of_a_relative_path)
{
	ASSERT_EQ(chdir(ext4), 0);
	EXPECT_TRUE(is_refused("swap", EINVAL));
	EXPECT_TRUE(is_refused("./swap\n", EINVAL));
	ASSERT_EQ(chdir("/"), 0);
}

TEST_F(refusal, of_what_is_not_there)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/nothing", ext4);
	EXPECT_TRUE(is_refused(path, ENOENT));
	/* One newline is no part of the path, the second one is. */
	snprintf(path, sizeof(path), "%s\n\n", self->path);
	EXPECT_TRUE(is_refused(path, ENOENT));
}

TEST_F(refusal, of_what_is_neither_file_nor_block_device)
{
	EXPECT_TRUE(is_refused(ext4, EISDIR));
	EXPECT_TRUE(is_refused("/dev/null", EINVAL));
	ASSERT_EQ(unlink(self->path), 0);
	ASSERT_EQ(mkfifo(self->path, 0600), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
}

TEST_F(refusal, of_holes_and_unwritten_extents)
{
	int fd = open(self->path, O_RDWR);

	ASSERT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    32 * PAGE, PAGE), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
	ASSERT_EQ(fallocate(fd, 0, 32 * PAGE, PAGE), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
	ASSERT_EQ(make_file(self->path, 64), 0);
	ASSERT_EQ(ftruncate(fd, 128 * PAGE), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
	close(fd);
}

TEST_F(refusal, of_a_file_shorter_than_a_page)
{
	ASSERT_EQ(truncate(self->path, PAGE - 1), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
	ASSERT_EQ(truncate(self->path, 0), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
}

TEST_F(refusal, of_tmpfs)
{
	ASSERT_EQ(mount("tmpfs", other_fs, "tmpfs", 0, NULL), 0);
	ASSERT_EQ(make_file(self->other, 64), 0);
	EXPECT_TRUE(is_refused(self->other, EINVAL));
}

TEST_F(refusal, of_btrfs)
{
	if (!has_program("mkfs.btrfs"))
		SKIP(return, "no mkfs.btrfs");
	ASSERT_EQ(mount_fs("mkfs.btrfs -q -f", 128 << 20, "btrfs",
			   other_fs), 0);
	ASSERT_EQ(run("touch %s && chattr +C %s", self->other, self->other), 0);
	ASSERT_EQ(make_file(self->other, 64), 0);
	EXPECT_TRUE(is_refused(self->other, EINVAL));
}

TEST_F(refusal, of_shared_extents)
{
	int fd, copy;
	char path[256];

	if (!has_program("mkfs.xfs"))
		SKIP(return, "no mkfs.xfs");
	ASSERT_EQ(mount_fs("mkfs.xfs -q -f -m reflink=1", 320 << 20, "xfs",
			   other_fs), 0);
	ASSERT_EQ(make_file(self->other, 64), 0);
	snprintf(path, sizeof(path), "%s.copy", self->other);
	fd = open(self->other, O_RDONLY);
	copy = open(path, O_WRONLY | O_CREAT, 0600);
	ASSERT_EQ(ioctl(copy, FICLONE, fd), 0);
	close(copy);
	close(fd);
	EXPECT_TRUE(is_refused(self->other, EINVAL));
}

TEST_F(refusal, of_a_file_in_use_as_swap)
{
	ASSERT_EQ(run("mkswap -q %s", self->path), 0);
	ASSERT_EQ(swapon(self->path, 0), 0);
	EXPECT_TRUE(is_refused(self->path, EBUSY));
	ASSERT_EQ(swapoff(self->path), 0);
	EXPECT_EQ(pool_write("swap_file", self->path), 0);
}

TEST_F(refusal, of_a_device_in_use_as_swap)
{
	ASSERT_GE(disk_make(1 << 20, false, self->device), 0);
	ASSERT_EQ(run("mkswap -q %s", self->device), 0);
	ASSERT_EQ(swapon(self->device, 0), 0);
	EXPECT_TRUE(is_refused(self->device, EBUSY));
	ASSERT_EQ(swapoff(self->device), 0);
	EXPECT_EQ(pool_write("swap_file", self->device), 0);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
}

TEST_F(refusal, of_what_another_pool_has)
{
	char text[32], other[128];

	ASSERT_EQ(file_read("/sys/class/swaplab-control/hot_add", text,
			    sizeof(text)), 0);
	snprintf(other, sizeof(other), CLASS "swaplab%s/swap_file", text);
	ASSERT_GE(disk_make(1 << 20, false, self->device), 0);

	ASSERT_EQ(file_write(other, self->path), 0);
	EXPECT_TRUE(is_refused(self->path, EBUSY));
	ASSERT_EQ(file_write(other, "none"), 0);
	EXPECT_EQ(pool_write("swap_file", self->path), 0);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);

	ASSERT_EQ(file_write(other, self->device), 0);
	EXPECT_TRUE(is_refused(self->device, EBUSY));
	/* A device that goes lets its swap file go. */
	ASSERT_EQ(file_write("/sys/class/swaplab-control/hot_remove", text), 0);
	EXPECT_EQ(pool_write("swap_file", self->device), 0);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
}

TEST_F(refusal, of_a_mounted_device)
{
	ASSERT_GE(disk_make(8 << 20, false, self->device), 0);
	ASSERT_EQ(run("mkfs.ext4 -q %s", self->device), 0);
	ASSERT_EQ(mount(self->device, other_fs, "ext4", 0, NULL), 0);
	EXPECT_TRUE(is_refused(self->device, EBUSY));
}

TEST_F(refusal, of_a_read_only_device)
{
	int err;

	ASSERT_GE(disk_make(1 << 20, true, self->device), 0);
	log_lines();
	err = pool_write("swap_file", self->device);
	EXPECT_TRUE(err == -EACCES || err == -EROFS);
	EXPECT_EQ(log_lines(), 1);
	EXPECT_TRUE(is_attached("none"));
}

TEST_F(refusal, of_a_second_swap_file)
{
	ASSERT_EQ(pool_write("swap_file", self->path), 0);
	ASSERT_GE(disk_make(1 << 20, false, self->device), 0);
	log_lines();
	EXPECT_EQ(pool_write("swap_file", self->device), -EBUSY);
	EXPECT_EQ(log_lines(), 1);
	EXPECT_TRUE(is_attached(self->path));
}

FIXTURE(attached)
{
	char path[128];
	int fd;
};

FIXTURE_SETUP(attached)
{
	pool_restore();
	snprintf(self->path, sizeof(self->path), "%s/swap", ext4);
	ASSERT_EQ(make_file(self->path, 256), 0);
	ASSERT_EQ(pool_set("nr_frames", 32), 0);
	ASSERT_EQ(pool_write("swap_file", self->path), 0);
	ASSERT_TRUE(is_attached(self->path));
}

FIXTURE_TEARDOWN(attached)
{
	pool_restore();
	unlink(self->path);
}

TEST_F(attached, a_trailing_newline_is_no_part_of_the_path)
{
	char path[256];

	ASSERT_EQ(pool_write("swap_file", "none\n"), 0);
	EXPECT_TRUE(is_attached("none"));
	snprintf(path, sizeof(path), "%s\n", self->path);
	ASSERT_EQ(pool_write("swap_file", path), 0);
	EXPECT_TRUE(is_attached(self->path));
}

TEST_F(attached, a_file_cannot_be_written_or_deleted_until_none)
{
	char byte = 1;
	int fd;

	fd = open(self->path, O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(pwrite(fd, &byte, 1, 0), -1);
	EXPECT_EQ(errno, ETXTBSY);
	EXPECT_EQ(ftruncate(fd, 0), -1);
	EXPECT_EQ(errno, ETXTBSY);
	EXPECT_EQ(unlink(self->path), -1);
	EXPECT_EQ(errno, EPERM);
	EXPECT_NE(swapon(self->path, 0), 0);

	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	EXPECT_EQ(pwrite(fd, &byte, 1, 0), 1);
	EXPECT_EQ(ftruncate(fd, PAGE), 0);
	close(fd);
	EXPECT_EQ(unlink(self->path), 0);
}

TEST_F(attached, its_filesystem_stays_mounted_until_none)
{
	char path[128];

	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(mount_fs("mkfs.ext4 -q -b 4096", 8 << 20, "ext4", other_fs), 0);
	snprintf(path, sizeof(path), "%s/swap", other_fs);
	ASSERT_EQ(make_file(path, 64), 0);
	ASSERT_EQ(pool_write("swap_file", path), 0);
	EXPECT_EQ(umount(other_fs), -1);
	EXPECT_EQ(errno, EBUSY);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	EXPECT_EQ(umount(other_fs), 0);
}

TEST_F(attached, it_is_not_let_go_while_a_region_lives)
{
	char *map = region_map(&self->fd, 128);

	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 128, 1);
	EXPECT_EQ(pool_write("swap_file", "none"), -EBUSY);
	EXPECT_TRUE(is_attached(self->path));
	EXPECT_EQ(pages_wrong(map, 0, 128, 1), 0);
	munmap(map, 128 * PAGE);
	EXPECT_EQ(pool_write("swap_file", "none"), -EBUSY);
	close(self->fd);
	EXPECT_EQ(pool_write("swap_file", "none"), 0);
	EXPECT_TRUE(is_attached("none"));
}

TEST_F(attached, the_path_is_the_writers)
{
	char path[128];
	int status;
	pid_t pid;

	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	snprintf(path, sizeof(path), "%s/swap", other_fs);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (unshare(CLONE_NEWNS) ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount(ext4, other_fs, NULL, MS_BIND, NULL))
			_exit(1);
		_exit(pool_write("swap_file", path) ? 2 : 0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(access(path, F_OK), -1);
	EXPECT_TRUE(is_attached(path));
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	EXPECT_EQ(pool_write("swap_file", path), -ENOENT);
}

FIXTURE(paging)
{
	char path[128];
	int fd;
};

/* To a file of a filesystem, or to a whole disk. */
FIXTURE_VARIANT(paging)
{
	const char *type, *mkfs, *slots;
	off_t size;
	bool in_pieces;
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

	pool_restore();
	if (!variant->mkfs) {
		ASSERT_GE(disk_make(variant->size, false, self->path), 0);
	} else {
		if (run("command -v %.*s >/dev/null", len, variant->mkfs))
			SKIP(return, "no %.*s", len, variant->mkfs);
		ASSERT_EQ(mount_fs(variant->mkfs, variant->size, variant->type,
				   other_fs), 0);
		snprintf(self->path, sizeof(self->path), "%s/swap", other_fs);
		ASSERT_EQ(variant->in_pieces ? make_pieces(self->path, 512) :
			  make_file(self->path, 512), 0);
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
	umount(other_fs);
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
	munmap(map, 256 * PAGE);
	close(self->fd);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
}

/* A small disk whose pages the test can look at, and few frames. */
FIXTURE(slots)
{
	char device[64];
	int fd, disk;
};

#define SLOTS	128
#define FRAMES	32

FIXTURE_SETUP(slots)
{
	pool_restore();
	self->disk = disk_make(SLOTS * PAGE, false, self->device);
	ASSERT_GE(self->disk, 0);
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	ASSERT_EQ(pool_write("swap_file", self->device), 0);
}

FIXTURE_TEARDOWN(slots)
{
	pool_restore();
}

/* In which slot the disk has this page; -1: in none. */
static int slot_of(int disk, size_t page, unsigned int version)
{
	char content[PAGE];
	int slot;

	for (slot = 0; slot < SLOTS; slot++)
		if (pread(disk, content, PAGE, slot * PAGE) == PAGE &&
		    page_holds(content, page, version))
			return slot;
	return -1;
}

TEST_F(slots, a_page_keeps_its_static_slot)
{
	char *map;
	int slot;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	map = region_map(&self->fd, 96);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 96, 1);
	slot = slot_of(self->disk, 7, 1);
	ASSERT_GE(slot, 0);
	pages_fill(map, 0, 96, 2);
	EXPECT_EQ(slot_of(self->disk, 7, 2), slot);
	EXPECT_EQ(slot_of(self->disk, 7, 1), -1);
	EXPECT_EQ(slot_of(self->disk, 8, 2), slot + 1);
	EXPECT_EQ(pages_wrong(map, 0, 96, 2), 0);
	munmap(map, 96 * PAGE);
	close(self->fd);
}

TEST_F(slots, victims_of_a_batch_lie_together)
{
	int page, slot, last = -2, jumps = 0;
	char *map;

	map = region_map(&self->fd, SLOTS);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(pool_set("watermark_high", 20), 0);
	pages_fill(map, 0, SLOTS, 1);
	for (page = 0; page < 80; page++) {
		slot = slot_of(self->disk, page, 1);
		ASSERT_GE(slot, 0);
		jumps += slot != last + 1;
		last = slot;
	}
	EXPECT_LE(jumps, 80 / 4);
	munmap(map, SLOTS * PAGE);
	close(self->fd);
}

TEST_F(slots, a_static_area_that_does_not_fit_is_refused_at_mmap)
{
	char *map, *second;
	int fd;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	errno = 0;
	EXPECT_EQ(region_map(&fd, SLOTS + 1), NULL);
	EXPECT_EQ(errno, ENOSPC);
	map = region_map(&self->fd, SLOTS);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(region_map(&fd, 1), NULL);
	pages_fill(map, 0, SLOTS, 1);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS, 1), 0);
	munmap(map, SLOTS * PAGE);
	close(self->fd);

	/* Its area is free again with it, for two. */
	map = region_map(&self->fd, SLOTS / 2);
	ASSERT_NE(map, NULL);
	second = region_map(&fd, SLOTS / 2);
	ASSERT_NE(second, NULL);
	pages_fill(map, 0, SLOTS / 2, 1);
	pages_fill(second, 0, SLOTS / 2, 2);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS / 2, 1), 0);
	EXPECT_EQ(pages_wrong(second, 0, SLOTS / 2, 2), 0);
	munmap(map, SLOTS / 2 * PAGE);
	munmap(second, SLOTS / 2 * PAGE);
	close(self->fd);
	close(fd);
}

TEST_F(slots, a_large_mapping_is_fine_with_dynamic_slots)
{
	char *map = region_map(&self->fd, 1 << 20);
	size_t i;

	ASSERT_NE(map, NULL);
	for (i = 0; i < 96; i++)
		page_fill(map + (i << 13) * PAGE, i, 1);
	for (i = 0; i < 96; i++)
		EXPECT_TRUE(page_holds(map + (i << 13) * PAGE, i, 1));
	munmap(map, PAGE << 20);
	close(self->fd);
}

static sigjmp_buf after_sigbus;

static void on_sigbus(int sig)
{
	siglongjmp(after_sigbus, 1);
}

/* False if the page got SIGBUS instead. */
static bool try_fill(char *map, size_t page, unsigned int version)
{
	if (sigsetjmp(after_sigbus, 1))
		return false;
	page_fill(map + page * PAGE, page, version);
	return true;
}

/* Writes one page after the other until one gets SIGBUS. */
static size_t fill_up(char *map, size_t nr_pages)
{
	volatile size_t page = 0;

	while (page < nr_pages && try_fill(map, page, 1))
		page++;
	return page;
}

TEST_F(slots, a_full_store_hurts_only_who_has_nowhere_to_go)
{
	struct swaplab_range range = { .length = 16 * PAGE };
	char *map;
	size_t nr;

	signal(SIGBUS, on_sigbus);
	map = region_map(&self->fd, 2 * SLOTS);
	ASSERT_NE(map, NULL);
	log_lines();
	nr = fill_up(map, 2 * SLOTS);
	EXPECT_GE(nr, SLOTS);
	EXPECT_LE(nr, SLOTS + FRAMES);
	EXPECT_EQ(log_lines(), 1);
	EXPECT_FALSE(try_fill(map, nr, 1));

	/* With a little room again, all else is there and works. */
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_EQ(pages_wrong(map, 16, nr - 16, 1), 0);
	EXPECT_TRUE(try_fill(map, nr, 1));
	pages_fill(map, 16, nr - 16, 2);
	EXPECT_EQ(pages_wrong(map, 16, nr - 16, 2), 0);
	EXPECT_TRUE(page_holds(map + nr * PAGE, nr, 1));
	munmap(map, 2 * SLOTS * PAGE);
	close(self->fd);

	/* All of it is free with the region. */
	map = region_map(&self->fd, SLOTS);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(fill_up(map, SLOTS), SLOTS);
	EXPECT_EQ(pages_wrong(map, 0, SLOTS, 1), 0);
	munmap(map, SLOTS * PAGE);
	close(self->fd);
}

TEST_F(slots, a_full_store_serves_many_readers_and_writers)
{
	char *map = region_map(&self->fd, SLOTS);
	unsigned int version;

	ASSERT_NE(map, NULL);
	for (version = 1; version <= 4; version++) {
		pages_fill(map, 0, SLOTS, version);
		EXPECT_EQ(pages_wrong(map, 0, SLOTS, version), 0);
	}
	munmap(map, SLOTS * PAGE);
	close(self->fd);
}

TEST_F(slots, without_a_store_the_frames_are_all_there_is)
{
	char *map;
	size_t nr;

	signal(SIGBUS, on_sigbus);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	map = region_map(&self->fd, 2 * FRAMES);
	ASSERT_NE(map, NULL);
	log_lines();
	nr = fill_up(map, 2 * FRAMES);
	EXPECT_EQ(nr, FRAMES);
	EXPECT_FALSE(try_fill(map, nr, 1));
	EXPECT_EQ(log_lines(), 1);
	EXPECT_EQ(pages_wrong(map, 0, nr, 1), 0);

	/* A swap file helps even now. */
	ASSERT_EQ(pool_write("swap_file", self->device), 0);
	EXPECT_EQ(fill_up(map, 2 * FRAMES), 2 * FRAMES);
	EXPECT_EQ(pages_wrong(map, 0, 2 * FRAMES, 1), 0);
	munmap(map, 2 * FRAMES * PAGE);
	close(self->fd);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/swaplab-XXXXXX";
	int status;

	run("modprobe -q loop");
	if (!mkdtemp(dir))
		return KSFT_FAIL;
	snprintf(ext4, sizeof(ext4), "%s/ext4", dir);
	snprintf(other_fs, sizeof(other_fs), "%s/other", dir);
	if (mkdir(ext4, 0700) || mkdir(other_fs, 0700) ||
	    mount_fs("mkfs.ext4 -q -b 4096", 16 << 20, "ext4", ext4)) {
		fprintf(stderr, "# no ext4 filesystem in %s\n", ext4);
		return KSFT_FAIL;
	}
	status = test_harness_run(argc, argv);
	umount(ext4);
	rmdir(ext4);
	rmdir(other_fs);
	rmdir(dir);
	return status;
}
