// SPDX-License-Identifier: GPL-2.0
/*
 * Page maps as text and as pictures. Where there are more pages than blocks, a block
 * shows the kind of most of its pages; of two kinds with as many pages, the later one
 * in enum kind, which is the rarer.
 */

#include <err.h>
#include <langinfo.h>
#include <linux/swaplab.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "draw.h"

#define SVG_COLUMNS	128
#define SVG_ROWS	128
#define SVG_BLOCK	6
#define SVG_TOP		24
#define SVG_BOTTOM	28

const char *const draw_names[NR_KINDS] = {
	"absent", "swapped", "resident", "referenced", "dirty", "locked",
};

static const char *const ascii_glyphs[NR_KINDS] = { ".", "-", "r", "u", "D", "L" };
static const char *const block_glyphs[NR_KINDS] = { "·", "░", "▒", "▓", "█", "◆" };

/* That can be told apart without red and green, and printed in grey. */
const char *const draw_colours[NR_KINDS] = {
	"#f7f7f7", "#c9d3dd", "#86bbd8", "#33759b", "#e07a1f", "#2b2b2b",
};

/**
 * draw_kind() - choose the kind that a page is shown as
 * @state: SWAPLAB_PAGE_* of the page
 *
 * Return: the most remarkable kind.
 */
enum kind draw_kind(unsigned char state)
{
	if (state & SWAPLAB_PAGE_LOCKED)
		return LOCKED;
	if (state & SWAPLAB_PAGE_SWAPPED)
		return SWAPPED;
	if (!(state & SWAPLAB_PAGE_RESIDENT))
		return ABSENT;
	if (state & SWAPLAB_PAGE_DIRTY)
		return DIRTY;
	return state & SWAPLAB_PAGE_REFERENCED ? REFERENCED : RESIDENT;
}

/**
 * draw_kind_of_block() - choose the kind that a block is shown as
 * @map: the map
 * @first: first page of the block
 * @nr: pages in it
 *
 * Return: the kind of most of them.
 */
enum kind draw_kind_of_block(const struct pagemap *map, size_t first, size_t nr)
{
	size_t counts[NR_KINDS] = {}, i;
	enum kind kind, most = ABSENT;

	for (i = first; i < first + nr && i < map->nr; i++)
		counts[draw_kind(map->states[i])]++;
	for (kind = ABSENT; kind < NR_KINDS; kind++)
		if (counts[kind] >= counts[most])
			most = kind;
	return most;
}

/**
 * draw_pages_per_block() - choose how many pages a block is
 * @nr_pages: pages of a map
 * @nr_blocks: blocks that there are for it
 *
 * Return: a power of two, so that rows begin at round numbers.
 */
size_t draw_pages_per_block(size_t nr_pages, size_t nr_blocks)
{
	size_t nr = 1;

	while (nr * nr_blocks < nr_pages)
		nr *= 2;
	return nr;
}

/**
 * draw_glyphs() - the characters of the kinds
 *
 * Return: blocks, or letters where the locale is not UTF-8.
 */
const char *const *draw_glyphs(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") ? ascii_glyphs : block_glyphs;
}

/**
 * draw_legend() - print what the characters of the kinds mean
 * @per_block: pages in a block
 */
void draw_legend(size_t per_block)
{
	const char *const *glyphs = draw_glyphs();
	enum kind kind;

	printf("%zu page%s a block:", per_block, per_block > 1 ? "s" : "");
	for (kind = ABSENT; kind < NR_KINDS; kind++)
		printf(" %s %s", glyphs[kind], draw_names[kind]);
	putchar('\n');
}

/**
 * draw_text() - print a map, a character a block
 * @map: the map
 * @columns: blocks in a row
 * @rows: how many at most
 */
void draw_text(const struct pagemap *map, unsigned int columns,
	       unsigned int rows)
{
	size_t per_block = draw_pages_per_block(map->nr, (size_t)columns * rows), page;
	const char *const *glyphs = draw_glyphs();
	unsigned int column = 0;

	for (page = 0; page < map->nr; page += per_block) {
		if (!column)
			printf("%10zu ", page);
		fputs(glyphs[draw_kind_of_block(map, page, per_block)], stdout);
		column = (column + 1) % columns;
		if (!column)
			putchar('\n');
	}
	if (column)
		putchar('\n');
	draw_legend(per_block);
}

/**
 * draw_svg_text() - write text into a picture
 * @file: the picture
 * @text: the text
 */
void draw_svg_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '<' || *text == '>' || *text == '&')
			fprintf(file, "&#%d;", *text);
		else
			putc(*text, file);
	}
}

/* Neighbours of one kind are one rectangle. */
static void svg_row(FILE *file, const struct pagemap *map, size_t first,
		    size_t per_block, int y)
{
	enum kind kind, next = ABSENT;
	int begin, end;

	for (begin = 0; begin < SVG_COLUMNS; begin = end) {
		if (first + begin * per_block >= map->nr)
			break;
		kind = draw_kind_of_block(map, first + begin * per_block, per_block);
		for (end = begin + 1; end < SVG_COLUMNS; end++) {
			if (first + end * per_block >= map->nr)
				break;
			next = draw_kind_of_block(map, first + end * per_block,
						  per_block);
			if (next != kind)
				break;
		}
		fprintf(file, "<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>\n",
			begin * SVG_BLOCK, y, (end - begin) * SVG_BLOCK,
			SVG_BLOCK, draw_colours[kind]);
	}
}

/**
 * draw_svg_legend() - write what the colours of the kinds mean
 * @file: the picture
 * @per_block: pages in a block
 * @y: its top
 */
void draw_svg_legend(FILE *file, size_t per_block, int y)
{
	enum kind kind;
	int x = 0;

	for (kind = ABSENT; kind < NR_KINDS; kind++, x += 100)
		fprintf(file, "<rect x='%d' y='%d' width='12' height='12' fill='%s'/>\n"
			"<text x='%d' y='%d'>%s</text>\n",
			x + 1, y + 8, draw_colours[kind], x + 18, y + 18,
			draw_names[kind]);
	fprintf(file, "<text x='%d' y='%d'>%zu page%s a block</text>\n", x,
		y + 18, per_block, per_block > 1 ? "s" : "");
}

/**
 * draw_svg() - draw a map
 * @map: the map
 * @path: of the picture
 */
void draw_svg(const struct pagemap *map, const char *path)
{
	size_t per_block = draw_pages_per_block(map->nr, SVG_COLUMNS * SVG_ROWS), first;
	size_t per_row = per_block * SVG_COLUMNS;
	size_t rows = (map->nr + per_row - 1) / per_row;
	int bottom = SVG_TOP + rows * SVG_BLOCK;
	FILE *file = fopen(path, "we");
	int y = SVG_TOP;

	if (!file)
		err(1, "%s", path);
	fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d'>\n"
		"<style>text { font: 12px sans-serif }</style>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n<text x='0' y='16'>",
		SVG_COLUMNS * SVG_BLOCK, bottom + SVG_BOTTOM);
	draw_svg_text(file, map->title);
	fputs("</text>\n", file);
	for (first = 0; first < map->nr; first += per_row, y += SVG_BLOCK)
		svg_row(file, map, first, per_block, y);
	draw_svg_legend(file, per_block, bottom);
	fputs("</svg>\n", file);
	if (ferror(file) || fclose(file))
		err(1, "%s", path);
}
