// SPDX-License-Identifier: GPL-2.0
/*
 * Uses .data and .bss: reads them, writes to them, forks, purges and protects them. Prints
 * its findings: the same with and without the device.
 */

#include <err.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB		1048576UL
#define NR_WORDS	(3 * MIB / sizeof(long))

static unsigned long sum_bytes(const void *start, size_t size)
{
	const unsigned char *byte = start;
	unsigned long value = 5381;

	while (size--)
		value = value * 33 + *byte++;
	return value;
}

static void wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	printf("child: %x\n", status);
}

/* In the program's file, and in none. */
static unsigned long data_words[NR_WORDS] = { [0 ... NR_WORDS - 1] = 5 };
static unsigned long bss_words[NR_WORDS];
static unsigned long before_main;

__attribute__((constructor)) static void set_before_main(void)
{
	bss_words[NR_WORDS / 2] = 7;
	before_main = 7;
}

static void write_each(size_t step, unsigned long value)
{
	size_t i;

	for (i = 0; i < NR_WORDS; i += step) {
		data_words[i] = i + value;
		bss_words[i] = i * value;
	}
}

static void show_variables(const char *name)
{
	printf("%s: %lu %lu, %lu\n", name, sum_bytes(data_words, 3 * MIB),
	       sum_bytes(bss_words, 3 * MIB), before_main);
	fflush(stdout);
}

static char *find_page(void *addr)
{
	return (char *)(((unsigned long)addr + 4095) & -4096UL);
}

/* .data and .bss: read, written, forked, purged and protected. */
int main(void)
{
	pid_t child;

	show_variables("at first");
	write_each(100, 1);
	show_variables("written");
	child = fork();
	if (!child) {
		write_each(700, 2);
		show_variables("child");
		_exit(3);
	}
	write_each(500, 3);
	wait_for(child);
	show_variables("parent");
	if (madvise(find_page(bss_words + NR_WORDS / 4), MIB, MADV_DONTNEED))
		err(1, "madvise");
	show_variables("purged");
	if (mprotect(find_page(bss_words), 4096, PROT_READ) ||
	    mprotect(find_page(bss_words), 4096, PROT_READ | PROT_WRITE))
		err(1, "mprotect");
	bss_words[NR_WORDS / 8] = 9;
	show_variables("at last");
	return 0;
}
