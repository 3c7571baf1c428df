/* SPDX-License-Identifier: GPL-2.0 */
/* Programs and objects that belong to the command, and where they are. */
#ifndef SWAPLAB_HELPER_H
#define SWAPLAB_HELPER_H

char *helper_find(const char *name);
void helper_exec(const char *name, char **argv) __attribute__((noreturn));

#endif /* SWAPLAB_HELPER_H */
