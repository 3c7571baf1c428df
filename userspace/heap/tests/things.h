/* SPDX-License-Identifier: GPL-2.0 */
/* Test programs that do one thing a run: the one that their argument names. */

#ifndef THINGS_H
#define THINGS_H

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A row without a name ends a table of these. */
struct thing {
	const char *name;
	void (*does)(void);
};

/* Returns the program's exit status. */
static inline int do_thing(const struct thing *things, int argc, char **argv)
{
	const struct thing *thing;

	for (thing = things; thing->name; thing++) {
		if (argc == 2 && !strcmp(thing->name, argv[1])) {
			thing->does();
			return 0;
		}
	}
	errx(2, "there is no such thing");
}

/* Private memory that can be written. Exits when there is none. */
static inline char *map_memory(void *addr, size_t size, int flags)
{
	char *start = mmap(addr, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (start == MAP_FAILED)
		err(1, "mmap");
	return start;
}

#endif
