/* SPDX-License-Identifier: GPL-2.0 */
/* Records chosen at random, as YCSB does it. */
#ifndef WORKLOAD_CHOICE_H
#define WORKLOAD_CHOICE_H

#include "random.h"
#include "workload.h"

/**
 * struct zipf - numbers of which number i, from 0 on, comes in proportion to 1 / (i + 1)^0.99
 * @nr: how many numbers there are
 * @zeta: the sum of all proportions
 */
struct zipf {
	uint64_t nr;
	double zeta;
};

/**
 * struct choice - chooses records
 * @distribution: how
 * @nr: records at the beginning
 * @space: records that there may be in the end
 * @zipf: by which it chooses, but for UNIFORM
 */
struct choice {
	enum distribution distribution;
	uint64_t nr;
	uint64_t space;
	struct zipf zipf;
};

uint64_t zipf_next(struct zipf *zipf, uint64_t nr, struct random *random);
void choice_begin(struct choice *choice, enum distribution distribution, uint64_t nr,
		  uint64_t inserts);
uint64_t choice_next(struct choice *choice, uint64_t nr, struct random *random);
uint64_t choice_hash(uint64_t number);

#endif /* WORKLOAD_CHOICE_H */
