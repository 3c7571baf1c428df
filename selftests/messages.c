// SPDX-License-Identifier: GPL-2.0
/*
 * Channels, userspace/channel/channel.c: messages by pages that move arrive as they were
 * sent, while the pool has frames for an eighth of those under way; and an end whose other
 * end is gone is told so.
 */
#include <sys/prctl.h>
#include "channel.h"
#include "names.h"
#include "requests.h"
#include "task.h"

#define FRAMES	64
#define NR	512	/* pages of a region, and of the channel */
#define NAME	"messages"

FIXTURE(channel)
{
	char *from, *to;
	int from_fd, to_fd;
	struct channel receiver, sender;
	int ready[2];	/* a pipe from a child */
};

FIXTURE_SETUP(channel)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->from = region_map(&self->from_fd, NR);
	self->to = region_map(&self->to_fd, NR);
	ASSERT_NE(self->from, NULL);
	ASSERT_NE(self->to, NULL);
	ASSERT_EQ(channel_create(&self->receiver, DEVICE, NAME, NR), 0);
	ASSERT_EQ(pipe(self->ready), 0);
}

static unsigned long nr_pages(void)
{
	return stat_get("resident") + stat_get("swapped");
}

/* The test has closed the ends that it used. */
FIXTURE_TEARDOWN(channel)
{
	region_unmap(self->from_fd, self->from, NR);
	region_unmap(self->to_fd, self->to, NR);
	close(self->ready[0]);
	close(self->ready[1]);
	EXPECT_EQ(stat_get("names"), 0);
	EXPECT_TRUE(SOON(nr_pages() == 0));
	pool_restore();
}

#define SELF	FIXTURE_DATA(channel)

static int send_pages(SELF *self, size_t first, size_t nr)
{
	return channel_send(&self->sender, self->from_fd, first * PAGE, nr * PAGE);
}

/* Pages of the message, or -errno. */
static ssize_t receive_pages(SELF *self, size_t first, size_t room)
{
	ssize_t length = channel_receive(&self->receiver, self->to_fd, first * PAGE,
					 room * PAGE);

	return length < 0 ? length : length / (ssize_t)PAGE;
}

static void close_both(SELF *self)
{
	channel_close(&self->sender);
	channel_close(&self->receiver);
}

/* Messages of this size fill the channel, and are received then. */
static size_t wrong_in_messages_of(SELF *self, size_t nr, unsigned int version)
{
	size_t first, wrong = 0;

	pages_fill(self->from, 0, NR, version);
	for (first = 0; first < NR; first += nr)
		wrong += send_pages(self, first, nr) != 0;
	/* The pool has frames for few of them. */
	wrong += stat_get("swapped") < NR / 2;
	for (first = 0; first < NR; first += nr)
		wrong += receive_pages(self, first, nr) != (ssize_t)nr;
	wrong += fdinfo_get(self->from_fd, "pages") != 0;
	return wrong + pages_wrong(self->to, 0, NR, version);
}

TEST_F(channel, messages_of_each_size_arrive_through_the_store)
{
	static const size_t sizes[] = { 1, 16, 256 };
	unsigned int i, round, version = 1;

	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	/* Also over the pages of the messages before. */
	for (round = 0; round < 2; round++)
		for (i = 0; i < 3; i++)
			EXPECT_EQ(wrong_in_messages_of(self, sizes[i], version++), 0);
	EXPECT_GT(stat_get("swap_ins"), NR);
	close_both(self);
}

TEST_F(channel, messages_go_on_behind_the_last_slot)
{
	size_t round, wrong = 0;

	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	for (round = 0; round < 8; round++) {
		pages_fill(self->from, 0, 200, round);
		wrong += send_pages(self, 0, 200) != 0;
		wrong += receive_pages(self, 0, NR) != 200;
		wrong += pages_wrong(self->to, 0, 200, round);
	}
	EXPECT_EQ(wrong, 0);
	close_both(self);
}

TEST_F(channel, pages_that_were_never_written_arrive_as_zeros)
{
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	page_fill(self->from + PAGE, 1, 1);
	pages_fill(self->to, 0, 4, 2);
	EXPECT_EQ(send_pages(self, 0, 3), 0);
	EXPECT_EQ(receive_pages(self, 0, 3), 3);
	EXPECT_TRUE(page_is_zero(self->to));
	EXPECT_TRUE(page_holds(self->to + PAGE, 1, 1));
	EXPECT_TRUE(page_is_zero(self->to + 2 * PAGE));
	/* The message has three pages. */
	EXPECT_TRUE(page_holds(self->to + 3 * PAGE, 3, 2));
	close_both(self);
}

/* What a child does that sends, or receives. */
static pid_t start_child(SELF *self, int (*run)(SELF *self))
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(run(self));
}

#define MESSAGES	60

static size_t size_of_message(unsigned int number)
{
	static const size_t sizes[] = { 1, 256, 16, 3 };

	return sizes[number % 4];
}

/* The parent has the same descriptor, and leaves the region alone. */
static int send_all(SELF *self)
{
	unsigned int i;

	if (channel_open(&self->sender, DEVICE, NAME))
		return 1;
	for (i = 0; i < MESSAGES; i++) {
		pages_fill(self->from, 0, size_of_message(i), i);
		if (send_pages(self, 0, size_of_message(i)))
			return 2;
	}
	channel_close(&self->sender);
	return 0;
}

TEST_F(channel, a_process_sends_to_another_until_it_closes_its_end)
{
	size_t wrong = 0, nr;
	int status = -1;
	unsigned int i;
	pid_t pid;

	pid = start_child(self, send_all);
	for (i = 0; i < MESSAGES; i++) {
		nr = size_of_message(i);
		wrong += receive_pages(self, 0, 256) != (ssize_t)nr;
		wrong += pages_wrong(self->to, 0, nr, i);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(receive_pages(self, 0, 256), 0);
	EXPECT_EQ(receive_pages(self, 0, 256), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	channel_close(&self->receiver);
}

/* Sends two messages, says so, and waits to be killed. */
static int send_and_stay(SELF *self)
{
	if (channel_open(&self->sender, DEVICE, NAME))
		return 1;
	pages_fill(self->from, 0, 20, 1);
	if (send_pages(self, 0, 16) || send_pages(self, 16, 4) ||
	    write(self->ready[1], "", 1) != 1)
		return 2;
	for (;;)
		pause();
}

TEST_F(channel, a_receiver_whose_sender_was_killed_gets_the_rest_and_an_error)
{
	pid_t pid = start_child(self, send_and_stay);
	char byte;

	EXPECT_EQ(receive_pages(self, 0, NR), 16);
	ASSERT_EQ(read(self->ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	EXPECT_EQ(receive_pages(self, 16, NR - 16), 4);
	EXPECT_EQ(pages_wrong(self->to, 0, 20, 1), 0);
	EXPECT_EQ(receive_pages(self, 0, NR), -EPIPE);
	EXPECT_EQ(receive_pages(self, 0, NR), -EPIPE);
	channel_close(&self->receiver);
}

static int receive_two(SELF *self)
{
	if (channel_create(&self->receiver, DEVICE, NAME "2", 16) ||
	    receive_pages(self, 0, 16) != 16 || receive_pages(self, 0, 16) != 16 ||
	    write(self->ready[1], "", 1) != 1)
		return 1;
	for (;;)
		pause();
}

/* A sender that waits in a full channel when the receiver is killed. */
static int send_until_error(SELF *self)
{
	int err;

	while ((err = channel_open(&self->sender, DEVICE, NAME "2")) == -ENOENT ||
	       err == -EAGAIN)
		msleep(1);
	while (!err)
		err = send_pages(self, 0, 16);
	return err == -EPIPE ? 0 : 1;
}

TEST_F(channel, a_sender_whose_receiver_was_killed_gets_an_error)
{
	pid_t receiver, sender;
	int status = -1;
	char byte;

	receiver = start_child(self, receive_two);
	sender = start_child(self, send_until_error);
	ASSERT_EQ(read(self->ready[0], &byte, 1), 1);
	/* The channel has room for one message more. */
	ASSERT_TRUE(SOON(is_asleep(sender)));
	kill(receiver, SIGKILL);
	EXPECT_EQ(waitpid(receiver, NULL, 0), receiver);
	EXPECT_EQ(waitpid(sender, &status, 0), sender);
	EXPECT_EQ(status, 0);
	channel_close(&self->receiver);
}

TEST_F(channel, a_sender_whose_receiver_closes_gets_an_error)
{
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	page_fill(self->from, 0, 1);
	channel_close(&self->receiver);
	EXPECT_EQ(send_pages(self, 0, 1), -EPIPE);
	EXPECT_TRUE(page_holds(self->from, 0, 1));
	channel_close(&self->sender);
}

TEST_F(channel, a_name_that_is_no_channels_is_refused)
{
	char long_name[SWAPLAB_NAME_SIZE + 1] = {};
	struct channel other;
	char *map;
	int fd;

	EXPECT_EQ(channel_open(&other, DEVICE, "none"), -ENOENT);
	EXPECT_EQ(channel_open(&other, "/dev/none", NAME), -ENOENT);
	EXPECT_EQ(channel_open(&other, "/dev/null", NAME), -ENOTTY);
	EXPECT_EQ(channel_create(&other, DEVICE, NAME, 16), -EEXIST);
	EXPECT_EQ(channel_create(&other, DEVICE, "", 16), -EINVAL);
	EXPECT_EQ(channel_create(&other, DEVICE, "a/b", 16), -EINVAL);
	memset(long_name, 'x', SWAPLAB_NAME_SIZE);
	EXPECT_EQ(channel_create(&other, DEVICE, long_name, 16), -ENAMETOOLONG);
	EXPECT_EQ(channel_open(&other, DEVICE, long_name), -ENAMETOOLONG);
	/* A region that is something else, and one that is not ready. */
	fd = name_create("other", 0600);
	map = fd_map(fd, 1, PROT_READ | PROT_WRITE);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(channel_open(&other, DEVICE, "other"), -EAGAIN);
	page_fill(map, 0, 1);
	EXPECT_EQ(channel_open(&other, DEVICE, "other"), -EPROTO);
	region_unmap(fd, map, 1);
	/* There is one sender. */
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	EXPECT_EQ(channel_open(&other, DEVICE, NAME), -EBUSY);
	close_both(self);
}

TEST_F(channel, wrong_sizes_are_refused)
{
	struct channel other;

	EXPECT_EQ(channel_create(&other, DEVICE, "other", 0), -EINVAL);
	EXPECT_EQ(channel_create(&other, DEVICE, "other", 3), -EINVAL);
	EXPECT_EQ(channel_create(&other, DEVICE, "other", 2 * CHANNEL_MAX_PAGES), -EINVAL);
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	EXPECT_EQ(send_pages(self, 0, 0), -EINVAL);
	EXPECT_EQ(channel_send(&self->sender, self->from_fd, 0, 1), -EINVAL);
	EXPECT_EQ(channel_send(&self->sender, self->from_fd, 1, PAGE), -EINVAL);
	EXPECT_EQ(send_pages(self, 0, NR + 1), -EMSGSIZE);
	EXPECT_EQ(channel_send(&self->sender, self->from_fd, 0, 1UL << 44), -EMSGSIZE);
	EXPECT_EQ(channel_send(&self->sender, -1, 0, PAGE), -EBADF);
	EXPECT_EQ(channel_send(&self->receiver, self->from_fd, 0, PAGE), -EINVAL);
	EXPECT_EQ(channel_receive(&self->sender, self->to_fd, 0, PAGE), -EINVAL);
	EXPECT_EQ(receive_pages(self, 0, 0), -EINVAL);
	EXPECT_EQ(channel_receive(&self->receiver, self->to_fd, 0, 100), -EINVAL);
	close_both(self);
}

TEST_F(channel, a_message_without_room_can_be_received_later)
{
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	pages_fill(self->from, 0, 100, 1);
	pages_fill(self->to, 0, 100, 2);
	EXPECT_EQ(send_pages(self, 0, 100), 0);
	EXPECT_EQ(receive_pages(self, 0, 99), -EMSGSIZE);
	EXPECT_EQ(pages_wrong(self->to, 0, 100, 2), 0);
	/* Nor is a part of it lost at a page that cannot be replaced. */
	ASSERT_EQ(request_pages(self->to_fd, SWAPLAB_LOCK, 50, 1), 0);
	EXPECT_EQ(receive_pages(self, 0, 100), -EBUSY);
	EXPECT_TRUE(page_holds(self->to + 50 * PAGE, 50, 2));
	ASSERT_EQ(request_pages(self->to_fd, SWAPLAB_UNLOCK, 50, 1), 0);
	EXPECT_EQ(receive_pages(self, 0, 100), 100);
	EXPECT_EQ(pages_wrong(self->to, 0, 100, 1), 0);
	close_both(self);
}

TEST_F(channel, a_message_with_a_locked_page_stays_with_the_sender)
{
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	pages_fill(self->from, 0, 100, 1);
	ASSERT_EQ(request_pages(self->from_fd, SWAPLAB_LOCK, 60, 1), 0);
	EXPECT_EQ(send_pages(self, 0, 100), -EBUSY);
	EXPECT_EQ(pages_wrong(self->from, 0, 100, 1), 0);
	ASSERT_EQ(request_pages(self->from_fd, SWAPLAB_UNLOCK, 60, 1), 0);
	EXPECT_EQ(send_pages(self, 0, 100), 0);
	EXPECT_EQ(receive_pages(self, 0, 100), 100);
	EXPECT_EQ(pages_wrong(self->to, 0, 100, 1), 0);
	close_both(self);
}

TEST_F(channel, a_channel_whose_name_was_taken_away_does_not_hang)
{
	ASSERT_EQ(channel_open(&self->sender, DEVICE, NAME), 0);
	EXPECT_EQ(name_unlink(NAME), 0);
	EXPECT_EQ(receive_pages(self, 0, NR), -EPIPE);
	close_both(self);
}

TEST_HARNESS_MAIN
