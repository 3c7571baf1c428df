/* SPDX-License-Identifier: GPL-2.0 */
/* Error numbers as pointers. */
#ifndef SIM_LINUX_ERR_H
#define SIM_LINUX_ERR_H

#include <linux/kernel.h>

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

/* Numbers of errors are the last 4095 addresses, as in the kernel. */
static inline bool IS_ERR_OR_NULL(const void *pointer)
{
	return !pointer || (unsigned long)pointer >= (unsigned long)-4095;
}

#endif /* SIM_LINUX_ERR_H */
