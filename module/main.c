// SPDX-License-Identifier: GPL-2.0
/* Paging from a module: ordered init and exit. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

static int __init swaplab_init(void)
{
	return 0;
}
module_init(swaplab_init);

static void __exit swaplab_exit(void)
{
}
module_exit(swaplab_exit);

MODULE_DESCRIPTION("Pages for itself: demand paging to a swap file, with pluggable policies");
MODULE_LICENSE("GPL");
