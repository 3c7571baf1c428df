/* SPDX-License-Identifier: GPL-2.0 */
/* Formats of traces that have a reference, or a range of pages, in a line. */
#ifndef SIM_LINES_H
#define SIM_LINES_H

#include "format.h"

size_t lackey_read(struct reader *reader, struct reference *references, size_t max);
size_t csv_read(struct reader *reader, struct reference *references, size_t max);
size_t damo_read(struct reader *reader, struct reference *references, size_t max);
size_t perf_read(struct reader *reader, struct reference *references, size_t max);
bool csv_is_head(const char *line);

#endif /* SIM_LINES_H */
