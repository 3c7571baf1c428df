/* SPDX-License-Identifier: GPL-2.0 */
/* Belady's optimum, which knows the future. */
#ifndef SIM_OPT_H
#define SIM_OPT_H

#include "pool.h"

#define OPT_NAME	"opt"

struct pool_result opt_run(const struct trace *trace, unsigned long nr_frames,
			   const struct pool_config *config, struct pool_result *parts);

#endif /* SIM_OPT_H */
