/* SPDX-License-Identifier: GPL-2.0 */
/* A way for messages of one size from one process to another. */
#ifndef CHANNEL_TRANSPORT_H
#define CHANNEL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of messages that may be under way, in all transports. No message is longer. */
#define TRANSPORT_WINDOW	1048576UL

/**
 * struct transport - a way for messages; an error ends the process
 * @name: a word
 * @notices_end: each side ends by itself with an error if the other one is killed
 * @prepare: (optional) what both processes get from their parent, with the path of the
 *	device and the size of messages
 * @leave: (optional) in the parent: both processes have been started
 * @start_sender: (optional) called in the sender
 * @start_receiver: (optional) called in the receiver
 * @buffer: in the sender: where the next message is to be written
 * @send: in the sender: sends what was written there
 * @finish: (optional) in the sender: there are no more messages
 * @receive: in the receiver: waits for a message; NULL: there are no more
 * @release: (optional) in the receiver: it has been read
 */
struct transport {
	const char *name;
	bool notices_end;
	void (*prepare)(const char *device, size_t size);
	void (*leave)(void);
	void (*start_sender)(void);
	void (*start_receiver)(void);
	void *(*buffer)(void);
	void (*send)(void);
	void (*finish)(void);
	const void *(*receive)(void);
	void (*release)(void);
};

extern const struct transport moved_transport;
extern const struct transport pipe_transport;
extern const struct transport socketpair_transport;
extern const struct transport vm_readv_transport;
extern const struct transport ring_transport;

void *transport_memory(size_t size);
void *transport_shared_memory(size_t size);

#endif /* CHANNEL_TRANSPORT_H */
