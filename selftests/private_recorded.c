// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_FORK_PRIVATE: recordings of a region that several processes have. */
#include "private_pages.h"
#include "recorder.h"

static void use_some(char *map)
{
	size_t page;

	for (page = 0; page < 4; page++)
		page_use(map, page, false);
}

/* The pages that the parent used last are in its page tables when it forks. */
TEST_F(private, an_exact_recording_has_the_uses_of_a_child)
{
	uint64_t records[64];
	int recorder, i;
	pid_t pid;

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, FEW, NR - FEW), 0);
	use_some(self->map);
	recorder = recorder_start(self->fd, 8, 1024);
	ASSERT_GE(recorder, 0);
	use_some(self->map);
	ASSERT_EQ(recorder_read(recorder, records, 64), 4);
	pid = fork();
	if (!pid) {
		use_some(self->map);
		_exit(0);
	}
	EXPECT_EQ(child_result(pid), 0);
	use_some(self->map);
	EXPECT_EQ(recorder_read(recorder, records, 64), 4);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(page_of(records[i]), i);
		EXPECT_NE(records[i], record_of(self->fd, i, false));
	}
	close(recorder);
}

/* Children that do nothing, beside one that uses a page. */
#define IDLE	8

static pid_t child_start(char *map, bool idle)
{
	pid_t pid = fork();

	while (!pid) {
		if (!idle)
			page_use(map, 5, false);
		msleep(1);
	}
	return pid;
}

/* Records of a page's use that say that it was not in this region. */
static size_t nr_elsewhere(int recorder, int fd, size_t page)
{
	static uint64_t records[4096];
	size_t nr = recorder_read(recorder, records, 4096), i, elsewhere = 0;

	for (i = 0; i < nr && nr <= 4096; i++)
		elsewhere += page_of(records[i]) == page &&
			     records[i] != SWAPLAB_RECORD_END &&
			     records[i] != record_of(fd, page, false);
	return elsewhere;
}

TEST_F(private, a_sample_looks_into_each_mapping_once_and_knows_whose_it_is)
{
	unsigned long samples, visits;
	pid_t pids[IDLE + 1];
	int recorder, i;

	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, FEW, NR - FEW), 0);
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	recorder = recorder_start_sampled(self->fd);
	ASSERT_GE(recorder, 0);
	for (i = 0; i <= IDLE; i++)
		pids[i] = child_start(self->map, i < IDLE);
	samples = stat_get("samples");
	visits = stat_get("vma_visits");
	EXPECT_TRUE(SOON(stat_get("samples") >= samples + 20));
	visits = stat_get("vma_visits") - visits;
	/* One may have been under way. */
	samples = stat_get("samples") - samples + 1;
	EXPECT_LE(visits, samples * (IDLE + 2));
	EXPECT_GT(nr_elsewhere(recorder, self->fd, 5), 0);
	close(recorder);
	for (i = 0; i <= IDLE; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

TEST_HARNESS_MAIN
