// SPDX-License-Identifier: GPL-2.0
/* Messages by a channel of a swaplab device: their pages move. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "channel.h"
#include "transport.h"

/* The sender waits for the channel: so often, 1 ms each. */
#define OPEN_TRIES	10000

static const char *device_path;
static size_t message_size;
static char name[32];
static struct channel channel;
static void *map;
static int region;

static void prepare_moved(const char *device, size_t size)
{
	if (access(device, R_OK | W_OK))
		err(1, "%s: is the module loaded, and may you use it?", device);
	device_path = device;
	message_size = size;
	snprintf(name, sizeof(name), "channel-%d", getpid());
}

/* Each side has a region of its own, with room for a message. */
static void map_region(void)
{
	region = open(device_path, O_RDWR | O_CLOEXEC);
	if (region < 0)
		err(1, "%s", device_path);
	map = mmap(NULL, message_size, PROT_READ | PROT_WRITE, MAP_SHARED, region, 0);
	if (map == MAP_FAILED)
		err(1, "%s", device_path);
}

static void check(const char *what, int error)
{
	errno = -error;
	if (error < 0)
		err(1, "%s: %s a message", device_path, what);
}

/* The receiver may not have made it yet, or may have failed to. */
static void open_when_made(void)
{
	int error, tries = 0;

	do {
		error = channel_open(&channel, device_path, name);
		usleep(error ? 1000 : 0);
	} while ((error == -ENOENT || error == -EAGAIN) && ++tries < OPEN_TRIES);
	check("to open the channel for", error);
}

static void start_moved_sender(void)
{
	map_region();
	open_when_made();
}

static void start_moved_receiver(void)
{
	map_region();
	check("to make the channel for", channel_create(&channel, device_path, name,
							TRANSPORT_WINDOW / CHANNEL_PAGE));
}

static void *moved_buffer(void)
{
	return map;
}

static void send_moved(void)
{
	check("to send", channel_send(&channel, region, 0, message_size));
}

static void finish_moved(void)
{
	channel_close(&channel);
}

static const void *receive_moved(void)
{
	ssize_t length = channel_receive(&channel, region, 0, message_size);

	check("to receive", length < 0 ? (int)length : 0);
	return length ? map : NULL;
}

const struct transport moved_transport = {
	.name = "swaplab",
	.notices_end = true,
	.prepare = prepare_moved,
	.start_sender = start_moved_sender,
	.start_receiver = start_moved_receiver,
	.buffer = moved_buffer,
	.send = send_moved,
	.finish = finish_moved,
	.receive = receive_moved,
};
