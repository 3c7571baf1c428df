/* SPDX-License-Identifier: GPL-2.0 */
/* How pools work on a trace, by the command line. */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include "options.h"

struct pool_config config_make(const struct options *options, const struct trace *trace);
void config_destroy(struct pool_config *config, const struct trace *trace);

#endif /* SIM_CONFIG_H */
