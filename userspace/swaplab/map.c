// SPDX-License-Identifier: GPL-2.0
/* swaplab map: shows the state of each page of a region. */

#include <err.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include "draw.h"
#include "json.h"
#include "option.h"
#include "pagemap.h"
#include "process.h"
#include "strip.h"
#include "verb.h"

enum { JSON = 'j', SVG = 1, SAVE, EVERY, COUNT = 'n' };

#define COLUMNS		64
#define ROWS		32
#define DEFAULT_COUNT	10

struct request {
	const char *svg;
	const char *save;
	bool is_json;
	double every;
	unsigned int count;
};

static double parse_seconds(const char *text)
{
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	/* NaN compares with nothing. */
	if (end == text || *end || !(seconds >= 0.001 && seconds <= 86400))
		errx(2, "--every %s: not seconds, from 0.001 to 86400", text);
	return seconds;
}

static void check_strip(const struct request *request)
{
	if (request->count && !request->every)
		option_wrong(&map_verb, "--count: of maps that are taken --every so often");
	if (request->every && request->save)
		option_wrong(&map_verb, "--save: one map alone");
	if (request->every && !request->svg && !request->is_json &&
	    request->count > STRIP_MAX_TEXT)
		errx(2, "--count %u: there is room for %d in a line; --svg takes %d",
		     request->count, STRIP_MAX_TEXT, STRIP_MAX);
}

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
		case EVERY:
			request.every = parse_seconds(optarg);
			break;
		case COUNT:
			request.count = option_number("--count", optarg, 1, STRIP_MAX);
			break;
		}
	}
	if (argc - optind != 1)
		option_wrong(&map_verb, "a process or a file is wanted");
	check_strip(&request);
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
static void write_runs(struct json *json, const struct pagemap *map)
{
	size_t first, next;

	json_number(json, "pages", map->nr);
	json_array(json, "runs");
	for (first = 0; first < map->nr; first = next) {
		next = first + 1;
		while (next < map->nr && map->states[next] == map->states[first])
			next++;
		json_object(json, NULL);
		json_number(json, "page", first);
		json_number(json, "nr", next - first);
		json_number(json, "state", map->states[first]);
		json_text(json, "kind", draw_names[draw_kind(map->states[first])]);
		json_end(json);
	}
	json_end(json);
}

static void write_map(const struct pagemap *map)
{
	struct json json = { .file = stdout };

	json_object(&json, NULL);
	json_text(&json, "title", map->title);
	write_runs(&json, map);
	json_end(&json);
}

static void write_strip(const struct strip *strip)
{
	struct json json = { .file = stdout };
	unsigned int i;

	json_object(&json, NULL);
	json_text(&json, "title", strip->maps[0].title);
	json_array(&json, "maps");
	for (i = 0; i < strip->nr; i++) {
		json_object(&json, NULL);
		json_real(&json, "seconds", strip->seconds[i]);
		write_runs(&json, &strip->maps[i]);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
}

static void map_strip(const struct request *request, const char *text)
{
	struct strip strip;
	pid_t pid;
	int fd;

	if (!process_parse(text, &pid, &fd))
		errx(2, "%s: not a process; only of a process there is more than one map", text);
	strip = strip_take(pid, fd, request->every,
			   request->count ? request->count : DEFAULT_COUNT);
	if (request->svg)
		strip_svg(&strip, request->svg);
	if (request->is_json)
		write_strip(&strip);
	else if (!request->svg)
		strip_text(&strip);
	strip_free(&strip);
}

static int map_region(int argc, char **argv)
{
	struct request request = parse_request(argc, argv);
	struct pagemap map;
	pid_t pid;
	int fd;

	setlocale(LC_CTYPE, "");
	if (request.every) {
		map_strip(&request, argv[optind]);
		return 0;
	}
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
	{ "every", "SECONDS", EVERY,
	  "take several maps, one each SECONDS, and show them beside each other" },
	{ "count", "N", COUNT, "of them: 10 unless given" },
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
"has letters where the locale is not UTF-8. It takes the right to trace the process.\n"
"With --every, the maps are beside each other, as in a strip of film, with the same pages in\n"
"the same row. If the process ends, those that were taken are shown.\n",
	.options = map_options,
	.run = map_region,
};
