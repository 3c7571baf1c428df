// SPDX-License-Identifier: GPL-2.0
/* Programs and objects that belong to the command, and where they are. */

#include <err.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "libexec.h"

/* From the command: in the built tree, and installed. */
static const char *const libexec_places[] = { ".", "../libexec/swaplab", "../lib/swaplab", NULL };

/**
 * libexec_find() - find a file that belongs to the command
 * @name: the file's name
 *
 * One that is not there ends the program.
 *
 * Return: its path, for free().
 */
char *libexec_find(const char *name)
{
	char self[PATH_MAX], *path;
	const char *const *place;
	ssize_t len;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		err(1, "/proc/self/exe");
	self[len] = '\0';
	dirname(self);
	for (place = libexec_places; *place; place++) {
		if (asprintf(&path, "%s/%s/%s", self, *place, name) < 0)
			err(1, "memory");
		if (!access(path, R_OK))
			return path;
		free(path);
	}
	errx(1, "%s is missing: make install puts it beside the command;\n"
	     "in the tree: make -C userspace/swaplab", name);
}

/**
 * libexec_exec() - become another program
 * @name: the program's, for libexec_find()
 * @argv: its arguments
 */
void libexec_exec(const char *name, char **argv)
{
	char *path = libexec_find(name);

	execv(path, argv);
	err(1, "%s", path);
}

/**
 * libexec_exec_python() - become a program in Python, which calls the command and the simulator
 * @name: the program's, in experiment/
 * @argv: its arguments
 */
void libexec_exec_python(const char *name, char **argv)
{
	char *self = realpath("/proc/self/exe", NULL), path[64];

	if (!self)
		err(1, "/proc/self/exe");
	setenv("SWAPLAB_COMMAND", self, 1);
	setenv("SWAPLAB_SIM", libexec_find("swaplab-sim"), 1);
	snprintf(path, sizeof(path), "experiment/%s", name);
	libexec_exec(path, argv);
}
