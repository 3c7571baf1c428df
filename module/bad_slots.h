/* SPDX-License-Identifier: GPL-2.0 */
/* Slots that the device cannot write or read, while it can write and read others. */
#ifndef _SWAPLAB_BAD_SLOTS_H
#define _SWAPLAB_BAD_SLOTS_H

#include "store.h"

int swaplab_bad_slots_create(struct swaplab_store *store);
void swaplab_bad_slots_destroy(struct swaplab_store *store);

void swaplab_bad_slots_failed(struct swaplab_store *store, u32 slot, u32 nr,
			      bool write);
void swaplab_bad_slots_worked(struct swaplab_store *store, u32 slot, u32 nr,
			      bool write);

/* Must the next write of this slot be a transfer of its own? */
static inline bool swaplab_bad_slots_is_suspect(struct swaplab_store *store,
						u32 slot)
{
	return unlikely(READ_ONCE(store->nr_suspects)) &&
	       test_bit(slot - 1, store->suspects);
}

#endif /* _SWAPLAB_BAD_SLOTS_H */
