// SPDX-License-Identifier: GPL-2.0
/* A trace that is being read. */

#include <err.h>
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
