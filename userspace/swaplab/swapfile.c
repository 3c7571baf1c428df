// SPDX-License-Identifier: GPL-2.0
/*
 * Files and block devices to page to. A missing file is made and written with zeros,
 * since the module refuses holes, and blocks that were only allocated are holes to the
 * filesystem.
 *
 * Pages stay in the file after a detach, so a former swap file has content. An
 * extended attribute tells it from a file with content that is still needed.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "fatal.h"
#include "kmsg.h"
#include "progress.h"
#include "swapfile.h"
#include "xstrdup.h"

#define PAGE		4096
#define DEFAULT_DIRECTORY "/var/lib/swaplab"
#define DEFAULT_SIZE	1073741824ULL
#define MARK		"user.swaplab"
#define CHUNK		1048576

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC	0x58465342
#endif

static char chunk_buffer[CHUNK];

/* The directory of the examples is made; any other must exist. */
static void make_default_directory(const char *path)
{
	char *copy = xstrdup(path);

	if (!strcmp(dirname(copy), DEFAULT_DIRECTORY) &&
	    mkdir(DEFAULT_DIRECTORY, 0700) && errno != EEXIST)
		err(1, DEFAULT_DIRECTORY);
	free(copy);
}

/* Links are followed in the directory, not in the file's own name. */
static char *absolute_path(const char *path)
{
	char *directory = xstrdup(path), *name = xstrdup(path), *where, *full;

	where = realpath(dirname(directory), NULL);
	if (!where)
		err(1, "%s", path);
	if (asprintf(&full, "%s/%s", strcmp(where, "/") ? where : "",
		     basename(name)) < 0)
		err(1, "memory");
	free(where);
	free(directory);
	free(name);
	return full;
}

static void check_filesystem(const char *directory, unsigned long long size)
{
	struct statfs fs;

	if (statfs(directory, &fs))
		err(1, "%s", directory);
	if (fs.f_type != EXT4_SUPER_MAGIC && fs.f_type != XFS_SUPER_MAGIC)
		errx(1, "%s is not on ext2, ext3, ext4 or xfs, and others move blocks\n"
		     "or have no disk: name a file on one of these (see findmnt -t ext2,ext3,ext4,xfs), or a block device",
		     directory);
	if (size / fs.f_bsize > fs.f_bavail)
		errx(1, "%s has %llu MiB free, which is less than %llu MiB:\n"
		     "choose a smaller --size, or another place",
		     directory,
		     (unsigned long long)fs.f_bavail * fs.f_bsize >> 20,
		     size >> 20);
}

static void write_zeros(int fd, const struct swapfile *file)
{
	unsigned long long at;
	ssize_t done;

	memset(chunk_buffer, 0, sizeof(chunk_buffer));
	/* In few pieces, if the filesystem can. */
	if (fallocate(fd, 0, 0, file->size) && errno == ENOSPC)
		err(1, "%s", file->path);
	for (at = 0; at < file->size; at += done) {
		progress_percent(file->path, at, file->size);
		done = pwrite(fd, chunk_buffer, file->size - at < CHUNK ?
			      file->size - at : CHUNK, at);
		if (done <= 0)
			err(1, "%s", file->path);
	}
	if (fsync(fd))
		err(1, "%s", file->path);
	progress_percent(file->path, at, file->size);
	fsetxattr(fd, MARK, "", 0, 0);
}

/* A file without a name: nothing is left behind if it cannot be completed. */
static int create_file(struct swapfile *file)
{
	char *copy = xstrdup(file->path), *directory = dirname(copy);
	int fd;

	file->size = (file->size + PAGE - 1) & ~(PAGE - 1ULL);
	check_filesystem(directory, file->size);
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		err(1, "%s", directory);
	free(copy);
	write_zeros(fd, file);
	return fd;
}

static void link_file(int fd, const char *path)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		err(1, "%s", path);
}

static void make_file(struct swapfile *file)
{
	if (!file->size)
		file->size = DEFAULT_SIZE;
	file->fd = create_file(file);
	link_file(file->fd, file->path);
	file->is_made = true;
}

/* A new file: another user may have the old one open. */
static void replace_file(struct swapfile *file, off_t old_size)
{
	char *name;

	if (!file->size)
		file->size = old_size;
	if (!file->size)
		file->size = DEFAULT_SIZE;
	file->fd = create_file(file);
	if (asprintf(&name, "%s.%d", file->path, getpid()) < 0)
		err(1, "memory");
	link_file(file->fd, name);
	if (rename(name, file->path)) {
		warn("%s", file->path);
		unlink(name);
		exit(1);
	}
	free(name);
}

/* Reads the first @max bytes. */
static bool is_zero(int fd, const char *path, unsigned long long max)
{
	unsigned long long at;
	ssize_t len, i;

	for (at = 0; at < max; at += len) {
		len = pread(fd, chunk_buffer, CHUNK, at);
		if (len < 0)
			err(1, "%s", path);
		if (!len)
			break;
		for (i = 0; i < len; i++)
			if (chunk_buffer[i])
				return false;
	}
	return true;
}

/* A process that can open the file, or has it open, can read the pages in it. */
static void check_owner(const struct swapfile *file, const struct stat *status)
{
	if (status->st_uid != geteuid())
		errx(1, "%s belongs to another user (uid %u), which could read the pages in it:\n"
		     "name another file, or say --overwrite to have it replaced",
		     file->path, status->st_uid);
	if (status->st_mode & 077)
		errx(1, "%s has mode %o, so other users could read the pages in it:\n"
		     "name another file, or say --overwrite to have it replaced",
		     file->path, status->st_mode & 07777);
}

/*
 * The kernel refuses writes to a swap file. No file can have this range, so nothing is
 * written to others. An empty write would not do: xfs accepts it.
 */
static bool is_attached(int fd)
{
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, LLONG_MAX, 1) < 0 &&
	       errno == ETXTBSY;
}

static int open_file(const struct swapfile *file, struct stat *status)
{
	int fd = open(file->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, status))
		err(1, "%s", file->path);
	if (!S_ISREG(status->st_mode))
		errx(1, "%s changed meanwhile", file->path);
	if (is_attached(fd))
		errx(1, "%s is in use: see swapon, swaplab status", file->path);
	return fd;
}

static void use_file(struct swapfile *file)
{
	struct stat status;
	int fd = open_file(file, &status);

	if (file->overwrite) {
		replace_file(file, status.st_size);
		close(fd);
		return;
	}
	if (fgetxattr(fd, MARK, NULL, 0) < 0 &&
	    !is_zero(fd, file->path, status.st_size))
		errx(1, "%s has content, which would be lost: name another file,\n"
		     "or say --overwrite if it is not needed", file->path);
	check_owner(file, &status);
	if (file->size && file->size != (unsigned long long)status.st_size)
		errx(1, "%s is there, with %lld bytes: leave out --size to use it so,\n"
		     "or say --overwrite to have it made anew", file->path,
		     (long long)status.st_size);
	file->size = status.st_size;
	file->fd = fd;
}

/* Filesystems and partition tables have something in the first MiB. */
static void use_device(struct swapfile *file)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	unsigned long long size;

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size))
		err(1, "%s", file->path);
	if (file->size && file->size != size)
		errx(1, "%s is a block device, which is used as a whole:\n"
		     "leave out --size", file->path);
	if (!file->overwrite && !is_zero(fd, file->path, CHUNK))
		errx(1, "%s has content, which would be lost (see: blkid %s):\n"
		     "name another device, or say --overwrite if it is not needed", file->path,
		     file->path);
	file->size = size;
	close(fd);
}

/* Disks have links, as in /dev/disk/by-id. */
static void follow_link(struct swapfile *file, struct stat *status)
{
	char *target = realpath(file->path, NULL);

	if (!target || lstat(target, status))
		err(1, "%s", file->path);
	if (!S_ISBLK(status->st_mode))
		errx(1, "%s is a symbolic link: name the file itself, %s",
		     file->path, target);
	free(file->path);
	file->path = target;
}

/**
 * swapfile_prepare() - make or check a file or block device to attach
 * @file: size and overwrite are set; the rest is filled in
 * @path: as the user wrote it
 *
 * Ends the program with advice if it cannot.
 */
void swapfile_prepare(struct swapfile *file, const char *path)
{
	struct stat status;

	make_default_directory(path);
	file->path = absolute_path(path);
	file->fd = -1;
	if (lstat(file->path, &status)) {
		if (errno != ENOENT)
			err(1, "%s", file->path);
		make_file(file);
		return;
	}
	if (S_ISLNK(status.st_mode))
		follow_link(file, &status);
	if (S_ISREG(status.st_mode))
		use_file(file);
	else if (S_ISBLK(status.st_mode))
		use_device(file);
	else
		errx(1, "%s is neither a regular file nor a block device",
		     file->path);
}

/**
 * swapfile_undo() - remove a file that was made, and is not attached
 * @file: of swapfile_prepare()
 */
void swapfile_undo(struct swapfile *file)
{
	if (file->is_made)
		unlink(file->path);
}

/* The kernel's log says more than the errno. */
static void refuse_attach(struct swapfile *file, const struct device *device,
			  int kmsg, int error)
{
	char *text;

	swapfile_undo(file);
	if (asprintf(&text, "%s: swap_file %s: ", device->name, file->path) < 0)
		err(1, "memory");
	fatal_swap_file(device, file->path, kmsg_find(kmsg, text), error);
}

/**
 * swapfile_attach() - attach it to a device
 * @file: of swapfile_prepare()
 * @device: the device, which pages to nothing yet
 *
 * Ends the program with advice if the device refuses it.
 */
void swapfile_attach(struct swapfile *file, const struct device *device)
{
	int kmsg = kmsg_open();
	int error = device_write(device, "swap_file", file->path);

	if (error)
		refuse_attach(file, device, kmsg, -error);
	close(kmsg);
	/* The owner of a directory can put another file in place of one in it. */
	if (file->fd < 0)
		return;
	if (is_attached(file->fd)) {
		fsetxattr(file->fd, MARK, "", 0, 0);
		return;
	}
	if (device_write(device, "swap_file", "none"))
		warnx("%s is in use, and stays attached", device->path);
	errx(1, "%s was replaced by another file meanwhile", file->path);
}
