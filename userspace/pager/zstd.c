// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab-pager-zstd: a region shows a file that is kept in memory, compressed page by page. The
 * pages in use are in frames of the device; all others take their compressed size. Writes what the
 * region shows to stdout, and the size to stderr.
 */
#include <zstd.h>
#include "image.h"

#define LEVEL	3

/**
 * struct packed - a compressed page
 * @size: in bytes; 0: the page is zeros
 * @bytes: its content
 */
struct packed {
	size_t size;
	void *bytes;
};

struct packed_image {
	struct image image;
	struct packed *pages;
	size_t size;
};

static void pack_page(struct packed_image *packed, uint64_t page, const char *content)
{
	char buffer[ZSTD_COMPRESSBOUND(PAGER_PAGE)];
	static const char zeros[PAGER_PAGE];
	size_t size;
	void *bytes;

	if (!memcmp(content, zeros, PAGER_PAGE))
		return;
	size = ZSTD_compress(buffer, sizeof(buffer), content, PAGER_PAGE, LEVEL);
	if (ZSTD_isError(size))
		errx(1, "page %llu: %s", (unsigned long long)page, ZSTD_getErrorName(size));
	bytes = malloc(size);
	if (!bytes)
		err(1, "page %llu", (unsigned long long)page);
	packed->pages[page] = (struct packed){ size, memcpy(bytes, buffer, size) };
	packed->size += size;
}

static void pack(struct packed_image *packed)
{
	uint64_t page;
	long nr;

	packed->pages = calloc(packed->image.nr_pages, sizeof(*packed->pages));
	if (!packed->pages)
		err(1, "pages");
	for (page = 0; page < packed->image.nr_pages; page++) {
		char content[PAGER_PAGE] = { };

		nr = image_read(&packed->image, page, 1, content);
		must(nr, "read");
		pack_page(packed, page, content);
	}
}

/* One page an answer: its neighbours may never be used. */
static long fill(void *data, uint64_t page, size_t nr, char *to)
{
	struct packed_image *packed = data;
	struct packed *from = &packed->pages[page];
	size_t size;

	if (!from->size)
		return 0;
	size = ZSTD_decompress(to, PAGER_PAGE, from->bytes, from->size);
	return size == PAGER_PAGE ? 1 : -EIO;
}

static const struct pager_ops ops = { .fill = fill };

static void free_pages(struct packed_image *packed)
{
	uint64_t page;

	for (page = 0; page < packed->image.nr_pages; page++)
		free(packed->pages[page].bytes);
	free(packed->pages);
}

int main(int argc, char **argv)
{
	struct packed_image packed = { };
	struct pager pager;

	if (argc != 3)
		errx(2, "usage: swaplab-pager-zstd DEVICE FILE");
	image_open(&packed.image, argv[2], O_RDONLY);
	pack(&packed);
	fprintf(stderr, "%llu bytes in %zu\n", (unsigned long long)packed.image.size, packed.size);
	must(pager_open(&pager, argv[1], packed.image.nr_pages, &ops, &packed), argv[1]);
	must(pager_serve(&pager, 2), "pager_serve");
	image_write(&packed.image, pager.map);
	pager_close(&pager);
	free_pages(&packed);
	return 0;
}
