// SPDX-License-Identifier: GPL-2.0
/*
 * The freezer, which stops all tasks before the machine sleeps: it stops the page
 * daemon, too, and loses nothing.
 *
 * It turns on a static key that the daemon looks at, so vm-options: --turns
 */
#include "swaplab_test.h"

#define FRAMES	256
#define ROUNDS	30

/* The freezer's test waits so long by itself, in seconds. */
#define DELAY	"/sys/module/suspend/parameters/pm_test_delay"

FIXTURE(freezer)
{
	char delay[32];
	char *map;
	int fd;
};

FIXTURE_SETUP(freezer)
{
	char states[64];

	if (file_read("/sys/power/state", states, sizeof(states)) ||
	    !strstr(states, "freeze") ||
	    file_read(DELAY, self->delay, sizeof(self->delay)) ||
	    file_write("/sys/power/pm_test", "freezer"))
		SKIP_SETUP("the kernel cannot test its freezer");
	file_write(DELAY, "0");
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, 2 * FRAMES);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(freezer)
{
	region_unmap(self->fd, self->map, 2 * FRAMES);
	pool_restore();
	file_write("/sys/power/pm_test", "none");
	file_write(DELAY, self->delay);
}

TEST_F(freezer, freezes_and_thaws_under_load)
{
	struct pressure load;
	int i, err;

	for (i = 0; i < ROUNDS; i++) {
		pages_fill(self->map, 0, 2 * FRAMES, i);
		ASSERT_EQ(pressure_start(&load, 2 * FRAMES), 0);
		/* 0 when all tasks froze and the test of that is over. */
		err = file_write("/sys/power/state", "freeze");
		EXPECT_EQ(err, 0);
		EXPECT_EQ(pages_wrong(self->map, 0, 2 * FRAMES, i), 0);
		pressure_stop(&load);
	}
}

TEST_HARNESS_MAIN
