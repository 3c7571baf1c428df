/* SPDX-License-Identifier: GPL-2.0 */
/* Programs and objects that belong to the command, and where they are. */
#ifndef SWAPLAB_LIBEXEC_H
#define SWAPLAB_LIBEXEC_H

char *libexec_find(const char *name);
void libexec_exec(const char *name, char **argv) __attribute__((noreturn));
void libexec_exec_python(const char *name, char **argv) __attribute__((noreturn));

#endif /* SWAPLAB_LIBEXEC_H */
