// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that write to and read from pages while the daemon evicts as fast as it can: a
 * pinned page stays in its frame until the transfer is over.
 *
 * The other end is /dev/nullb1, or the device that SWAPLAB_SCRATCH
 * names; its content is lost.
 */
#include <liburing.h>
#include <sys/uio.h>
#include "requests.h"
#include "sigbus.h"
#include "user.h"

#define FRAMES	64
#define NR	128
#define CHUNK	8	/* pages of one transfer */
#define ROUNDS	3

FIXTURE(dma)
{
	struct pressure pressure;
	char *map;
	int fd, disk;
};

FIXTURE_SETUP(dma)
{
	const char *scratch = getenv("SWAPLAB_SCRATCH");

	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->disk = open(scratch ? scratch : "/dev/nullb1",
			  O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT_GE(self->disk, 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	ASSERT_EQ(pressure_start(&self->pressure, 2 * FRAMES), 0);
}

FIXTURE_TEARDOWN(dma)
{
	pressure_stop(&self->pressure);
	region_unmap(self->fd, self->map, NR);
	close(self->disk);
	pool_restore();
}

/* Reads the content of the disk into an ordinary buffer, without the mapping. */
static size_t disk_wrong(int disk, unsigned int version)
{
	size_t wrong = -1UL;
	void *buffer;

	if (posix_memalign(&buffer, PAGE, NR * PAGE))
		return wrong;
	if (pread(disk, buffer, NR * PAGE, 0) == NR * PAGE)
		wrong = pages_wrong(buffer, 0, NR, version);
	free(buffer);
	return wrong;
}

TEST_F(dma, o_direct_writes_what_the_mapping_holds)
{
	unsigned int version;
	size_t i;

	for (version = 1; version <= ROUNDS; version++) {
		pages_fill(self->map, 0, NR, version);
		for (i = 0; i < NR; i += CHUNK)
			ASSERT_EQ(pwrite(self->disk, self->map + i * PAGE,
					 CHUNK * PAGE, i * PAGE), CHUNK * PAGE);
		EXPECT_EQ(disk_wrong(self->disk, version), 0);
	}
	EXPECT_GT(stat_get("evictions"), NR);
}

TEST_F(dma, o_direct_reads_into_the_mapping_and_it_stays)
{
	unsigned int version;
	void *buffer;
	size_t i;

	ASSERT_EQ(posix_memalign(&buffer, PAGE, NR * PAGE), 0);
	for (version = 1; version <= ROUNDS; version++) {
		pages_fill(buffer, 0, NR, version);
		ASSERT_EQ(pwrite(self->disk, buffer, NR * PAGE, 0), NR * PAGE);
		for (i = 0; i < NR; i += CHUNK)
			ASSERT_EQ(pread(self->disk, self->map + i * PAGE,
					CHUNK * PAGE, i * PAGE), CHUNK * PAGE);
		/* Twice: the second time it comes back from the store. */
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
	}
	EXPECT_GT(stat_get("evictions"), NR);
	free(buffer);
}

/* Moves the whole mapping with @prepare, several transfers under way at once. */
static int ring_move(struct io_uring *ring, int disk, char *map, bool write,
		     int fixed)
{
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	size_t i;
	int err = 0;

	for (i = 0; i < NR; i += CHUNK) {
		sqe = io_uring_get_sqe(ring);
		if (fixed && write)
			io_uring_prep_write_fixed(sqe, disk, map + i * PAGE,
						  CHUNK * PAGE, i * PAGE, 0);
		else if (fixed)
			io_uring_prep_read_fixed(sqe, disk, map + i * PAGE,
						 CHUNK * PAGE, i * PAGE, 0);
		else if (write)
			io_uring_prep_write(sqe, disk, map + i * PAGE,
					    CHUNK * PAGE, i * PAGE);
		else
			io_uring_prep_read(sqe, disk, map + i * PAGE,
					   CHUNK * PAGE, i * PAGE);
		/* A few at a time: 64 frames cannot all be pinned. */
		if (i / CHUNK % 4 != 3)
			continue;
		io_uring_submit_and_wait(ring, 4);
		while (!io_uring_peek_cqe(ring, &cqe)) {
			if (cqe->res != CHUNK * PAGE)
				err = cqe->res < 0 ? cqe->res : -EIO;
			io_uring_cqe_seen(ring, cqe);
		}
	}
	return err;
}

TEST_F(dma, io_uring_reads_and_writes_the_mapping)
{
	struct io_uring ring;
	unsigned int version;

	ASSERT_EQ(io_uring_queue_init(32, &ring, 0), 0);
	for (version = 1; version <= ROUNDS; version++) {
		pages_fill(self->map, 0, NR, version);
		ASSERT_EQ(ring_move(&ring, self->disk, self->map, true, false),
			  0);
		EXPECT_EQ(disk_wrong(self->disk, version), 0);
		pages_fill(self->map, 0, NR, 100);
		ASSERT_EQ(ring_move(&ring, self->disk, self->map, false, false),
			  0);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
	}
	io_uring_queue_exit(&ring);
}

TEST_F(dma, io_uring_fixed_buffers_work_from_6_12_on)
{
	struct iovec iov = { self->map, 16 * PAGE };
	struct io_uring ring;
	int err;

	ASSERT_EQ(io_uring_queue_init(32, &ring, 0), 0);
	err = io_uring_register_buffers(&ring, &iov, 1);
	EXPECT_EQ(err, kernel_before(6, 12) ? -EOPNOTSUPP : 0);
	io_uring_queue_exit(&ring);
}

TEST_F(dma, pages_given_to_a_pipe_hold_still)
{
	struct iovec iov = { self->map, CHUNK * PAGE };
	char *buffer = malloc(CHUNK * PAGE);
	int pipes[2];

	ASSERT_NE(buffer, NULL);
	ASSERT_EQ(pipe(pipes), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), CHUNK * PAGE);
	/*
	 * The pipe holds the pages themselves, so it gives the bytes that were written
	 * meanwhile.
	 */
	pages_fill(self->map, 0, CHUNK, 2);
	msleep(200);
	ASSERT_EQ(read(pipes[0], buffer, CHUNK * PAGE), CHUNK * PAGE);
	EXPECT_EQ(pages_wrong(buffer, 0, CHUNK, 2), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, CHUNK, 2), 0);
	close(pipes[0]);
	close(pipes[1]);
	free(buffer);
}

TEST_F(dma, a_page_pinned_beyond_its_discard_is_not_recycled)
{
	struct swaplab_range range = { .length = CHUNK * PAGE };
	struct iovec iov = { self->map, CHUNK * PAGE };
	char *buffer = malloc(CHUNK * PAGE);
	int pipes[2];

	ASSERT_NE(buffer, NULL);
	ASSERT_EQ(pipe(pipes), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(vmsplice(pipes[1], &iov, 1, 0), CHUNK * PAGE);
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_DISCARD, &range), 0);
	EXPECT_TRUE(page_is_zero(self->map));
	pages_fill(self->map, 0, NR, 2);
	msleep(200);
	ASSERT_EQ(read(pipes[0], buffer, CHUNK * PAGE), CHUNK * PAGE);
	EXPECT_EQ(pages_wrong(buffer, 0, CHUNK, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
	close(pipes[0]);
	close(pipes[1]);
	free(buffer);
}

#define PIPES	(4 * FRAMES / CHUNK)

/* Pages that pipes hold, and that the region has discarded. */
FIXTURE(pinned)
{
	int pipes[PIPES][2];
	char *map;
	int fd;
};

FIXTURE_SETUP(pinned)
{
	int i;

	ASSERT_EQ(pool_prepare(FRAMES), 0);
	for (i = 0; i < PIPES; i++)
		ASSERT_EQ(pipe(self->pipes[i]), 0);
	self->map = region_map(&self->fd, CHUNK);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(pinned)
{
	region_unmap(self->fd, self->map, CHUNK);
	pool_restore();
}

static void pipe_close(int pipe[2])
{
	close(pipe[0]);
	close(pipe[1]);
}

/* False if a page got no frame; else the pipe alone has all of the pages. */
static bool pin_and_discard(int fd, char *map, int pipe)
{
	struct iovec iov = { map, CHUNK * PAGE };
	size_t i;

	for (i = 0; i < CHUNK; i++)
		if (!try_fill(map, i, 1))
			return false;
	return vmsplice(pipe, &iov, 1, 0) == CHUNK * PAGE &&
	       !request_pages(fd, SWAPLAB_DISCARD, 0, CHUNK);
}

static unsigned long unused_frames(void)
{
	return stat_get("free_frames") + stat_get("cpu_frames");
}

TEST_F(pinned, pages_count_until_nothing_holds_them)
{
	struct iovec iov = { self->map, CHUNK * PAGE };
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_TRUE(pin_and_discard(self->fd, self->map,
					    self->pipes[i][1]));
	EXPECT_EQ(stat_get("pinned_frames"), 3 * CHUNK);
	EXPECT_EQ(stat_get("pinned_discards"), 3 * CHUNK);
	EXPECT_EQ(unused_frames(), FRAMES - 3 * CHUNK);
	/* The end of a region is no different. */
	pages_fill(self->map, 0, CHUNK, 1);
	ASSERT_EQ(vmsplice(self->pipes[3][1], &iov, 1, 0), CHUNK * PAGE);
	region_unmap(self->fd, self->map, CHUNK);
	self->map = region_map(&self->fd, CHUNK);
	ASSERT_NE(self->map, NULL);
	EXPECT_TRUE(SOON(stat_get("pinned_frames") == 4 * CHUNK));
	EXPECT_EQ(unused_frames(), FRAMES - 4 * CHUNK);

	pipe_close(self->pipes[0]);
	EXPECT_TRUE(SOON(stat_get("pinned_frames") == 3 * CHUNK));
	for (i = 1; i < 4; i++)
		pipe_close(self->pipes[i]);
	EXPECT_TRUE(SOON(!stat_get("pinned_frames")));
	EXPECT_TRUE(SOON(unused_frames() == FRAMES));
}

TEST_F_TIMEOUT(pinned, pages_are_no_way_around_nr_frames, 300)
{
	int i, nr = 0;

	catch_sigbus();
	while (nr < PIPES && pin_and_discard(self->fd, self->map,
					     self->pipes[nr][1]))
		nr++;
	EXPECT_LE(nr, FRAMES / CHUNK);
	EXPECT_LE(stat_get("pinned_frames"), FRAMES);
	for (i = 0; i < PIPES; i++)
		pipe_close(self->pipes[i]);
	EXPECT_TRUE(SOON(!stat_get("pinned_frames")));
	for (i = 0; i < CHUNK; i++)
		EXPECT_TRUE(try_fill(self->map, i, 2));
	EXPECT_EQ(pages_wrong(self->map, 0, CHUNK, 2), 0);
}

TEST_F(pinned, pages_outlive_their_device)
{
	char path[64], buffer[CHUNK * PAGE], *map;
	struct iovec iov = { .iov_len = CHUNK * PAGE };
	int id = hot_add(), fd;

	ASSERT_GE(id, 0);
	snprintf(path, sizeof(path), "/dev/swaplab%d", id);
	ASSERT_TRUE(SOON((fd = open(path, O_RDWR | O_CLOEXEC)) >= 0));
	map = mmap(NULL, CHUNK * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(map, MAP_FAILED);
	pages_fill(map, 0, CHUNK, 1);
	iov.iov_base = map;
	ASSERT_EQ(vmsplice(self->pipes[0][1], &iov, 1, 0), CHUNK * PAGE);
	region_unmap(fd, map, CHUNK);
	EXPECT_EQ(hot_remove(id), 0);
	ASSERT_EQ(read(self->pipes[0][0], buffer, sizeof(buffer)), sizeof(buffer));
	EXPECT_EQ(pages_wrong(buffer, 0, CHUNK, 1), 0);
}

TEST_HARNESS_MAIN
