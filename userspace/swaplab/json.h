/* SPDX-License-Identifier: GPL-2.0 */
/* JSON, written to a stream as it comes. */
#ifndef SWAPLAB_JSON_H
#define SWAPLAB_JSON_H

#include <stdbool.h>
#include <stdio.h>

#define JSON_DEPTH	8

/**
 * struct json - a writer of JSON; begin with { .file = stdout }
 * @file: where to
 * @is_line: all of it in one line
 * @depth: objects and arrays that are open
 * @ends: the brackets that close them
 * @filled: whether they have something in them
 */
struct json {
	FILE *file;
	bool is_line;
	int depth;
	char ends[JSON_DEPTH];
	bool filled[JSON_DEPTH];
};

int json_letter_length(const char *text);

/* The name is NULL in an array, and for the outermost. */
void json_object(struct json *json, const char *name);
void json_array(struct json *json, const char *name);
void json_end(struct json *json);
void json_text(struct json *json, const char *name, const char *text);
void json_number(struct json *json, const char *name, unsigned long long number);
void json_real(struct json *json, const char *name, double number);
void json_bool(struct json *json, const char *name, bool value);

#endif /* SWAPLAB_JSON_H */
