// SPDX-License-Identifier: GPL-2.0
/*
 * The output of a program, which has to be the same in each of its runs: wrong bytes
 * make a figure void. The input is the same, too.
 */

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "program_output.h"

static ssize_t read_some(struct program_output *output, size_t size)
{
	unsigned char bytes[65536];
	ssize_t length, i;

	length = read(output->pipe[0], bytes,
		      size < sizeof(bytes) ? size : sizeof(bytes));
	/* FNV-1a */
	for (i = 0; i < length; i++)
		output->hash = (output->hash ^ bytes[i]) * 0x100000001b3;
	return length;
}

/* No more than the pipe holds now: a process may go on writing to it. */
static void drain_pipe(struct program_output *output)
{
	ssize_t length;
	int left = 0;

	ioctl(output->pipe[0], FIONREAD, &left);
	while (left > 0 && (length = read_some(output, left)) > 0)
		left -= length;
}

/* Until @end is signalled. The pipe may have other writers after that. */
static void *read_output(void *arg)
{
	struct program_output *output = arg;
	struct pollfd polled[] = {
		{ output->pipe[0], POLLIN, 0 },
		{ output->end, POLLIN, 0 },
	};

	output->hash = 0xcbf29ce484222325;
	while (poll(polled, 2, -1) > 0 && !polled[1].revents)
		read_some(output, SIZE_MAX);
	drain_pipe(output);
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
	output->end = eventfd(0, EFD_CLOEXEC);
	if (output->end < 0)
		err(1, "eventfd");
	start_reader(output);
}

/**
 * program_output_check() - compare a run with the first one
 * @output: of program_output_begin(); the program has ended
 *
 * The output ends with the bytes in the pipe: a process that has left the cgroup of
 * the run may keep the pipe open.
 *
 * Ends the program if they differ.
 */
void program_output_check(struct program_output *output)
{
	static unsigned long long first;
	static bool is_known;

	if (eventfd_write(output->end, 1))
		err(1, "eventfd");
	pthread_join(output->reader, NULL);
	close(output->end);
	close(output->pipe[0]);
	close(output->pipe[1]);
	if (is_known && first != output->hash)
		errx(1, "the program's output differs from that of its first run: if it does so\n"
		     "without swaplab, too, it cannot be compared; else bytes went wrong");
	first = output->hash;
	is_known = true;
}
