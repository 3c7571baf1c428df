// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is linked with jemalloc and uses each function that only jemalloc
 * has. One frees memory of another, so all of them must be of the same library.
 */

#include <err.h>
#include <jemalloc/jemalloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE	100000

const char *malloc_conf = "narenas:3";

static void count_characters(void *opaque, const char *text)
{
	*(size_t *)opaque += strlen(text);
}

int main(void)
{
	size_t size, mib[2], miblen = 2, length = sizeof(size), printed = 0;
	unsigned int narenas;
	uint64_t epoch = 1;
	char *block;

	block = mallocx(SIZE, MALLOCX_ALIGN(4096) | MALLOCX_ZERO);
	if (!block || (uintptr_t)block % 4096 || block[SIZE - 1])
		errx(1, "mallocx");
	memset(block, 1, SIZE);
	if (sallocx(block, 0) < SIZE || nallocx(SIZE, 0) < SIZE)
		errx(1, "sallocx, nallocx");
	if (xallocx(block, SIZE, 0, 0) < SIZE)
		errx(1, "xallocx");
	block = rallocx(block, 3 * SIZE, 0);
	if (!block || block[SIZE - 1] != 1)
		errx(1, "rallocx");
	free(block);
	block = malloc(SIZE);
	dallocx(block, 0);
	block = malloc(SIZE);
	sdallocx(block, SIZE, 0);
	block = realloc(mallocx(SIZE, 0), 2 * SIZE);
	if (!block || malloc_usable_size(block) < 2 * SIZE)
		errx(1, "realloc");
	free(block);
	if (mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch)) ||
	    mallctlnametomib("opt.narenas", mib, &miblen))
		errx(1, "mallctl");
	length = sizeof(narenas);
	if (mallctlbymib(mib, miblen, &narenas, &length, NULL, 0))
		errx(1, "mallctlbymib");
	malloc_message = count_characters;
	malloc_stats_print(NULL, &printed, "");
	printf("all of it works; %u arenas\n", narenas);
	return !printed;
}
