/* SPDX-License-Identifier: GPL-2.0 */
/* Loading the kernel module. */
#ifndef SWAPLAB_MODULE_H
#define SWAPLAB_MODULE_H

void module_load(void);

#endif /* SWAPLAB_MODULE_H */
