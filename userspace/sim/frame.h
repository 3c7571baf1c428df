/* SPDX-License-Identifier: GPL-2.0 */
/* Flags of a frame, beside SWAPLAB_FRAME_REFERENCED. */
#ifndef SIM_FRAME_H
#define SIM_FRAME_H

#include <swaplab/policy.h>

#define FRAME_RESIDENT	BIT(8)
#define FRAME_ACCESSED	BIT(9)
#define FRAME_FRESH	BIT(10)
#define FRAME_ADMITTED	BIT(11)
#define FRAME_DIRTY_BIT	12
#define FRAME_DIRTY	BIT(FRAME_DIRTY_BIT)

/* In ns: a flash disk. */
#define FRAME_READ_COST	100000

void frame_set_read_cost(u32 ns);

#endif /* SIM_FRAME_H */
