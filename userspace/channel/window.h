/* SPDX-License-Identifier: GPL-2.0 */
/* Places for messages that sender and receiver use in turn, counted in shared memory. */
#ifndef CHANNEL_WINDOW_H
#define CHANNEL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct window - as one of the two processes has it
 * @counts: shared with the other one
 * @places: the memory, a place a message
 * @size: of a place
 * @nr: of places
 * @position: messages that this process has sent, or received
 */
struct window {
	struct window_counts *counts;
	char *places;
	size_t size;
	unsigned int nr;
	unsigned int position;
};

void window_init(struct window *window, char *places, size_t size);
void *window_place(const struct window *window);
void window_await_room(struct window *window);
void window_await_empty(struct window *window);
bool window_await_message(struct window *window);
void window_sent(struct window *window);
void window_received(struct window *window);
void window_close(struct window *window);

#endif /* CHANNEL_WINDOW_H */
