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

static int save(void *data, uint64_t page, const char *from)
{
	const struct image *image = data;
	uint64_t offset = page * PAGER_PAGE, len = image->size - offset;

	if (len > PAGER_PAGE)
		len = PAGER_PAGE;
	return pwrite(image->fd, from, len, offset) == (ssize_t)len ? 0 : -EIO;
}

static const struct pager_ops ops = { .fill = fill, .save = save };

static void make_upper(const struct image *image, char *map)
{
	uint64_t i;

	for (i = 0; i < image->size; i++)
		if (islower((unsigned char)map[i]))
			map[i] = toupper((unsigned char)map[i]);
}

int main(int argc, char **argv)
{
	bool upper = argc == 4 && !strcmp(argv[1], "--upper");
	struct image image;
	struct pager pager;
	long saved;

	if (argc != 3 + upper)
		errx(2, "usage: swaplab-pager-file [--upper] DEVICE FILE");
	argv += upper;
	image_open(&image, argv[2], upper ? O_RDWR : O_RDONLY);
	must(pager_open(&pager, argv[1], image.nr_pages, &ops, &image), argv[1]);
	pager.nr_ahead = 16;
	must(pager_serve(&pager, 2), "pager_serve");
	if (upper) {
		make_upper(&image, pager.map);
		saved = pager_take_back(&pager, 0, image.nr_pages);
		must(saved, "pager_take_back");
		fprintf(stderr, "%ld of %llu pages were written to\n", saved,
			(unsigned long long)image.nr_pages);
	} else {
		image_write(&image, pager.map);
	}
	pager_close(&pager);
	return 0;
}
