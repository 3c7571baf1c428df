/* SPDX-License-Identifier: GPL-2.0 */
/* Formats of traces, which turn the bytes of a file into references. */
#ifndef SIM_FORMAT_H
#define SIM_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include "reader.h"

/* Bytes of a page where a trace has addresses. */
#define FORMAT_PAGE_SHIFT	12

/**
 * struct reference - one use of a page
 * @page: its number
 * @is_write: was it written?
 */
struct reference {
	uint64_t page;
	bool is_write;
};

/**
 * struct format - how a trace is written
 * @name: as --format has it
 * @suffix: of a file's name, before any .zst
 * @read: store at most @max references, and return how many there were: 0 at the
 *	end. Ends the program with a message if there is something else.
 */
struct format {
	const char *name;
	const char *suffix;
	size_t (*read)(struct reader *reader, struct reference *references, size_t max);
};

/* A lackey line may stand for two. */
#define FORMAT_MIN_REFERENCES	2

const struct format *format_find(const char *name);
const char *format_hint(const char *name);
const struct format *format_guess(const char *path, struct stream *stream);

#endif /* SIM_FORMAT_H */
