// SPDX-License-Identifier: GPL-2.0
/*
 * Records chosen at random, as YCSB does it: Cooper, Silberstein, Tam, Ramakrishnan and Sears,
 * "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010, and YCSB's own documentation.
 *
 * Zipfian: number i of 10^10 is chosen in proportion to 1 / i^0.99, and hashed to a record, so that
 * the records that are chosen often lie anywhere. Latest: the one that was inserted last is chosen
 * most often. The numbers are made as in Gray et al., "Quickly Generating Billion-Record Synthetic
 * Databases", SIGMOD 1994.
 */

#include <math.h>
#include "choice.h"

#define THETA		0.99
/* YCSB's constants: how many numbers are hashed to records, and the sum of their proportions. */
#define HASHED_NUMBERS	10000000000ULL
#define HASHED_ZETA	26.46902820178302

/**
 * zipf_next() - choose a number
 * @zipf: the numbers
 * @nr: how many there are now; not less than before
 * @random: by which
 *
 * Return: a number from 0 to @nr - 1.
 */
uint64_t zipf_next(struct zipf *zipf, uint64_t nr, struct random *random)
{
	double eta, unit = random_unit(random), place;
	uint64_t number;

	while (zipf->nr < nr)
		zipf->zeta += pow(++zipf->nr, -THETA);
	place = unit * zipf->zeta;
	if (place < 1 || nr == 1)
		return 0;
	if (place < 1 + pow(0.5, THETA))
		return 1;
	eta = (1 - pow(2.0 / nr, 1 - THETA)) / (1 - (1 + pow(0.5, THETA)) / zipf->zeta);
	number = nr * pow(eta * unit - eta + 1, 1 / (1 - THETA));
	return number < nr ? number : nr - 1;
}

/**
 * choice_hash() - hash a number, as YCSB does: by FNV-1a over its bytes
 * @number: the number
 *
 * Return: the hash, which is not negative as a long.
 */
uint64_t choice_hash(uint64_t number)
{
	uint64_t hash = 0xcbf29ce484222325;
	int i;

	for (i = 0; i < 8; i++, number >>= 8)
		hash = (hash ^ (number & 0xff)) * 0x100000001b3;
	return hash >> 63 ? -hash : hash;
}

/**
 * choice_begin() - begin to choose records
 * @choice: to be filled in
 * @distribution: how to choose
 * @nr: how many records there are
 * @inserts: how many are expected to be inserted
 */
void choice_begin(struct choice *choice, enum distribution distribution, uint64_t nr,
		  uint64_t inserts)
{
	*choice = (struct choice){ .distribution = distribution, .nr = nr };
	choice->space = nr + 2 * inserts;
	if (distribution == ZIPFIAN)
		choice->zipf = (struct zipf){ HASHED_NUMBERS, HASHED_ZETA };
}

/**
 * choice_next() - choose a record
 * @choice: how
 * @nr: how many there are now
 * @random: by which
 *
 * Return: its number, in the order in which they were inserted.
 */
uint64_t choice_next(struct choice *choice, uint64_t nr, struct random *random)
{
	uint64_t number;

	switch (choice->distribution) {
	case LATEST:
		return nr - 1 - zipf_next(&choice->zipf, nr, random);
	case UNIFORM:
		return random_below(random, choice->nr);
	default:
		do
			number = choice_hash(zipf_next(&choice->zipf, HASHED_NUMBERS, random)) %
				 choice->space;
		while (number >= nr);
		return number;
	}
}
