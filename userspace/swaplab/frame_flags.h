/* SPDX-License-Identifier: GPL-2.0 */
/* The flags of a page frame, as /proc/kpageflags tells them. */
#ifndef SWAPLAB_FRAME_FLAGS_H
#define SWAPLAB_FRAME_FLAGS_H

#include <stdint.h>

#define FRAME_FLAGS_BITS	64

int frame_flags_read(uint64_t frame, uint64_t *flags);
const char *frame_flags_name(int bit);

#endif /* SWAPLAB_FRAME_FLAGS_H */
