/* SPDX-License-Identifier: GPL-2.0 */
/* The output of a program, which has to be the same in each of its runs. */
#ifndef SWAPLAB_PROGRAM_OUTPUT_H
#define SWAPLAB_PROGRAM_OUTPUT_H

#include <pthread.h>

/**
 * struct program_output - the output of one run
 * @pipe: the program writes to the second end
 * @end: an eventfd, signalled when the program and its children have ended
 * @reader: a thread that reads from the first end of the pipe until then
 * @hash: of the bytes
 */
struct program_output {
	int pipe[2];
	int end;
	pthread_t reader;
	unsigned long long hash;
};

void program_output_begin(struct program_output *output);
void program_output_check(struct program_output *output);

#endif /* SWAPLAB_PROGRAM_OUTPUT_H */
