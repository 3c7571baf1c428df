// SPDX-License-Identifier: GPL-2.0
/* The policies that a device can use: loaded ones, and those that modprobe would find. */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "fatal.h"
#include "module.h"
#include "nearest.h"
#include "policies.h"
#include "xstrdup.h"

#define ALIAS		"alias swaplab-policy-"

static void add_name(struct policies *policies, const char *name, size_t length)
{
	policies->names = realloc(policies->names,
				  (policies->nr + 1) * sizeof(*policies->names));
	if (!policies->names)
		err(1, "memory");
	policies->names[policies->nr++] = xstrndup(name, length);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_names(struct policies *policies)
{
	if (policies->nr)
		qsort(policies->names, policies->nr, sizeof(*policies->names), by_name);
}

/**
 * policies_loaded() - the policies that are loaded, and "none"
 * @device: the device
 *
 * Return: their names, for policies_free().
 */
struct policies policies_loaded(const struct device *device)
{
	char *list = device_value(device, "policy"), *rest = list, *name;
	struct policies policies = {};

	while ((name = strsep(&rest, "[] ")))
		if (*name)
			add_name(&policies, name, strlen(name));
	free(list);
	return policies;
}

/**
 * policies_installed() - the policies that modprobe would find, by depmod's file
 *
 * Return: their names, for policies_free().
 */
struct policies policies_installed(void)
{
	struct policies policies = {};
	char line[512], path[256];
	struct utsname kernel;
	FILE *aliases;

	uname(&kernel);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", kernel.release);
	aliases = fopen(path, "re");
	while (aliases && fgets(line, sizeof(line), aliases))
		if (!strncmp(line, ALIAS, strlen(ALIAS)))
			add_name(&policies, line + strlen(ALIAS),
				 strcspn(line + strlen(ALIAS), " "));
	if (aliases)
		fclose(aliases);
	sort_names(&policies);
	return policies;
}

/**
 * policies_free() - free a list
 * @policies: the list
 */
void policies_free(struct policies *policies)
{
	while (policies->nr)
		free(policies->names[--policies->nr]);
	free(policies->names);
}

/**
 * policies_among() - look for a name
 * @policies: a list
 * @name: the name
 *
 * Return: whether the list has it.
 */
bool policies_among(const struct policies *policies, const char *name)
{
	unsigned int i;

	for (i = 0; i < policies->nr; i++)
		if (!strcmp(policies->names[i], name))
			return true;
	return false;
}

/**
 * policies_has() - can a device use a policy?
 * @device: the device
 * @name: as the user wrote it
 *
 * Return: whether it is loaded, or modprobe finds it; nothing is loaded.
 */
bool policies_has(const struct device *device, const char *name)
{
	struct policies loaded = policies_loaded(device);
	bool found = policies_among(&loaded, name);

	policies_free(&loaded);
	return found || module_has_policy(name);
}

/**
 * policies_refuse() - end the program: there is no such policy
 * @device: the device
 * @name: as the user wrote it
 */
void policies_refuse(const struct device *device, const char *name)
{
	struct policies loaded = policies_loaded(device);
	struct policies installed = policies_installed();
	struct nearest nearest = { .text = name };
	unsigned int i;

	for (i = 0; i < loaded.nr; i++)
		nearest_try(&nearest, loaded.names[i]);
	for (i = 0; i < installed.nr; i++)
		nearest_try(&nearest, installed.names[i]);
	if (nearest.word)
		errx(1, "%s: there is no policy %s%s", device->path, name,
		     nearest_hint(&nearest));
	fatal_write(device, "policy", name, ENOENT);
}
