// SPDX-License-Identifier: GPL-2.0
/* The lines that the kernel logs meanwhile: they tell why it refuses a value. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "kmsg.h"
#include "xstrdup.h"

/**
 * kmsg_open() - begin to listen
 *
 * Return: a file descriptor, or -1: not everybody may read the log.
 */
int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/**
 * kmsg_find() - find the rest of a line that was logged
 * @fd: of kmsg_open(); may be -1
 * @text: to look for in the lines that came since
 *
 * Return: the rest of the line, for free(), or NULL.
 */
char *kmsg_find(int fd, const char *text)
{
	char record[8192], *rest;
	ssize_t len;

	/* Each read gives one record; its lines end with newlines. */
	while (fd >= 0 && (len = read(fd, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		record[strcspn(record, "\n")] = '\0';
		rest = strstr(record, text);
		if (rest)
			return xstrdup(rest + strlen(text));
	}
	return NULL;
}
