/* SPDX-License-Identifier: GPL-2.0 */
/* Error numbers as pointers. */
#ifndef SIM_LINUX_ERR_H
#define SIM_LINUX_ERR_H

#include <linux/kernel.h>

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

#endif /* SIM_LINUX_ERR_H */
