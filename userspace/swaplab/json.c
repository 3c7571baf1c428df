// SPDX-License-Identifier: GPL-2.0
/* JSON, written to a stream as it comes. */

#include <assert.h>
#include "json.h"

/**
 * json_letter_length() - how many bytes a letter in UTF-8 has
 * @text: the letter, and more
 *
 * Return: the number of bytes; 0 if it is no letter.
 */
int json_letter_length(const char *text)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = *text;
	unsigned int letter;
	int length, i;

	if (first < 0x80)
		return 1;
	if (first < 0xc0 || first >= 0xf8)
		return 0;
	length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	letter = first & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		letter = letter << 6 | (text[i] & 0x3f);
	}
	return letter < least[length] || letter > 0x10ffff ||
	       (letter >= 0xd800 && letter <= 0xdfff) ? 0 : length;
}

/* Names of files and programs may have any bytes, JSON may not. */
static void write_quoted(FILE *file, const char *text)
{
	int length;

	putc('"', file);
	for (; *text; text += length ? length : 1) {
		length = json_letter_length(text);
		if (*text == '"' || *text == '\\')
			putc('\\', file);
		if (!length)
			fputs("\\ufffd", file);
		else if ((unsigned char)*text < 0x20)
			fprintf(file, "\\u%04x", *text);
		else
			fwrite(text, 1, length, file);
	}
	putc('"', file);
}

static void break_line(const struct json *json)
{
	if (!json->is_line)
		fprintf(json->file, "\n%*s", 2 * json->depth, "");
}

/* The comma, line break and name before a value. */
static void begin_value(struct json *json, const char *name)
{
	if (json->depth) {
		if (json->filled[json->depth - 1])
			putc(',', json->file);
		json->filled[json->depth - 1] = true;
		break_line(json);
	}
	if (name) {
		write_quoted(json->file, name);
		fputs(": ", json->file);
	}
}

static void begin_container(struct json *json, const char *name, char first, char last)
{
	assert(json->depth < JSON_DEPTH);
	begin_value(json, name);
	putc(first, json->file);
	json->ends[json->depth] = last;
	json->filled[json->depth++] = false;
}

/**
 * json_object() - begin an object
 * @json: the writer
 * @name: its name, if it is in an object itself
 */
void json_object(struct json *json, const char *name)
{
	begin_container(json, name, '{', '}');
}

/**
 * json_array() - begin an array
 * @json: the writer
 * @name: its name, if it is in an object
 */
void json_array(struct json *json, const char *name)
{
	begin_container(json, name, '[', ']');
}

/**
 * json_end() - end the last object or array that was begun
 * @json: the writer
 */
void json_end(struct json *json)
{
	json->depth--;
	if (json->filled[json->depth])
		break_line(json);
	putc(json->ends[json->depth], json->file);
	if (!json->depth)
		putc('\n', json->file);
}

/**
 * json_text() - write a string
 * @json: the writer
 * @name: its name, if it is in an object
 * @text: the string; NULL for null
 */
void json_text(struct json *json, const char *name, const char *text)
{
	begin_value(json, name);
	if (text)
		write_quoted(json->file, text);
	else
		fputs("null", json->file);
}

/**
 * json_number() - write a whole number that is not negative
 * @json: the writer
 * @name: its name, if it is in an object
 * @number: the number
 */
void json_number(struct json *json, const char *name, unsigned long long number)
{
	begin_value(json, name);
	fprintf(json->file, "%llu", number);
}

/**
 * json_real() - write a number
 * @json: the writer
 * @name: its name, if it is in an object
 * @number: the number
 */
void json_real(struct json *json, const char *name, double number)
{
	begin_value(json, name);
	fprintf(json->file, "%.6g", number);
}

/**
 * json_bool() - write true or false
 * @json: the writer
 * @name: its name, if it is in an object
 * @value: the value
 */
void json_bool(struct json *json, const char *name, bool value)
{
	begin_value(json, name);
	fputs(value ? "true" : "false", json->file);
}
