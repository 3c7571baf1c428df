/* SPDX-License-Identifier: GPL-2.0 */
/* A file's bytes in order, decompressed if it is compressed with zstd. */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include <stddef.h>

/* A name that stands for standard input. */
#define STREAM_STDIN	"-"

struct stream;

struct stream *stream_open(const char *path);
void stream_close(struct stream *stream);
size_t stream_peek(struct stream *stream, size_t wanted, const void **bytes);
void stream_skip(struct stream *stream, size_t nr);

#endif /* SIM_STREAM_H */
