// SPDX-License-Identifier: GPL-2.0
/*
 * What a pager in user space reads ahead of its faults. An access one page beside the last
 * one of a stream confirms it, as does a second equal step of up to MOST_STEP pages. A
 * stream then has a window of pages ahead of it, which grows with each access.
 */

#include <stddef.h>
#include <stdlib.h>
#include "streams.h"

#define MOST_STEP	64
#define FIRST_WINDOW	4
#define MOST_WINDOW	128
/* Pages that are no neighbours take a request each, and the disk takes some at once. */
#define MOST_STRIDED	32

/* Steps from one page of the stream to another one; -1: it is none, or lies behind. */
static int32_t steps_between(const struct stream *stream, uint32_t from, uint32_t to)
{
	int32_t pages = (int32_t)(to - from);

	if (pages % stream->step)
		return -1;
	return pages / stream->step;
}

static struct stream *find_confirmed(struct streams *streams, uint32_t page)
{
	struct stream *stream;
	int32_t steps;

	for (stream = streams->streams; stream < streams->streams + NR_STREAMS; stream++) {
		if (!stream->step)
			continue;
		steps = steps_between(stream, stream->last, page);
		if (steps > 0 && steps <= steps_between(stream, stream->last, stream->ahead) + 1)
			return stream;
	}
	return NULL;
}

static void confirm(struct stream *stream, uint32_t page, int32_t step)
{
	stream->step = step;
	stream->last = page;
	stream->ahead = page;
	stream->window = FIRST_WINDOW;
}

/* A new stream takes the place of the one that was not used for the longest time. */
static struct stream *find_candidate(struct streams *streams, uint32_t page)
{
	struct stream *stream, *nearest = NULL, *oldest = streams->streams;
	int32_t step;

	for (stream = streams->streams; stream < streams->streams + NR_STREAMS; stream++) {
		if (stream->used < oldest->used)
			oldest = stream;
		if (stream->step || !stream->used)
			continue;
		step = (int32_t)(page - stream->last);
		if (abs(step) == 1 || (step && step == stream->tentative)) {
			confirm(stream, page, step);
			return stream;
		}
		if (abs(step) <= MOST_STEP &&
		    (!nearest || abs(step) < abs((int32_t)(page - nearest->last))))
			nearest = stream;
	}
	stream = nearest ? nearest : oldest;
	stream->tentative = nearest ? (int32_t)(page - stream->last) : 0;
	stream->step = 0;
	stream->last = page;
	return stream;
}

/**
 * streams_note() - take note of an access that had to be read, or was read ahead
 * @streams: the streams
 * @page: the page
 *
 * Return: its stream, for stream_extend(); NULL: there is none.
 */
struct stream *streams_note(struct streams *streams, uint32_t page)
{
	struct stream *stream = find_confirmed(streams, page);
	uint32_t most;

	if (stream) {
		most = abs(stream->step) == 1 ? MOST_WINDOW : MOST_STRIDED;
		stream->last = page;
		if (steps_between(stream, page, stream->ahead) < 0)
			stream->ahead = page;
		stream->window = stream->window * 2 < most ? stream->window * 2 : most;
	} else {
		stream = find_candidate(streams, page);
	}
	stream->used = ++streams->clock;
	return stream->step ? stream : NULL;
}

static uint32_t count_room(const struct stream *stream)
{
	return stream->window - steps_between(stream, stream->last, stream->ahead);
}

/**
 * stream_has_room() - find out whether to read ahead
 * @stream: the one that was just noted
 *
 * Return: whether half of its window was used.
 */
bool stream_has_room(const struct stream *stream)
{
	return count_room(stream) >= stream->window / 2;
}

/**
 * stream_extend() - read ahead
 * @streams: the streams
 * @stream: the one that was just noted
 * @most: pages at a time
 * @span: filled in
 *
 * Return: whether there are pages to be read now: a half of the window, or @most.
 */
bool stream_extend(const struct streams *streams, struct stream *stream, uint32_t most,
		   struct span *span)
{
	uint32_t room = count_room(stream);
	int64_t last;

	if (room < most && room < stream->window / 2)
		return false;
	span->first = stream->ahead + stream->step;
	span->step = stream->step;
	span->nr = room < most ? room : most;
	for (; span->nr; span->nr--) {
		last = (int64_t)stream->ahead + (int64_t)span->nr * stream->step;
		if (last >= 0 && last < streams->nr_pages)
			break;
	}
	stream->ahead += span->nr * stream->step;
	return span->nr;
}
