// SPDX-License-Identifier: GPL-2.0
/* Messages in memory that both processes share: written and read in place, never copied. */
#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "transport.h"
#include "window.h"

static struct window window;

static void *map_memfd(size_t size)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);
	void *map = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, size))
		map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		err(1, "memfd");
	close(fd);
	return map;
}

static void prepare_ring(const char *device, size_t size)
{
	window_init(&window, map_memfd(TRANSPORT_WINDOW), size);
}

static void *ring_buffer(void)
{
	window_await_room(&window);
	return window_place(&window);
}

static void send_ring(void)
{
	window_sent(&window);
}

static void finish_ring(void)
{
	window_close(&window);
}

static const void *receive_ring(void)
{
	return window_await_message(&window) ? window_place(&window) : NULL;
}

static void release_ring(void)
{
	window_received(&window);
}

const struct transport ring_transport = {
	.name = "ring",
	.prepare = prepare_ring,
	.buffer = ring_buffer,
	.send = send_ring,
	.finish = finish_ring,
	.receive = receive_ring,
	.release = release_ring,
};
