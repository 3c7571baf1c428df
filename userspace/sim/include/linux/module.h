/* SPDX-License-Identifier: GPL-2.0 */
/* A module is part of the program: loaded before main(), unloaded after it. */
#ifndef SIM_LINUX_MODULE_H
#define SIM_LINUX_MODULE_H

#include <linux/kernel.h>

struct module;

#define THIS_MODULE	NULL
#define __init
#define __exit

#define module_init(fn)							\
	static void __attribute__((constructor)) load_##fn(void)	\
	{								\
		if (fn())						\
			abort();					\
	}								\
	_Static_assert(1, #fn)

#define module_exit(fn)							\
	static void __attribute__((destructor)) unload_##fn(void)	\
	{								\
		fn();							\
	}								\
	_Static_assert(1, #fn)

#define MODULE_ALIAS(text)		_Static_assert(1, text)
#define MODULE_DESCRIPTION(text)	_Static_assert(1, text)
#define MODULE_LICENSE(text)		_Static_assert(1, text)

#endif /* SIM_LINUX_MODULE_H */
