// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading, in order. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/rcupdate.h>
#include "control.h"
#include "leave.h"
#include "pagein.h"
#include "super.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static unsigned int nr_devices = 1;
module_param(nr_devices, uint, 0444);
MODULE_PARM_DESC(nr_devices, "Devices to make at load (1 to 256, default 1)");

static int __init swaplab_init(void)
{
	int err;

	err = swaplab_super_mount();
	if (err)
		return err;
	err = swaplab_pagein_init();
	if (err)
		goto unmount;
	err = swaplab_leave_init();
	if (err)
		goto exit_pagein;
	err = swaplab_control_init(nr_devices);
	if (err)
		goto exit_leave;
	return 0;

exit_leave:
	swaplab_leave_exit();
exit_pagein:
	swaplab_pagein_exit();
unmount:
	swaplab_super_unmount();
	return err;
}

static void __exit swaplab_exit(void)
{
	swaplab_control_exit();
	swaplab_leave_exit();
	swaplab_pagein_exit();
	swaplab_super_unmount();
	/* Interrupts of the last reads, and inodes freed by RCU. */
	rcu_barrier();
	synchronize_rcu();
}

module_init(swaplab_init);
module_exit(swaplab_exit);

MODULE_AUTHOR("The swaplab developers");
MODULE_DESCRIPTION("Paging for itself, with replaceable policies");
MODULE_LICENSE("GPL");
MODULE_VERSION(SWAPLAB_RELEASE);
