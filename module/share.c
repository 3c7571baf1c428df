// SPDX-License-Identifier: GPL-2.0
/*
 * Shares: divides a number of frames by weights, within bounds. Takers that would get less than
 * their min get the min, and those that would get more than their max get the max. The rest is
 * divided anew among the others, which may bring some of these to a bound, and so on.
 *
 * A round that finds more missing below mins than there is above maxes settles the mins, else
 * the maxes: settling the others would take from them, or give to them, in the next round.
 * Each round settles one taker at least.
 */
#include <linux/math.h>
#include <linux/minmax.h>
#include "share.h"

/* All get less than their mins if there are not as many frames. */
static void mins_fit(struct swaplab_share *shares, unsigned int nr, unsigned long total)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		sum += shares[i].weight ? shares[i].min : 0;
	for (i = 0; i < nr && sum > total; i++)
		shares[i].min = mult_frac(shares[i].min, total, sum);
}

/* Gives those that are not settled their parts of what is left. */
static void parts_give(struct swaplab_share *shares, unsigned int nr, unsigned long total)
{
	unsigned long left = total, sum = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (shares[i].is_fixed)
			left -= min(left, shares[i].frames);
		else
			sum += shares[i].weight;
	}
	for (i = 0; i < nr; i++)
		if (!shares[i].is_fixed)
			shares[i].frames = left * shares[i].weight / sum;
}

/* Are more frames missing below mins than there are above maxes? */
static bool is_short(const struct swaplab_share *shares, unsigned int nr)
{
	long missing = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (shares[i].is_fixed)
			continue;
		if (shares[i].frames < shares[i].min)
			missing += shares[i].min - shares[i].frames;
		else if (shares[i].frames > shares[i].max)
			missing -= shares[i].frames - shares[i].max;
	}
	return missing >= 0;
}

/* Settles those that are beyond the one bound or the other; false: there is none. */
static bool bounds_settle(struct swaplab_share *shares, unsigned int nr)
{
	bool at_min = is_short(shares, nr), any = false;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (shares[i].is_fixed)
			continue;
		if (at_min && shares[i].frames < shares[i].min)
			shares[i].frames = shares[i].min;
		else if (!at_min && shares[i].frames > shares[i].max)
			shares[i].frames = shares[i].max;
		else
			continue;
		shares[i].is_fixed = true;
		any = true;
	}
	return any;
}

/**
 * swaplab_share_divide() - divide frames
 * @shares: of each taker, with its weight and bounds; get their frames
 * @nr: how many
 * @total: frames; their sum is no larger, and smaller if all are at their max
 */
void swaplab_share_divide(struct swaplab_share *shares, unsigned int nr, unsigned long total)
{
	unsigned int i;

	mins_fit(shares, nr, total);
	for (i = 0; i < nr; i++) {
		shares[i].frames = 0;
		shares[i].is_fixed = !shares[i].weight;
	}
	do {
		parts_give(shares, nr, total);
	} while (bounds_settle(shares, nr));
}
