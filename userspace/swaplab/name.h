/* SPDX-License-Identifier: GPL-2.0 */
/* The names of a device's regions. */
#ifndef SWAPLAB_NAME_H
#define SWAPLAB_NAME_H

#include "device.h"
#include "json.h"

void name_print_all(const struct device *device);
void name_write_all(struct json *json, const struct device *device);
bool name_is_valid(const char *name);
int name_unlink(const struct device *device, const char *name);
const char *name_hint(const struct device *device, const char *name);

#endif /* SWAPLAB_NAME_H */
