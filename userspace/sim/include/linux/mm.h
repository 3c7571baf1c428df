/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel declares kvcalloc() and kvfree(). */
#include <linux/slab.h>
