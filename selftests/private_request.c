// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_FORK_PRIVATE: when the request is granted. */
#include "private_pages.h"

TEST_F(private, the_request_comes_before_pages_and_mappings)
{
	struct swaplab_range range = { .length = PAGE };
	char *map;
	int fd;

	EXPECT_EQ(ioctl(self->fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EBUSY);
	EXPECT_EQ(ioctl(self->fd, SWAPLAB_LOCK, &range), -1);
	EXPECT_EQ(errno, EOPNOTSUPP);

	/* Once more is as good as once. */
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), 0);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), 0);
	close(fd);

	map = region_map(&fd, 1);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EBUSY);
	region_unmap(fd, map, 1);

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(ioctl(fd, SWAPLAB_FORK_PRIVATE), -1);
	EXPECT_EQ(errno, EINVAL);
	close(fd);
	EXPECT_EQ(pool_write("slot_allocation", "dynamic"), 0);
}

/* Two threads that ask for one thing each, at the same time. */
struct race {
	pthread_barrier_t begin;
	int fd;
	bool is_private;
};

static void *race_for_privacy(void *data)
{
	struct race *race = data;

	pthread_barrier_wait(&race->begin);
	race->is_private = !ioctl(race->fd, SWAPLAB_FORK_PRIVATE);
	return NULL;
}

/* Was a new region made private, and its first page locked? */
static bool both_are_granted(void)
{
	struct swaplab_range range = { .length = PAGE };
	struct race race = { .fd = open(DEVICE, O_RDWR | O_CLOEXEC) };
	pthread_t thread;
	bool is_locked;

	pthread_barrier_init(&race.begin, NULL, 2);
	if (pthread_create(&thread, NULL, race_for_privacy, &race))
		return true;
	pthread_barrier_wait(&race.begin);
	is_locked = !ioctl(race.fd, SWAPLAB_LOCK, &range);
	pthread_join(thread, NULL);
	close(race.fd);
	return is_locked && race.is_private;
}

TEST_F(private, a_region_that_is_made_private_meanwhile_has_no_locked_page)
{
	unsigned int round, both = 0;

	for (round = 0; round < 2000; round++)
		both += both_are_granted();
	EXPECT_EQ(both, 0);
}

TEST_HARNESS_MAIN
