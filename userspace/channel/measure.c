// SPDX-License-Identifier: GPL-2.0
/*
 * Messages between two processes: every byte is verified, and the time is taken.
 *
 * The receiver takes the time of a round, from one message that it has read to another. So
 * the time has all that both processes do for as many messages: the sender writes them.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../bench/clock.h"
#include "../bench/content.h"
#include "measure.h"

static void *map_anonymous(size_t size, int flags)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		err(1, "memory");
	return map;
}

/**
 * transport_memory() - memory of which each process gets its own
 * @size: in bytes
 *
 * Return: the memory, zeros.
 */
void *transport_memory(size_t size)
{
	return map_anonymous(size, MAP_PRIVATE);
}

/**
 * transport_shared_memory() - memory that both processes share, if made before the fork
 * @size: in bytes
 *
 * Return: the memory, zeros.
 */
void *transport_shared_memory(size_t size)
{
	return map_anonymous(size, MAP_SHARED);
}

/* Each word tells its message and its place. */
static void fill(const struct measure *measure, void *message, unsigned int number)
{
	uint64_t base = content_base(0, number), *words = message;
	size_t i;

	for (i = 0; i < measure->size / sizeof(*words); i++)
		words[i] = content_word(base, i);
}

static void verify(const struct measure *measure, const void *message, unsigned int number)
{
	uint64_t base = content_base(0, number);
	const uint64_t *words = message;
	size_t i;

	for (i = 0; i < measure->size / sizeof(*words); i++)
		if (words[i] != content_word(base, i))
			errx(1, "message %u: word %zu is wrong", number, i);
}

static unsigned int nr_messages(const struct measure *measure)
{
	return measure->nr * (measure->nr_rounds + 1);
}

static void send_all(const struct measure *measure, double *unused)
{
	const struct transport *transport = measure->transport;
	unsigned int i;

	if (transport->start_sender)
		transport->start_sender();
	for (i = 0; i < nr_messages(measure); i++) {
		fill(measure, transport->buffer(), i);
		transport->send();
	}
	if (transport->finish)
		transport->finish();
}

static void receive_one(const struct measure *measure, unsigned int number)
{
	const struct transport *transport = measure->transport;
	const void *message = transport->receive();

	if (!message)
		errx(1, "%u messages, not %u", number, nr_messages(measure));
	verify(measure, message, number);
	if (transport->release)
		transport->release();
}

static void receive_all(const struct measure *measure, double *us)
{
	const struct transport *transport = measure->transport;
	unsigned int i;
	double begin = 0;

	if (transport->start_receiver)
		transport->start_receiver();
	for (i = 0; i < nr_messages(measure); i++) {
		if (i && i % measure->nr == 0) {
			us[i / measure->nr - 1] = (now_us() - begin) / measure->nr;
			begin = now_us();
		}
		receive_one(measure, i);
	}
	us[measure->nr_rounds] = (now_us() - begin) / measure->nr;
	if (transport->receive())
		errx(1, "more messages than %u", nr_messages(measure));
}

/* No transport: the work that is the same in all of them. */
static void use_all(const struct measure *measure, double *us)
{
	void *message = transport_memory(measure->size);
	unsigned int i, round;
	double begin;

	for (round = 0; round <= measure->nr_rounds; round++) {
		begin = now_us();
		for (i = 0; i < measure->nr; i++) {
			fill(measure, message, i);
			verify(measure, message, i);
		}
		us[round] = (now_us() - begin) / measure->nr;
	}
}

static pid_t start(const struct measure *measure, double *us,
		   void (*run)(const struct measure *measure, double *us))
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	run(measure, us);
	exit(0);
}

/* Other errors the process has told itself; SIGTERM is the one that wait_for() sends. */
static void tell_signal(const char *who, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)
		warnx("a signal has ended the %s: %s", who, strsignal(WTERMSIG(status)));
}

/* When one process fails, the other one must end, too. */
static bool wait_for(const struct measure *measure, pid_t sender, pid_t receiver)
{
	bool right = true;
	int status;
	pid_t pid;

	while ((pid = wait(&status)) > 0) {
		if (!status)
			continue;
		tell_signal(pid == sender ? "sender" : "receiver", status);
		if (right && sender && !measure->transport->notices_end)
			kill(pid == sender ? receiver : sender, SIGTERM);
		right = false;
	}
	return right;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/**
 * measure_run() - send messages, verify and measure them
 * @measure: what is to be done; its times are filled in
 *
 * Return: false after an error, which has been told.
 */
bool measure_run(struct measure *measure)
{
	double *us = transport_shared_memory((MAX_ROUNDS + 1) * sizeof(*us));
	pid_t receiver, sender = 0;
	bool right;

	fflush(NULL);
	if (measure->transport)
		measure->transport->prepare(measure->device, measure->size);
	receiver = start(measure, us, measure->transport ? receive_all : use_all);
	if (measure->transport)
		sender = start(measure, us, send_all);
	if (sender && measure->transport->leave)
		measure->transport->leave();
	right = wait_for(measure, sender, receiver);
	memcpy(measure->us, us + 1, measure->nr_rounds * sizeof(*us));
	qsort(measure->us, measure->nr_rounds, sizeof(*us), compare);
	munmap(us, (MAX_ROUNDS + 1) * sizeof(*us));
	return right;
}
