/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel modules, by modprobe. */
#ifndef SWAPLAB_MODULE_H
#define SWAPLAB_MODULE_H

#include <stdbool.h>

bool module_has_policy(const char *policy);
void module_load(void);
bool module_load_named(const char *module);

#endif /* SWAPLAB_MODULE_H */
