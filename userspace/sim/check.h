/* SPDX-License-Identifier: GPL-2.0 */
/* Options that do not go together. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "options.h"

void check_options(const struct options *options);

#endif /* SIM_CHECK_H */
