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
 * @parts: the traces that this one was merged of, which stay their owner's; NULL if it
 *	was not
 * @nr_parts: how many
 * @owners: by page id, which of @parts has the page
 */
struct trace {
	char *name;
	struct pages pages;
	uint64_t nr;
	const uint32_t *references;
	const uint32_t *next;
	const struct trace *parts;
	unsigned int nr_parts;
	uint32_t *owners;
};

void trace_load(struct trace *trace, const char *path,
		const struct format *format);
void trace_merge(struct trace *trace, const struct trace *parts, unsigned int nr,
		 uint64_t quantum);
void trace_look_ahead(struct trace *trace);
void trace_count(const struct trace *trace, uint64_t nr, uint64_t *counts);
void trace_destroy(struct trace *trace);

#endif /* SIM_TRACE_H */
