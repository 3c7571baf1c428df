// SPDX-License-Identifier: GPL-2.0
/*
 * A channel: messages of whole pages by SWAPLAB_MOVE, see channel.h.
 *
 * The region of the channel has a control page, and behind it slots, one for each page
 * that may wait. Slots are used in turn. The sender moves a message to free slots, which
 * are absent pages, and raises the count of pages sent; the receiver moves it on, which
 * leaves the slots absent, and raises the count of pages received. The counts order these
 * steps, see counter.h: the receiver looks at a slot and its size only after it has read
 * the count that the sender raised after both, and the sender reuses a slot only after it
 * has read the count that the receiver raised.
 *
 * An end that waits learns from the kernel whether there is another end: a region has as
 * many open files as ends, and a process that is killed closes its own. A futex does not
 * wake for that, so a wait looks now and then.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "channel.h"
#include "counter.h"

/* "swap" */
#define MAGIC		0x73776170

/* Between two looks at whether the other end is there. */
static const struct timespec patience = { .tv_nsec = 100 * 1000000 };

/**
 * struct channel_control - what both ends share
 * @sent: pages, raised by the sender
 * @received: pages, raised by the receiver
 * @magic: set when the rest is valid
 * @is_open: a sender has come
 * @nr_pages: slots
 * @sizes: pages of the message that begins in a slot
 */
struct channel_control {
	struct counter sent;
	struct counter received;
	atomic_uint magic;
	atomic_uint is_open;
	uint32_t nr_pages;
	uint32_t sizes[CHANNEL_MAX_PAGES];
};

static int open_region(struct channel *channel, const char *device, const char *name,
		       int flags)
{
	struct swaplab_open request = { .flags = flags | O_RDWR | O_CLOEXEC, .mode = 0600 };

	if (strlen(name) >= sizeof(channel->name))
		return -ENAMETOOLONG;
	strcpy(channel->name, name);
	strcpy(request.name, name);
	channel->device = open(device, O_RDWR | O_CLOEXEC);
	if (channel->device < 0)
		return -errno;
	channel->region = ioctl(channel->device, SWAPLAB_OPEN, &request);
	if (channel->region < 0)
		return -errno;
	channel->control = mmap(NULL, CHANNEL_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				channel->region, 0);
	return channel->control == MAP_FAILED ? -errno : 0;
}

static void release(struct channel *channel)
{
	if (channel->control != MAP_FAILED)
		munmap(channel->control, CHANNEL_PAGE);
	if (channel->region >= 0)
		close(channel->region);
	if (channel->device >= 0)
		close(channel->device);
}

static const struct channel closed = {
	.device = -1,
	.region = -1,
	.control = MAP_FAILED,
};

/**
 * channel_create() - make a channel, and get the end that receives
 * @channel: to be filled in
 * @device: path of the device that has the regions of both processes
 * @name: of the channel: 1 to 255 bytes, none of them a slash
 * @nr_pages: that may wait in the channel, a power of two, CHANNEL_MAX_PAGES at most; no
 *	message is longer
 *
 * Return: 0; -EEXIST if a region has this name; or another error.
 */
int channel_create(struct channel *channel, const char *device, const char *name,
		   unsigned int nr_pages)
{
	int err;

	if (!nr_pages || nr_pages > CHANNEL_MAX_PAGES || nr_pages & (nr_pages - 1))
		return -EINVAL;
	*channel = closed;
	err = open_region(channel, device, name, O_CREAT | O_EXCL);
	if (err) {
		release(channel);
		return err;
	}
	channel->nr_pages = nr_pages;
	channel->control->nr_pages = nr_pages;
	/* Pairs with the load in join(), which reads the rest after it. */
	atomic_store_explicit(&channel->control->magic, MAGIC, memory_order_release);
	return 0;
}

/* There is a region of the name: is it a channel, and free? */
static int join(struct channel *channel)
{
	struct channel_control *control = channel->control;
	uint32_t magic = atomic_load_explicit(&control->magic, memory_order_acquire);

	if (!magic)
		return -EAGAIN;
	channel->nr_pages = control->nr_pages;
	if (magic != MAGIC || channel->nr_pages - 1 >= CHANNEL_MAX_PAGES)
		return -EPROTO;
	return atomic_exchange(&control->is_open, 1) ? -EBUSY : 0;
}

/**
 * channel_open() - get the end of a channel that sends
 * @channel: to be filled in
 * @device: path of the device
 * @name: of the channel
 *
 * Return: 0; -ENOENT if there is no channel of this name; -EAGAIN while it is being made;
 * -EBUSY if it has had a sender; -EPROTO if the region of this name is no channel; or
 * another error.
 */
int channel_open(struct channel *channel, const char *device, const char *name)
{
	int err;

	*channel = closed;
	channel->sends = true;
	err = open_region(channel, device, name, 0) ?: join(channel);
	if (err)
		release(channel);
	return err;
}

/**
 * channel_close() - close an end
 * @channel: the end
 *
 * Messages that were sent can still be received; those that wait when the receiver closes
 * its end are gone.
 */
void channel_close(struct channel *channel)
{
	struct channel_control *control = channel->control;

	counter_close(channel->sends ? &control->sent : &control->received);
	release(channel);
}

/* A name that was taken away counts as an end: nothing is known about its files. */
static bool has_other_end(struct channel *channel)
{
	struct swaplab_name other = {};

	while (!ioctl(channel->device, SWAPLAB_NEXT_NAME, &other))
		if (!strcmp(other.name, channel->name))
			return other.nr_files > 1;
	return false;
}

/* Waits until the other end has changed its count. -EPIPE if there is none any more. */
static int await_change(struct channel *channel, struct counter *counter, uint32_t seen)
{
	if (counter_await(counter, seen, &patience))
		return 0;
	if (!atomic_load(&channel->control->is_open) || has_other_end(channel))
		return 0;
	/* Its last change came before its end. */
	return counter_read(counter) == seen ? -EPIPE : 0;
}

static int discard_pages(int fd, uint64_t offset, size_t length)
{
	struct swaplab_range range = { .offset = offset, .length = length };

	return ioctl(fd, SWAPLAB_DISCARD, &range) ? -errno : 0;
}

/* To pages that are absent, or else are made so: what they have is of no use any more. */
static int move_pages(int from_fd, uint64_t from, int to_fd, uint64_t to, size_t length,
		      size_t *moved)
{
	struct swaplab_move move = { .from_fd = from_fd };
	int err;

	for (*moved = 0; *moved < length;) {
		move.from_offset = from + *moved;
		move.to_offset = to + *moved;
		move.length = length - *moved;
		move.moved = 0;
		err = ioctl(to_fd, SWAPLAB_MOVE, &move) ? -errno : 0;
		*moved += move.moved;
		if (err == -EEXIST)
			err = discard_pages(to_fd, to + *moved, length - *moved);
		if (err)
			return err;
	}
	return 0;
}

/**
 * struct run - slots of a message that follow one another
 * @offset: of the first one in the region, in bytes
 * @length: in bytes
 */
struct run {
	uint64_t offset;
	size_t length;
};

/* The slots @done bytes behind the channel's position. */
static struct run next_run(const struct channel *channel, size_t done, size_t length)
{
	size_t slot = (channel->position + done / CHANNEL_PAGE) & (channel->nr_pages - 1);
	size_t room = (channel->nr_pages - slot) * CHANNEL_PAGE;

	return (struct run){
		.offset = (1 + slot) * CHANNEL_PAGE,
		.length = length - done < room ? length - done : room,
	};
}

static int move_to_slots(struct channel *channel, int fd, uint64_t offset, size_t length,
			 size_t *done)
{
	size_t moved;
	struct run run;
	int err = 0;

	for (*done = 0; !err && *done < length; *done += moved) {
		run = next_run(channel, *done, length);
		err = move_pages(fd, offset + *done, channel->region, run.offset, run.length,
				 &moved);
	}
	return err;
}

static int move_from_slots(struct channel *channel, int fd, uint64_t offset,
			   size_t length, size_t *done)
{
	size_t moved;
	struct run run;
	int err = 0;

	for (*done = 0; !err && *done < length; *done += moved) {
		run = next_run(channel, *done, length);
		err = move_pages(channel->region, run.offset, fd, offset + *done, run.length,
				 &moved);
	}
	return err;
}

static bool is_in_pages(uint64_t offset, size_t length)
{
	return length && !((offset | length) % CHANNEL_PAGE);
}

/* Waits until so many slots are free. */
static int await_room(struct channel *channel, unsigned int nr)
{
	struct counter *counter = &channel->control->received;
	uint32_t received;
	int err = 0;

	while (!err) {
		received = counter_read(counter);
		if (received & COUNTER_CLOSED)
			return -EPIPE;
		if (((channel->position - received) & COUNTER_MASK) + nr <= channel->nr_pages)
			return 0;
		err = await_change(channel, counter, received);
	}
	return err;
}

/**
 * channel_send() - send a message, and wait if the channel is full
 * @channel: an end that sends
 * @fd: descriptor of a region
 * @offset: of the message there
 * @length: of the message, in bytes; both are of whole pages
 *
 * Afterwards the pages are absent in the region: they can be written to again. After an
 * error they are there as before, and nothing was sent.
 *
 * Return: 0; -EPIPE if the receiver is gone; -EMSGSIZE if the channel never has room for
 * the message; -EBUSY if a page is locked or pinned; or another error of SWAPLAB_MOVE.
 */
int channel_send(struct channel *channel, int fd, uint64_t offset, size_t length)
{
	unsigned int nr = length / CHANNEL_PAGE, slot;
	size_t done, undone;
	int err;

	if (!channel->sends || !is_in_pages(offset, length))
		return -EINVAL;
	if (length / CHANNEL_PAGE > channel->nr_pages)
		return -EMSGSIZE;
	err = await_room(channel, nr);
	if (err)
		return err;
	err = move_to_slots(channel, fd, offset, length, &done);
	if (err) {
		move_from_slots(channel, fd, offset, done, &undone);
		return err;
	}
	slot = channel->position & (channel->nr_pages - 1);
	channel->control->sizes[slot] = nr;
	channel->position = (channel->position + nr) & COUNTER_MASK;
	counter_raise(&channel->control->sent, nr);
	return 0;
}

/* Waits for a message: 1 if there is one, 0 if there will be none. */
static int await_message(struct channel *channel)
{
	struct counter *counter = &channel->control->sent;
	uint32_t sent;
	int err = 0;

	while (!err) {
		sent = counter_read(counter);
		if ((sent & COUNTER_MASK) != channel->position)
			return 1;
		if (sent & COUNTER_CLOSED)
			return 0;
		err = await_change(channel, counter, sent);
	}
	return err;
}

/**
 * channel_receive() - receive a message, and wait for it if there is none
 * @channel: an end that receives
 * @fd: descriptor of a region
 * @offset: where the message is to go there, of whole pages; the pages that it takes are
 *	replaced
 * @room: for how many bytes
 *
 * After an error the message can still be received.
 *
 * Return: the length of the message; 0 if the sender has closed its end; -EPIPE if it has
 * ended without that; -EMSGSIZE if the message is longer than @room; or another error of
 * SWAPLAB_MOVE.
 */
ssize_t channel_receive(struct channel *channel, int fd, uint64_t offset, size_t room)
{
	size_t length, done, undone;
	unsigned int nr;
	int err;

	if (channel->sends || !is_in_pages(offset, room))
		return -EINVAL;
	err = await_message(channel);
	if (err <= 0)
		return err;
	nr = channel->control->sizes[channel->position & (channel->nr_pages - 1)];
	length = nr * CHANNEL_PAGE;
	if (!nr || nr > channel->nr_pages)
		return -EPROTO;
	if (length > room)
		return -EMSGSIZE;
	err = move_from_slots(channel, fd, offset, length, &done);
	if (err) {
		move_to_slots(channel, fd, offset, done, &undone);
		return err;
	}
	channel->position = (channel->position + nr) & COUNTER_MASK;
	counter_raise(&channel->control->received, nr);
	return length;
}
