/* SPDX-License-Identifier: GPL-2.0 */
/* A trace that is being read: where it is, and what its format has to remember. */
#ifndef SIM_READER_H
#define SIM_READER_H

#include <stdbool.h>
#include <stdint.h>
#include "stream.h"

#define READER_MAX_LINE	4096

/**
 * struct reader - a trace that is being read
 * @stream: its bytes
 * @path: of its file, for messages
 * @nr: lines, or records, that were read; in format text the line of the next word
 * @page: the next page of a range that was begun
 * @end: of that range; no more than @page if there is none
 * @columns: of a table: how many; 0: not known yet
 * @page_column: that has the page
 * @write_column: that tells writes, or -1
 * @is_address: the page's column has addresses
 */
struct reader {
	struct stream *stream;
	const char *path;
	uint64_t nr;
	uint64_t page;
	uint64_t end;
	int columns;
	int page_column;
	int write_column;
	bool is_address;
};

uint64_t reader_number(const struct reader *reader, const char *text, char **end);
uint64_t reader_hex(const struct reader *reader, const char *text, char **end);
bool reader_line(struct reader *reader, char line[READER_MAX_LINE]);
void reader_refuse(const struct reader *reader, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif /* SIM_READER_H */
