// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab-pager-file: a region shows a file, by a pager that reads it. Writes what the region
 * shows to stdout. (SWAPLAB_BACK does the same without a pager; this is the smallest one.)
 */
#include "image.h"

static long fill(void *data, uint64_t page, size_t nr, char *to)
{
	return image_read(data, page, nr, to);
}

static const struct pager_ops ops = { .fill = fill };

int main(int argc, char **argv)
{
	struct image image;
	struct pager pager;

	if (argc != 3)
		errx(2, "usage: swaplab-pager-file DEVICE FILE");
	image_open(&image, argv[2]);
	must(pager_open(&pager, argv[1], image.nr_pages, &ops, &image), argv[1]);
	pager.nr_ahead = 16;
	must(pager_serve(&pager, 2), "pager_serve");
	image_write(&image, pager.map);
	pager_close(&pager);
	return 0;
}
