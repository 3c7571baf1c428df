/* SPDX-License-Identifier: GPL-2.0 */
/* The first stack of a program. */
#ifndef LOADER_STACK_H
#define LOADER_STACK_H

#include "image.h"

void stack_start(const struct image *program, const struct image *interpreter, char **argv)
	__attribute__((noreturn));

#endif /* LOADER_STACK_H */
