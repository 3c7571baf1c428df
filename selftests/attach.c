// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching a swap file: the files that are refused, the errors, and the effect on the
 * file.
 *
 * The disks are memory behind loop devices.
 */
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/swap.h>
#include "disk.h"
#include "dm_disk.h"
#include "loop.h"
#include "task.h"

/* Mount points; the ext4 filesystem is there for all tests. */
static char ext4[64], other_fs[64];

static bool is_attached(const char *path)
{
	char text[256];

	return !pool_text("swap_file", text, sizeof(text)) &&
	       !strcmp(text, path);
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
	ASSERT_EQ(file_make(self->path, 64), 0);
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
	ASSERT_EQ(file_make(self->path, 64), 0);
	ASSERT_EQ(ftruncate(fd, 128 * PAGE), 0);
	EXPECT_TRUE(is_refused(self->path, EINVAL));
	close(fd);
}

TEST_F(refusal, of_a_file_that_others_may_read)
{
	static const mode_t lax[] = { 0640, 0604, 0620, 0601, 04610, 0666 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lax); i++) {
		ASSERT_EQ(chmod(self->path, lax[i]), 0);
		EXPECT_TRUE(is_refused(self->path, EPERM));
	}
	/* The owner's permissions do not matter to root. */
	ASSERT_EQ(chmod(self->path, 0400), 0);
	EXPECT_EQ(pool_write("swap_file", self->path), 0);
	EXPECT_TRUE(is_attached(self->path));
}

TEST_F(refusal, of_a_file_that_another_user_owns)
{
	ASSERT_EQ(chown(self->path, 65534, 65534), 0);
	EXPECT_TRUE(is_refused(self->path, EPERM));
	/* The group has no rights by mode 0600. */
	ASSERT_EQ(chown(self->path, 0, 65534), 0);
	EXPECT_EQ(pool_write("swap_file", self->path), 0);
	EXPECT_TRUE(is_attached(self->path));
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
	ASSERT_EQ(file_make(self->other, 64), 0);
	EXPECT_TRUE(is_refused(self->other, EINVAL));
}

TEST_F(refusal, of_btrfs)
{
	if (!has_program("mkfs.btrfs"))
		SKIP(return, "no mkfs.btrfs");
	ASSERT_EQ(mount_fs("mkfs.btrfs -q -f", 128 << 20, "btrfs",
			   other_fs), 0);
	ASSERT_EQ(run_shell("umask 077; touch %s && chattr +C %s", self->other, self->other), 0);
	ASSERT_EQ(file_make(self->other, 64), 0);
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
	ASSERT_EQ(file_make(self->other, 64), 0);
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
	ASSERT_EQ(run_shell("mkswap -q %s", self->path), 0);
	ASSERT_EQ(swapon(self->path, 0), 0);
	EXPECT_TRUE(is_refused(self->path, EBUSY));
	ASSERT_EQ(swapoff(self->path), 0);
	EXPECT_EQ(pool_write("swap_file", self->path), 0);
}

TEST_F(refusal, of_a_device_in_use_as_swap)
{
	ASSERT_GE(loop_create(1 << 20, false, self->device), 0);
	ASSERT_EQ(run_shell("mkswap -q %s", self->device), 0);
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
	ASSERT_GE(loop_create(1 << 20, false, self->device), 0);

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
	ASSERT_GE(loop_create(8 << 20, false, self->device), 0);
	ASSERT_EQ(run_shell("mkfs.ext4 -q %s", self->device), 0);
	ASSERT_EQ(mount(self->device, other_fs, "ext4", 0, NULL), 0);
	EXPECT_TRUE(is_refused(self->device, EBUSY));
}

TEST_F(refusal, of_a_read_only_device)
{
	int err;

	ASSERT_GE(loop_create(1 << 20, true, self->device), 0);
	log_lines();
	err = pool_write("swap_file", self->device);
	EXPECT_TRUE(err == -EACCES || err == -EROFS);
	EXPECT_EQ(log_lines(), 1);
	EXPECT_TRUE(is_attached("none"));
}

TEST_F(refusal, of_a_zoned_device)
{
	const char *disk = disk_create("zoned=1 zone_size=4 size=16");

	if (!disk)
		SKIP(return, "null_blk makes no zoned disk");
	EXPECT_TRUE(is_refused(disk, EINVAL));
	/* Nor is it held. */
	EXPECT_EQ(disk_set("power", "0"), 0);
	disk_destroy();
}

TEST_F(refusal, of_a_second_swap_file)
{
	ASSERT_EQ(pool_write("swap_file", self->path), 0);
	ASSERT_GE(loop_create(1 << 20, false, self->device), 0);
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
	ASSERT_EQ(file_make(self->path, 256), 0);
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
	ASSERT_EQ(file_make(path, 64), 0);
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

/* An attach that waits: its disk holds back the pages that have to be written first. */
FIXTURE(slow_attach)
{
	pid_t pid;
	int fd;
};

FIXTURE_SETUP(slow_attach)
{
	static const char zeros[PAGE];
	const char *disk = dm_disk_prepare();

	if (!disk || dm_disk_create(disk, "linear", ""))
		SKIP_SETUP("null_blk or device mapper make no disk");
	self->fd = open(DM_DISK, O_WRONLY);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(dm_disk_stall(), 0);
	ASSERT_EQ(pwrite(self->fd, zeros, PAGE, 0), PAGE);
	self->pid = fork();
	ASSERT_GE(self->pid, 0);
	if (!self->pid)
		_exit(pool_write("swap_file", DM_DISK) != 0);
	ASSERT_TRUE(SOON(is_blocked(self->pid)));
}

FIXTURE_TEARDOWN(slow_attach)
{
	int status = -1;

	EXPECT_EQ(dm_disk_resume(), 0);
	EXPECT_EQ(waitpid(self->pid, &status, 0), self->pid);
	EXPECT_EQ(status, 0);
	EXPECT_TRUE(is_attached(DM_DISK));
	close(self->fd);
	pool_restore();
	dm_disk_destroy();
	disk_destroy();
}

TEST_F(slow_attach, holds_up_no_reader)
{
	static const char *const files[] = {
		"swap_file", "nr_frames", "watermark_low", "policy",
		"slot_allocation", "stats/swap_ins",
	};
	char text[256];
	size_t i;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			_exit(pool_text(files[i], text, sizeof(text)) != 0);
		EXPECT_TRUE(SOON(has_ended(pid))) {
			TH_LOG("reading %s", files[i]);
		}
	}
	/* The path is there once the pool can use it. */
	EXPECT_TRUE(is_blocked(self->pid));
	EXPECT_TRUE(is_attached("none"));
}

TEST_F(slow_attach, lets_a_writer_be_interrupted)
{
	static const char *const files[] = { "swap_file", "nr_frames", "policy" };
	static const char *const values[] = { "none", "64", "none" };
	size_t i;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			_exit(pool_write(files[i], values[i]) != 0);
		EXPECT_TRUE(SOON(is_blocked(pid) || is_asleep(pid)));
		kill(pid, SIGTERM);
		EXPECT_TRUE(SOON(has_ended(pid))) {
			TH_LOG("writing %s", files[i]);
		}
	}
	EXPECT_TRUE(is_blocked(self->pid));
	EXPECT_EQ(pool_get("nr_frames"), DEFAULT_FRAMES);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/swaplab-XXXXXX";
	int status;

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
