// SPDX-License-Identifier: GPL-2.0
/*
 * Finding streams.
 *
 * A page that has to be read continues the stream whose next page it is.
 * Otherwise it may, with the nearest page that was read before, be the beginning
 * of one: the distance of the two is its step. Neighbours are believed at once,
 * other steps when a third page confirms them: pages asked for at random hardly
 * ever do, so random access reads nothing ahead.
 *
 * A stream is read ahead in windows. The first page of the last window is its
 * mark: when that is asked for, it is time to read the next window, while the
 * pages of the last one are being used. Each window is twice as long as the one
 * before. Whoever has to read a page again that had been read ahead already
 * came too late for it: the next window is half as long.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include "stream.h"

/* The first window: about what a wrong guess may cost. */
#define STREAM_FIRST_WINDOW	4
/* The longest: more cannot be on its way to common devices at once. */
#define STREAM_LAST_WINDOW	64
/* Pages farther apart are not taken for neighbours. */
#define STREAM_MAX_STEP		64

/**
 * swaplab_streams_init() - no streams yet
 * @streams: of a new region
 */
void swaplab_streams_init(struct swaplab_streams *streams)
{
	spin_lock_init(&streams->lock);
}

/* Steps from the page asked for last to @index, 0 if they do not lead there. */
static unsigned long steps_to(const struct swaplab_stream *stream,
			      pgoff_t index)
{
	long distance = index - stream->last;

	if (!stream->step || distance % stream->step ||
	    distance / stream->step < 0)
		return 0;
	return distance / stream->step;
}

/* The stream that has @index before it, no farther than its next page. */
static struct swaplab_stream *stream_of(struct swaplab_streams *streams,
					pgoff_t index)
{
	struct swaplab_stream *stream;
	unsigned long steps;

	for (stream = streams->streams;
	     stream < streams->streams + SWAPLAB_STREAMS; stream++) {
		steps = steps_to(stream, index);
		if (steps && steps <= steps_to(stream, stream->next))
			return stream;
	}
	return NULL;
}

/* The stream whose last page @index is already. */
static struct swaplab_stream *stream_at(struct swaplab_streams *streams,
					pgoff_t index)
{
	struct swaplab_stream *stream;

	for (stream = streams->streams;
	     stream < streams->streams + SWAPLAB_STREAMS; stream++)
		if (stream->used && stream->last == index)
			return stream;
	return NULL;
}

/* The next window: at most @max pages, none before the first of the region. */
static void plan(struct swaplab_stream *stream, unsigned int max,
		 struct swaplab_window *window)
{
	unsigned long room = ULONG_MAX;

	if ((long)stream->next < 0)
		room = 0;
	else if (stream->step < 0)
		room = stream->next / -stream->step + 1;
	window->first = stream->next;
	window->step = stream->step;
	window->nr = min3(0UL + stream->size, 0UL + max, room);
	if (!window->nr)
		return;
	stream->size = window->nr;
	stream->mark = stream->next;
	stream->next += window->nr * stream->step;
}

/* Begin to read ahead behind @index. */
static void restart(struct swaplab_stream *stream, pgoff_t index)
{
	stream->last = index;
	stream->next = index + stream->step;
	stream->mark = stream->next;
}

/* How far two pages lie apart; 0: too far to have to do with each other. */
static unsigned long distance_of(pgoff_t a, pgoff_t b)
{
	unsigned long distance = a > b ? a - b : b - a;

	return distance <= STREAM_MAX_STEP ? distance : 0;
}

/* The candidate nearest to @index, NULL if none is near. */
static struct swaplab_stream *nearest_of(struct swaplab_streams *streams,
					 pgoff_t index)
{
	struct swaplab_stream *stream, *nearest = NULL;
	unsigned long distance, least = ULONG_MAX;

	for (stream = streams->streams;
	     stream < streams->streams + SWAPLAB_STREAMS; stream++) {
		distance = distance_of(stream->last, index);
		if (distance && distance < least && stream->used &&
		    !stream->size) {
			least = distance;
			nearest = stream;
		}
	}
	return nearest;
}

static struct swaplab_stream *oldest_of(struct swaplab_streams *streams)
{
	struct swaplab_stream *stream, *oldest = streams->streams;

	for (stream = oldest + 1; stream < streams->streams + SWAPLAB_STREAMS;
	     stream++)
		if (streams->clock - stream->used >
		    streams->clock - oldest->used)
			oldest = stream;
	return oldest;
}

/* @index continues no stream: remember it, perhaps as the second of one. */
static struct swaplab_stream *guess(struct swaplab_streams *streams,
				    pgoff_t index)
{
	struct swaplab_stream *stream = nearest_of(streams, index);

	if (!stream) {
		stream = oldest_of(streams);
		stream->last = index;
	}
	stream->step = index - stream->last;
	stream->size = abs(stream->step) == 1 ? STREAM_FIRST_WINDOW : 0;
	return stream;
}

static void grow(struct swaplab_stream *stream)
{
	stream->size = clamp_t(unsigned int, 2 * stream->size,
			       STREAM_FIRST_WINDOW, STREAM_LAST_WINDOW);
}

static void shrink(struct swaplab_stream *stream)
{
	stream->size = max_t(unsigned int, stream->size / 2,
			     STREAM_FIRST_WINDOW);
}

/* @index had to be read: was it the next one, or read ahead and lost again? */
static void resize(struct swaplab_stream *stream, pgoff_t index)
{
	if (index == stream->next)
		grow(stream);
	else
		shrink(stream);
}

/**
 * swaplab_streams_miss() - a page has to be read
 * @streams: of its region
 * @index: of the page
 * @max: pages that may be read ahead now
 * @window: what to read ahead
 */
void swaplab_streams_miss(struct swaplab_streams *streams, pgoff_t index,
			  unsigned int max, struct swaplab_window *window)
{
	struct swaplab_stream *stream;

	window->nr = 0;
	spin_lock(&streams->lock);
	streams->clock++;
	stream = stream_at(streams, index);
	/* The same page again tells nothing about the next. */
	if (!stream) {
		stream = stream_of(streams, index);
		if (stream)
			resize(stream, index);
		else
			stream = guess(streams, index);
		restart(stream, index);
		plan(stream, max, window);
	}
	stream->used = streams->clock;
	spin_unlock(&streams->lock);
}

/* Pages from behind the one asked for last to the mark. */
static void take_rest(const struct swaplab_stream *stream,
		      struct swaplab_window *rest)
{
	unsigned long steps = steps_to(stream, stream->mark);

	rest->first = stream->last + stream->step;
	rest->step = stream->step;
	/* Without a mark ahead, come back soon. */
	rest->nr = steps ? steps - 1 : STREAM_FIRST_WINDOW;
}

/**
 * swaplab_streams_hit() - a page is asked for that was read ahead
 * @streams: of its region
 * @index: of the page
 * @max: pages that may be read ahead now
 * @window: what to read ahead
 * @rest: pages that will be asked for next, up to the mark
 */
void swaplab_streams_hit(struct swaplab_streams *streams, pgoff_t index,
			 unsigned int max, struct swaplab_window *window,
			 struct swaplab_window *rest)
{
	struct swaplab_stream *stream;

	window->nr = 0;
	rest->nr = 0;
	spin_lock(&streams->lock);
	streams->clock++;
	stream = stream_of(streams, index);
	/* After a wait, the same page is asked for once more. */
	if (!stream)
		stream = stream_at(streams, index);
	if (stream && stream->step) {
		stream->last = index;
		stream->used = streams->clock;
		if (max && !steps_to(stream, stream->mark)) {
			grow(stream);
			plan(stream, max, window);
		}
		take_rest(stream, rest);
	}
	spin_unlock(&streams->lock);
}
