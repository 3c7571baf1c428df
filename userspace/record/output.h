/* SPDX-License-Identifier: GPL-2.0 */
/* A file that is written from one end to the other, compressed if it is so named. */
#ifndef RECORD_OUTPUT_H
#define RECORD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output;

struct output *output_open(const char *path);
void output_write(struct output *output, const void *bytes, size_t nr);
bool output_close(struct output *output);

#endif /* RECORD_OUTPUT_H */
