/* SPDX-License-Identifier: GPL-2.0 */
/* A trace, ready to be replayed by many pools at once. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdint.h>
#include "format.h"
#include "pages.h"

/* In trace.references: which page, by its id, and whether it was written. */
#define TRACE_PAGE(reference)		((reference) >> 1)
#define TRACE_IS_WRITE(reference)	((reference) & 1)
/* The largest page id that a reference has room for. */
#define TRACE_MAX_PAGES			(UINT32_MAX >> 1)

/* In trace.next: not used again. */
#define TRACE_NEVER			UINT32_MAX

/**
 * struct trace - a reference string
 * @name: of its file, without directories and suffixes
 * @pages: the pages that it uses
 * @nr: references
 * @references: a mapped temporary file, as is @next: the kernel may drop them from
 *	memory, and the memory that is needed grows with the pages only
 * @next: by reference, how many references later its page is used again; NULL
 *	until trace_look_ahead()
 */
struct trace {
	char *name;
	struct pages pages;
	uint64_t nr;
	const uint32_t *references;
	const uint32_t *next;
};

void trace_load(struct trace *trace, const char *path,
		const struct format *format);
void trace_look_ahead(struct trace *trace);
void trace_destroy(struct trace *trace);

#endif /* SIM_TRACE_H */
