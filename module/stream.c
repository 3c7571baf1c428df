// SPDX-License-Identifier: GPL-2.0
/*
 * Finding streams.
 *
 * A page that has to be read continues a stream if it is the next page of that.
 * Otherwise it may be the beginning of one, together with the nearest page that was
 * read before: the distance of the two is its step. A step of one page makes a stream
 * at once, any other when a third page confirms it. Pages that are asked for at random
 * hardly ever confirm a step, so random access reads nothing ahead. Where a program has
 * advised MADV_SEQUENTIAL, each page that continues no stream begins one, upwards and with
 * the longest window.
 *
 * A stream is read ahead in windows. The first page of the last window is its
 * mark: when that is asked for, the next window is read, while the pages of the last
 * one are being used. Each window is twice as long as the one before. If a page that
 * had been read ahead has to be read again, it was evicted before its use: the next
 * window is half as long.
 *
 * Where frames are short, a page read in vain displaces one that has to be read again. So
 * four of five pages read ahead have to be used. A region keeps a credit: a page used soon
 * adds one to it, and one that is evicted unused takes five, as it may have been mapped with
 * others and taken for used. A region without credit reads the shortest windows, and only
 * behind pages that were asked for in a run.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include "stream.h"

/* The first window: a wrong guess costs no more. */
#define STREAM_FIRST_WINDOW	4
/* The longest: more cannot be on its way to common devices at once. */
#define STREAM_LAST_WINDOW	64
/* Pages farther apart are not taken for neighbours. */
#define STREAM_MAX_STEP		64

/* For a page used, and for one read in vain. */
#define CREDIT_USED		1
#define CREDIT_WASTED		(-5)
/* The ends of one or two long streams. */
#define CREDIT_MOST		512
/* More debt than this would take too long to pay back. */
#define CREDIT_LEAST		(-64)
/* A use is soon while so few other pages have been asked for. */
#define STREAM_SOON		32
/* Without credit, a stream needs a run of so many pages. */
#define STREAM_LEAST_RUN	4

/**
 * swaplab_streams_init() - no streams yet
 * @streams: of a new region
 */
void swaplab_streams_init(struct swaplab_streams *streams)
{
	spin_lock_init(&streams->lock);
	streams->credit = CREDIT_MOST;
}

static void add_credit(struct swaplab_streams *streams, int credit)
{
	streams->credit = clamp(streams->credit + credit, CREDIT_LEAST, CREDIT_MOST);
}

/**
 * swaplab_streams_wasted() - a page that was read ahead is evicted before its use
 * @streams: of its region
 *
 * The caller may hold the xa_lock of the region: no holder of streams->lock takes another lock.
 */
void swaplab_streams_wasted(struct swaplab_streams *streams)
{
	spin_lock(&streams->lock);
	add_credit(streams, CREDIT_WASTED);
	spin_unlock(&streams->lock);
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

/* How a page relates to the streams: NULL for none. */
struct relation {
	struct swaplab_stream *at;	/* that has it as its last page already */
	struct swaplab_stream *before;	/* that leads to it */
	struct swaplab_stream *nearest;	/* candidate that it may continue */
	struct swaplab_stream *oldest;	/* that may be forgotten */
};

/* How far from the page asked for last a stream may have to do with a page. */
static long reach_of(const struct swaplab_stream *stream)
{
	return stream->size ? abs((long)(stream->next - stream->last)) :
			      STREAM_MAX_STEP;
}

/* Does the stream have the page before it? */
static bool leads_to(const struct swaplab_stream *stream, pgoff_t index)
{
	unsigned long steps = steps_to(stream, index);

	return steps && steps <= steps_to(stream, stream->next);
}

/*
 * One pass, because it runs for each page that has to be read. Most streams are too far
 * away to have to do with it.
 */
static void relate_page(struct swaplab_streams *streams, pgoff_t index,
			struct relation *relation)
{
	struct swaplab_stream *stream = streams->streams;
	struct swaplab_stream *end = stream + SWAPLAB_STREAMS;
	unsigned int clock = streams->clock, most = 0;
	long distance, reach, least = LONG_MAX;

	*relation = (struct relation){ .oldest = stream };
	for (; stream < end; stream++) {
		if (clock - stream->used > most) {
			most = clock - stream->used;
			relation->oldest = stream;
		}
		distance = index - stream->last;
		reach = reach_of(stream);
		if (distance > reach || distance < -reach || !stream->used)
			continue;
		if (!distance) {
			relation->at = stream;
		} else if (leads_to(stream, index)) {
			relation->before = stream;
		} else if (!stream->size && abs(distance) < least) {
			least = abs(distance);
			relation->nearest = stream;
		}
	}
}

/* The next window: at most @max pages, none before the first of the region. */
static void plan_window(const struct swaplab_streams *streams,
			struct swaplab_stream *stream, unsigned int max,
			struct swaplab_window *window)
{
	unsigned long room = ULONG_MAX, most;

	if (streams->credit <= 0 && stream->run < STREAM_LEAST_RUN)
		return;
	if ((long)stream->next < 0)
		room = 0;
	else if (stream->step < 0)
		room = stream->next / -stream->step + 1;
	window->first = stream->next;
	window->step = stream->step;
	most = min_t(unsigned long, stream->size, room);
	window->nr = min_t(unsigned long, most, max);
	window->cut = max < most;
	if (!window->nr)
		return;
	stream->size = window->nr;
	stream->mark = stream->next;
	stream->next += window->nr * stream->step;
}

/* Begin to read ahead behind @index. */
static void restart_stream(struct swaplab_stream *stream, pgoff_t index)
{
	stream->last = index;
	stream->next = index + stream->step;
	stream->mark = stream->next;
}

/* @index continues no stream: remember it, perhaps as the second of one. */
static struct swaplab_stream *guess_stream(const struct relation *relation,
					   pgoff_t index)
{
	struct swaplab_stream *stream = relation->nearest;

	if (!stream) {
		stream = relation->oldest;
		stream->last = index;
	}
	stream->run = 1;
	stream->step = index - stream->last;
	stream->size = abs(stream->step) == 1 ? STREAM_FIRST_WINDOW : 0;
	return stream;
}

/* It is the first of a stream: the program has said that it goes up page by page. */
static struct swaplab_stream *begin_stream(const struct relation *relation,
					   pgoff_t index)
{
	struct swaplab_stream *stream = relation->oldest;

	stream->step = 1;
	stream->size = STREAM_LAST_WINDOW;
	/* It need not be proved. */
	stream->run = STREAM_LEAST_RUN;
	return stream;
}

static void grow_window(const struct swaplab_streams *streams,
			struct swaplab_stream *stream)
{
	unsigned int most = streams->credit > 0 ? STREAM_LAST_WINDOW : STREAM_FIRST_WINDOW;

	stream->size = clamp_t(unsigned int, 2 * stream->size, STREAM_FIRST_WINDOW, most);
}

static void shrink_window(struct swaplab_stream *stream)
{
	stream->size = max_t(unsigned int, stream->size / 2,
			     STREAM_FIRST_WINDOW);
}

/* @index had to be read: was it the next one, or read ahead and lost again? */
static void resize_window(const struct swaplab_streams *streams,
			  struct swaplab_stream *stream, pgoff_t index)
{
	if (index == stream->next)
		grow_window(streams, stream);
	else
		shrink_window(stream);
}

/* @begin: says which stream a page belongs to that continues none. */
static void note_miss(struct swaplab_streams *streams, pgoff_t index,
		      unsigned int max, struct swaplab_window *window,
		      struct swaplab_stream *(*begin)(const struct relation *relation,
						      pgoff_t index))
{
	struct relation relation;
	struct swaplab_stream *stream;

	window->nr = 0;
	window->cut = false;
	spin_lock(&streams->lock);
	streams->clock++;
	relate_page(streams, index, &relation);
	/* The same page again tells nothing about the next. */
	stream = relation.at;
	if (!stream) {
		stream = relation.before;
		if (stream) {
			stream->run = steps_to(stream, index) == 1 ? stream->run + 1 : 1;
			resize_window(streams, stream, index);
		} else {
			stream = begin(&relation, index);
		}
		restart_stream(stream, index);
		plan_window(streams, stream, max, window);
	}
	stream->used = streams->clock;
	spin_unlock(&streams->lock);
}

/**
 * swaplab_streams_miss() - a page has to be read
 * @streams: of its region
 * @index: of the page
 * @max: pages that may be read ahead now
 * @window: the pages to read ahead
 */
void swaplab_streams_miss(struct swaplab_streams *streams, pgoff_t index,
			  unsigned int max, struct swaplab_window *window)
{
	note_miss(streams, index, max, window, guess_stream);
}

/**
 * swaplab_streams_miss_in_order() - a page has to be read, and the next ones will be asked for
 * @streams: of its region
 * @index: of the page
 * @max: pages that may be read ahead now
 * @window: the pages to read ahead
 */
void swaplab_streams_miss_in_order(struct swaplab_streams *streams, pgoff_t index,
				   unsigned int max, struct swaplab_window *window)
{
	note_miss(streams, index, max, window, begin_stream);
}

/**
 * swaplab_streams_go_on() - the pages of a window need not be read, so the next one may
 * @streams: of its region
 * @max: pages that may be read ahead now
 * @window: as it was planned; becomes the next one
 *
 * Return: false if there is no such window.
 */
bool swaplab_streams_go_on(struct swaplab_streams *streams, unsigned int max,
			   struct swaplab_window *window)
{
	struct swaplab_stream *stream = streams->streams;
	struct swaplab_stream *end = stream + SWAPLAB_STREAMS;
	pgoff_t mark = window->first;
	long step = window->step;
	unsigned int size;

	window->nr = 0;
	spin_lock(&streams->lock);
	while (stream < end && !(stream->size && stream->mark == mark && stream->step == step))
		stream++;
	/* A stream of few pages so far may be a part of a dense set that is used in no order. */
	if (stream < end && stream->size >= STREAM_LAST_WINDOW / 2) {
		size = stream->size;
		plan_window(streams, stream, max, window);
		/* The rest of a window says nothing about the stream. */
		stream->size = size;
	}
	spin_unlock(&streams->lock);
	return window->nr;
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

/*
 * A page of the stream is asked for. Those before it, as far as the mark, may have been
 * mapped: then the page at the mark is the next one that has a fault. A fault behind the
 * mark shows that pages were left out.
 */
static void note_use(struct swaplab_streams *streams, struct swaplab_stream *stream,
		     pgoff_t index)
{
	unsigned int steps = steps_to(stream, index);

	if (steps <= max(steps_to(stream, stream->mark), 1UL)) {
		stream->run += steps;
	} else {
		stream->run = 1;
		steps = 1;
	}
	if (streams->clock - stream->used <= STREAM_SOON)
		add_credit(streams, CREDIT_USED * steps);
}

/**
 * swaplab_streams_hit() - a page is asked for that was read ahead
 * @streams: of its region
 * @index: of the page
 * @max: pages that may be read ahead now
 * @window: the pages to read ahead
 * @rest: pages that will be asked for next, up to the mark
 *
 * Return: false if the page is none of a stream.
 */
bool swaplab_streams_hit(struct swaplab_streams *streams, pgoff_t index,
			 unsigned int max, struct swaplab_window *window,
			 struct swaplab_window *rest)
{
	struct relation relation;
	struct swaplab_stream *stream;
	bool found;

	window->nr = 0;
	window->cut = false;
	rest->nr = 0;
	spin_lock(&streams->lock);
	streams->clock++;
	relate_page(streams, index, &relation);
	/* After a wait, the same page is asked for once more. */
	stream = relation.before ? relation.before : relation.at;
	found = stream && stream->step;
	if (found) {
		note_use(streams, stream, index);
		stream->last = index;
		stream->used = streams->clock;
		if (!steps_to(stream, stream->mark)) {
			window->cut = !max;
			if (max) {
				grow_window(streams, stream);
				plan_window(streams, stream, max, window);
			}
		}
		take_rest(stream, rest);
	}
	spin_unlock(&streams->lock);
	return found;
}
