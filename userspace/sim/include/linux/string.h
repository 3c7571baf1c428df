/* SPDX-License-Identifier: GPL-2.0 */
/* Strings, by the C library. */
#ifndef SIM_LINUX_STRING_H
#define SIM_LINUX_STRING_H

#include <string.h>

#endif /* SIM_LINUX_STRING_H */
