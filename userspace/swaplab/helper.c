// SPDX-License-Identifier: GPL-2.0
/* Programs and objects that belong to the command, and where they are. */

#include <err.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "helper.h"

/* From the command: in the built tree, and installed. */
static const char *const places[] = { ".", "../libexec/swaplab", NULL };

/**
 * helper_find() - find what belongs to the command
 * @name: the file's name
 *
 * One that is not there ends the program.
 *
 * Return: its path, for free().
 */
char *helper_find(const char *name)
{
	char self[PATH_MAX], *path;
	const char *const *place;
	ssize_t len;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		err(1, "/proc/self/exe");
	self[len] = '\0';
	dirname(self);
	for (place = places; *place; place++) {
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
 * helper_exec() - become another program
 * @name: the program's, for helper_find()
 * @argv: what it gets
 */
void helper_exec(const char *name, char **argv)
{
	char *path = helper_find(name);

	execv(path, argv);
	err(1, "%s", path);
}
