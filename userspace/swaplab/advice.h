/* SPDX-License-Identifier: GPL-2.0 */
/* What to do about an error. */
#ifndef SWAPLAB_ADVICE_H
#define SWAPLAB_ADVICE_H

#include "device.h"

void advice_modprobe(const char *said) __attribute__((noreturn));
void advice_no_device(const char *name) __attribute__((noreturn));
void advice_open(const struct device *device, int error)
	__attribute__((noreturn));
void advice_swap_file(const struct device *device, const char *path,
		      const char *why, int error) __attribute__((noreturn));
void advice_write(const struct device *device, const char *file,
		  const char *value, int error) __attribute__((noreturn));

#endif /* SWAPLAB_ADVICE_H */
