// SPDX-License-Identifier: GPL-2.0
/* A recorder is a file: permissions, arguments, reads, and records. */
#include <poll.h>
#include "recorder.h"

#define FRAMES	64
#define NR	128	/* pages of the region */
#define WINDOW	8
#define RECORDS	64	/* more than any test makes */
#define USER	65534

FIXTURE(recorder)
{
	uint64_t records[RECORDS];
	char *map;
	int fd;
};

FIXTURE_SETUP(recorder)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(recorder)
{
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

static void *use_later(void *data)
{
	msleep(100);
	page_use(data, 9, true);
	return NULL;
}

TEST_F(recorder, readers_wait_for_records)
{
	int recorder = recorder_start(self->fd, 0, 0);
	struct pollfd poller = { recorder, POLLIN };
	pthread_t thread;
	uint64_t record;

	ASSERT_GE(recorder, 0);
	EXPECT_EQ(read(recorder, &record, sizeof(record)), -1);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(poll(&poller, 1, 0), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, use_later, self->map), 0);
	EXPECT_EQ(poll(&poller, 1, 60000), 1);
	EXPECT_EQ(poller.revents, POLLIN);
	pthread_join(thread, NULL);
	EXPECT_EQ(read(recorder, &record, sizeof(record) - 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(read(recorder, (void *)-PAGE, sizeof(record)), -1);
	EXPECT_EQ(errno, EFAULT);
	close(recorder);

	recorder = recorder_start(self->fd, 0, 0);
	ASSERT_GE(recorder, 0);
	fcntl(recorder, F_SETFL, 0);
	ASSERT_EQ(pthread_create(&thread, NULL, use_later, self->map), 0);
	EXPECT_EQ(read(recorder, &record, sizeof(record)), sizeof(record));
	EXPECT_EQ(page_of(record), 9);
	pthread_join(thread, NULL);
	close(recorder);
}

/* Its own memory may be recorded, too. */
TEST_F(recorder, records_can_be_read_into_pages_of_the_device)
{
	int recorder = recorder_start(self->fd, 0, 0);
	uint64_t *records = (uint64_t *)(self->map + 100 * PAGE);

	ASSERT_GE(recorder, 0);
	pages_fill(self->map, 0, 4, 1);
	ASSERT_EQ(read(recorder, records, PAGE), 4 * sizeof(*records));
	EXPECT_EQ(records[3], record_of(self->fd, 3, true));
	ASSERT_EQ(recorder_read(recorder, self->records, RECORDS), 1);
	EXPECT_EQ(self->records[0], record_of(self->fd, 100, true));
	close(recorder);
}

TEST_F(recorder, bad_requests_are_refused)
{
	static const struct swaplab_record bad[] = {
		{ 0 },
		{ .mode = 99 },
		{ .mode = -1U },
		{ SWAPLAB_RECORD_EXACT, .window = SWAPLAB_RECORD_MIN_WINDOW - 1 },
		{ SWAPLAB_RECORD_EXACT, .window = SWAPLAB_RECORD_MAX_WINDOW + 1 },
		{ SWAPLAB_RECORD_EXACT, .window = -1U },
		{ SWAPLAB_RECORD_EXACT, .ring = SWAPLAB_RECORD_MIN_RING - 1 },
		{ SWAPLAB_RECORD_EXACT, .ring = SWAPLAB_RECORD_MAX_RING + 1 },
		{ SWAPLAB_RECORD_EXACT, .ring = -1U },
		{ SWAPLAB_RECORD_EXACT, .reserved = 1 },
		{ SWAPLAB_RECORD_SAMPLED, .window = WINDOW },
		{ SWAPLAB_RECORD_SAMPLED, .reserved = 1 },
	};
	struct swaplab_record arg;
	int recorder;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		arg = bad[i];
		EXPECT_EQ(recorder_request(self->fd, &arg), -EINVAL) {
			TH_LOG("request %zu", i);
		}
	}
	EXPECT_EQ(recorder_request(self->fd, NULL), -EFAULT);
	/* Nothing is left of them. The limits themselves are good. */
	recorder = recorder_start(self->fd, SWAPLAB_RECORD_MAX_WINDOW,
				  SWAPLAB_RECORD_MIN_RING);
	ASSERT_GE(recorder, 0);
	EXPECT_EQ(ioctl(recorder, SWAPLAB_RECORD, &arg), -1);
	EXPECT_EQ(errno, ENOTTY);
	EXPECT_EQ(ioctl(recorder, SWAPLAB_RECORD_COUNTERS, NULL), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(fcntl(recorder, F_GETFD), FD_CLOEXEC);
	close(recorder);
}

TEST_F(recorder, one_recorder_at_a_time)
{
	int recorder = recorder_start(self->fd, 0, 0), duplicate;

	ASSERT_GE(recorder, 0);
	EXPECT_EQ(recorder_start(self->fd, 0, 0), -EBUSY);
	duplicate = dup(recorder);
	close(recorder);
	EXPECT_EQ(recorder_start(self->fd, 0, 0), -EBUSY);
	close(duplicate);
	recorder = recorder_start(self->fd, 0, 0);
	EXPECT_GE(recorder, 0);
	close(recorder);
}

TEST_F(recorder, only_for_the_administrator)
{
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(1);
		_exit(recorder_start(self->fd, 0, 0) == -EPERM ? 0 : 2);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST(recorder_keeps_the_device)
{
	char text[16], path[32];
	int fd, recorder;

	ASSERT_EQ(file_read(CLASS "../swaplab-control/hot_add", text,
			    sizeof(text)), 0);
	snprintf(path, sizeof(path), "/dev/swaplab%s", text);
	ASSERT_TRUE(SOON((fd = open(path, O_RDWR)) >= 0));
	recorder = recorder_start(fd, 0, 0);
	ASSERT_GE(recorder, 0);
	close(fd);
	EXPECT_EQ(file_write(CLASS "../swaplab-control/hot_remove", text), -EBUSY);
	close(recorder);
	EXPECT_EQ(file_write(CLASS "../swaplab-control/hot_remove", text), 0);
}

TEST_HARNESS_MAIN
