/* SPDX-License-Identifier: GPL-2.0 */
/* Discards of free slots. */
#ifndef _SWAPLAB_DISCARD_H
#define _SWAPLAB_DISCARD_H

struct swaplab_store;

int swaplab_discard_create(struct swaplab_store *store);
void swaplab_discard_destroy(struct swaplab_store *store);

#endif /* _SWAPLAB_DISCARD_H */
