/* SPDX-License-Identifier: GPL-2.0 */
/* This machine, set up for a measurement; put back when this program ends. */
#ifndef SWAPLAB_MACHINE_H
#define SWAPLAB_MACHINE_H

#include "device.h"

/**
 * struct machine - how a device is set up
 * @device: the device, which nothing else uses
 * @disk: that it pages to; NULL: the one that is attached
 * @overwrite: the disk may have content, which is lost
 * @is_attached: it pages there already
 */
struct machine {
	struct device device;
	const char *disk;
	bool overwrite;
	bool is_attached;
};

char *machine_disk(const char *path, bool overwrite);
void machine_lock(void);
void machine_check(struct machine *machine);
void machine_begin(void);
void machine_attach(const struct machine *machine);
void machine_set(const struct machine *machine, const char *file, const char *value);
void machine_set_frames(const struct machine *machine, unsigned long frames);
void machine_use_policy(const struct machine *machine, const char *name);
bool machine_set_parameter(const struct machine *machine, const char *text);
void machine_check_policy(const struct machine *machine, const char *name);

#endif /* SWAPLAB_MACHINE_H */
