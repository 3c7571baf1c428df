// SPDX-License-Identifier: GPL-2.0
/*
 * The output of a program, which has to be the same in each of its runs: wrong bytes
 * make a figure void. The input is the same, too.
 */

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#include "program_output.h"

static void *read_output(void *arg)
{
	struct program_output *output = arg;
	unsigned char bytes[65536];
	ssize_t length, i;

	/* FNV-1a */
	output->hash = 0xcbf29ce484222325;
	while ((length = read(output->pipe[0], bytes, sizeof(bytes))) > 0)
		for (i = 0; i < length; i++)
			output->hash = (output->hash ^ bytes[i]) * 0x100000001b3;
	return NULL;
}

/* A file as input is read from its beginning each time. */
static void rewind_input(void)
{
	int null;

	if (lseek(STDIN_FILENO, 0, SEEK_SET) >= 0)
		return;
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		err(1, "/dev/null");
	close(null);
}

/*
 * launch_run() blocks the signals that it passes on. The kernel hands them to any
 * other thread that does not, and then the program never sees them.
 */
static void start_reader(struct program_output *output)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&output->reader, NULL, read_output, output);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		errx(1, "no thread to read the output of the program");
}

/**
 * program_output_begin() - get ready for a run
 * @output: to be filled in; the program writes to the pipe's second end
 */
void program_output_begin(struct program_output *output)
{
	rewind_input();
	if (pipe2(output->pipe, O_CLOEXEC))
		err(1, "pipe");
	start_reader(output);
}

/**
 * program_output_check() - compare a run with the first one
 * @output: of program_output_begin(); the program has ended
 *
 * Ends the program if they differ.
 */
void program_output_check(struct program_output *output)
{
	static unsigned long long first;
	static bool is_known;

	close(output->pipe[1]);
	pthread_join(output->reader, NULL);
	close(output->pipe[0]);
	if (is_known && first != output->hash)
		errx(1, "the program's output differs from that of its first run: if it does so\n"
		     "without swaplab, too, it cannot be compared; else bytes went wrong");
	first = output->hash;
	is_known = true;
}
