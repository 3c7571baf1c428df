// SPDX-License-Identifier: GPL-2.0
/* Pages go out and come back: nothing is lost, nothing leaks. */
#include <sys/socket.h>
#include "swaplab_test.h"

#define FRAMES	64

FIXTURE(pool)
{
	int fd;
};

FIXTURE_SETUP(pool)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
}

FIXTURE_TEARDOWN(pool)
{
	pool_restore();
}

TEST_F(pool, first_touch_reads_zeros)
{
	char *map = region_map(&self->fd, 4 * FRAMES);
	size_t i;

	ASSERT_NE(map, NULL);
	for (i = 0; i < 4 * FRAMES; i++)
		EXPECT_TRUE(page_is_zero(map + i * PAGE));
	region_unmap(self->fd, map, 4 * FRAMES);
}

TEST_F(pool, pages_of_a_dead_region_do_not_show_in_the_next)
{
	char *map = region_map(&self->fd, 4 * FRAMES);
	size_t i;

	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 4 * FRAMES, 1);
	region_unmap(self->fd, map, 4 * FRAMES);

	map = region_map(&self->fd, 4 * FRAMES);
	ASSERT_NE(map, NULL);
	for (i = 0; i < 4 * FRAMES; i++)
		EXPECT_TRUE(page_is_zero(map + i * PAGE));
	region_unmap(self->fd, map, 4 * FRAMES);
}

FIXTURE(round_trip)
{
	int fd;
};

FIXTURE_VARIANT(round_trip)
{
	unsigned long frames;
	unsigned int times;
};

FIXTURE_VARIANT_ADD(round_trip, at_2x_the_frames)
{
	.frames = 256,
	.times = 2,
};

FIXTURE_VARIANT_ADD(round_trip, at_8x_the_frames)
{
	.frames = 64,
	.times = 8,
};

FIXTURE_VARIANT_ADD(round_trip, at_64x_the_frames)
{
	.frames = 16,
	.times = 64,
};

FIXTURE_SETUP(round_trip)
{
	ASSERT_EQ(pool_prepare(variant->frames), 0);
}

FIXTURE_TEARDOWN(round_trip)
{
	pool_restore();
}

TEST_F(round_trip, refault_reads_back_what_was_evicted)
{
	size_t nr = variant->frames * variant->times;
	char *map = region_map(&self->fd, nr);
	unsigned int version;

	ASSERT_NE(map, NULL);
	for (version = 1; version <= 2; version++) {
		pages_fill(map, 0, nr, version);
		EXPECT_EQ(pages_wrong(map, 0, nr, version), 0);
	}
	EXPECT_GT(stat_get("refaults"), 0);
	EXPECT_GE(stat_get("swap_outs"), nr - variant->frames);
	region_unmap(self->fd, map, nr);
}

struct worker {
	pthread_t thread;
	char *map;
	size_t first, nr, wrong;
};

static void *worker_main(void *data)
{
	struct worker *worker = data;
	unsigned int version;

	for (version = 1; version <= 2; version++) {
		pages_fill(worker->map, worker->first, worker->nr, version);
		worker->wrong += pages_wrong(worker->map, worker->first,
					     worker->nr, version);
	}
	return NULL;
}

TEST_F(round_trip, eight_threads_refault_what_was_evicted)
{
	size_t nr = variant->frames * variant->times;
	char *map = region_map(&self->fd, nr);
	struct worker workers[8];
	int i;

	ASSERT_NE(map, NULL);
	for (i = 0; i < 8; i++) {
		workers[i] = (struct worker){ .map = map, .first = i * nr / 8,
					      .nr = nr / 8 };
		ASSERT_EQ(pthread_create(&workers[i].thread, NULL, worker_main,
					 &workers[i]), 0);
	}
	for (i = 0; i < 8; i++) {
		pthread_join(workers[i].thread, NULL);
		EXPECT_EQ(workers[i].wrong, 0);
	}
	EXPECT_EQ(pages_wrong(map, 0, nr, 2), 0);
	EXPECT_GT(stat_get("refaults"), 0);
	region_unmap(self->fd, map, nr);
}

TEST_F(round_trip, a_forked_child_shares_the_pages)
{
	size_t nr = variant->frames * variant->times;
	char *map = region_map(&self->fd, nr);
	int status;
	pid_t pid;

	ASSERT_NE(map, NULL);
	pages_fill(map, 0, nr, 1);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		status = pages_wrong(map, 0, nr, 1) != 0;
		pages_fill(map, 0, nr, 2);
		_exit(status);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(pages_wrong(map, 0, nr, 2), 0);
	region_unmap(self->fd, map, nr);
}

static int send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(sock, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

TEST_F(round_trip, a_process_that_is_sent_the_fd_maps_the_same_pages)
{
	size_t nr = variant->frames * variant->times;
	int socks[2], status, fd;
	pid_t pid;
	char *map;

	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, socks), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		fd = receive_fd(socks[1]);
		map = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   fd, 0);
		if (map == MAP_FAILED)
			_exit(2);
		status = pages_wrong(map, 0, nr, 1) != 0;
		pages_fill(map, 0, nr, 2);
		_exit(status);
	}
	map = region_map(&self->fd, nr);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, nr, 1);
	ASSERT_EQ(send_fd(socks[0], self->fd), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(pages_wrong(map, 0, nr, 2), 0);
	region_unmap(self->fd, map, nr);
	close(socks[0]);
	close(socks[1]);
}

TEST_F(pool, a_sparse_mapping_of_64_gib_is_used_like_memory)
{
	size_t nr = (64UL << 30) / PAGE, step = nr / (4 * FRAMES), i;
	char *map = region_map(&self->fd, nr);

	ASSERT_NE(map, NULL);
	for (i = 0; i < nr; i += step)
		page_fill(map + i * PAGE, i, 1);
	for (i = 0; i < nr; i += step)
		EXPECT_TRUE(page_holds(map + i * PAGE, i, 1));
	EXPECT_TRUE(page_is_zero(map + PAGE));
	EXPECT_TRUE(page_is_zero(map + (nr - 1) * PAGE));
	region_unmap(self->fd, map, nr);
}

TEST_F(pool, refaults_tell_how_long_ago_the_page_went)
{
	unsigned long distance, near, reads, nr = 4 * FRAMES;
	char *map = region_map(&self->fd, nr);

	ASSERT_NE(map, NULL);
	ASSERT_EQ(pool_set("readahead_pages", 0), 0);
	ASSERT_EQ(pool_write("policy", "none"), 0);
	/* Round and round: all the others but the resident ones go in between. */
	pages_fill(map, 0, nr, 1);
	EXPECT_EQ(pages_wrong(map, 0, nr, 1), 0);
	reads = stat_get("swap_ins");
	distance = stat_get("refault_distance");
	near = stat_get("near_refaults");
	EXPECT_EQ(pages_wrong(map, 0, nr, 1), 0);
	EXPECT_EQ(pages_wrong(map, 0, nr, 1), 0);
	reads = stat_get("swap_ins") - reads;
	distance = stat_get("refault_distance") - distance;
	EXPECT_GE(distance / reads, nr - 2 * FRAMES);
	EXPECT_LE(distance / reads, nr);
	EXPECT_LE(stat_get("near_refaults") - near, reads / 8);
	/* A few pages too many: fewer pages than there are frames are evicted. */
	EXPECT_EQ(pages_wrong(map, 0, FRAMES * 5 / 4, 1), 0);
	reads = stat_get("swap_ins");
	near = stat_get("near_refaults");
	EXPECT_EQ(pages_wrong(map, 0, FRAMES * 5 / 4, 1), 0);
	EXPECT_EQ(pages_wrong(map, 0, FRAMES * 5 / 4, 1), 0);
	EXPECT_GE(stat_get("near_refaults") - near,
		  (stat_get("swap_ins") - reads) * 7 / 8);
	EXPECT_EQ(pool_write("policy", "aging"), 0);
	region_unmap(self->fd, map, nr);
}

TEST_F(pool, clean_pages_are_dropped_without_a_write)
{
	char *map = region_map(&self->fd, 4 * FRAMES);
	unsigned long written, dropped;

	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 4 * FRAMES, 1);
	/* After one more pass all dirty pages have been written. */
	EXPECT_EQ(pages_wrong(map, 0, 4 * FRAMES, 1), 0);
	written = stat_get("swap_outs");
	dropped = stat_get("clean_drops");
	EXPECT_EQ(pages_wrong(map, 0, 4 * FRAMES, 1), 0);
	EXPECT_EQ(pages_wrong(map, 0, 4 * FRAMES, 1), 0);
	EXPECT_EQ(stat_get("swap_outs"), written);
	EXPECT_GE(stat_get("clean_drops"), dropped + 4 * FRAMES);
	region_unmap(self->fd, map, 4 * FRAMES);
}

TEST_F(pool, pages_never_written_take_no_slot)
{
	char *map = region_map(&self->fd, 8 * FRAMES);
	size_t i;

	ASSERT_NE(map, NULL);
	for (i = 0; i < 8 * FRAMES; i++)
		EXPECT_TRUE(page_is_zero(map + i * PAGE));
	EXPECT_EQ(stat_get("swap_outs"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "swapped"), 0);
	region_unmap(self->fd, map, 8 * FRAMES);
}

TEST_F(pool, a_page_written_through_a_clean_pte_is_written_out)
{
	char *map = region_map(&self->fd, 4 * FRAMES);
	size_t i;

	ASSERT_NE(map, NULL);
	/* Read first: the PTE is clean and writable, the write takes no fault. */
	for (i = 0; i < 4 * FRAMES; i++) {
		EXPECT_TRUE(page_is_zero(map + i * PAGE));
		page_fill(map + i * PAGE, i, 1);
	}
	for (i = 0; i < 4 * FRAMES; i++) {
		EXPECT_TRUE(page_holds(map + i * PAGE, i, 1));
		page_fill(map + i * PAGE, i, 2);
	}
	EXPECT_EQ(pages_wrong(map, 0, 4 * FRAMES, 2), 0);
	region_unmap(self->fd, map, 4 * FRAMES);
}

struct straddler {
	pthread_t thread;
	char *map;
	size_t nr, wrong;
	unsigned int seed;
};

/* One instruction needs up to four absent pages at once. */
static void copy_bytes(void *to, const void *from, size_t len)
{
	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

static void *straddler_main(void *data)
{
	struct straddler *straddler = data;
	char *map = straddler->map, *from, *to;
	uint64_t value;
	int i;

	for (i = 0; i < 30; i++) {
		/* The thread's own bytes at two page ends, far apart. */
		from = map + (1 + rand_r(&straddler->seed) %
			      (straddler->nr / 2 - 2)) * PAGE - 4;
		to = from + straddler->nr / 2 * PAGE;
		copy_bytes(to, from, 8);
		memcpy(&value, from, 8);
		straddler->wrong += value != 0x0807060504030201ULL;
		memcpy(&value, to, 8);
		straddler->wrong += value != 0x0807060504030201ULL;
	}
	return NULL;
}

TEST_F(pool, instructions_across_absent_pages_finish_with_16_frames)
{
	struct straddler straddlers[16];
	size_t nr = 256, i;
	char *map;

	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	map = region_map(&self->fd, nr);
	ASSERT_NE(map, NULL);
	for (i = 1; i < nr; i++)
		memcpy(map + i * PAGE - 4, "\1\2\3\4\5\6\7\10", 8);
	for (i = 0; i < 16; i++) {
		straddlers[i] = (struct straddler){ .map = map, .nr = nr,
						    .seed = i };
		ASSERT_EQ(pthread_create(&straddlers[i].thread, NULL,
					 straddler_main, &straddlers[i]), 0);
	}
	for (i = 0; i < 16; i++) {
		pthread_join(straddlers[i].thread, NULL);
		EXPECT_EQ(straddlers[i].wrong, 0);
	}
	region_unmap(self->fd, map, nr);
}

static int touch_in_a_child(char *map, size_t nr)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		pages_fill(map, 0, nr, 1);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(without_a_swap_file_the_budget_can_be_used_and_then_faults_get_sigbus)
{
	char *map;
	int fd;

	pool_restore();
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	map = region_map(&fd, 2 * FRAMES);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(touch_in_a_child(map, FRAMES), 0);
	EXPECT_EQ(touch_in_a_child(map, FRAMES + 1), SIGBUS);
	/* A region that stays within the budget notices nothing. */
	EXPECT_EQ(pages_wrong(map, 0, FRAMES, 1), 0);
	region_unmap(fd, map, 2 * FRAMES);
	pool_restore();
}

TEST(a_swap_file_attached_under_a_region_lets_it_grow)
{
	char *map;
	int fd;

	pool_restore();
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	map = region_map(&fd, 4 * FRAMES);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, FRAMES, 1);
	ASSERT_EQ(pool_write("swap_file", store_path()), 0);
	pages_fill(map, FRAMES, 3 * FRAMES, 1);
	EXPECT_EQ(pages_wrong(map, 0, 4 * FRAMES, 1), 0);
	region_unmap(fd, map, 4 * FRAMES);
	pool_restore();
}

TEST_F(pool, private_mappings_are_refused)
{
	void *map;

	self->fd = open(DEVICE, O_RDWR);
	ASSERT_GE(self->fd, 0);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->fd, 0);
	EXPECT_EQ(map, MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	/* Readable only, but mprotect() could make it writable. */
	map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, self->fd, 0);
	EXPECT_EQ(map, MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	close(self->fd);
}

TEST_HARNESS_MAIN
