// SPDX-License-Identifier: GPL-2.0
/*
 * The table of textbooks: a column a reference, a row a frame, and whether the reference
 * hit or missed. A page that comes in takes the row of the one that went. Policies that
 * look at referenced bits have them shown, and so have all the pages that were written.
 */

#include <stdio.h>
#include <string.h>
#include "jobs.h"
#include "memory.h"
#include "opt.h"
#include "steps.h"

#define CELL		32
#define TITLE		10
#define COLUMNS		80
#define NO_PAGE		UINT32_MAX

/*
 * Rows: the references, the frames, the outcomes. The cells of a column are those after
 * its reference.
 */
struct table {
	const struct job *job;
	bool shows_bits;
	uint64_t nr_columns;
	uint64_t nr_rows;
	uint64_t column;
	uint64_t misses;
	uint32_t *pages;	/* by frame */
	char (*cells)[CELL];
};

static char *cell_at(const struct table *table, uint64_t row, uint64_t column)
{
	return table->cells[row * table->nr_columns + column];
}

static uint64_t page_number(const struct table *table, uint32_t page)
{
	return table->job->trace->pages.numbers[page];
}

/* The row of @page, or the first one without a page. */
static uint64_t find_frame(const struct table *table, uint32_t page)
{
	uint64_t frame, nr = table->nr_rows - 2;

	for (frame = 0; frame < nr; frame++)
		if (table->pages[frame] == page)
			return frame;
	for (frame = 0; frame < nr && table->pages[frame] != NO_PAGE; frame++)
		;
	return frame;
}

/* Returns whether @page was there. */
static bool place_page(struct table *table, const unsigned char *states, uint32_t page)
{
	uint64_t frame, nr = table->nr_rows - 2;
	bool was_there;

	for (frame = 0; frame < nr; frame++)
		if (table->pages[frame] != NO_PAGE && !states[table->pages[frame]])
			table->pages[frame] = NO_PAGE;
	frame = find_frame(table, page);
	was_there = table->pages[frame] == page;
	table->pages[frame] = page;
	return was_there;
}

static void fill_column(struct table *table, const unsigned char *states)
{
	uint64_t frame, nr = table->nr_rows - 2;
	uint32_t page;

	for (frame = 0; frame < nr; frame++) {
		page = table->pages[frame];
		if (page == NO_PAGE)
			continue;
		snprintf(cell_at(table, frame + 1, table->column), CELL, "%lu%s%s",
			 page_number(table, page),
			 table->shows_bits && states[page] & POOL_REFERENCED ? "*" : "",
			 states[page] & POOL_DIRTY ? "w" : "");
	}
}

/* Called after each reference. */
static void see_reference(void *data, const unsigned char *states)
{
	struct table *table = data;
	uint32_t reference = table->job->trace->references[table->column];
	uint32_t page = TRACE_PAGE(reference);
	bool was_there = place_page(table, states, page);

	snprintf(cell_at(table, 0, table->column), CELL, "%lu%s", page_number(table, page),
		 TRACE_IS_WRITE(reference) ? "w" : "");
	fill_column(table, states);
	strcpy(cell_at(table, table->nr_rows - 1, table->column), was_there ? "h" : "m");
	table->misses += !was_there;
	table->column++;
}

static int cell_width(const struct table *table)
{
	uint64_t i;
	int width = 1, length;

	for (i = 0; i < table->nr_rows * table->nr_columns; i++) {
		length = strlen(table->cells[i]);
		width = length > width ? length : width;
	}
	return width;
}

/* Of a row; between the first and the last are frames. */
static const char *row_title(const struct table *table, uint64_t row, char title[CELL])
{
	if (!row)
		return "page";
	if (row == table->nr_rows - 1)
		return "";
	snprintf(title, CELL, "frame %lu", row);
	return title;
}

static bool has_bits(const struct table *table, char bit)
{
	uint64_t i;

	for (i = 0; i < table->nr_rows * table->nr_columns; i++)
		if (strchr(table->cells[i], bit))
			return true;
	return false;
}

/* What the table is of, but for the trace. */
static void print_pool(const struct table *table)
{
	const struct job *job = table->job;
	unsigned int i;

	if (job->space) {
		printf("%s", job->policy);
		for (i = 0; job->space->params[i].name; i++)
			printf(" %s=%u", job->space->params[i].name, job->values[i]);
	} else {
		printf("%s, %lu frames", job->policy, job->nr_frames);
	}
	printf(": %lu misses of %lu references", table->misses, table->nr_columns);
}

static void print_caption(const struct table *table)
{
	printf("%s, ", table->job->trace->name);
	print_pool(table);
	if (has_bits(table, '*'))
		fputs("; *: referenced bit", stdout);
	if (has_bits(table, 'w'))
		fputs("; w: written", stdout);
}

/* In parts that fit a line. */
static void print_text(const struct table *table)
{
	int width = cell_width(table) + 2;
	uint64_t per_line = (COLUMNS - TITLE) / width, first, row, i;
	char title[CELL];

	print_caption(table);
	putchar('\n');
	for (first = 0; first < table->nr_columns; first += per_line) {
		putchar('\n');
		for (row = 0; row < table->nr_rows; row++) {
			printf("%-*s", TITLE, row_title(table, row, title));
			for (i = first; i < first + per_line && i < table->nr_columns; i++)
				printf("%*s", width, cell_at(table, row, i));
			putchar('\n');
		}
	}
	putchar('\n');
}

/* A trace's name may have what is special to TeX or HTML. */
static void print_latex(const struct table *table)
{
	char title[CELL];
	uint64_t row, i;

	fputs("% ", stdout);
	print_pool(table);
	printf("\n\\begin{tabular}{l*{%lu}{c}}\n", table->nr_columns);
	for (row = 0; row < table->nr_rows; row++) {
		fputs(row_title(table, row, title), stdout);
		for (i = 0; i < table->nr_columns; i++)
			printf(" & %s", cell_at(table, row, i));
		puts(row && row < table->nr_rows - 2 ? " \\\\" : " \\\\ \\hline");
	}
	puts("\\end{tabular}");
}

static void print_html(const struct table *table)
{
	char title[CELL];
	uint64_t row, i;

	fputs("<table>\n<caption>", stdout);
	print_pool(table);
	puts("</caption>");
	for (row = 0; row < table->nr_rows; row++) {
		printf("<tr><th>%s</th>", row_title(table, row, title));
		for (i = 0; i < table->nr_columns; i++)
			printf(row ? "<td>%s</td>" : "<th>%s</th>", cell_at(table, row, i));
		puts("</tr>");
	}
	puts("</table>");
}

static void print_table(const struct table *table, enum steps_form form)
{
	if (form == STEPS_LATEX)
		print_latex(table);
	else if (form == STEPS_HTML)
		print_html(table);
	else
		print_text(table);
}

static struct pool_result run_job(const struct job *job, const struct pool_config *config,
				  struct residence *residence)
{
	const struct swaplab_policy_ops *ops = registry_find(job->policy);

	if (job->space)
		return space_run(job->trace, job->space, job->values, config, residence);
	return ops ? pool_run(job->trace, ops, job->nr_frames, config, NULL) :
		     opt_run(job->trace, job->nr_frames, config, NULL);
}

/* Without a number of frames, as many as the policy ever wants. */
static uint64_t count_frames(const struct job *job)
{
	struct residence residence;

	if (!job->space)
		return job->nr_frames;
	run_job(job, job->config, &residence);
	return residence.max;
}

/**
 * steps_print() - simulate a pool, and print what happens at each reference
 * @job: the pool, whose size does not change; its trace has STEPS_MAX references at most
 * @form: of the table
 */
void steps_print(const struct job *job, enum steps_form form)
{
	const struct swaplab_policy_ops *ops = registry_find(job->policy);
	uint64_t frame, nr_frames = count_frames(job);
	struct table table = {
		.job = job,
		.shows_bits = ops && ops->needs_references,
		.nr_columns = job->trace->nr,
		.nr_rows = nr_frames + 2,
	};
	struct pool_config watched = *job->config;
	struct residence residence;

	table.pages = memory_array(nr_frames, sizeof(*table.pages));
	table.cells = memory_array(table.nr_rows * table.nr_columns, sizeof(*table.cells));
	for (frame = 0; frame < nr_frames; frame++)
		table.pages[frame] = NO_PAGE;
	watched.watch = (struct watch){ see_reference, &table };
	run_job(job, &watched, &residence);
	print_table(&table, form);
	free(table.cells);
	free(table.pages);
}
