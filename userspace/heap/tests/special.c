// SPDX-License-Identifier: GPL-2.0
/*
 * Calls on mappings that programs seldom make, one thing a run, and mostly across a
 * fork. Prints its findings: the same with and without the device.
 *
 * Usage: special THING
 */

#include <err.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "things.h"

#define PAGE		4096UL
#define SIZE		(64 * PAGE)

/* Prints @check(@start) in a child, or the signal that kills it, and then here. */
static void check_in_child(const char *name, int (*check)(char *), char *start)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(check(start));
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (WIFSIGNALED(status))
		printf("%s, child: signal %d\n", name, WTERMSIG(status));
	else
		printf("%s, child: %d\n", name, WEXITSTATUS(status));
}

static int read_first(char *start)
{
	return *start;
}

static int write_first(char *start)
{
	*start = 9;
	return *start;
}

static int run_code(char *start)
{
	return ((int (*)(void))start)();
}

/* mov $42, %eax; ret */
static const char code[] = "\xb8\x2a\x00\x00\x00\xc3";

static void run_code_in_child(void)
{
	char *start = map_memory(NULL, SIZE, 0);

	memcpy(start, code, sizeof(code));
	if (mprotect(start, PAGE, PROT_READ | PROT_EXEC))
		err(1, "mprotect");
	printf("code: %d\n", run_code(start));
	check_in_child("code", run_code, start);
	check_in_child("code that is written", write_first, start);
}

static void protect_and_fork(void)
{
	char *start = map_memory(NULL, SIZE, 0);

	memset(start, 5, SIZE);
	if (mprotect(start, PAGE, PROT_READ) ||
	    mprotect(start + PAGE, PAGE, PROT_NONE))
		err(1, "mprotect");
	check_in_child("read-only, read", read_first, start);
	check_in_child("read-only, written", write_first, start);
	check_in_child("inaccessible", read_first, start + PAGE);
	if (mprotect(start, 2 * PAGE, PROT_READ))
		err(1, "mprotect");
	check_in_child("accessible again", read_first, start + PAGE);
}

static int is_hole(char *start)
{
	return mprotect(start, PAGE, PROT_READ) ? errno == ENOMEM : 0;
}

static int map_there(char *start)
{
	start = map_memory(start, PAGE, MAP_FIXED_NOREPLACE);
	return *start;
}

/* MADV_DONTFORK and MADV_WIPEONFORK, and back. */
static void advise_and_fork(void)
{
	char *start = map_memory(NULL, SIZE, 0);

	memset(start, 5, SIZE);
	if (madvise(start, PAGE, MADV_DONTFORK))
		err(1, "MADV_DONTFORK");
	check_in_child("not to be inherited, read", read_first, start);
	check_in_child("not to be inherited", is_hole, start);
	check_in_child("not to be inherited, mapped", map_there, start);
	check_in_child("beside it", read_first, start + PAGE);
	if (madvise(start, PAGE, MADV_DOFORK))
		err(1, "MADV_DOFORK");
	check_in_child("inherited again", read_first, start);
	if (madvise(start, PAGE, MADV_WIPEONFORK))
		err(1, "MADV_WIPEONFORK");
	check_in_child("to be wiped", read_first, start);
	check_in_child("to be wiped, written", write_first, start);
	printf("here: %d\n", *start);
	if (madvise(start, PAGE, MADV_KEEPONFORK))
		err(1, "MADV_KEEPONFORK");
	check_in_child("kept again", read_first, start);
}

static void try_noreplace(const char *name, char *start, size_t size)
{
	char *got = mmap(start, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == MAP_FAILED)
		printf("%s: %s\n", name, strerrorname_np(errno));
	else
		printf("%s: %s\n", name, got == start ? "there" : "elsewhere");
}

static void map_noreplace(void)
{
	char *start = map_memory(NULL, 2 * SIZE, 0);

	memset(start, 5, 2 * SIZE);
	try_noreplace("mapped memory", start, SIZE);
	munmap(start + PAGE, SIZE);
	try_noreplace("partly mapped", start, SIZE);
	try_noreplace("partly mapped behind", start + 2 * PAGE, SIZE);
	printf("nothing is lost: %d %d\n", *start, start[SIZE + PAGE]);
	try_noreplace("a hole", start + PAGE, SIZE);
	printf("it is zero: %d\n", start[PAGE]);
}

/* Memory that is not the device's, among memory that is. */
static void move_in(void)
{
	char *start = map_memory(NULL, SIZE, 0), *small = map_memory(NULL, 2 * PAGE, 0);

	memset(start, 5, SIZE);
	memset(small, 6, 2 * PAGE);
	if (mremap(small, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   start + PAGE) != start + PAGE)
		err(1, "mremap");
	check_in_child("moved in", read_first, start + PAGE);
	check_in_child("beside it", read_first, start + 3 * PAGE);
	if (madvise(start + PAGE, PAGE, MADV_DONTNEED))
		err(1, "madvise");
	printf("purged: %d, and not: %d\n", start[PAGE], start[2 * PAGE]);
	small = map_memory(NULL, 2 * PAGE, 0);
	if (mremap(start + PAGE, 2 * PAGE, 2 * PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED, small) != small)
		err(1, "mremap");
	printf("moved out: %d\n", small[PAGE]);
	printf("there is a hole: %d\n", is_hole(start + PAGE));
	try_noreplace("the hole", start + PAGE, 2 * PAGE);
	printf("it is zero: %d\n", start[PAGE]);
}

/* Inaccessible memory is moved, with its content and its protection. */
static void move_inaccessible(void)
{
	char *start = map_memory(NULL, SIZE, 0), *there;

	memset(start, 5, SIZE);
	if (mprotect(start, SIZE, PROT_NONE))
		err(1, "mprotect");
	there = mremap(start, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
	if (there == MAP_FAILED)
		err(1, "mremap");
	check_in_child("moved, read", read_first, there);
	there = mremap(there, 2 * SIZE, 2 * SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       map_memory(NULL, 2 * SIZE, 0));
	if (there == MAP_FAILED)
		err(1, "mremap");
	check_in_child("moved again, read", read_first, there);
	mprotect(there, 2 * SIZE, PROT_READ);
	printf("it has %d and %d\n", *there, there[SIZE]);
}

static void allocate_pages(void)
{
	static const size_t sizes[] = { 0, 1, PAGE, PAGE + 1, 40 * SIZE };
	/* More than there is, which the compiler must not know. */
	volatile size_t too_many = SIZE_MAX - 1;
	unsigned int i;
	char *start;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		start = pvalloc(sizes[i]);
		if (!start || (uintptr_t)start % PAGE)
			errx(1, "pvalloc");
		/* The C library takes no page for no bytes. */
		memset(start, 5, sizes[i] ? (sizes[i] + PAGE - 1) & -PAGE : 0);
		start = realloc(start, sizes[i] + 2 * PAGE);
		printf("%zu bytes: %d\n", sizes[i], sizes[i] ? *start : 5);
		free(start);
	}
	errno = 0;
	start = pvalloc(too_many);
	printf("too many: %s, %s\n", start ? "memory" : "none", strerrorname_np(errno));
}

static const struct thing things[] = {
	{ "executable", run_code_in_child },
	{ "protected", protect_and_fork },
	{ "advised", advise_and_fork },
	{ "fixed-noreplace", map_noreplace },
	{ "moved-in", move_in },
	{ "moved-inaccessible", move_inaccessible },
	{ "pvalloc", allocate_pages },
	{}
};

int main(int argc, char **argv)
{
	return do_thing(things, argc, argv);
}
