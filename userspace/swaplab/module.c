// SPDX-License-Identifier: GPL-2.0
/* The kernel modules, by modprobe. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "module.h"

#define MODPROBE	"PATH=$PATH:/usr/sbin:/sbin modprobe"

/**
 * module_load() - have the module loaded
 *
 * Only root can load it. Ends the program with advice if that fails.
 */
void module_load(void)
{
	char said[1024];
	size_t len;
	FILE *pipe;

	if (!access(DEVICE_CLASS, F_OK) || geteuid())
		return;
	pipe = popen(MODPROBE " swaplab 2>&1", "re");
	if (!pipe)
		err(1, "modprobe");
	len = fread(said, 1, sizeof(said) - 1, pipe);
	said[len] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (pclose(pipe))
		fatal_modprobe(said);
}

/**
 * module_has_policy() - can a policy's module be found?
 * @policy: its name, as the user wrote it
 *
 * Return: whether modprobe finds it; nothing is loaded.
 */
bool module_has_policy(const char *policy)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	char command[128];

	if (strspn(policy, letters) != strlen(policy) || strlen(policy) > 31)
		return false;
	snprintf(command, sizeof(command), MODPROBE " -nq swaplab-policy-%s",
		 policy);
	return !system(command);
}

/**
 * module_load_named() - have another module of swaplab loaded
 * @module: its name, of letters and _
 *
 * Return: whether it is loaded now.
 */
bool module_load_named(const char *module)
{
	char text[128];

	snprintf(text, sizeof(text), "/sys/module/%s", module);
	if (!access(text, F_OK))
		return true;
	snprintf(text, sizeof(text), MODPROBE " -q %s", module);
	return !system(text);
}
