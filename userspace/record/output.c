// SPDX-License-Identifier: GPL-2.0
/* A file that is written from one end to the other, compressed if it is so named. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include "output.h"

struct output {
	const char *path;
	FILE *file;
	ZSTD_CCtx *zstd;	/* NULL: not compressed */
};

/**
 * output_open() - begin a file
 * @path: its name, which must stay; one that ends in .zst is compressed
 *
 * Here and below, an error ends the program with a message.
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

static void write_file(struct output *output, const void *bytes, size_t nr)
{
	if (fwrite(bytes, 1, nr, output->file) != nr)
		err(125, "%s", output->path);
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
			errx(125, "%s: %s", output->path,
			     ZSTD_getErrorName(left));
		write_file(output, buffer, to.pos);
	} while (from.pos < from.size || (mode == ZSTD_e_end && left));
}

/**
 * output_write() - append to a file
 * @output: the file
 * @bytes: the data
 * @nr: how many
 */
void output_write(struct output *output, const void *bytes, size_t nr)
{
	if (output->zstd)
		compress_bytes(output, bytes, nr, ZSTD_e_continue);
	else
		write_file(output, bytes, nr);
}

/**
 * output_close() - end a file
 * @output: the file; gone afterwards
 */
void output_close(struct output *output)
{
	if (output->zstd)
		compress_bytes(output, NULL, 0, ZSTD_e_end);
	if (fclose(output->file))
		err(125, "%s", output->path);
	ZSTD_freeCCtx(output->zstd);
	free(output);
}
