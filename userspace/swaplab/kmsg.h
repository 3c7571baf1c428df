/* SPDX-License-Identifier: GPL-2.0 */
/* The lines that the kernel logs meanwhile. */
#ifndef SWAPLAB_KMSG_H
#define SWAPLAB_KMSG_H

int kmsg_open(void);
char *kmsg_find(int fd, const char *text);

#endif /* SWAPLAB_KMSG_H */
