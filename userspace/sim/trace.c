// SPDX-License-Identifier: GPL-2.0
/* A trace: read once, with its pages numbered anew, and kept in a mapped file. */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "memory.h"
#include "trace.h"

#define BLOCK	4096

static FILE *temporary_file(void)
{
	FILE *file = tmpfile();

	if (!file)
		err(1, "temporary file");
	return file;
}

/* Closes @file; the mapping keeps it. */
static uint32_t *map_file(FILE *file, uint64_t nr)
{
	void *mapping;

	if (fflush(file) || ftruncate(fileno(file), nr * sizeof(uint32_t)))
		err(1, "temporary file");
	mapping = mmap(NULL, nr * sizeof(uint32_t), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fileno(file), 0);
	if (mapping == MAP_FAILED)
		err(1, "temporary file");
	fclose(file);
	return mapping;
}

static void unmap_file(const uint32_t *mapping, uint64_t nr)
{
	if (mapping)
		munmap((void *)mapping, nr * sizeof(uint32_t));
}

/* The base name up to its first dot. */
static char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char *name = strndup(base, strcspn(base, "."));

	if (!name)
		errx(1, "out of memory");
	return name;
}

static uint32_t encode_reference(struct trace *trace, const char *path,
				 const struct reference *reference)
{
	uint32_t id = pages_add(&trace->pages, reference->page);

	if (id > TRACE_MAX_PAGES)
		errx(1, "%s: more than %u pages", path, TRACE_MAX_PAGES);
	return id << 1 | reference->is_write;
}

static void copy_references(struct trace *trace, const struct format *format,
			    struct reader *reader, FILE *file)
{
	static struct reference references[BLOCK];
	static uint32_t encoded[BLOCK];
	size_t i, nr;

	while ((nr = format->read(reader, references, BLOCK))) {
		for (i = 0; i < nr; i++)
			encoded[i] = encode_reference(trace, reader->path, &references[i]);
		if (fwrite(encoded, sizeof(encoded[0]), nr, file) != nr)
			err(1, "temporary file");
		trace->nr += nr;
	}
}

/**
 * trace_load() - read a trace
 * @trace: to be set up
 * @path: of its file, or STREAM_STDIN
 * @format: of the file; NULL: guessed
 *
 * Ends the program with a message if that cannot be done.
 */
void trace_load(struct trace *trace, const char *path,
		const struct format *format)
{
	bool is_stdin = !strcmp(path, STREAM_STDIN);
	struct reader reader = {
		.stream = stream_open(path),
		.path = is_stdin ? "standard input" : path,
	};
	FILE *file = temporary_file();

	*trace = (struct trace){ .name = name_of(is_stdin ? "stdin" : path) };
	pages_create(&trace->pages);
	if (!format)
		format = format_guess(path, reader.stream);
	copy_references(trace, format, &reader, file);
	if (!trace->nr)
		errx(1, "%s: no references in format %s", reader.path, format->name);
	trace->references = map_file(file, trace->nr);
	stream_close(reader.stream);
}

/* With a plus between them. */
static char *join_names(const struct trace *parts, unsigned int nr)
{
	size_t length = 1;
	unsigned int i;
	char *name, *end;

	for (i = 0; i < nr; i++)
		length += strlen(parts[i].name) + 1;
	name = memory_array(length, 1);
	for (i = 0, end = name; i < nr; i++)
		end += sprintf(end, "%s%s", i ? "+" : "", parts[i].name);
	return name;
}

/* The pages of a part have ids after those of the parts before it. */
static void join_pages(struct trace *trace)
{
	struct pages *pages = &trace->pages;
	const struct pages *own;
	uint64_t nr = 0;
	unsigned int i;
	uint32_t id;

	for (i = 0; i < trace->nr_parts; i++)
		nr += trace->parts[i].pages.nr;
	if (nr > TRACE_MAX_PAGES)
		errx(1, "%s: more than %u pages", trace->name, TRACE_MAX_PAGES);
	pages->numbers = memory_array(nr, sizeof(*pages->numbers));
	trace->owners = memory_array(nr, sizeof(*trace->owners));
	for (i = 0; i < trace->nr_parts; i++) {
		own = &trace->parts[i].pages;
		for (id = 0; id < own->nr; id++, pages->nr++) {
			pages->numbers[pages->nr] = own->numbers[id];
			trace->owners[pages->nr] = i;
		}
	}
}

/* A turn of each part that has references left. */
static uint64_t copy_turns(const struct trace *trace, uint64_t *done, uint64_t quantum,
			   uint32_t *references)
{
	const struct trace *part;
	uint32_t first_page = 0;
	uint64_t copied = 0, end;
	unsigned int i;

	for (i = 0; i < trace->nr_parts; i++) {
		part = &trace->parts[i];
		end = part->nr - done[i] > quantum ? done[i] + quantum : part->nr;
		for (; done[i] < end; done[i]++)
			references[copied++] = part->references[done[i]] + (first_page << 1);
		first_page += part->pages.nr;
	}
	return copied;
}

/**
 * trace_merge() - make one trace of several programs that run in turns
 * @trace: to be set up
 * @parts: the traces; they must stay until trace_destroy() of @trace
 * @nr: how many
 * @quantum: references of a turn; that of a trace which has fewer left is shorter
 *
 * Pages of different parts are different pages, whatever their numbers are.
 */
void trace_merge(struct trace *trace, const struct trace *parts, unsigned int nr,
		 uint64_t quantum)
{
	uint64_t *done = memory_array(nr, sizeof(*done)), copied;
	uint32_t *references;
	unsigned int i;

	*trace = (struct trace){
		.name = join_names(parts, nr),
		.parts = parts,
		.nr_parts = nr,
	};
	join_pages(trace);
	for (i = 0; i < nr; i++)
		trace->nr += parts[i].nr;
	references = map_file(temporary_file(), trace->nr);
	for (copied = 0; copied < trace->nr;)
		copied += copy_turns(trace, done, quantum, references + copied);
	trace->references = references;
	free(done);
}

/**
 * trace_count() - how many of the first references are of which part?
 * @trace: of trace_merge()
 * @nr: how many references are looked at; more than there are count as all
 * @counts: set by part
 */
void trace_count(const struct trace *trace, uint64_t nr, uint64_t *counts)
{
	uint64_t i;

	memset(counts, 0, trace->nr_parts * sizeof(*counts));
	for (i = 0; i < nr && i < trace->nr; i++)
		counts[trace->owners[TRACE_PAGE(trace->references[i])]]++;
}

/**
 * trace_look_ahead() - find out when each page is used next
 * @trace: without @next
 *
 * A next use that is too far away for 32 bits counts as none.
 */
void trace_look_ahead(struct trace *trace)
{
	/* By page; 0: not yet, since nothing has the first reference as its next. */
	uint64_t *used = memory_array(trace->pages.nr, sizeof(*used));
	uint32_t *next = map_file(temporary_file(), trace->nr);
	uint64_t i, distance;
	uint32_t page;

	for (i = trace->nr; i-- > 0;) {
		page = TRACE_PAGE(trace->references[i]);
		distance = used[page] - i;
		next[i] = used[page] && distance < TRACE_NEVER ? distance :
								 TRACE_NEVER;
		used[page] = i;
	}
	free(used);
	trace->next = next;
}

/**
 * trace_destroy() - undo trace_load() or trace_merge(), and trace_look_ahead()
 * @trace: the trace
 */
void trace_destroy(struct trace *trace)
{
	unmap_file(trace->next, trace->nr);
	unmap_file(trace->references, trace->nr);
	pages_destroy(&trace->pages);
	free(trace->owners);
	free(trace->name);
}
