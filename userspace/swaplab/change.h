/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of a device's settings, of which all are made, or none. */
#ifndef SWAPLAB_CHANGE_H
#define SWAPLAB_CHANGE_H

#include "device.h"

/**
 * struct change - a value for a setting
 * @name: of the setting
 * @text: the value as the user wrote it
 * @file: of the setting, below the directory of the device
 * @value: as the kernel takes it
 * @old: the value before
 * @is_param: it is a parameter of the policy
 * @is_sticky: the value before cannot be told
 * @is_done: the kernel has taken it
 */
struct change {
	const char *name;
	const char *text;
	char *file;
	char *value;
	char *old;
	bool is_param;
	bool is_sticky;
	bool is_done;
};

/**
 * struct changes - the changes of one command; begin with { .device = &device }
 * @device: the device
 * @list: in the order in which they are made, once they are checked
 * @nr: how many
 * @starts_policy: the policy is to begin anew, even if the device uses it
 */
struct changes {
	const struct device *device;
	struct change *list;
	unsigned int nr;
	bool starts_policy;
};

void changes_add(struct changes *changes, const char *name, const char *text);
void changes_add_param(struct changes *changes, const char *name, const char *text);
void changes_make(struct changes *changes);

#endif /* SWAPLAB_CHANGE_H */
