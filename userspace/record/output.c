// SPDX-License-Identifier: GPL-2.0
/* A file that is written from one end to the other, compressed if it is so named. */

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include "output.h"

struct output {
	const char *path;
	FILE *file;
	ZSTD_CCtx *zstd;	/* NULL: not compressed */
	bool has_failed;
};

/**
 * output_open() - begin a file
 * @path: its name, which must stay; one that ends in .zst is compressed
 *
 * An error ends this program with a message.
 *
 * Return: the output.
 */
struct output *output_open(const char *path)
{
	struct output *output = calloc(1, sizeof(*output));
	size_t length = strlen(path);

	if (!output)
		errx(125, "out of memory");
	output->path = path;
	output->file = fopen(path, "we");
	if (!output->file)
		err(125, "%s", path);
	if (length > 4 && !strcmp(path + length - 4, ".zst")) {
		output->zstd = ZSTD_createCCtx();
		if (!output->zstd)
			errx(125, "out of memory");
	}
	return output;
}

/* The program that is recorded must not be left alone: it goes on to its end. */
static void fail(struct output *output, const char *why)
{
	if (!output->has_failed)
		warnx("%s: %s: the recording ends here, and the program goes on", output->path,
		      why);
	output->has_failed = true;
}

static void write_file(struct output *output, const void *bytes, size_t nr)
{
	if (fwrite(bytes, 1, nr, output->file) != nr)
		fail(output, strerror(errno));
}

static void compress_bytes(struct output *output, const void *bytes, size_t nr,
			   ZSTD_EndDirective mode)
{
	ZSTD_inBuffer from = { bytes, nr, 0 };
	char buffer[65536];
	size_t left;

	do {
		ZSTD_outBuffer to = { buffer, sizeof(buffer), 0 };

		left = ZSTD_compressStream2(output->zstd, &to, &from, mode);
		if (ZSTD_isError(left))
			fail(output, ZSTD_getErrorName(left));
		else
			write_file(output, buffer, to.pos);
	} while (!output->has_failed &&
		 (from.pos < from.size || (mode == ZSTD_e_end && left)));
}

/**
 * output_write() - append to a file
 * @output: the file
 * @bytes: the data
 * @nr: how many
 *
 * The first error is told at once. After it nothing is written.
 */
void output_write(struct output *output, const void *bytes, size_t nr)
{
	if (output->has_failed)
		return;
	if (output->zstd)
		compress_bytes(output, bytes, nr, ZSTD_e_continue);
	else
		write_file(output, bytes, nr);
}

/**
 * output_close() - end a file
 * @output: the file; gone afterwards
 *
 * Return: false after an error, which has been told.
 */
bool output_close(struct output *output)
{
	bool is_whole;

	if (output->zstd && !output->has_failed)
		compress_bytes(output, NULL, 0, ZSTD_e_end);
	if (fclose(output->file))
		fail(output, strerror(errno));
	is_whole = !output->has_failed;
	ZSTD_freeCCtx(output->zstd);
	free(output);
	return is_whole;
}
