/* SPDX-License-Identifier: GPL-2.0 */
/* The task of a page daemon. */
#ifndef SWAPLAB_KSWAPLABD_H
#define SWAPLAB_KSWAPLABD_H

#include <ctype.h>
#include <dirent.h>
#include "swaplab_test.h"

/* The pid of kswaplabd/N, 0 if there is none. */
static inline pid_t daemon_pid(int id)
{
	char name[32], path[512], comm[64];
	struct dirent *entry;
	pid_t pid = 0;
	DIR *dir;

	snprintf(name, sizeof(name), "kswaplabd/%d", id);
	dir = opendir("/proc");
	while (dir && !pid && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (isdigit(entry->d_name[0]) &&
		    !file_read(path, comm, sizeof(comm)) && !strcmp(comm, name))
			pid = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return pid;
}

#endif /* SWAPLAB_KSWAPLABD_H */
