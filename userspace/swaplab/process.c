// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that have a file open or mapped, by /proc. Only root sees those of other
 * users.
 */

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "json.h"
#include "mapping.h"
#include "process.h"

struct list {
	struct holder *holders;
	unsigned int nr;
};

static bool parse_number(const char *text, const char **rest, int *number)
{
	long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	value = strtoll(text, &end, 10);
	*number = value;
	*rest = end;
	return value <= INT_MAX;
}

/**
 * process_parse() - read "PID", or "PID:FD"
 * @text: the argument
 * @pid: set to the process
 * @fd: set to the file descriptor; -1: none is given
 *
 * Return: whether it is one of the two.
 */
bool process_parse(const char *text, pid_t *pid, int *fd)
{
	*fd = -1;
	if (!parse_number(text, &text, pid))
		return false;
	return !*text || (*text == ':' && parse_number(text + 1, &text, fd) && !*text);
}

/**
 * process_file() - read a file of a process in /proc
 * @pid: the process
 * @name: the file
 *
 * Return: the content, for free(); NULL with errno set if it cannot be read, 0 if it is
 * empty.
 */
char *process_file(pid_t pid, const char *name)
{
	char path[64], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	errno = 0;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* Also in two bytes: some terminals obey those of U+0080 to U+009F. */
static bool is_control(const char *letter, int length)
{
	unsigned char first = *letter;

	return length == 1 ? first < 0x20 || first == 0x7f :
	       length == 2 && first == 0xc2 && (unsigned char)letter[1] < 0xa0;
}

/**
 * process_clean_name() - have a name from a user neither control a terminal nor spoil a picture
 * @name: of a process or a file; ? replaces controls, and bytes that are not UTF-8
 */
void process_clean_name(char *name)
{
	int length;

	for (; *name; name += length ? length : 1) {
		length = json_letter_length(name);
		if (!length || is_control(name, length))
			memset(name, '?', length ? length : 1);
	}
}

static void add_holder(struct list *list, pid_t pid, int fd)
{
	char *name = process_file(pid, "comm");
	struct holder *holder;

	list->holders = realloc(list->holders,
				(list->nr + 1) * sizeof(*list->holders));
	if (!list->holders)
		err(1, "memory");
	holder = &list->holders[list->nr++];
	*holder = (struct holder){ .pid = pid, .fd = fd };
	if (name) {
		name[strcspn(name, "\n")] = '\0';
		strncpy(holder->name, name, sizeof(holder->name) - 1);
		process_clean_name(holder->name);
	}
	free(name);
}

static bool fd_is(DIR *fds, const char *fd, const char *path)
{
	char link[4096];
	ssize_t len = readlinkat(dirfd(fds), fd, link, sizeof(link) - 1);

	if (len < 0)
		return false;
	link[len] = '\0';
	return !strcmp(link, path);
}

/* Returns whether there was one. */
static bool add_fds(struct list *list, pid_t pid, const char *path)
{
	unsigned int before = list->nr;
	struct dirent *entry;
	char name[64];
	DIR *fds;

	snprintf(name, sizeof(name), "/proc/%d/fd", pid);
	fds = opendir(name);
	if (!fds)
		return false;
	while ((entry = readdir(fds)))
		if (fd_is(fds, entry->d_name, path))
			add_holder(list, pid, atoi(entry->d_name));
	closedir(fds);
	return list->nr > before;
}

/**
 * process_mapped_end() - how much of a file a process has mapped
 * @pid: the process
 * @path: of the file
 *
 * Return: the offset in the file of the end of the last mapping; 0: none.
 */
unsigned long long process_mapped_end(pid_t pid, const char *path)
{
	char *maps = process_file(pid, "maps"), *line, *rest = maps;
	unsigned long long max = 0, end;
	struct mapping mapping;

	while ((line = strsep(&rest, "\n"))) {
		if (!mapping_parse(line, &mapping) || strcmp(mapping.name, path))
			continue;
		end = mapping.offset + (mapping.end - mapping.begin);
		if (end > max)
			max = end;
	}
	free(maps);
	return max;
}

/**
 * process_holders() - find the processes that have a file open or mapped
 * @path: as the kernel names the file
 * @holders: set to an array, for free()
 *
 * Return: how many: one a file descriptor, and one for each process that has the
 * file mapped without one.
 */
unsigned int process_holders(const char *path, struct holder **holders)
{
	DIR *processes = opendir("/proc");
	struct list list = {};
	struct dirent *entry;
	pid_t pid;

	if (!processes)
		err(1, "/proc");
	while ((entry = readdir(processes))) {
		pid = atoi(entry->d_name);
		if (pid <= 0 || pid == getpid())
			continue;
		if (!add_fds(&list, pid, path) && process_mapped_end(pid, path))
			add_holder(&list, pid, -1);
	}
	closedir(processes);
	*holders = list.holders;
	return list.nr;
}

/**
 * process_borrow_fd() - get a process's file descriptor
 * @holder: the process, and its descriptor
 *
 * Return: a descriptor of the same open file; -1 with errno set on failure.
 */
int process_borrow_fd(const struct holder *holder)
{
	int pidfd = syscall(SYS_pidfd_open, holder->pid, 0), fd, error;

	if (pidfd < 0)
		return -1;
	fd = syscall(SYS_pidfd_getfd, pidfd, holder->fd, 0);
	error = errno;
	close(pidfd);
	errno = error;
	return fd;
}

/**
 * process_print_holders() - print the processes that have a file open or mapped
 * @file: where to
 * @path: as the kernel names the file
 */
void process_print_holders(FILE *file, const char *path)
{
	struct holder *holders;
	unsigned int i, nr = process_holders(path, &holders);

	for (i = 0; i < nr; i++)
		if (!i || holders[i].pid != holders[i - 1].pid)
			fprintf(file, "  process %d (%s)\n", holders[i].pid,
				holders[i].name);
	if (!nr && geteuid())
		fputs("  sudo shows which processes that are\n", file);
	free(holders);
}
