// SPDX-License-Identifier: GPL-2.0
/*
 * Uses pages of a device: uses DEVICE PAGES USES. Three of four are in one of four
 * parts, the next one for each quarter of the run; every third use is a write. Only
 * these touch the mapping.
 */

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE_BYTES	4096

static uint32_t random_below(uint32_t limit)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 32) * limit >> 32;
}

static size_t next_page(size_t nr_pages, size_t quarter)
{
	size_t part = nr_pages / 4;

	if (random_below(4))
		return quarter * part + random_below(part);
	return random_below(nr_pages);
}

int main(int argc, char **argv)
{
	size_t nr_pages, nr_uses, i;
	volatile char *memory, *byte;
	int fd;

	if (argc != 4)
		errx(2, "uses DEVICE PAGES USES");
	nr_pages = strtoul(argv[2], NULL, 10);
	nr_uses = strtoul(argv[3], NULL, 10);
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(2, "%s", argv[1]);
	memory = mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		err(2, "mmap");
	for (i = 0; i < nr_uses; i++) {
		byte = memory + next_page(nr_pages, 4 * i / nr_uses) * PAGE_BYTES;
		if (i % 3)
			(void)*byte;
		else
			*byte = i;
	}
	return 0;
}
