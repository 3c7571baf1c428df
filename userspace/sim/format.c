// SPDX-License-Identifier: GPL-2.0
/*
 * Formats of traces.
 *
 *   pg       a little-endian u64 a reference: page number << 1 | is it a write
 *   text     page numbers separated by blanks; each may be followed by r or w;
 *            # begins a comment
 *   oracle   libCacheSim's oracleGeneral: packed records of u32 time, u64 object,
 *            u32 size, s64 next use; the object is taken for the page
 *
 * Those that have a reference in a line are in lines.c.
 *
 * Numbers in files are little-endian, and the machine must be, too.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>
#include "format.h"
#include "lines.h"
#include "memory.h"
#include "nearest.h"

/* Bytes that tell a format. */
#define PEEK		256
/* A word of text with its end; no number needs as many digits. */
#define WORD_SIZE	32
#define ORACLE_RECORD	24
#define ORACLE_OBJECT	4	/* offset of the object in a record */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "see above");

/* How many whole records of @size bytes are there, @max at most? */
static size_t peek_records(const struct reader *reader, size_t size, size_t max,
			   const void **bytes)
{
	size_t nr = stream_peek(reader->stream, size, bytes);

	if (nr && nr < size)
		errx(1, "%s: record %lu, the last one, is not complete", reader->path,
		     reader->nr + 1);
	return nr / size < max ? nr / size : max;
}

static void skip_records(struct reader *reader, size_t nr, size_t size)
{
	stream_skip(reader->stream, nr * size);
	reader->nr += nr;
}

static size_t pg_read(struct reader *reader, struct reference *references, size_t max)
{
	const void *bytes;
	uint64_t record;
	size_t i, nr;

	nr = peek_records(reader, sizeof(record), max, &bytes);
	for (i = 0; i < nr; i++) {
		memcpy(&record, (const char *)bytes + i * sizeof(record),
		       sizeof(record));
		references[i].page = record >> 1;
		references[i].is_write = record & 1;
	}
	skip_records(reader, nr, sizeof(record));
	return nr;
}

static size_t oracle_read(struct reader *reader, struct reference *references, size_t max)
{
	const void *bytes;
	size_t i, nr;

	nr = peek_records(reader, ORACLE_RECORD, max, &bytes);
	for (i = 0; i < nr; i++) {
		memcpy(&references[i].page,
		       (const char *)bytes + i * ORACLE_RECORD + ORACLE_OBJECT,
		       sizeof(references[i].page));
		references[i].is_write = false;
	}
	skip_records(reader, nr, ORACLE_RECORD);
	return nr;
}

/* Skips comments, too. Returns how many bytes there are then, at least. */
static size_t skip_blanks(struct reader *reader)
{
	struct stream *stream = reader->stream;
	const void *bytes;
	const char *text;
	size_t nr, i;
	bool comment = false;

	while ((nr = stream_peek(stream, 1, &bytes))) {
		text = bytes;
		for (i = 0; i < nr; i++) {
			if (text[i] == '#')
				comment = true;
			if (text[i] == '\n') {
				comment = false;
				reader->nr++;
			}
			if (!comment && !isspace((unsigned char)text[i]))
				break;
		}
		stream_skip(stream, i);
		if (i < nr)
			return nr - i;
	}
	return 0;
}

/* The next word behind blanks and comments: at most @size - 1 characters, as a string. */
static bool peek_word(struct reader *reader, char *word, size_t size)
{
	const void *bytes;
	const char *text;
	size_t nr, i;

	if (!skip_blanks(reader))
		return false;
	nr = stream_peek(reader->stream, size, &bytes);
	text = bytes;
	for (i = 0; i < nr && i < size - 1; i++) {
		if (isspace((unsigned char)text[i]) || text[i] == '#')
			break;
		word[i] = text[i];
	}
	word[i] = '\0';
	return true;
}

/* Is it r or w, alone or behind a number? Sets @is_write. */
static bool is_mode(const char *text, bool *is_write)
{
	char mode = tolower((unsigned char)text[0]);

	if ((mode != 'r' && mode != 'w') || text[1])
		return false;
	*is_write = mode == 'w';
	return true;
}

static size_t text_read(struct reader *reader, struct reference *references, size_t max)
{
	char word[WORD_SIZE], *end;
	size_t nr = 0;

	if (!reader->nr)
		reader->nr = 1;
	for (; nr < max && peek_word(reader, word, sizeof(word)); nr++) {
		references[nr].page = reader_number(reader, word, &end);
		references[nr].is_write = false;
		if (!isdigit((unsigned char)word[0]) || strlen(word) == WORD_SIZE - 1 ||
		    (*end && !is_mode(end, &references[nr].is_write)))
			reader_refuse(reader, "%s is not a page number", word);
		stream_skip(reader->stream, strlen(word));
		if (!*end && peek_word(reader, word, sizeof(word)) &&
		    is_mode(word, &references[nr].is_write))
			stream_skip(reader->stream, strlen(word));
	}
	return nr;
}

static const struct format formats[] = {
	{ .name = "pg", .suffix = ".pg", .read = pg_read },
	{ .name = "text", .suffix = ".txt", .read = text_read },
	{ .name = "lackey", .suffix = ".lackey", .read = lackey_read },
	{ .name = "oracle", .suffix = ".oracleGeneral", .read = oracle_read },
	{ .name = "csv", .suffix = ".csv", .read = csv_read },
	{ .name = "damo", .suffix = ".damo", .read = damo_read },
	{ .name = "perf", .suffix = ".perf", .read = perf_read },
};

/**
 * format_find() - the format of a name
 * @name: as --format has it
 *
 * Return: the format, NULL if there is none.
 */
const struct format *format_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

/**
 * format_hint() - the end of an error
 * @name: of no format
 *
 * Return: as of nearest_hint().
 */
const char *format_hint(const char *name)
{
	struct nearest nearest = { .text = name };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		nearest_try(&nearest, formats[i].name);
	return nearest_hint(&nearest);
}

static bool is_named(const char *path, const char *suffix)
{
	size_t length = strlen(path);

	if (length > 4 && !strcmp(path + length - 4, ".zst"))
		length -= 4;
	if (length > 4 && !strncmp(path + length - 4, ".bin", 4))
		length -= 4;
	return length >= strlen(suffix) &&
	       !strncmp(path + length - strlen(suffix), suffix, strlen(suffix));
}

/* Bytes from 0x80 on may be letters of a comment; format pg has bytes of 0. */
static bool is_text(const char *bytes, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (iscntrl((unsigned char)bytes[i]) &&
		    !isspace((unsigned char)bytes[i]))
			return false;
	return nr;
}

/* Of text whose first line tells, or in a table the first that is no comment. */
static const char *name_of_table(const char *bytes, size_t nr)
{
	char copy[PEEK + 1], *text = copy;

	snprintf(copy, sizeof(copy), "%.*s", (int)nr, bytes);
	if (!strncmp(text, "base_time_absolute", 18) || !strncmp(text, "monitoring_start", 16))
		return "damo";
	if (!strncmp(text, "# PID, TID", 10))
		return "perf";
	while (*text == '#' && strchr(text, '\n'))
		text = strchr(text, '\n') + 1;
	return csv_is_head(text) ? "csv" : "text";
}

/**
 * format_guess() - the format of a file, by its name or else by its content
 * @path: its name
 * @stream: at its beginning
 *
 * Return: the format.
 */
const struct format *format_guess(const char *path, struct stream *stream)
{
	const void *bytes;
	const char *text;
	size_t i, nr;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (is_named(path, formats[i].suffix))
			return &formats[i];
	nr = stream_peek(stream, PEEK, &bytes);
	nr = nr < PEEK ? nr : PEEK;
	text = bytes;
	if (!is_text(text, nr))
		return format_find("pg");
	if (text[0] == '=' || (nr > 1 && text[0] == ' ' && strchr("LSM", text[1])) ||
	    !strncmp(text, "I ", nr < 2 ? nr : 2))
		return format_find("lackey");
	return format_find(name_of_table(text, nr));
}
