/* SPDX-License-Identifier: GPL-2.0 */
/* Messages between two processes: every byte is verified, and the time is taken. */
#ifndef CHANNEL_MEASURE_H
#define CHANNEL_MEASURE_H

#include "transport.h"

#define MAX_ROUNDS	101

/**
 * struct measure - what is to be done, and the times
 * @transport: NULL: one process writes the messages and reads them
 * @device: path of the device
 * @size: of a message, in bytes: a multiple of 4096
 * @nr: messages in a round
 * @nr_rounds: rounds; one before them does not count
 * @us: answer: microseconds a message, of each round, the shortest first
 */
struct measure {
	const struct transport *transport;
	const char *device;
	size_t size;
	unsigned int nr;
	unsigned int nr_rounds;
	double us[MAX_ROUNDS];
};

bool measure_run(struct measure *measure);

#endif /* CHANNEL_MEASURE_H */
