// SPDX-License-Identifier: GPL-2.0
/* A file's bytes in order, decompressed if it is compressed with zstd. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>
#include "memory.h"
#include "stream.h"

#define BUFFER_SIZE	(1024 * 1024)
/* Logarithm of the largest distance that a match may reach back: zstd --long=31. */
#define MAX_WINDOW_LOG	31

/*
 * Two buffers: of bytes read, and of decompressed bytes. Of both, the bytes
 * in [first, end) are still wanted.
 */
struct buffer {
	char *bytes;
	size_t first, end;
};

struct stream {
	const char *path;
	FILE *file;
	ZSTD_DStream *zstd;	/* NULL: not compressed */
	size_t unfinished;	/* zstd's last return value: 0 between its frames */
	struct buffer in, out;
};

static bool is_empty(const struct buffer *buffer)
{
	return buffer->first == buffer->end;
}

static void read_file(struct stream *stream)
{
	struct buffer *in = &stream->in;

	in->first = 0;
	in->end = fread(in->bytes, 1, BUFFER_SIZE, stream->file);
	if (ferror(stream->file))
		err(1, "%s", stream->path);
}

static bool is_zstd(const struct buffer *in)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

	return in->end - in->first >= sizeof(magic) &&
	       !memcmp(in->bytes + in->first, magic, sizeof(magic));
}

/* Appends to the output; false at the end of the file. */
static bool decompress_some(struct stream *stream)
{
	struct buffer *in = &stream->in, *out = &stream->out;
	ZSTD_inBuffer from;
	ZSTD_outBuffer to = { out->bytes, BUFFER_SIZE, out->end };

	if (is_empty(in))
		read_file(stream);
	from = (ZSTD_inBuffer){ in->bytes, in->end, in->first };
	if (is_empty(in) && !stream->unfinished)
		return false;
	stream->unfinished = ZSTD_decompressStream(stream->zstd, &to, &from);
	if (ZSTD_isError(stream->unfinished))
		errx(1, "%s: %s", stream->path,
		     ZSTD_getErrorName(stream->unfinished));
	if (is_empty(in) && to.pos == out->end)
		errx(1, "%s: the file ends early", stream->path);
	in->first = from.pos;
	out->end = to.pos;
	return true;
}

static bool copy_some(struct stream *stream)
{
	struct buffer *in = &stream->in, *out = &stream->out;
	size_t nr;

	if (is_empty(in))
		read_file(stream);
	nr = in->end - in->first;
	if (nr > BUFFER_SIZE - out->end)
		nr = BUFFER_SIZE - out->end;
	memcpy(out->bytes + out->end, in->bytes + in->first, nr);
	in->first += nr;
	out->end += nr;
	return nr;
}

/**
 * stream_open() - open a file
 * @path: its name, which must stay until stream_close(), or STREAM_STDIN
 *
 * Return: the stream; the program ends if there is no such file.
 */
struct stream *stream_open(const char *path)
{
	struct stream *stream = memory_array(1, sizeof(*stream));

	stream->path = path;
	stream->file = strcmp(path, STREAM_STDIN) ? fopen(path, "r") : stdin;
	if (!stream->file)
		err(1, "%s", path);
	stream->in.bytes = memory_array(BUFFER_SIZE, 1);
	stream->out.bytes = memory_array(BUFFER_SIZE, 1);
	read_file(stream);
	if (is_zstd(&stream->in)) {
		stream->zstd = ZSTD_createDStream();
		if (!stream->zstd)
			errx(1, "out of memory");
		ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax,
				       MAX_WINDOW_LOG);
	}
	return stream;
}

/**
 * stream_close() - undo stream_open()
 * @stream: the stream
 */
void stream_close(struct stream *stream)
{
	ZSTD_freeDStream(stream->zstd);
	free(stream->out.bytes);
	free(stream->in.bytes);
	fclose(stream->file);
	free(stream);
}

/**
 * stream_peek() - look at the bytes to come
 * @stream: the stream
 * @wanted: how many; at most half a MiB
 * @bytes: where they are until the next call
 *
 * Return: how many there are: fewer than @wanted only at the end.
 */
size_t stream_peek(struct stream *stream, size_t wanted, const void **bytes)
{
	struct buffer *out = &stream->out;

	if (out->end - out->first < wanted) {
		memmove(out->bytes, out->bytes + out->first,
			out->end - out->first);
		out->end -= out->first;
		out->first = 0;
		while (out->end < wanted &&
		       (stream->zstd ? decompress_some(stream) : copy_some(stream)))
			;
	}
	*bytes = out->bytes + out->first;
	return out->end - out->first;
}

/**
 * stream_skip() - go on
 * @stream: the stream
 * @nr: of the bytes that stream_peek() showed
 */
void stream_skip(struct stream *stream, size_t nr)
{
	stream->out.first += nr;
}
