/* SPDX-License-Identifier: GPL-2.0 */
/* Stack distances of a trace, and the misses of LRU in pools of all sizes. */
#ifndef SIM_STACK_H
#define SIM_STACK_H

#include <stdio.h>
#include "trace.h"

void stack_print(const struct trace *trace, FILE *file);

#endif /* SIM_STACK_H */
