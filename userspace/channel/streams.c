// SPDX-License-Identifier: GPL-2.0
/* Messages through a pipe, or a pair of UNIX sockets: the kernel copies them twice. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "transport.h"

static size_t message_size;
static void *message;
static int to_receiver, from_sender;

static void keep_ends(const int fds[2], size_t size)
{
	from_sender = fds[0];
	to_receiver = fds[1];
	message_size = size;
	message = transport_memory(size);
}

/* A pipe has room for 64 KiB unless it is told otherwise, and for 1 MiB at most. */
static void prepare_pipe(const char *device, size_t size)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) || fcntl(fds[1], F_SETPIPE_SZ, TRANSPORT_WINDOW) < 0)
		err(1, "pipe");
	keep_ends(fds, size);
}

/* For root; another user gets what net.core.wmem_max allows. */
static void prepare_socketpair(const char *device, size_t size)
{
	int fds[2], room = TRANSPORT_WINDOW;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		err(1, "socketpair");
	if (setsockopt(fds[1], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	keep_ends(fds, size);
}

/* So that the end of the other process is the end of the stream. */
static void start_stream_sender(void)
{
	close(from_sender);
}

static void start_stream_receiver(void)
{
	close(to_receiver);
}

static void leave_stream(void)
{
	close(from_sender);
	close(to_receiver);
}

static void *stream_buffer(void)
{
	return message;
}

static void send_stream(void)
{
	size_t done;
	ssize_t nr;

	for (done = 0; done < message_size; done += nr) {
		nr = write(to_receiver, (char *)message + done, message_size - done);
		if (nr < 0)
			err(1, "to send a message");
	}
}

static void finish_stream(void)
{
	close(to_receiver);
}

static const void *receive_stream(void)
{
	size_t done;
	ssize_t nr;

	for (done = 0; done < message_size; done += nr) {
		nr = read(from_sender, (char *)message + done, message_size - done);
		if (nr < 0)
			err(1, "to receive a message");
		if (!nr && done)
			errx(1, "to receive a message: it ends too soon");
		if (!nr)
			return NULL;
	}
	return message;
}

const struct transport pipe_transport = {
	.name = "pipe",
	.notices_end = true,
	.prepare = prepare_pipe,
	.leave = leave_stream,
	.start_sender = start_stream_sender,
	.start_receiver = start_stream_receiver,
	.buffer = stream_buffer,
	.send = send_stream,
	.finish = finish_stream,
	.receive = receive_stream,
};

const struct transport socketpair_transport = {
	.name = "socketpair",
	.notices_end = true,
	.prepare = prepare_socketpair,
	.leave = leave_stream,
	.start_sender = start_stream_sender,
	.start_receiver = start_stream_receiver,
	.buffer = stream_buffer,
	.send = send_stream,
	.finish = finish_stream,
	.receive = receive_stream,
};
