/* SPDX-License-Identifier: GPL-2.0 */
/* Pages, for init(), resize() and exit(). */
#ifndef SIM_LINUX_GFP_H
#define SIM_LINUX_GFP_H

#include <linux/kernel.h>

#define gfp_t unsigned int

#define PAGE_SIZE		4096UL
#define GFP_KERNEL		0U
#define __GFP_RETRY_MAYFAIL	0U
#define __GFP_NOWARN		0U

static inline unsigned long get_zeroed_page(gfp_t gfp)
{
	(void)gfp;
	return (unsigned long)calloc(1, PAGE_SIZE);
}

static inline void free_page(unsigned long page)
{
	free((void *)page);
}

#endif /* SIM_LINUX_GFP_H */
