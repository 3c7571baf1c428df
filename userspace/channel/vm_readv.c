// SPDX-License-Identifier: GPL-2.0
/* Messages that the receiver copies out of the sender's memory, by process_vm_readv(). */
#include <err.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>
#include "transport.h"
#include "window.h"

/* The places are private memory, at the same address in both processes. */
static struct window window;
static void *message;
/* Shared. The count of messages sent orders it, as it does the messages. */
static pid_t *sender;

static void prepare_vm_readv(const char *device, size_t size)
{
	window_init(&window, transport_memory(TRANSPORT_WINDOW), size);
	message = transport_memory(size);
	sender = transport_shared_memory(sizeof(*sender));
}

/* Yama may allow it to parents alone, unless told otherwise. */
static void start_vm_readv_sender(void)
{
	*sender = getpid();
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
}

static void *vm_readv_buffer(void)
{
	window_await_room(&window);
	return window_place(&window);
}

static void send_vm_readv(void)
{
	window_sent(&window);
}

/* The memory is there until the last message has been read. */
static void finish_vm_readv(void)
{
	window_close(&window);
	window_await_empty(&window);
}

static const void *receive_vm_readv(void)
{
	struct iovec local = { message, window.size }, remote;

	if (!window_await_message(&window))
		return NULL;
	remote = (struct iovec){ window_place(&window), window.size };
	if (process_vm_readv(*sender, &local, 1, &remote, 1, 0) != (ssize_t)window.size)
		err(1, "process_vm_readv");
	/* It has been copied, so the place is free. */
	window_received(&window);
	return message;
}

const struct transport vm_readv_transport = {
	.name = "vm_readv",
	.prepare = prepare_vm_readv,
	.start_sender = start_vm_readv_sender,
	.buffer = vm_readv_buffer,
	.send = send_vm_readv,
	.finish = finish_vm_readv,
	.receive = receive_vm_readv,
};
