// SPDX-License-Identifier: GPL-2.0
/*
 * Another process that takes a new page now and then. Without new pages the
 * daemon stops sampling once it finds none in use; and an emulated CPU that runs
 * one process alone remembers its translations, and sets no accessed bit again.
 */

#include <err.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "content.h"
#include "memory.h"
#include "trickle.h"

#define PERIOD_US	50000
#define NR_PAGES	1024

static void touch_new_pages(const char *backend)
{
	struct memory memory = {};
	unsigned int page;

	memory_map(&memory, backend, (size_t)NR_PAGES * PAGE_BYTES);
	for (page = 0;; page = (page + 1) % NR_PAGES) {
		((volatile char *)memory.start)[(size_t)page * PAGE_BYTES] = 1;
		usleep(PERIOD_US);
	}
}

/**
 * trickle_start() - make the process
 * @backend: as for memory_map(); it has a region of its own
 *
 * Return: its number, for trickle_stop().
 */
pid_t trickle_start(const char *backend)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		touch_new_pages(backend);
	}
	return pid;
}

/**
 * trickle_stop() - end the process
 * @pid: its number
 */
void trickle_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
