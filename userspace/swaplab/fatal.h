/* SPDX-License-Identifier: GPL-2.0 */
/* Errors with advice, which end the program. */
#ifndef SWAPLAB_FATAL_H
#define SWAPLAB_FATAL_H

#include "device.h"

void fatal_modprobe(const char *said) __attribute__((noreturn));
void fatal_busy(const struct device *device) __attribute__((noreturn));
void fatal_no_device(const char *name) __attribute__((noreturn));
void fatal_open(const struct device *device, int error)
	__attribute__((noreturn));
void fatal_swap_file(const struct device *device, const char *path,
		     const char *why, int error) __attribute__((noreturn));
void fatal_write(const struct device *device, const char *file,
		 const char *value, int error) __attribute__((noreturn));

#endif /* SWAPLAB_FATAL_H */
