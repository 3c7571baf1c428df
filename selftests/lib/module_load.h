/* SPDX-License-Identifier: GPL-2.0 */
/* The module is loaded and unloaded, as modprobe finds it. */
#ifndef SWAPLAB_MODULE_LOAD_H
#define SWAPLAB_MODULE_LOAD_H

#include <dirent.h>
#include <sys/syscall.h>
#include "swaplab_test.h"

static inline char *module_path(void)
{
	static char path[PAGE];
	FILE *modinfo;

	modinfo = popen("PATH=$PATH:/sbin modinfo -n swaplab 2>/dev/null", "r");
	if (!modinfo || !fgets(path, sizeof(path), modinfo))
		path[0] = '\0';
	path[strcspn(path, "\n")] = '\0';
	if (modinfo)
		pclose(modinfo);
	return path;
}

static inline int load_module(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || syscall(SYS_finit_module, fd, params, 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static inline int delete_module(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* Calls @fn with the name of each entry of a directory, which need not exist. */
static inline void visit_entries(const char *path, void (*fn)(const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			fn(entry->d_name);
	if (dir)
		closedir(dir);
}

static inline void unbind_policy(const char *device)
{
	char path[512];

	snprintf(path, sizeof(path), CLASS "%s/policy", device);
	file_write(path, "none");
}

static inline void remove_policy(const char *module)
{
	delete_module(module);
}

/* The policies, then the module; an asynchronous last mmput() takes a moment. */
static inline int unload_module(void)
{
	int err = -EBUSY, tries;

	for (tries = 0; tries < 600 && (err == -EBUSY || err == -EAGAIN); tries++) {
		if (tries)
			msleep(100);
		visit_entries("/sys/class/swaplab", unbind_policy);
		visit_entries("/sys/module/swaplab/holders", remove_policy);
		err = delete_module("swaplab");
	}
	return err;
}

static inline bool path_exists(const char *path)
{
	return !access(path, F_OK);
}

#endif /* SWAPLAB_MODULE_LOAD_H */
