// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory that processes share: written, locked, moved and unmapped on both sides
 * of forks. Prints its findings: the same with and without the device.
 */

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL
#define SIZE	(64 * PAGE)
#define LARGE	(2048 * PAGE)
#define ROUNDS	300

static char *map_memory(size_t size)
{
	char *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		err(1, "mmap");
	return start;
}

static pid_t start_child(void (*does)(char *), char *start)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		does(start);
		_exit(0);
	}
	return pid;
}

static void wait_for(const char *name, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (WIFSIGNALED(status))
		printf("%s: signal %d\n", name, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		printf("%s: status %d\n", name, WEXITSTATUS(status));
}

static void run_child(const char *name, void (*does)(char *), char *start)
{
	wait_for(name, start_child(does, start));
}

/* Each page has its number, and who wrote it. */
static void write_pages(char *start, int writer)
{
	size_t page;

	for (page = 0; page < LARGE / PAGE; page++) {
		memset(start + page * PAGE, writer, PAGE);
		memcpy(start + page * PAGE, &page, sizeof(page));
	}
}

static size_t count_pages(const char *start, int writer)
{
	size_t page, nr = 0;

	for (page = 0; page < LARGE / PAGE; page++)
		nr += !memcmp(start + page * PAGE, &page, sizeof(page)) &&
		      start[page * PAGE + sizeof(page)] == writer &&
		      start[page * PAGE + PAGE - 1] == writer;
	return nr;
}

static void write_as_grandchild(char *start)
{
	write_pages(start, 3);
}

static void write_as_child(char *start)
{
	printf("child finds %zu pages\n", count_pages(start, 1));
	write_pages(start, 2);
	run_child("grandchild", write_as_grandchild, start);
	printf("child finds %zu pages of its own child\n", count_pages(start, 3));
	fflush(stdout);
}

/* More than there are frames, written by three processes. */
static void share_much(void)
{
	char *start = map_memory(LARGE), *private = malloc(SIZE);

	memset(private, 5, SIZE);
	write_pages(start, 1);
	run_child("child", write_as_child, start);
	printf("parent finds %zu pages\n", count_pages(start, 3));
	if (madvise(start, LARGE, MADV_DONTNEED) || msync(start, LARGE, MS_SYNC))
		err(1, "madvise, msync");
	printf("and after MADV_DONTNEED %zu\n", count_pages(start, 3));
	printf("its private memory has %d\n", private[SIZE - 1]);
	munmap(start, LARGE);
	free(private);
}

struct counter {
	pthread_mutex_t lock;
	sem_t turn;
	unsigned long nr;
};

static void count_up(char *start)
{
	struct counter *counter = (struct counter *)start;
	size_t page;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&counter->lock);
		counter->nr++;
		pthread_mutex_unlock(&counter->lock);
		page = 1 + i % (SIZE / PAGE - 1);
		start[page * PAGE] = i;
	}
	sem_post(&counter->turn);
}

static void share_locks(void)
{
	char *start = map_memory(SIZE);
	struct counter *counter = (struct counter *)start;
	pthread_mutexattr_t attributes;
	pid_t children[4];
	unsigned int i;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&counter->lock, &attributes);
	sem_init(&counter->turn, 1, 0);
	for (i = 0; i < 4; i++)
		children[i] = start_child(count_up, start);
	for (i = 0; i < 4; i++)
		while (sem_wait(&counter->turn))
			;
	for (i = 0; i < 4; i++)
		wait_for("a child that counts", children[i]);
	printf("counted %lu\n", counter->nr);
	munmap(start, SIZE);
}

static void write_first(char *start)
{
	*start = 9;
}

static void try_write(const char *name, char *start)
{
	run_child(name, write_first, start);
	printf("%s: %d\n", name, *start);
}

/* Calls on parts of a mapping, which others have as well. */
static void change_mappings(void)
{
	char *start = map_memory(SIZE), *there;

	memset(start, 5, SIZE);
	if (mprotect(start, PAGE, PROT_READ))
		err(1, "mprotect");
	try_write("read-only", start);
	if (mprotect(start, PAGE, PROT_READ | PROT_WRITE) ||
	    madvise(start + PAGE, PAGE, MADV_DONTFORK))
		err(1, "mprotect, madvise");
	try_write("writable again", start);
	try_write("not inherited", start + PAGE);
	printf("MADV_WIPEONFORK: %s\n",
	       madvise(start, PAGE, MADV_WIPEONFORK) ? strerrorname_np(errno) : "done");
	there = mremap(start + 2 * PAGE, 0, 4 * PAGE, MREMAP_MAYMOVE);
	if (there == MAP_FAILED)
		err(1, "mremap of no bytes");
	*there = 7;
	printf("mapped twice: %d\n", start[2 * PAGE]);
	munmap(start + 2 * PAGE, 4 * PAGE);
	printf("and still once: %d %d\n", *there, there[PAGE]);
	try_write("by a child", there);
	there = mremap(there, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       start + 2 * PAGE);
	printf("moved back: %d %d\n", there == start + 2 * PAGE, start[2 * PAGE]);
	there = mmap(NULL, SIZE, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0);
	printf("MAP_SHARED_VALIDATE: %s\n",
	       there == MAP_FAILED ? strerrorname_np(errno) : "done");
	munmap(start, SIZE);
}

/* What a process unmaps is not lost to another, nor kept when the last one has gone. */
static void map_again_and_again(void)
{
	char *start;
	int i, nr = 0;

	for (i = 0; i < 64; i++) {
		start = map_memory(SIZE);
		nr += start[SIZE / 2] || start[0];
		memset(start, i + 1, SIZE);
		munmap(start, SIZE);
	}
	printf("not zero: %d\n", nr);
}

int main(void)
{
	share_much();
	share_locks();
	change_mappings();
	map_again_and_again();
	return 0;
}
