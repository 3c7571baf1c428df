// SPDX-License-Identifier: GPL-2.0
/*
 * Signals that ask a program to end which has settings to put back. They are noted, and
 * end the program, by exit(), where it looks for them.
 */

#include <err.h>
#include <signal.h>
#include "interrupt.h"

static volatile sig_atomic_t noted_signal;

/**
 * interrupt_note() - note a signal
 * @signal: that interrupt_check() is to find; 0 changes nothing
 */
void interrupt_note(int signal)
{
	if (signal)
		noted_signal = signal;
}

/**
 * interrupt_catch() - note signals from now on
 *
 * That is, signals that end a program by default, except those that were ignored when
 * this program began, as by nohup. A program that is executed finds the default, or
 * ignores them.
 */
void interrupt_catch(void)
{
	static const int caught[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, 0
	};
	int i;

	for (i = 0; caught[i]; i++)
		if (signal(caught[i], SIG_IGN) != SIG_IGN)
			signal(caught[i], interrupt_note);
}

/**
 * interrupt_check() - end this program if a signal was noted
 *
 * Its status is 128 and the signal's number.
 */
void interrupt_check(void)
{
	if (noted_signal)
		errx(128 + noted_signal, "interrupted");
}
