// SPDX-License-Identifier: GPL-2.0
/*
 * Page maps of a region, taken one after the other, beside each other, as in a strip of film. All
 * have the same scale: a row is the same pages in each of them.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>	/* MIN, MAX */
#include <time.h>
#include "draw.h"
#include "strip.h"

/* Of text: characters of the axis, of all maps with the gaps between them, and rows. */
#define AXIS		11
#define TEXT_WIDTH	69
#define TEXT_ROWS	24

/* Of a picture, in blocks, and a block and its surroundings, in pixels. */
#define SVG_WIDTH	192
#define MIN_COLUMNS	4
#define MAX_COLUMNS	32
#define SVG_ROWS	96
#define SVG_BLOCK	6
#define SVG_GAP		8
#define SVG_LEFT	88
#define SVG_TOP		32
#define SVG_TIME	36	/* a time is at most so wide */
#define SVG_BOTTOM	76
#define SVG_LEGEND	760
#define NR_TICKS	4

/**
 * struct scale - how maps are drawn
 * @columns: blocks beside each other in a map
 * @rows: of blocks
 * @per_block: pages in a block
 */
struct scale {
	unsigned int columns;
	unsigned int rows;
	size_t per_block;
};

static struct timespec time_after(struct timespec time, double seconds)
{
	double nsec = time.tv_nsec + (seconds - (time_t)seconds) * 1e9;

	time.tv_sec += (time_t)seconds + (nsec >= 1e9);
	time.tv_nsec = nsec >= 1e9 ? nsec - 1e9 : nsec;
	return time;
}

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin->tv_sec + (now.tv_nsec - begin->tv_nsec) / 1e9;
}

/**
 * strip_take() - take page maps of a region
 * @pid: the process
 * @fd: its file descriptor of the region; -1: any, if it has one region alone
 * @every: seconds between two maps
 * @nr: how many; fewer if the process ends
 *
 * Ends the program with advice if they cannot be had.
 *
 * Return: one map or more, for strip_free().
 */
struct strip strip_take(pid_t pid, int fd, double every, unsigned int nr)
{
	struct pagemap_source *source = pagemap_open(pid, fd);
	struct strip strip = { .maps = calloc(nr, sizeof(*strip.maps)),
			       .seconds = calloc(nr, sizeof(*strip.seconds)) };
	struct timespec begin, next;

	if (!strip.maps || !strip.seconds)
		err(1, "memory");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (strip.nr = 0; strip.nr < nr; strip.nr++) {
		next = time_after(begin, strip.nr * every);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL))
			;
		strip.seconds[strip.nr] = seconds_since(&begin);
		if (!pagemap_read(source, &strip.maps[strip.nr]))
			break;
	}
	pagemap_close(source);
	if (!strip.nr)
		errx(1, "process %d has ended", pid);
	if (strip.nr < nr)
		warnx("process %d has ended: %u of %u maps", pid, strip.nr, nr);
	return strip;
}

/**
 * strip_free() - free page maps
 * @strip: the maps
 */
void strip_free(struct strip *strip)
{
	unsigned int i;

	for (i = 0; i < strip->nr; i++)
		free(strip->maps[i].states);
	free(strip->maps);
	free(strip->seconds);
}

static struct scale choose_scale(const struct strip *strip, unsigned int columns,
				 unsigned int max_rows)
{
	struct scale scale = { .columns = columns };
	size_t nr = 1, per_row;
	unsigned int i;

	for (i = 0; i < strip->nr; i++)
		nr = MAX(nr, strip->maps[i].nr);
	scale.per_block = draw_pages_per_block(nr, (size_t)columns * max_rows);
	per_row = scale.per_block * columns;
	scale.rows = (nr + per_row - 1) / per_row;
	return scale;
}

/* The first page of a block. */
static size_t block_page(const struct scale *scale, unsigned int row, unsigned int column)
{
	return ((size_t)row * scale->columns + column) * scale->per_block;
}

/* Each above its map, but for those that the time before is in the way of. */
static void print_times(const struct strip *strip, unsigned int columns)
{
	unsigned int i, column = 0;

	printf("%*s", AXIS, "seconds ");
	for (i = 0; i < strip->nr; i++) {
		if (i && column >= i * (columns + 1))
			continue;
		column += printf("%*s", (int)(i * (columns + 1) - column), "");
		column += printf("%.1f", strip->seconds[i]);
	}
	putchar('\n');
}

static void print_row(const struct strip *strip, const struct scale *scale, unsigned int row)
{
	const char *const *glyphs = draw_glyphs();
	const struct pagemap *map;
	unsigned int i, column;
	size_t page;

	printf("%10zu", block_page(scale, row, 0));
	for (i = 0; i < strip->nr; i++) {
		map = &strip->maps[i];
		putchar(' ');
		for (column = 0; column < scale->columns; column++) {
			page = block_page(scale, row, column);
			fputs(page >= map->nr ? " " :
			      glyphs[draw_kind_of_block(map, page, scale->per_block)], stdout);
		}
	}
	putchar('\n');
}

/**
 * strip_text() - print maps, a character a block
 * @strip: the maps, STRIP_MAX_TEXT at most
 */
void strip_text(const struct strip *strip)
{
	struct scale scale = choose_scale(strip, TEXT_WIDTH / strip->nr - 1, TEXT_ROWS);
	unsigned int row;

	puts(strip->maps[0].title);
	print_times(strip, scale.columns);
	printf("%10s\n", "page");
	for (row = 0; row < scale.rows; row++)
		print_row(strip, &scale, row);
	draw_legend(scale.per_block);
}

/* The left edge of a map. */
static int map_x(const struct scale *scale, unsigned int i)
{
	return SVG_LEFT + i * (scale->columns * SVG_BLOCK + SVG_GAP);
}

/* Neighbours of one kind are one rectangle. */
static void write_row(FILE *file, const struct pagemap *map, const struct scale *scale,
		      unsigned int row, int x)
{
	unsigned int begin, end;
	enum kind kind;

	for (begin = 0; begin < scale->columns; begin = end) {
		if (block_page(scale, row, begin) >= map->nr)
			return;
		kind = draw_kind_of_block(map, block_page(scale, row, begin), scale->per_block);
		end = begin + 1;
		while (end < scale->columns && block_page(scale, row, end) < map->nr &&
		       draw_kind_of_block(map, block_page(scale, row, end),
					  scale->per_block) == kind)
			end++;
		fprintf(file, "<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>\n",
			x + begin * SVG_BLOCK, SVG_TOP + row * SVG_BLOCK,
			(end - begin) * SVG_BLOCK, SVG_BLOCK, draw_colours[kind]);
	}
}

static void write_maps(FILE *file, const struct strip *strip, const struct scale *scale)
{
	unsigned int i, row;

	for (i = 0; i < strip->nr; i++) {
		fputs("<g>\n", file);
		for (row = 0; row < scale->rows; row++)
			write_row(file, &strip->maps[i], scale, row, map_x(scale, i));
		fprintf(file, "<path d='M%d %dh%dv%dh-%dz' fill='none' stroke='#999'/>\n</g>\n",
			map_x(scale, i), SVG_TOP, scale->columns * SVG_BLOCK,
			scale->rows * SVG_BLOCK, scale->columns * SVG_BLOCK);
	}
}

static void write_page_axis(FILE *file, const struct scale *scale)
{
	unsigned int row, step = MAX(scale->rows / NR_TICKS, 1U);
	int y;

	for (row = 0; row < scale->rows; row += step) {
		y = SVG_TOP + row * SVG_BLOCK;
		fprintf(file, "<path d='M%d %dh5' stroke='#666'/>\n"
			"<text x='%d' y='%d' text-anchor='end'>%zu</text>\n",
			SVG_LEFT - 6, y, SVG_LEFT - 9, y + 9, block_page(scale, row, 0));
	}
	y = SVG_TOP + scale->rows * SVG_BLOCK / 2;
	fprintf(file, "<text transform='rotate(-90)' x='-%d' y='12'>page</text>\n", y);
}

/* Times that would be in each other's way are left out. */
static void write_time_axis(FILE *file, const struct strip *strip, const struct scale *scale)
{
	int y = SVG_TOP + scale->rows * SVG_BLOCK;
	unsigned int i, step = 1, width = scale->columns * SVG_BLOCK + SVG_GAP;

	while (step * width < SVG_TIME)
		step++;
	for (i = 0; i < strip->nr; i += step)
		fprintf(file, "<text x='%d' y='%d'>%.1f</text>\n", map_x(scale, i), y + 16,
			strip->seconds[i]);
	fprintf(file, "<text x='%d' y='%d'>seconds</text>\n", SVG_LEFT, y + 32);
}

/**
 * strip_svg() - draw maps
 * @strip: the maps
 * @path: of the picture
 */
void strip_svg(const struct strip *strip, const char *path)
{
	unsigned int columns = MIN(MAX(SVG_WIDTH / strip->nr, MIN_COLUMNS), MAX_COLUMNS);
	struct scale scale = choose_scale(strip, columns, SVG_ROWS);
	int bottom = SVG_TOP + scale.rows * SVG_BLOCK;
	int width = MAX(map_x(&scale, strip->nr) + SVG_TIME, SVG_LEGEND);
	FILE *file = fopen(path, "we");

	if (!file)
		err(1, "%s", path);
	fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d'>\n"
		"<style>text { font: 12px sans-serif }</style>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n"
		"<text x='%d' y='18'>", width, bottom + SVG_BOTTOM, SVG_LEFT);
	draw_svg_text(file, strip->maps[0].title);
	fputs("</text>\n", file);
	write_maps(file, strip, &scale);
	write_page_axis(file, &scale);
	write_time_axis(file, strip, &scale);
	draw_svg_legend(file, scale.per_block, bottom + 40);
	fputs("</svg>\n", file);
	if (ferror(file) || fclose(file))
		err(1, "%s", path);
}
