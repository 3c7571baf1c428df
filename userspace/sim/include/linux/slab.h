/* SPDX-License-Identifier: GPL-2.0 */
/* Memory, for init() and exit(). */
#ifndef SIM_LINUX_SLAB_H
#define SIM_LINUX_SLAB_H

#include <linux/kernel.h>

#define GFP_KERNEL	0

static inline void *kvcalloc(size_t n, size_t size, int gfp)
{
	(void)gfp;
	return calloc(n, size);
}

static inline void kvfree(const void *memory)
{
	free((void *)memory);
}

#endif /* SIM_LINUX_SLAB_H */
