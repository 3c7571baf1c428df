// SPDX-License-Identifier: GPL-2.0
/* swaplab map: shows the state of each page of a region. */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include "draw.h"
#include "json.h"
#include "option.h"
#include "pagemap.h"
#include "process.h"
#include "verb.h"

enum { JSON = 'j', SVG = 1, SAVE };

#define COLUMNS		64
#define ROWS		32

struct request {
	const char *svg;
	const char *save;
	bool is_json;
};

static struct request parse_request(int argc, char **argv)
{
	struct request request = {};
	int key;

	while ((key = option_next(&map_verb, argc, argv)) != -1) {
		switch (key) {
		case JSON:
			request.is_json = true;
			break;
		case SVG:
			request.svg = optarg;
			break;
		case SAVE:
			request.save = optarg;
			break;
		}
	}
	if (argc - optind != 1)
		option_wrong(&map_verb, "a process or a file is wanted");
	return request;
}

static void count_kinds(const struct pagemap *map, unsigned long counts[NR_KINDS])
{
	size_t i;

	for (i = 0; i < map->nr; i++)
		counts[draw_kind(map->states[i])]++;
}

static void print_map(const struct pagemap *map)
{
	unsigned long counts[NR_KINDS] = {};
	enum kind kind;

	count_kinds(map, counts);
	printf("%s\n%zu pages:", map->title, map->nr);
	for (kind = ABSENT; kind < NR_KINDS; kind++)
		printf(" %lu %s%c", counts[kind], draw_names[kind],
		       kind == LOCKED ? '\n' : ',');
	draw_text(map, COLUMNS, ROWS);
}

/* Runs of equal pages: a region may have millions. */
static void write_map(const struct pagemap *map)
{
	struct json json = { .file = stdout };
	size_t first, next;

	json_object(&json, NULL);
	json_text(&json, "title", map->title);
	json_number(&json, "pages", map->nr);
	json_array(&json, "runs");
	for (first = 0; first < map->nr; first = next) {
		next = first + 1;
		while (next < map->nr && map->states[next] == map->states[first])
			next++;
		json_object(&json, NULL);
		json_number(&json, "page", first);
		json_number(&json, "nr", next - first);
		json_number(&json, "state", map->states[first]);
		json_text(&json, "kind", draw_names[draw_kind(map->states[first])]);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
}

static int map_region(int argc, char **argv)
{
	struct request request = parse_request(argc, argv);
	struct pagemap map;
	pid_t pid;
	int fd;

	setlocale(LC_CTYPE, "");
	if (process_parse(argv[optind], &pid, &fd))
		map = pagemap_of_process(pid, fd);
	else
		map = pagemap_load(argv[optind]);
	if (request.save)
		pagemap_save(&map, request.save);
	if (request.svg)
		draw_svg(&map, request.svg);
	if (request.is_json)
		write_map(&map);
	else if (!request.save && !request.svg)
		print_map(&map);
	free(map.states);
	return 0;
}

static const struct swaplab_option map_options[] = {
	{ "svg", "FILE", SVG, "draw it, as SVG" },
	{ "save", "FILE", SAVE, "write it, a byte a page, to be shown later" },
	{ "json", NULL, JSON, "print JSON: runs of pages in the same state" },
	{}
};

const struct swaplab_verb map_verb = {
	.name = "map",
	.arguments = "PID[:FD]|FILE",
	.summary = "show where each page of a process's region is",
	.description =
"Of the region of process PID, FD being its file descriptor if it has several\n"
"regions, or of what --save has written to FILE. Each block is some pages, and\n"
"shows the kind of most of them: absent, swapped, or resident, and of those that are\n"
"resident whether they have been referenced since the policy last looked, are\n"
"dirty, or locked. A child of a program of swaplab run has pages of its own. The text\n"
"has letters where the locale is not UTF-8. It takes the right to trace the process.\n",
	.options = map_options,
	.run = map_region,
};
