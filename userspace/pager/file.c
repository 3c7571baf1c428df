// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab-pager-file: a region shows a file, by a pager that reads it. Writes what the region
 * shows to stdout. (SWAPLAB_BACK does the same without a pager; this is the smallest one.)
 *
 * With --upper, small letters become capital ones, in the region; the pages that were written
 * to are taken back, and saved.
 */
#include <ctype.h>
#include <stdbool.h>
#include "image.h"

static long fill(void *data, uint64_t page, size_t nr, char *to)
{
	return image_read(data, page, nr, to);
}

static const struct pager_ops ops = { .fill = fill };

static void make_upper(const struct image *image, char *map)
{
	uint64_t i;

	for (i = 0; i < image->size; i++)
		if (islower((unsigned char)map[i]))
			map[i] = toupper((unsigned char)map[i]);
}

static void save_page(const struct image *image, int fd, uint64_t page, const char *from)
{
	uint64_t offset = page * PAGER_PAGE, len = image->size - offset;

	if (len > PAGER_PAGE)
		len = PAGER_PAGE;
	if (pwrite(fd, from, len, offset) != (ssize_t)len)
		err(1, "saving page %llu", (unsigned long long)page);
}

static void save(const struct image *image, struct pager *pager, const char *path)
{
	static char buffer[PAGER_MAX_PAGES * PAGER_PAGE];
	uint64_t page, nr, i, written, saved = 0;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	for (page = 0; page < image->nr_pages; page += nr) {
		nr = image->nr_pages - page < PAGER_MAX_PAGES ? image->nr_pages - page :
								PAGER_MAX_PAGES;
		must(pager_take_back(pager, page, nr, buffer, &written), "pager_take_back");
		for (i = 0; i < nr; i++)
			if (written >> i & 1)
				save_page(image, fd, page + i, buffer + i * PAGER_PAGE);
		saved += __builtin_popcountll(written);
	}
	if (close(fd))
		err(1, "%s", path);
	fprintf(stderr, "%llu of %llu pages were written to\n", (unsigned long long)saved,
		(unsigned long long)image->nr_pages);
}

int main(int argc, char **argv)
{
	bool upper = argc == 4 && !strcmp(argv[1], "--upper");
	struct image image;
	struct pager pager;

	if (argc != 3 + upper)
		errx(2, "usage: swaplab-pager-file [--upper] DEVICE FILE");
	argv += upper;
	image_open(&image, argv[2]);
	must(pager_open(&pager, argv[1], image.nr_pages, &ops, &image), argv[1]);
	pager.nr_ahead = 16;
	must(pager_serve(&pager, 2), "pager_serve");
	if (upper) {
		make_upper(&image, pager.map);
		save(&image, &pager, argv[2]);
	} else {
		image_write(&image, pager.map);
	}
	pager_close(&pager);
	return 0;
}
