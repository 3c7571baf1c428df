/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that have a file open or mapped, by /proc. */
#ifndef SWAPLAB_PROCESS_H
#define SWAPLAB_PROCESS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/**
 * struct holder - a process that has a file open or mapped
 * @pid: the process
 * @fd: its file descriptor; -1 if it has the file mapped only
 * @name: its comm; process_holders() cleans it
 */
struct holder {
	pid_t pid;
	int fd;
	char name[16];
};

bool process_parse(const char *text, pid_t *pid, int *fd);
void process_clean_name(char *name);
unsigned int process_holders(const char *path, struct holder **holders);
void process_print_holders(FILE *file, const char *path);
int process_borrow_fd(const struct holder *holder);
char *process_file(pid_t pid, const char *name);
unsigned long long process_mapped_end(pid_t pid, const char *path);

#endif /* SWAPLAB_PROCESS_H */
