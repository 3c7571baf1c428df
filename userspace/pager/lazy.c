// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab-pager-lazy: restores a snapshot page by page, while the program that uses it runs. With
 * --record LIST the pages that are asked for are written to LIST, in this order; with --prefetch
 * LIST those of a recording are supplied by a thread from the beginning on.
 *
 * In place of a program, this one reads every STRIDE-th page, and prints how many pages it
 * had to wait for, and a checksum of what it has read.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdbool.h>
#include "image.h"

#define STRIDE	3

struct snapshot {
	struct image image;
	struct pager pager;
	pthread_mutex_t lock;		/* Protects: the record and the count */
	FILE *record;
	size_t nr_touched;
	FILE *list;
	int err;
};

static long fill(void *data, uint64_t page, size_t nr, char *to)
{
	struct snapshot *snapshot = data;

	return image_read(&snapshot->image, page, nr, to);
}

static void touched(void *data, uint64_t page)
{
	struct snapshot *snapshot = data;

	pthread_mutex_lock(&snapshot->lock);
	snapshot->nr_touched++;
	if (snapshot->record)
		fprintf(snapshot->record, "%llu\n", (unsigned long long)page);
	pthread_mutex_unlock(&snapshot->lock);
}

static const struct pager_ops ops = { .fill = fill, .touched = touched };

/* Neighbours in one answer. */
static void *prefetch(void *data)
{
	struct snapshot *snapshot = data;
	unsigned long long page, first = 0, nr = 0;

	while (!snapshot->err && fscanf(snapshot->list, "%llu", &page) == 1) {
		if (nr && page == first + nr) {
			nr++;
			continue;
		}
		snapshot->err = pager_prefetch(&snapshot->pager, first, nr);
		first = page;
		nr = 1;
	}
	if (!snapshot->err)
		snapshot->err = pager_prefetch(&snapshot->pager, first, nr);
	if (!snapshot->err && !feof(snapshot->list))
		snapshot->err = -EINVAL;
	return NULL;
}

static uint64_t use_pages(const struct snapshot *snapshot)
{
	const unsigned char *map = (const unsigned char *)snapshot->pager.map;
	uint64_t sum = 0, page;

	for (page = 0; page < snapshot->image.nr_pages; page += STRIDE)
		sum = sum * 31 + map[page * PAGER_PAGE];
	return sum;
}

/* The program waits for the recorded pages, or not: a thread goes on beside it. */
static void run(struct snapshot *snapshot, bool waits)
{
	pthread_t thread;
	uint64_t sum;

	if (snapshot->list && pthread_create(&thread, NULL, prefetch, snapshot))
		errx(1, "no thread");
	if (snapshot->list && waits)
		pthread_join(thread, NULL);
	sum = use_pages(snapshot);
	if (snapshot->list && !waits)
		pthread_join(thread, NULL);
	must(snapshot->err, "the list of pages");
	printf("%zu pages were waited for, checksum %016llx\n", snapshot->nr_touched,
	       (unsigned long long)sum);
}

static FILE *open_list(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (!file)
		err(1, "%s", path);
	return file;
}

static void close_list(FILE *file)
{
	if (file && fclose(file))
		err(1, "list");
}

static void end_with_usage(void)
{
	errx(2, "usage: swaplab-pager-lazy [-r LIST | -p LIST [-w]] DEVICE SNAPSHOT");
}

static bool parse(struct snapshot *snapshot, int argc, char **argv)
{
	static const struct option options[] = {
		{ "record", required_argument, NULL, 'r' },
		{ "prefetch", required_argument, NULL, 'p' },
		{ "wait", no_argument, NULL, 'w' },
		{ }
	};
	bool waits = false;
	int option;

	while ((option = getopt_long(argc, argv, "r:p:w", options, NULL)) != -1) {
		if (option == 'r')
			snapshot->record = open_list(optarg, "w");
		else if (option == 'p')
			snapshot->list = open_list(optarg, "r");
		else if (option == 'w')
			waits = true;
		else
			end_with_usage();
	}
	if (argc - optind != 2 || (snapshot->record && snapshot->list) ||
	    (waits && !snapshot->list))
		end_with_usage();
	return waits;
}

int main(int argc, char **argv)
{
	struct snapshot snapshot = { .lock = PTHREAD_MUTEX_INITIALIZER };
	bool waits = parse(&snapshot, argc, argv);

	image_open(&snapshot.image, argv[optind + 1], O_RDONLY);
	must(pager_open(&snapshot.pager, argv[optind], snapshot.image.nr_pages, &ops, &snapshot),
	     argv[optind]);
	must(pager_serve(&snapshot.pager, 1), "pager_serve");
	run(&snapshot, waits);
	pager_close(&snapshot.pager);
	close_list(snapshot.record);
	close_list(snapshot.list);
	return 0;
}
