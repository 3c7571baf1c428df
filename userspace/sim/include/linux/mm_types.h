/* SPDX-License-Identifier: GPL-2.0 */
/* Of a folio, a policy knows the index. */
#ifndef SIM_LINUX_MM_TYPES_H
#define SIM_LINUX_MM_TYPES_H

#include <linux/kernel.h>

struct folio {
	pgoff_t index;
};

#endif /* SIM_LINUX_MM_TYPES_H */
