/* SPDX-License-Identifier: GPL-2.0 */
/* Making and removing devices. */
#ifndef _SWAPLAB_CONTROL_H
#define _SWAPLAB_CONTROL_H

int swaplab_control_init(unsigned int nr_devices);
void swaplab_control_exit(void);

#endif /* _SWAPLAB_CONTROL_H */
