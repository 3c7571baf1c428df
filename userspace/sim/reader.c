// SPDX-License-Identifier: GPL-2.0
/* A trace that is being read. */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "reader.h"

/**
 * reader_refuse() - end the program for what is in a line
 * @reader: after that line
 * @format: the error
 */
void reader_refuse(const struct reader *reader, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	errx(1, "%s: line %lu: %s", reader->path, reader->nr, text);
}

static uint64_t read_number(const struct reader *reader, const char *text, int base,
			    char **end)
{
	uint64_t number;

	errno = 0;
	number = strtoull(text, end, base);
	if (errno == ERANGE)
		reader_refuse(reader, "%.*s has more than 64 bits", (int)(*end - text), text);
	return number;
}

/**
 * reader_number() - the number at the beginning of a text, with a sign or not
 * @reader: at its line
 * @text: decimal, or hexadecimal after 0x
 * @end: set to the rest of @text: all of it if there is no number
 *
 * Ends the program with a message if the number has more than 64 bits.
 *
 * Return: the number.
 */
uint64_t reader_number(const struct reader *reader, const char *text, char **end)
{
	bool is_hex = text[0] == '0' && tolower((unsigned char)text[1]) == 'x';

	return read_number(reader, text, is_hex ? 16 : 10, end);
}

/**
 * reader_hex() - the same of a number that is hexadecimal without 0x, too
 * @reader: at its line
 * @text: the number and more
 * @end: set to the rest of @text
 *
 * Return: the number.
 */
uint64_t reader_hex(const struct reader *reader, const char *text, char **end)
{
	return read_number(reader, text, 16, end);
}

/**
 * reader_line() - read a line
 * @reader: the trace
 * @line: set to the line, without its end
 *
 * Return: false after the last.
 */
bool reader_line(struct reader *reader, char line[READER_MAX_LINE])
{
	const void *bytes;
	const char *end;
	size_t nr = stream_peek(reader->stream, READER_MAX_LINE, &bytes), length;

	if (!nr)
		return false;
	reader->nr++;
	nr = nr < READER_MAX_LINE ? nr : READER_MAX_LINE;
	end = memchr(bytes, '\n', nr);
	if (!end && nr == READER_MAX_LINE)
		reader_refuse(reader, "it has more than %d characters", READER_MAX_LINE - 1);
	length = end ? (size_t)(end - (const char *)bytes) : nr;
	memcpy(line, bytes, length);
	line[length] = '\0';
	line[strcspn(line, "\r")] = '\0';
	stream_skip(reader->stream, end ? length + 1 : length);
	return true;
}
