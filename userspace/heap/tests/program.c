// SPDX-License-Identifier: GPL-2.0
/*
 * Things that are hard for a heap on a device, one a run. Prints its findings: the
 * same with and without the device.
 *
 * Usage: program THING
 */

#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "things.h"

#define MIB		1048576UL
#define NR_THREADS	4
#define NR_BLOCKS	1000

static unsigned long sum_bytes(const void *start, size_t size)
{
	const unsigned char *byte = start;
	unsigned long value = 5381;

	while (size--)
		value = value * 33 + *byte++;
	return value;
}

static void fill_bytes(void *start, size_t size, unsigned int seed)
{
	unsigned char *byte = start;

	while (size--) {
		seed = seed * 1103515245 + 12345;
		*byte++ = seed >> 16;
	}
}

static size_t block_size(unsigned int i)
{
	return 1 + (i * 7919) % 3000;
}

/* Blocks that come and go; their content has to stay. */
static void *allocate_and_check(void *arg)
{
	unsigned int seed = (unsigned long)arg, i;
	unsigned long value = 0;
	char **blocks = calloc(NR_BLOCKS, sizeof(*blocks));

	for (i = 0; i < 2 * NR_BLOCKS; i++) {
		unsigned int at = (i * 2654435761U + seed) % NR_BLOCKS;

		if (blocks[at]) {
			value += sum_bytes(blocks[at], block_size(at));
			free(blocks[at]);
		}
		blocks[at] = malloc(block_size(at));
		fill_bytes(blocks[at], block_size(at), at + seed);
	}
	for (i = 0; i < NR_BLOCKS; i++) {
		if (blocks[i])
			value += sum_bytes(blocks[i], block_size(i));
		free(blocks[i]);
	}
	free(blocks);
	return (void *)value;
}

static void run_threads(void)
{
	pthread_t thread[NR_THREADS];
	unsigned long i;
	void *value;

	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&thread[i], NULL, allocate_and_check,
				   (void *)i))
			errx(1, "pthread_create");
	for (i = 0; i < NR_THREADS; i++) {
		pthread_join(thread[i], &value);
		printf("thread %lu: %lu\n", i, (unsigned long)value);
	}
}

static void show_sum(const char *name, const char *start, size_t size)
{
	printf("%s: %lu\n", name, sum_bytes(start, size));
}

/* Each of the calls that are interposed, also for parts of mappings. */
static void change_mappings(void)
{
	char *first = map_memory(NULL, 2 * MIB, 0), *second, *third;
	FILE *file = fopen("/proc/self/exe", "r");

	fill_bytes(first, 2 * MIB, 1);
	show_sum("mapped", first, 2 * MIB);
	if (madvise(first + MIB, MIB / 2, MADV_DONTNEED))
		err(1, "madvise");
	show_sum("half a MiB purged", first, 2 * MIB);
	if (munmap(first + MIB / 2, MIB / 2))
		err(1, "munmap");
	show_sum("before the hole", first, MIB / 2);
	if (map_memory(first + MIB / 2, MIB / 4, MAP_FIXED) != first + MIB / 2)
		errx(1, "MAP_FIXED went elsewhere");
	show_sum("hole filled", first + MIB / 2, MIB / 4);
	fill_bytes(first, MIB / 4, 2);
	map_memory(first, 8192, MAP_FIXED);
	show_sum("written over by zeros", first, MIB / 2);
	second = mmap(first + 8192, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED,
		      fileno(file), 0);
	if (second != first + 8192 || memcmp(second + 1, "ELF", 3))
		errx(1, "a file over memory");
	madvise(second, 4096, MADV_DONTNEED);
	if (memcmp(second + 1, "ELF", 3))
		errx(1, "a file over memory, purged");
	show_sum("after the file", first + 12288, MIB / 4);
	third = map_memory(NULL, MIB, 0);
	fill_bytes(third, MIB, 3);
	third = mremap(third, MIB, 3 * MIB, MREMAP_MAYMOVE);
	show_sum("grown", third, 3 * MIB);
	third = mremap(third, 3 * MIB, MIB / 2, 0);
	show_sum("shrunk", third, MIB / 2);
	second = map_memory(NULL, MIB, 0);
	fill_bytes(second, MIB, 4);
	/* Something behind it, so that it has to move. */
	first = map_memory(second + MIB, MIB, 0);
	second = mremap(second, MIB, 2 * MIB, MREMAP_MAYMOVE);
	show_sum("moved", second, 2 * MIB);
	first = map_memory(NULL, 2 * MIB, 0);
	second = mremap(second, 2 * MIB, 2 * MIB,
			MREMAP_MAYMOVE | MREMAP_FIXED, first);
	if (second != first)
		errx(1, "MREMAP_FIXED went elsewhere");
	show_sum("moved there", first, 2 * MIB);
	if (mprotect(first, MIB, PROT_READ))
		err(1, "mprotect");
	show_sum("made read-only", first, MIB);
	if (mremap(first + 1, MIB, MIB, 0) != MAP_FAILED ||
	    munmap(first + 1, 4096) == 0 ||
	    madvise(first + 1, 4096, MADV_DONTNEED) == 0)
		errx(1, "an address that is not aligned was taken");
}

static int status_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

/* The child has its own writes, and none that the parent makes meanwhile. */
static void fork_and_write(void)
{
	char *block = malloc(MIB);
	int begin[2], i;
	pid_t child;

	fill_bytes(block, MIB, 1);
	if (pipe(begin))
		err(1, "pipe");
	fflush(stdout);
	child = fork();
	if (!child) {
		if (read(begin[0], &i, 1) != 1)
			err(1, "read");
		show_sum("child finds", block, MIB);
		fill_bytes(block, MIB, 2);
		for (i = 0; i < 200; i++)
			fill_bytes(malloc(5000), 5000, i);
		show_sum("child wrote", block, MIB);
		exit(7);
	}
	fill_bytes(block, MIB, 3);
	if (write(begin[1], "", 1) != 1)
		err(1, "write");
	printf("child: %d\n", status_of(child));
	show_sum("parent has", block, MIB);
}

static void fork_and_execute(void)
{
	char *arguments[3] = { strdup("/bin/echo"), strdup("executed"), NULL };
	char *block = malloc(MIB);
	pid_t child;

	fill_bytes(block, MIB, 1);
	fflush(stdout);
	child = fork();
	if (!child) {
		setenv("SOMETHING", "else", 1);
		execv(arguments[0], arguments);
		_exit(127);
	}
	memset(arguments[1], 'x', 8);
	printf("child: %d\n", status_of(child));
	show_sum("parent has", block, MIB);
	fflush(stdout);
	if (posix_spawn(&child, "/bin/echo", NULL, NULL,
			(char *[]){ "echo", "spawned", NULL }, environ))
		errx(1, "posix_spawn");
	printf("child: %d\n", status_of(child));
	fflush(stdout);
	printf("system: %d\n", system("echo system"));
	show_sum("parent has", block, MIB);
}

/* Without the C library's handlers; and children of children, which share pages with both. */
static void fork_by_clone(void)
{
	char *block = malloc(MIB);
	pid_t child, pid;

	fill_bytes(block, MIB, 1);
	fflush(stdout);
	child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (!child) {
		fill_bytes(block, MIB / 2, 2);
		pid = _Fork();
		if (!pid) {
			fill_bytes(block + MIB / 4, MIB / 2, 3);
			show_sum("grandchild has", block, MIB);
			fflush(stdout);
			_exit(5);
		}
		printf("grandchild: %d\n", status_of(pid));
		show_sum("child has", block, MIB);
		fflush(stdout);
		_exit(7);
	}
	printf("child: %d\n", status_of(child));
	show_sum("parent has", block, MIB);
}

static FILE *shared_stream;
static volatile int is_over;

static void *hold_stream(void *arg)
{
	while (!is_over) {
		flockfile(shared_stream);
		usleep(2000);
		funlockfile(shared_stream);
		free(malloc(3000));
	}
	return NULL;
}

/* The C library itself resets locks in the child's heap. */
static void fork_with_threads(void)
{
	pthread_t thread[2];
	pid_t child;
	int i;

	shared_stream = fopen("/dev/null", "w");
	for (i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, hold_stream, NULL);
	usleep(10000);
	for (i = 0; i < 5; i++) {
		fflush(stdout);
		child = fork();
		if (!child) {
			fprintf(shared_stream, "%d", i);
			free(malloc(2 * MIB));
			fclose(shared_stream);
			_exit(i);
		}
		printf("child: %d\n", status_of(child));
	}
	is_over = 1;
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
}

static void on_segv(int number)
{
	static const char text[] = "its own handler\n";

	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(9);
}

/* Nothing is mapped there, which the compiler must not know. */
static int *volatile nowhere = (int *)8;

/* A handler of the program's is there before, in, and after a fork. */
static void own_handler(void)
{
	pid_t child;

	signal(SIGSEGV, on_segv);
	fflush(stdout);
	child = fork();
	if (!child)
		*nowhere = 1;
	printf("child: %d\n", status_of(child));
	fflush(stdout);
	*nowhere = 1;
}

static unsigned long count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long nr = 0;
	int c;

	while ((c = getc(maps)) != EOF)
		nr += c == '\n';
	fclose(maps);
	return nr;
}

/* The kernel allows 65,530 of one process, and merges those side by side. */
static void map_many(void)
{
	const size_t nr = 12000, size = 65536;
	char **pieces = (void *)map_memory(NULL, nr * sizeof(*pieces), 0);
	unsigned long wrong = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		pieces[i] = map_memory(NULL, size, 0);
		*pieces[i] = i % 100;
		if (i % 10 == 9 && mprotect(pieces[i - 5], 4096, PROT_READ))
			err(1, "mprotect");
		if (i % 1000 == 999 && munmap(pieces[i - 3] + 4096, 8192))
			err(1, "munmap");
		if (i % 10 == 9 && mprotect(pieces[i - 5], 4096, PROT_READ | PROT_WRITE))
			err(1, "mprotect");
	}
	for (i = 0; i < nr; i++)
		wrong += *pieces[i] != (char)(i % 100);
	printf("%lu wrong, %s mappings\n", wrong,
	       count_mappings() < 2500 ? "few" : "many");
}

static void close_all(void)
{
	char *block;
	int fd;

	for (fd = 3; fd < 4096; fd++)
		close(fd);
	closefrom(3);
	close_range(3, 5000, 0);
	block = malloc(8 * MIB);
	fill_bytes(block, 8 * MIB, 1);
	show_sum("after closing all", block, 8 * MIB);
	free(block);
}

static void wait_for_signal(void)
{
	puts("waiting");
	fflush(stdout);
	pause();
}

static const struct thing things[] = {
	{ "threads", run_threads },
	{ "mappings", change_mappings },
	{ "fork-and-write", fork_and_write },
	{ "fork-and-execute", fork_and_execute },
	{ "fork-by-clone", fork_by_clone },
	{ "fork-with-threads", fork_with_threads },
	{ "own-handler", own_handler },
	{ "many", map_many },
	{ "close-all", close_all },
	{ "wait", wait_for_signal },
	{}
};

int main(int argc, char **argv)
{
	return do_thing(things, argc, argv);
}
