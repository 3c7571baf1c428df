/* SPDX-License-Identifier: GPL-2.0 */
/* Two samples of pages, of which one shows how the rest is to be treated. */
#ifndef _ADAPTIVE_DUEL_H
#define _ADAPTIVE_DUEL_H

#include "groups.h"

/**
 * struct adaptive_duel - the samples
 * @nr_frames: that there may be, as of the last look
 * @is_on: there are enough frames for samples
 * @block: neighbouring pages of a sample
 * @debtor: the group that gives victims
 * @returns: pages that came back, ADAPTIVE_PAGE each, fading
 * @lru: the sample of the oldest does better
 */
struct adaptive_duel {
	unsigned long nr_frames;
	bool is_on;
	unsigned long block;
	enum adaptive_group_id debtor;
	unsigned long returns[NR_GROUPS];
	bool lru;
};

void adaptive_duel_init(struct adaptive_duel *duel);
void adaptive_duel_follow(struct adaptive_duel *duel, unsigned long nr_frames);
bool adaptive_duel_takes_oldest(struct adaptive_duel *duel, enum adaptive_group_id id);
void adaptive_duel_judge(struct adaptive_duel *duel);
void adaptive_duel_return(struct adaptive_duel *duel, struct swaplab_frame *frame);
enum adaptive_group_id adaptive_duel_group(struct adaptive_duel *duel,
					   struct swaplab_frame *frame);
enum adaptive_group_id adaptive_duel_debtor(struct adaptive_duel *duel,
					    struct adaptive_groups *groups);

#endif /* _ADAPTIVE_DUEL_H */
