// SPDX-License-Identifier: GPL-2.0
/*
 * A process with known pages, for tests of swaplab walk: four pages of anonymous memory, of which
 * the first was written, the second is shared with a child that fork made, the third was not
 * touched, and the fourth is in a mapping of its own that has no permissions; and a shared
 * page of a file. Prints both addresses, and waits for the end of its input.
 *
 * Usage: pages FILE
 */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096

static char *map_pages(size_t nr, int flags, int fd)
{
	char *memory = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	return memory;
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;
	volatile char *memory, *file;
	int status;
	char end;
	pid_t pid;

	if (fd < 0 || ftruncate(fd, PAGE))
		err(1, "%s", argc == 2 ? argv[1] : "FILE");
	memory = map_pages(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	file = map_pages(1, MAP_SHARED, fd);
	if (mprotect((char *)memory + 3 * PAGE, PAGE, PROT_NONE))
		err(1, "mprotect");
	memory[PAGE] = 1;
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(read(0, &end, 1) != 0);
	memory[0] = 1;
	file[0] = 1;
	printf("%p %p\n", (void *)memory, (void *)file);
	fflush(stdout);
	if (read(0, &end, 1) || waitpid(pid, &status, 0) != pid)
		return 1;
	return status != 0;
}
