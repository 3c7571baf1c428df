// SPDX-License-Identifier: GPL-2.0
/*
 * Reads random pages of a disk, past the page cache, and prints how many
 * microseconds one took, on average: the reference for a refault.
 */

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "clock.h"
#include "content.h"

#define NR_READS	500

int main(int argc, char **argv)
{
	static char page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
	unsigned long nr_pages = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;
	unsigned int i;
	double start;
	int fd;

	if (!nr_pages)
		errx(2, "usage: pread DISK PAGES");
	fd = open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		err(2, "%s", argv[1]);
	start = now_us();
	for (i = 0; i < NR_READS; i++)
		if (pread(fd, page, sizeof(page), content_mix(i) % nr_pages * PAGE_BYTES) !=
		    sizeof(page))
			err(2, "%s", argv[1]);
	printf("%.3f\n", (now_us() - start) / NR_READS);
	return 0;
}
