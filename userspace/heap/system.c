// SPDX-License-Identifier: GPL-2.0
/* A line on standard error, without memory. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "system.h"

/**
 * system_say() - tell the user
 * @format: as for printf(), without the newline
 */
void system_say(const char *format, ...)
{
	static const char name[] = "swaplab: ";
	char line[512];
	int error = errno, length = sizeof(name) - 1;
	va_list args;

	memcpy(line, name, sizeof(name));
	va_start(args, format);
	length += vsnprintf(line + length, sizeof(line) - length - 1, format,
			    args);
	va_end(args);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	syscall(SYS_write, STDERR_FILENO, line, length);
	errno = error;
}
