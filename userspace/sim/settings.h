/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters of policies, as the user sets them. */
#ifndef SIM_SETTINGS_H
#define SIM_SETTINGS_H

#include "registry.h"

void settings_add(struct settings *settings, const char *text);
void settings_destroy(struct settings *settings);

#endif /* SIM_SETTINGS_H */
