// SPDX-License-Identifier: GPL-2.0
/*
 * Formats of traces.
 *
 *   pg       a little-endian u64 a reference: page number << 1 | is it a write
 *   text     page numbers separated by blanks; each may be followed by r or w;
 *            # begins a comment
 *   lackey   the output of valgrind --tool=lackey --trace-mem=yes; instruction
 *            fetches are left out, and an access to two pages is two references
 *   oracle   libCacheSim's oracleGeneral: packed records of u32 time, u64 object,
 *            u32 size, s64 next use; the object is taken for the page
 *
 * Numbers in files are little-endian, and the machine must be, too.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>
#include "format.h"
#include "memory.h"
#include "nearest.h"

#define MAX_LINE	4096
#define ORACLE_RECORD	24
#define ORACLE_OBJECT	4	/* offset of the object in a record */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "see above");

/* How many whole records of @size bytes are there, @max at most? */
static size_t peek_records(struct stream *stream, const char *path, size_t size,
			   size_t max, const void **bytes)
{
	size_t nr = stream_peek(stream, size, bytes);

	if (nr && nr < size)
		errx(1, "%s: the last record is not complete", path);
	return nr / size < max ? nr / size : max;
}

static size_t pg_read(struct stream *stream, const char *path,
		      struct reference *references, size_t max)
{
	const void *bytes;
	uint64_t record;
	size_t i, nr;

	nr = peek_records(stream, path, sizeof(record), max, &bytes);
	for (i = 0; i < nr; i++) {
		memcpy(&record, (const char *)bytes + i * sizeof(record),
		       sizeof(record));
		references[i].page = record >> 1;
		references[i].is_write = record & 1;
	}
	stream_skip(stream, nr * sizeof(record));
	return nr;
}

static size_t oracle_read(struct stream *stream, const char *path,
			  struct reference *references, size_t max)
{
	const void *bytes;
	size_t i, nr;

	nr = peek_records(stream, path, ORACLE_RECORD, max, &bytes);
	for (i = 0; i < nr; i++) {
		memcpy(&references[i].page,
		       (const char *)bytes + i * ORACLE_RECORD + ORACLE_OBJECT,
		       sizeof(references[i].page));
		references[i].is_write = false;
	}
	stream_skip(stream, nr * ORACLE_RECORD);
	return nr;
}

/* The next line without its end, as a string; false after the last. */
static bool read_line(struct stream *stream, const char *path,
		      char line[MAX_LINE])
{
	const void *bytes;
	const char *end;
	size_t nr = stream_peek(stream, MAX_LINE, &bytes), length;

	if (!nr)
		return false;
	nr = nr < MAX_LINE ? nr : MAX_LINE;
	end = memchr(bytes, '\n', nr);
	if (!end && nr == MAX_LINE)
		errx(1, "%s: a line has more than %d characters", path,
		     MAX_LINE - 1);
	length = end ? (size_t)(end - (const char *)bytes) : nr;
	memcpy(line, bytes, length);
	line[length] = '\0';
	stream_skip(stream, end ? length + 1 : length);
	return true;
}

static size_t lackey_line(const char *line, struct reference *references)
{
	uint64_t address, first, last;
	unsigned int size;
	char kind;

	if (sscanf(line, " %c %lx,%u", &kind, &address, &size) != 3 ||
	    !strchr("LSM", kind))
		return 0;
	first = address >> FORMAT_PAGE_SHIFT;
	last = (address + (size ? size - 1 : 0)) >> FORMAT_PAGE_SHIFT;
	references[0] = (struct reference){ first, kind != 'L' };
	references[1] = (struct reference){ last, kind != 'L' };
	return first == last ? 1 : 2;
}

static size_t lackey_read(struct stream *stream, const char *path,
			  struct reference *references, size_t max)
{
	char line[MAX_LINE];
	size_t nr = 0;

	while (nr + FORMAT_MIN_REFERENCES <= max &&
	       read_line(stream, path, line))
		nr += lackey_line(line, references + nr);
	return nr;
}

/* Skips comments, too. Returns how many bytes there are then, at least. */
static size_t skip_blanks(struct stream *stream)
{
	const void *bytes;
	const char *text;
	size_t nr, i;
	bool comment = false;

	while ((nr = stream_peek(stream, 1, &bytes))) {
		text = bytes;
		for (i = 0; i < nr; i++) {
			if (text[i] == '#')
				comment = true;
			if (text[i] == '\n')
				comment = false;
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
static bool peek_word(struct stream *stream, char *word, size_t size)
{
	const void *bytes;
	const char *text;
	size_t nr, i;

	if (!skip_blanks(stream))
		return false;
	nr = stream_peek(stream, size, &bytes);
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

static size_t text_read(struct stream *stream, const char *path,
			struct reference *references, size_t max)
{
	char word[32], *end;
	size_t nr = 0;

	for (; nr < max && peek_word(stream, word, sizeof(word)); nr++) {
		references[nr].page = strtoull(word, &end, 0);
		references[nr].is_write = false;
		if (!isdigit((unsigned char)word[0]) ||
		    (*end && !is_mode(end, &references[nr].is_write)))
			errx(1, "%s: %s is not a page number", path, word);
		stream_skip(stream, strlen(word));
		if (!*end && peek_word(stream, word, sizeof(word)) &&
		    is_mode(word, &references[nr].is_write))
			stream_skip(stream, strlen(word));
	}
	return nr;
}

static const struct format formats[] = {
	{ .name = "pg", .suffix = ".pg", .read = pg_read },
	{ .name = "text", .suffix = ".txt", .read = text_read },
	{ .name = "lackey", .suffix = ".lackey", .read = lackey_read },
	{ .name = "oracle", .suffix = ".oracleGeneral", .read = oracle_read },
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

static bool is_text(const char *bytes, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!isprint((unsigned char)bytes[i]) &&
		    !isspace((unsigned char)bytes[i]))
			return false;
	return nr;
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
	nr = stream_peek(stream, 256, &bytes);
	nr = nr < 256 ? nr : 256;
	text = bytes;
	if (!is_text(text, nr))
		return format_find("pg");
	if (text[0] == '=' || (nr > 1 && text[0] == ' ' && strchr("LSM", text[1])) ||
	    !strncmp(text, "I ", nr < 2 ? nr : 2))
		return format_find("lackey");
	return format_find("text");
}
