// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of signals that map memory, wait, or do not return, while their thread maps
 * memory, and a thread that is cancelled; one thing a run. Prints its findings: the same
 * with and without the device. A run that hangs is killed.
 *
 * Usage: signals THING
 */

#include <err.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "things.h"

#define SIZE		65536UL
#define NR_ALARMS	1000
#define NR_STOPS	300
#define NR_FORKS	50
#define HANG_SECONDS	60

static volatile int nr_alarms;

static void map_and_unmap(void)
{
	char *start = map_memory(NULL, SIZE, 0);

	if (*start)
		errx(1, "new memory is not zero");
	*start = 1;
	if (madvise(start, SIZE / 2, MADV_DONTNEED) || mprotect(start, SIZE, PROT_READ))
		err(1, "madvise, mprotect");
	if (munmap(start, SIZE))
		err(1, "munmap");
}

static void set_alarms(long microseconds)
{
	struct itimerval timer = {
		.it_interval.tv_usec = microseconds,
		.it_value.tv_usec = microseconds,
	};

	if (setitimer(ITIMER_REAL, &timer, NULL))
		err(1, "setitimer");
}

static void count_alarm(void)
{
	if (++nr_alarms == NR_ALARMS)
		set_alarms(0);
}

static void unmap_at_alarm(int number)
{
	map_and_unmap();
	count_alarm();
}

static void map_under_alarms(void)
{
	signal(SIGALRM, unmap_at_alarm);
	set_alarms(500);
	while (nr_alarms < NR_ALARMS)
		map_and_unmap();
	puts("all alarms were handled");
}

static void wait_for_child(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		errx(1, "a child failed");
}

/* By clone(), as the allocator's locks are not for handlers. */
static void fork_at_alarm(int number)
{
	pid_t pid = _Fork();

	if (!pid) {
		map_and_unmap();
		_exit(0);
	}
	wait_for_child(pid);
	if (++nr_alarms == NR_FORKS)
		set_alarms(0);
}

static void fork_under_alarms(void)
{
	signal(SIGALRM, fork_at_alarm);
	set_alarms(2000);
	while (nr_alarms < NR_FORKS)
		map_and_unmap();
	puts("all children ended");
}

/* Handlers of parent and child work after a fork(). */
static void alarm_after_forks(void)
{
	pid_t pid;
	int i;

	signal(SIGALRM, unmap_at_alarm);
	for (i = 0; i < NR_FORKS; i++) {
		pid = fork();
		if (!pid) {
			raise(SIGALRM);
			_exit(nr_alarms != i + 1);
		}
		raise(SIGALRM);
		wait_for_child(pid);
	}
	printf("%d alarms\n", nr_alarms);
}

static sigjmp_buf begin;

static void leave_at_alarm(int number)
{
	count_alarm();
	siglongjmp(begin, 1);
}

static void leave_by_jump(void)
{
	signal(SIGALRM, leave_at_alarm);
	if (!sigsetjmp(begin, 1))
		set_alarms(500);
	while (nr_alarms < NR_ALARMS)
		map_and_unmap();
	/* An alarm would end this, too, if it hung. */
	map_and_unmap();
	puts("all jumps were made");
}

static sem_t stopped, go_on;
static volatile int is_over;

static void stop_at_signal(int number)
{
	sem_post(&stopped);
	while (sem_wait(&go_on))
		;
}

static void *map_until_over(void *arg)
{
	while (!is_over)
		map_and_unmap();
	return NULL;
}

/* As a garbage collector does that stops all threads but its own. */
static void map_while_stopped(void)
{
	pthread_t thread;
	int i;

	sem_init(&stopped, 0, 0);
	sem_init(&go_on, 0, 0);
	signal(SIGUSR1, stop_at_signal);
	if (pthread_create(&thread, NULL, map_until_over, NULL))
		errx(1, "pthread_create");
	for (i = 0; i < NR_STOPS; i++) {
		pthread_kill(thread, SIGUSR1);
		while (sem_wait(&stopped))
			;
		map_and_unmap();
		sem_post(&go_on);
		usleep(100);
	}
	is_over = 1;
	pthread_join(thread, NULL);
	printf("stopped %d times\n", i);
}

static volatile int has_mapped;

/* mmap() and munmap() are no cancellation points. */
static void *map_when_cancelled(void *arg)
{
	char *start;

	pthread_cancel(pthread_self());
	start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	map_and_unmap();
	munmap(start, SIZE);
	has_mapped = start != MAP_FAILED;
	pthread_testcancel();
	return NULL;
}

static void map_and_cancel(void)
{
	pthread_t thread;
	void *result;

	if (pthread_create(&thread, NULL, map_when_cancelled, NULL))
		errx(1, "pthread_create");
	pthread_join(thread, &result);
	map_and_unmap();
	printf("cancelled: %d, after it mapped: %d\n", result == PTHREAD_CANCELED, has_mapped);
}

static void kill_when_hanging(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGKILL,
	};
	struct itimerspec end = { .it_value.tv_sec = HANG_SECONDS };
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &end, NULL))
		err(1, "timer_create");
}

static const struct thing things[] = {
	{ "alarms", map_under_alarms },
	{ "forks", fork_under_alarms },
	{ "after-forks", alarm_after_forks },
	{ "jumps", leave_by_jump },
	{ "stops", map_while_stopped },
	{ "cancel", map_and_cancel },
	{}
};

int main(int argc, char **argv)
{
	kill_when_hanging();
	return do_thing(things, argc, argv);
}
