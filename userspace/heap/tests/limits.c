// SPDX-License-Identifier: GPL-2.0
/*
 * A program that limits itself, one way a run. Prints its findings: the same with and without
 * the device.
 *
 * Usage: limits THING
 */

#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/swaplab.h>
#include <pthread.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "things.h"

#define MIB		1048576UL
#define SIZE		(64 * MIB)

static unsigned long sum_words(const char *start, size_t size)
{
	const unsigned long *word = (const unsigned long *)start;
	unsigned long value = 5381;

	for (size /= sizeof(*word); size; size--)
		value = value * 33 + *word++;
	return value;
}

static void fill_words(char *start, size_t size)
{
	unsigned long *word = (unsigned long *)start, i;

	for (i = 0; i < size / sizeof(*word); i++)
		word[i] = i * 2654435761UL;
}

static void *fill_and_sum(void *arg)
{
	char *start = map_memory(NULL, SIZE, 0);

	fill_words(start, SIZE);
	*(unsigned long *)arg = sum_words(start, SIZE);
	if (munmap(start, SIZE))
		err(1, "munmap");
	return NULL;
}

static void use_memory(const char *name)
{
	unsigned long sum[2];
	pthread_t thread;

	fill_and_sum(&sum[0]);
	if (pthread_create(&thread, NULL, fill_and_sum, &sum[1]))
		errx(1, "pthread_create");
	pthread_join(thread, NULL);
	free(memset(malloc(8 * MIB), 5, 8 * MIB));
	printf("%s: %lu %lu\n", name, sum[0], sum[1]);
	fflush(stdout);
}

static void use_memory_in_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		use_memory("child");
		_exit(7);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	printf("child: status %x\n", status);
}

/* With memory that is used before, and stays. */
static void limit_addresses(void)
{
	struct rlimit limit = { .rlim_cur = 1024 * MIB, .rlim_max = 2048 * MIB };
	char *block = malloc(SIZE);
	unsigned long sum;

	fill_words(block, SIZE);
	sum = sum_words(block, SIZE);
	if (setrlimit(RLIMIT_AS, &limit))
		err(1, "setrlimit");
	use_memory("1 GiB");
	use_memory_in_child();
	limit.rlim_cur = 512 * MIB;
	if (prlimit(getpid(), RLIMIT_AS, &limit, NULL))
		err(1, "prlimit");
	use_memory("512 MiB");
	printf("the limit holds: %d\n", mmap(NULL, 1024 * MIB, PROT_NONE,
					     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK,
					     -1, 0) == MAP_FAILED);
	printf("memory of before is the same: %d\n", sum == sum_words(block, SIZE));
	free(block);
}

static bool is_zero(const char *start, size_t size)
{
	while (size && !*start++)
		size--;
	return !size;
}

/* A file of its own takes the place of each descriptor, as in a program with many. */
static void use_all_descriptors(void)
{
	char *before = map_memory(NULL, MIB, 0), *start, *there;
	int file = memfd_create("file", 0), fd;
	struct stat stat;

	memset(before, 5, MIB);
	if (file < 0 || ftruncate(file, 1024 * MIB))
		err(1, "memfd_create");
	for (fd = 3; fd < 64; fd++)
		if (fd != file && dup2(file, fd) < 0)
			err(1, "dup2");
	start = map_memory(NULL, SIZE, 0);
	printf("new memory is zero: %d\n", is_zero(start, SIZE));
	memset(start, 6, SIZE);
	memset(malloc(SIZE), 7, SIZE);
	printf("memory of before is the same: %d\n", before[0] + before[MIB - 1] == 10);
	if (madvise(before, MIB / 2, MADV_DONTNEED))
		err(1, "madvise");
	printf("it is purged: %d\n", is_zero(before, MIB / 2) && before[MIB / 2] == 5);
	if (munmap(before, MIB))
		err(1, "munmap");
	there = map_memory(before, MIB, MAP_FIXED);
	printf("and mapped anew: %d\n", there == before && is_zero(there, MIB));
	if (fstat(file, &stat))
		err(1, "fstat");
	printf("the file has nothing: %d\n", !stat.st_blocks);
}

/* The device's call that makes pages absent, as a sandbox that does not know it does. */
static void refuse_discards(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)SWAPLAB_DISCARD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {
		.len = sizeof(steps) / sizeof(*steps),
		.filter = steps,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		err(1, "prctl");
}

static void map_again_and_again(void)
{
	int nr_zero = 0, i;
	char *start;

	for (i = 0; i < 20; i++) {
		start = map_memory(NULL, MIB, 0);
		nr_zero += is_zero(start, MIB);
		memset(start, 5, MIB);
		if (munmap(start, MIB))
			err(1, "munmap");
		start = calloc(MIB, 1);
		nr_zero += is_zero(start, MIB);
		memset(start, 5, MIB);
		free(start);
	}
	printf("new memory is zero: %d times\n", nr_zero);
}

static void map_over(char *start)
{
	map_memory(start, MIB / 2, MAP_FIXED);
	printf("mapped over: %d %d\n", is_zero(start, MIB / 2), start[MIB / 2]);
	memset(start, 6, MIB / 2);
	munmap(start, MIB);
	map_memory(start, MIB, MAP_FIXED);
	printf("mapped there again: %d\n", is_zero(start, MIB));
}

static void wipe_in_child(char *start)
{
	int status;
	pid_t pid;

	memset(start, 7, MIB);
	if (madvise(start, MIB / 2, MADV_WIPEONFORK))
		err(1, "madvise");
	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(is_zero(start, MIB / 2) + start[MIB / 2]);
	waitpid(pid, &status, 0);
	printf("wiped in a child: %d, here: %d\n", WEXITSTATUS(status), *start);
}

static void map_behind_filter(void)
{
	char *start, *there;

	refuse_discards();
	map_again_and_again();
	start = map_memory(NULL, MIB, 0);
	memset(start, 5, MIB);
	map_over(start);
	start = map_memory(NULL, MIB, 0);
	memset(start, 5, MIB);
	there = mremap(start, MIB, MIB, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	if (there == MAP_FAILED)
		err(1, "mremap");
	printf("moved: %d, and left: %d\n", there[MIB - 1], is_zero(start, MIB));
	wipe_in_child(there);
	map_again_and_again();
}

#define NR_PIECES	24

/* The device takes some of them, if it has a limit. None is where another one is. */
static void map_beyond_limit(void)
{
	char *pieces[NR_PIECES];
	unsigned long wrong = 0;
	size_t i, size;

	for (i = 0; i < NR_PIECES; i++) {
		size = i % 3 ? MIB + 65536 : 20 * MIB + 65536;
		pieces[i] = map_memory(NULL, size, 0);
		wrong += !is_zero(pieces[i], size);
		memset(pieces[i], i + 1, 65536);
		pieces[i][size - 1] = i + 1;
	}
	for (i = 0; i < NR_PIECES; i++) {
		size = i % 3 ? MIB + 65536 : 20 * MIB + 65536;
		wrong += pieces[i][0] != (char)(i + 1) || pieces[i][65535] != (char)(i + 1) ||
			 pieces[i][size - 1] != (char)(i + 1);
		if (munmap(pieces[i], size))
			err(1, "munmap");
	}
	printf("%lu wrong\n", wrong);
}

static const struct thing things[] = {
	{ "addresses", limit_addresses },
	{ "descriptors", use_all_descriptors },
	{ "calls", map_behind_filter },
	{ "pages", map_beyond_limit },
	{}
};

int main(int argc, char **argv)
{
	return do_thing(things, argc, argv);
}
