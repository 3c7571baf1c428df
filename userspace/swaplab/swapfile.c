// SPDX-License-Identifier: GPL-2.0
/*
 * Files and block devices to page to. One that is not there is made, and written
 * with zeros, as the module wants it: to the filesystem, blocks that were only
 * allocated are holes.
 *
 * What is paged out stays in the file, so a file that served before has content.
 * To know it from one that somebody still needs, it gets an extended attribute.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
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
#include "swapfile.h"

#define PAGE		4096
#define DEFAULT_SIZE	1073741824ULL
#define MARK		"user.swaplab"
#define CHUNK		1048576

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC	0x58465342
#endif

static char buffer[CHUNK];

/* The directory is there, the file need not be. */
static char *absolute_path(const char *path)
{
	char *directory = strdup(path), *name = strdup(path), *where, *full;

	full = realpath(path, NULL);
	if (!full && errno == ENOENT) {
		where = realpath(dirname(directory), NULL);
		if (!where)
			err(1, "%s", path);
		if (asprintf(&full, "%s/%s", strcmp(where, "/") ? where : "",
			     basename(name)) < 0)
			err(1, "memory");
		free(where);
	}
	if (!full)
		err(1, "%s", path);
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

	memset(buffer, 0, sizeof(buffer));
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s: writing %llu MiB of zeros\n", file->path,
			file->size >> 20);
	/* In few pieces, if the filesystem can. */
	if (fallocate(fd, 0, 0, file->size) && errno == ENOSPC)
		err(1, "%s", file->path);
	for (at = 0; at < file->size; at += done) {
		done = pwrite(fd, buffer, file->size - at < CHUNK ?
			      file->size - at : CHUNK, at);
		if (done <= 0)
			err(1, "%s", file->path);
	}
	if (fsync(fd))
		err(1, "%s", file->path);
	fsetxattr(fd, MARK, "", 0, 0);
}

/* It has no name before it is complete, so nobody has to clean up. */
static void make(struct swapfile *file)
{
	char *copy = strdup(file->path), *directory = dirname(copy);
	char name[64];
	int fd;

	if (!file->size)
		file->size = DEFAULT_SIZE;
	file->size = (file->size + PAGE - 1) & ~(PAGE - 1ULL);
	check_filesystem(directory, file->size);
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		err(1, "%s", directory);
	write_zeros(fd, file);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, name, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW))
		err(1, "%s", file->path);
	close(fd);
	file->is_made = true;
	free(copy);
}

/* As much of it as @max, from its start. */
static bool is_zero(int fd, const char *path, unsigned long long max)
{
	unsigned long long at;
	ssize_t len, i;

	for (at = 0; at < max; at += len) {
		len = pread(fd, buffer, CHUNK, at);
		if (len < 0)
			err(1, "%s", path);
		if (!len)
			break;
		for (i = 0; i < len; i++)
			if (buffer[i])
				return false;
	}
	return true;
}

static void check_file(struct swapfile *file, int fd, off_t size)
{
	if (file->overwrite) {
		if (!file->size)
			file->size = size;
		file->size = (file->size + PAGE - 1) & ~(PAGE - 1ULL);
		if (ftruncate(fd, 0))
			err(1, "%s", file->path);
		write_zeros(fd, file);
		return;
	}
	if (fgetxattr(fd, MARK, NULL, 0) < 0 && !is_zero(fd, file->path, size))
		errx(1, "%s has content, which would be lost: name another file,\n"
		     "or say --overwrite if nobody needs it", file->path);
	if (file->size && file->size != (unsigned long long)size)
		errx(1, "%s is there, with %lld bytes: leave out --size to use it so,\n"
		     "or say --overwrite to have it made anew", file->path,
		     (long long)size);
	file->size = size;
	fsetxattr(fd, MARK, "", 0, 0);
}

/* Filesystems and partition tables have something in the first MiB. */
static void check_device(struct swapfile *file, int fd)
{
	unsigned long long size;

	if (ioctl(fd, BLKGETSIZE64, &size))
		err(1, "%s", file->path);
	if (file->size && file->size != size)
		errx(1, "%s is a block device, which is used as a whole:\n"
		     "leave out --size", file->path);
	if (!file->overwrite && !is_zero(fd, file->path, CHUNK))
		errx(1, "%s has content, which would be lost (see: blkid %s):\n"
		     "name another device, or say --overwrite if nobody needs it", file->path,
		     file->path);
	file->size = size;
}

static void check(struct swapfile *file)
{
	struct stat status;
	int fd;

	if (stat(file->path, &status))
		err(1, "%s", file->path);
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		errx(1, "%s is neither a regular file nor a block device",
		     file->path);
	fd = open(file->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", file->path);
	if (S_ISREG(status.st_mode) && status.st_mode & 077)
		warnx("%s may be read by others, who then see what is paged out;\n"
		      "to change that: chmod 600 %s", file->path, file->path);
	if (S_ISREG(status.st_mode))
		check_file(file, fd, status.st_size);
	else
		check_device(file, fd);
	close(fd);
}

/**
 * swapfile_prepare() - have a file or block device that can be attached
 * @file: size and overwrite are set; the rest will be
 * @path: as the user wrote it
 *
 * Ends the program, and says what to do, where it cannot.
 */
void swapfile_prepare(struct swapfile *file, const char *path)
{
	file->path = absolute_path(path);
	if (access(file->path, F_OK))
		make(file);
	else
		check(file);
}

/**
 * swapfile_undo() - it was not attached
 * @file: of swapfile_prepare()
 */
void swapfile_undo(struct swapfile *file)
{
	if (file->is_made)
		unlink(file->path);
}
