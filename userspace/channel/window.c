// SPDX-License-Identifier: GPL-2.0
/*
 * Places for messages that sender and receiver use in turn, counted in shared memory.
 *
 * counter.h says why the reader of a count sees what was written before it was raised: the
 * receiver the message, and the sender that the message was read.
 */
#include "counter.h"
#include "transport.h"
#include "window.h"

/* Of messages. Each process raises one of them. */
struct window_counts {
	struct counter sent;
	struct counter received;
};

/**
 * window_init() - before the fork
 * @window: to be filled in
 * @places: TRANSPORT_WINDOW bytes
 * @size: of messages
 */
void window_init(struct window *window, char *places, size_t size)
{
	*window = (struct window){
		.counts = transport_shared_memory(sizeof(*window->counts)),
		.places = places,
		.size = size,
		.nr = TRANSPORT_WINDOW / size,
	};
}

/**
 * window_place() - the place of the next message
 * @window: the window
 *
 * Return: the place.
 */
void *window_place(const struct window *window)
{
	return window->places + window->position % window->nr * window->size;
}

static void await_fewer(struct window *window, unsigned int nr)
{
	struct counter *counter = &window->counts->received;
	uint32_t received = counter_read(counter);

	while (((window->position - received) & COUNTER_MASK) >= nr) {
		counter_await(counter, received, NULL);
		received = counter_read(counter);
	}
}

/**
 * window_await_room() - in the sender: wait until the next place is free
 * @window: the window
 */
void window_await_room(struct window *window)
{
	await_fewer(window, window->nr);
}

/**
 * window_await_empty() - in the sender: wait until all messages have been received
 * @window: the window
 */
void window_await_empty(struct window *window)
{
	await_fewer(window, 1);
}

/**
 * window_await_message() - in the receiver: wait until there is a message
 * @window: the window
 *
 * Return: false if there are no more.
 */
bool window_await_message(struct window *window)
{
	uint32_t sent;

	for (;;) {
		sent = counter_read(&window->counts->sent);
		if ((sent & COUNTER_MASK) != window->position)
			return true;
		if (sent & COUNTER_CLOSED)
			return false;
		counter_await(&window->counts->sent, sent, NULL);
	}
}

/**
 * window_sent() - in the sender: there is a message in the next place
 * @window: the window
 */
void window_sent(struct window *window)
{
	window->position = (window->position + 1) & COUNTER_MASK;
	counter_raise(&window->counts->sent, 1);
}

/**
 * window_received() - in the receiver: the message has been read
 * @window: the window
 */
void window_received(struct window *window)
{
	window->position = (window->position + 1) & COUNTER_MASK;
	counter_raise(&window->counts->received, 1);
}

/**
 * window_close() - in the sender: there are no more messages
 * @window: the window
 */
void window_close(struct window *window)
{
	counter_close(&window->counts->sent);
}
