// SPDX-License-Identifier: GPL-2.0
/*
 * A planted fault: a disk that forgets. A fuzzer that does not find this finds nothing.
 *
 * No program can write to the store itself. So it has to lie on another disk, which
 * SWAPLAB_FUZZ_DISK names, from its beginning.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "fuzz.h"

/* Slots are taken in the order of the disk, so this is more than a short run uses. */
#define CHUNK		REGION_SIZE
#define NR_CHUNKS	16

static void spoil_page(int disk, unsigned char *bytes, off_t at)
{
	size_t i;

	if (pread(disk, bytes, CHUNK, at) != (ssize_t)CHUNK)
		goto fail;
	for (i = 0; i < CHUNK; i += PAGE)
		bytes[i + i / PAGE] ^= 1;
	if (pwrite(disk, bytes, CHUNK, at) == (ssize_t)CHUNK)
		return;
fail:
	perror("fuzz: SWAPLAB_FUZZ_DISK");
	_exit(2);
}

/* One bit of each page that is in the first slots. */
static void op_rogue(struct worker *worker)
{
	const char *path = getenv("SWAPLAB_FUZZ_DISK");
	int disk = open(path ? path : "", O_RDWR | O_DIRECT | O_CLOEXEC);
	int i;

	for (i = 0; i < NR_CHUNKS; i++)
		spoil_page(disk, worker->bounce, (off_t)i * CHUNK);
	close(disk);
}

const struct op rogue_ops[] = {
	{ "rogue", 20, op_rogue },
	{ }
};
