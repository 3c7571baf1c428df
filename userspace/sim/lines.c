// SPDX-License-Identifier: GPL-2.0
/*
 * Formats of traces that have a reference, or a range of pages, in a line.
 *
 *   lackey   the output of valgrind --tool=lackey --trace-mem=yes; instruction
 *            fetches are left out, and an access to two pages is two references
 *   csv      comma-separated values with a head: the column page has page numbers, or
 *            address has addresses; write, or op, is 1, w or store for writes
 *   damo     the output of damo report raw, or damo report access --raw_form: in each
 *            snapshot, each page of the regions that were found in use is referenced once
 *   perf     the output of perf script -F event,addr, or of perf mem report -D -x,
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lines.h"

/* Of the kind of access in perf's data source, the bit of a store. */
#define PERF_STORE	0x4
/* perf mem report has nine at most. */
#define PERF_COLUMNS	16

static size_t lackey_line(const struct reader *reader, const char *line,
			  struct reference *references)
{
	uint64_t address, first, last;
	unsigned int size;
	char kind, *end;
	int at;

	if (sscanf(line, " %c %n%*x,%u", &kind, &at, &size) != 2 || !strchr("LSM", kind))
		return 0;
	address = reader_hex(reader, line + at, &end);
	first = address >> FORMAT_PAGE_SHIFT;
	last = (address + (size ? size - 1 : 0)) >> FORMAT_PAGE_SHIFT;
	references[0] = (struct reference){ first, kind != 'L' };
	references[1] = (struct reference){ last, kind != 'L' };
	return first == last ? 1 : 2;
}

size_t lackey_read(struct reader *reader, struct reference *references, size_t max)
{
	char line[READER_MAX_LINE];
	size_t nr = 0;

	while (nr + FORMAT_MIN_REFERENCES <= max && reader_line(reader, line))
		nr += lackey_line(reader, line, references + nr);
	return nr;
}

static char *trim(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* The next line with something in it, which is no comment. */
static char *next_line(struct reader *reader, char line[READER_MAX_LINE])
{
	char *text;

	while (reader_line(reader, line)) {
		text = trim(line);
		if (*text && *text != '#')
			return text;
	}
	return NULL;
}

/* All of @text has to be a number. */
static bool parse_number(const struct reader *reader, const char *text, uint64_t *number)
{
	char *end;

	*number = reader_number(reader, text, &end);
	return isdigit((unsigned char)*text) && !*end;
}

static bool parse_hex(const struct reader *reader, const char *text, uint64_t *number)
{
	char *end;

	*number = reader_hex(reader, text, &end);
	return isxdigit((unsigned char)*text) && !*end;
}

static bool is_page_name(const char *name)
{
	return !strcasecmp(name, "page") || !strcasecmp(name, "address") ||
	       !strcasecmp(name, "addr");
}

/* Is that the head of comma-separated values? */
bool csv_is_head(const char *line)
{
	char copy[READER_MAX_LINE], *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(line, "\r\n"), line);
	while ((name = strsep(&rest, ",")))
		if (is_page_name(trim(name)))
			return true;
	return false;
}

static void csv_head(struct reader *reader, char *line)
{
	char *rest = line, *name;

	reader->page_column = -1;
	reader->write_column = -1;
	while ((name = strsep(&rest, ","))) {
		name = trim(name);
		if (is_page_name(name)) {
			reader->page_column = reader->columns;
			reader->is_address = strcasecmp(name, "page");
		} else if (!strcasecmp(name, "write") || !strcasecmp(name, "op")) {
			reader->write_column = reader->columns;
		}
		reader->columns++;
	}
	if (reader->page_column < 0)
		reader_refuse(reader, "no column is called page or address");
}

static bool csv_is_write(const struct reader *reader, const char *text)
{
	if (!strcmp(text, "1") || !strcasecmp(text, "w") || !strcasecmp(text, "write") ||
	    !strcasecmp(text, "store"))
		return true;
	if (strcmp(text, "0") && strcasecmp(text, "r") && strcasecmp(text, "read") &&
	    strcasecmp(text, "load"))
		reader_refuse(reader, "%s is neither a read nor a write", text);
	return false;
}

static struct reference csv_line(const struct reader *reader, char *line)
{
	struct reference reference = {};
	char *rest = line, *text;
	int column, last;

	for (column = 0; (text = strsep(&rest, ",")); column++) {
		text = trim(text);
		if (column == reader->page_column) {
			if (!parse_number(reader, text, &reference.page))
				reader_refuse(reader, "%s is not a number", text);
		} else if (column == reader->write_column) {
			reference.is_write = csv_is_write(reader, text);
		}
	}
	last = reader->page_column > reader->write_column ? reader->page_column :
		reader->write_column;
	if (column <= last)
		reader_refuse(reader, "it has no column %d", column + 1);
	if (reader->is_address)
		reference.page >>= FORMAT_PAGE_SHIFT;
	return reference;
}

size_t csv_read(struct reader *reader, struct reference *references, size_t max)
{
	char line[READER_MAX_LINE], *text;
	size_t nr = 0;

	while (nr < max && (text = next_line(reader, line))) {
		if (reader->columns)
			references[nr++] = csv_line(reader, text);
		else
			csv_head(reader, text);
	}
	return nr;
}

/*
 * A region in use begins a range; times and counts of regions do not. Older versions of
 * damo print a colon behind the region.
 */
static void damo_line(struct reader *reader, const char *text)
{
	uint64_t first, end, accesses;
	char *rest;

	if (!isxdigit((unsigned char)*text))
		return;
	first = reader_hex(reader, text, &rest);
	if (*rest != '-' || !isxdigit((unsigned char)rest[1])) {
		/* Such as base_time_absolute: all else has a name in front. */
		if (strchr(text, ':'))
			return;
		reader_refuse(reader, "%s is no region", text);
	}
	end = reader_hex(reader, rest + 1, &rest);
	rest = strchr(rest, ')');
	if (rest)
		rest += rest[1] == ':' ? 2 : 1;
	if (!rest || sscanf(rest, " %lu", &accesses) != 1 || end < first)
		reader_refuse(reader, "a region without its accesses");
	if (!accesses)
		return;
	reader->page = first >> FORMAT_PAGE_SHIFT;
	reader->end = (end + (1 << FORMAT_PAGE_SHIFT) - 1) >> FORMAT_PAGE_SHIFT;
}

size_t damo_read(struct reader *reader, struct reference *references, size_t max)
{
	char line[READER_MAX_LINE], *text;
	size_t nr = 0;

	while (nr < max) {
		if (reader->page < reader->end) {
			references[nr++] = (struct reference){ reader->page++, false };
			continue;
		}
		text = next_line(reader, line);
		if (!text)
			break;
		damo_line(reader, text);
	}
	return nr;
}

/* Of perf mem report -D -x, --phys-data and --data-page-size add columns before the weight. */
static void perf_head(struct reader *reader, char *text)
{
	char *rest = text, *name;
	int column;

	reader->page_column = -1;
	reader->write_column = -1;
	for (column = 0; (name = strsep(&rest, ",")); column++) {
		name = trim(name);
		if (!strcmp(name, "ADDR"))
			reader->page_column = column;
		else if (!strcmp(name, "DSRC"))
			reader->write_column = column;
	}
	if (reader->page_column < 0 || reader->write_column < 0 || column > PERF_COLUMNS)
		reader_refuse(reader, "it names no columns ADDR and DSRC");
	reader->columns = column;
}

/* The head may have been cut off: PID, TID, IP, ADDR, LOCAL WEIGHT, DSRC, SYMBOL. */
static void perf_begin(struct reader *reader)
{
	reader->page_column = 3;
	reader->write_column = 5;
	reader->columns = 7;
}

/* The next line with a sample. */
static char *perf_next(struct reader *reader, char line[READER_MAX_LINE])
{
	char *text;

	while (reader_line(reader, line)) {
		text = trim(line);
		if (!strncmp(text, "# PID,", 6))
			perf_head(reader, text + 1);
		else if (*text && *text != '#')
			return text;
	}
	return NULL;
}

/* The last field is a symbol, which may have commas in it. */
static void perf_mem_line(const struct reader *reader, char *text, uint64_t *address,
			  bool *is_write)
{
	char *rest = text, *fields[PERF_COLUMNS] = {};
	uint64_t source = 0;
	int nr = 0;

	while (nr < reader->columns && (fields[nr] = strsep(&rest, ",")))
		nr++;
	if (nr < reader->columns ||
	    !parse_hex(reader, trim(fields[reader->page_column]), address) ||
	    !parse_hex(reader, trim(fields[reader->write_column]), &source))
		reader_refuse(reader, "not PID,TID,IP,ADDR,LOCAL WEIGHT,DSRC,SYMBOL or as headed");
	*is_write = source & PERF_STORE;
}

/* An event, a colon and its address. More fields, such as the IP, may follow. */
static void perf_script_line(const struct reader *reader, char *text, uint64_t *address,
			     bool *is_write)
{
	char *word = text, *next, *end;

	while ((next = strstr(word, ": ")))
		word = next + 2;
	word += strspn(word, " ");
	*address = reader_hex(reader, word, &end);
	if (!isxdigit((unsigned char)*word) || (*end && *end != ' '))
		reader_refuse(reader, "%s is not an address", word);
	*word = '\0';
	*is_write = strstr(text, "store");
}

/* perf has address 0 where it does not know it. */
static size_t perf_line(const struct reader *reader, char *text,
			struct reference *reference)
{
	uint64_t address;
	bool is_write;

	if (isdigit((unsigned char)*text) && strchr(text, ','))
		perf_mem_line(reader, text, &address, &is_write);
	else
		perf_script_line(reader, text, &address, &is_write);
	*reference = (struct reference){ address >> FORMAT_PAGE_SHIFT, is_write };
	return address ? 1 : 0;
}

size_t perf_read(struct reader *reader, struct reference *references, size_t max)
{
	char line[READER_MAX_LINE], *text;
	size_t nr = 0;

	if (!reader->columns)
		perf_begin(reader);
	while (nr < max && (text = perf_next(reader, line)))
		nr += perf_line(reader, text, &references[nr]);
	return nr;
}
