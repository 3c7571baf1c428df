/* SPDX-License-Identifier: GPL-2.0 */
/* Slots that the device cannot write or read, while it does others. */
#ifndef _SWAPLAB_BAD_SLOTS_H
#define _SWAPLAB_BAD_SLOTS_H

#include <linux/types.h>

struct swaplab_store;

int swaplab_bad_slots_create(struct swaplab_store *store);
void swaplab_bad_slots_destroy(struct swaplab_store *store);

void swaplab_bad_slots_failed(struct swaplab_store *store, u32 slot, bool write);
void swaplab_bad_slots_worked(struct swaplab_store *store, bool write);

#endif /* _SWAPLAB_BAD_SLOTS_H */
