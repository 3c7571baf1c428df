/* SPDX-License-Identifier: GPL-2.0 */
/* The segments of an ELF file in the memory of this process. */
#ifndef LOADER_IMAGE_H
#define LOADER_IMAGE_H

#include <stddef.h>

#define IMAGE_PAGE	4096UL
#define IMAGE_NAME	256	/* bytes of the path of an interpreter, at most */

/**
 * struct image - an ELF file that is mapped
 * @bias: its addresses begin so far behind those that the file says
 * @entry: address of its first instruction
 * @headers: address of its program headers
 * @nr_headers: how many
 */
struct image {
	unsigned long bias;
	unsigned long entry;
	unsigned long headers;
	size_t nr_headers;
};

void image_load(struct image *image, const char *path, int region, unsigned long offset,
		char *interpreter);

#endif /* LOADER_IMAGE_H */
