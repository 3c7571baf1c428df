/* SPDX-License-Identifier: GPL-2.0 */
/* Small files of the kernel's, in sysfs, procfs and cgroups; an error ends the program. */
#ifndef _BENCH_PATH_H
#define _BENCH_PATH_H

#define PATH_BYTES	256

void path_format(char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
unsigned long path_read_field(const char *path, const char *field);
unsigned long path_read_number(const char *path);
void path_write(const char *path, const char *text);

#endif /* _BENCH_PATH_H */
