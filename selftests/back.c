// SPDX-License-Identifier: GPL-2.0
/* SWAPLAB_BACK: absent pages are filled from a file, and the file is never written to. */
#include <sys/mount.h>
#include "backed.h"
#include "private.h"
#include "sigbus.h"
#include "user.h"

#define FRAMES	64
#define NR	(3 * FRAMES)
#define DIR	"/run/swaplab-back"
#define IMAGE	"/dev/shm/swaplab-back.img"

FIXTURE(back)
{
	char *map;
	int fd, file;
};

FIXTURE_VARIANT(back)
{
	const char *dir;
	bool ext4;
};

/* A disk's page cache, that of shared memory, and a filesystem that lies on another one. */
FIXTURE_VARIANT_ADD(back, ext4)
{
	.dir = DIR,
	.ext4 = true,
};

FIXTURE_VARIANT_ADD(back, tmpfs)
{
	.dir = "/dev/shm",
};

FIXTURE_VARIANT_ADD(back, root)
{
	.dir = "/var/tmp",
};

static int mount_ext4(void)
{
	mkdir(DIR, 0755);
	if (run_shell("modprobe -q ext4; modprobe -q loop; truncate -s 16M %s", IMAGE))
		return -1;
	return run_shell("mkfs.ext4 -qF %s && mount -o loop %s %s", IMAGE, IMAGE, DIR);
}

FIXTURE_SETUP(back)
{
	if (variant->ext4 && mount_ext4())
		SKIP_SETUP("no loop device, or no mkfs.ext4");
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	self->file = backed_file(variant->dir, NR, 1);
	ASSERT_GE(self->file, 0);
	catch_sigbus();
}

FIXTURE_TEARDOWN(back)
{
	region_unmap(self->fd, self->map, NR);
	close(self->file);
	if (variant->ext4) {
		/* Nothing keeps the file once the region is gone. */
		EXPECT_TRUE(SOON(umount(DIR) == 0));
		unlink(IMAGE);
	}
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

static size_t file_wrong(int file, size_t nr, unsigned int version)
{
	char page[PAGE] __attribute__((aligned(8)));
	size_t i, wrong = 0;

	for (i = 0; i < nr; i++)
		wrong += pread(file, page, PAGE, i * PAGE) != (ssize_t)PAGE ||
			 !page_holds(page, i, version);
	return wrong;
}

TEST_F(back, pages_come_from_the_file_and_are_dropped_without_a_write)
{
	unsigned int round;

	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	for (round = 0; round < 3; round++)
		EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_GE(stat_get("origin_reads"), 2 * NR);
	EXPECT_EQ(stat_get("zero_fills"), 0);
	EXPECT_EQ(stat_get("swap_outs"), 0);
	EXPECT_EQ(stat_get("swapped"), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "origins"), 1);
}

TEST_F(back, pages_that_are_not_in_the_page_cache_are_read)
{
	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	ASSERT_EQ(fsync(self->file), 0);
	EXPECT_EQ(posix_fadvise(self->file, 0, 0, POSIX_FADV_DONTNEED), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(back, written_pages_go_to_the_store_and_not_to_the_file)
{
	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	pages_fill(self->map, 0, NR, 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
	EXPECT_GT(stat_get("swap_outs"), 0);
	EXPECT_EQ(file_wrong(self->file, NR, 1), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(back, takes_the_place_of_pages_that_are_there)
{
	pages_fill(self->map, 0, NR / 2, 2);
	/* Of the other half, some are pages of zeros that nothing was written to. */
	EXPECT_TRUE(page_is_zero(self->map + (NR - 1) * PAGE));
	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	ASSERT_EQ(back(self->fd, 0, NR, -1, 0), 0);
	EXPECT_TRUE(page_is_zero(self->map));
	EXPECT_TRUE(page_is_zero(self->map + (NR - 1) * PAGE));
	EXPECT_EQ(fdinfo_get(self->fd, "origins"), 0);
}

/* The model says for each page which one of which file it shows; file 0: zeros. */
TEST_F(back, ranges_may_overlap_in_any_way)
{
	struct {
		unsigned int file;
		size_t page;
	} model[NR] = { };
	int files[] = { -1, self->file, backed_file(variant->dir, NR, 2) };
	size_t first, nr, from, i;
	unsigned int round, f;

	ASSERT_GE(files[2], 0);
	srandom(7);
	for (round = 0; round < 100; round++) {
		f = random() % 3;
		first = random() % NR;
		nr = 1 + random() % (NR - first);
		from = random() % (NR - nr + 1);
		ASSERT_EQ(back(self->fd, first, nr, files[f], from), 0);
		for (i = 0; i < nr; i++) {
			model[first + i].file = f;
			model[first + i].page = from + i;
		}
		for (i = random() % 8; i < NR; i += 8) {
			char *page = self->map + i * PAGE;

			EXPECT_TRUE(model[i].file ?
				    page_holds(page, model[i].page, model[i].file) :
				    page_is_zero(page)) {
				TH_LOG("round %u page %zu", round, i);
			}
		}
	}
	close(files[2]);
}

TEST_F(back, the_end_of_the_file_is_that_of_the_pages)
{
	size_t i;

	ASSERT_EQ(ftruncate(self->file, 10 * PAGE - 100), 0);
	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 9, 1), 0);
	for (i = PAGE - 100; i < PAGE; i++)
		EXPECT_EQ(self->map[9 * PAGE + i], 0);
	EXPECT_EQ(try_read(self->map, 10, 1), SIGBUS);
	EXPECT_EQ(try_read(self->map, NR - 1, 1), SIGBUS);
	EXPECT_FALSE(try_fill(self->map, 10, 1));
	EXPECT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, 11), -EIO);
	/* Those that are there stay as they are, and the file may grow again. */
	ASSERT_EQ(ftruncate(self->file, NR * PAGE), 0);
	EXPECT_EQ(try_read(self->map, 8, 1), 0);
	EXPECT_TRUE(page_is_zero(self->map + 10 * PAGE));
}

TEST_F(back, mlock_brings_pages_in_from_the_file)
{
	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 4, 8), 0);
	EXPECT_EQ(pages_that_are(self->fd, 4, 8, SWAPLAB_PAGE_RESIDENT), 8);
	EXPECT_EQ(stat_get("origin_reads"), 8);
	EXPECT_EQ(back(self->fd, 0, 5, -1, 0), -EBUSY);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	ASSERT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 4, 8), 0);
}

/* write() has the file's locks while it copies from pages that have to be read from it. */
TEST_F(back, a_page_may_be_written_to_its_own_file)
{
	size_t i;

	ASSERT_EQ(back(self->fd, 0, NR, self->file, 0), 0);
	for (i = 0; i < NR; i++) {
		ASSERT_EQ(pwrite(self->file, self->map + (NR - 1 - i) * PAGE, PAGE,
				 i * PAGE), PAGE);
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, 0, NR), 0);
	}
}

TEST_F(back, a_child_has_the_same_files_and_its_own_pages)
{
	char *map;
	pid_t pid;
	int fd;

	map = private_map(&fd, NR);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(back(fd, 0, NR, self->file, 0), 0);
	EXPECT_EQ(pages_wrong(map, 0, NR / 2, 1), 0);
	pages_fill(map, 0, 8, 2);
	pid = fork();
	if (!pid) {
		if (pages_wrong(map, 0, 8, 2) || pages_wrong(map, 8, NR - 8, 1))
			_exit(1);
		pages_fill(map, 4, NR - 4, 3);
		if (request_pages(fd, SWAPLAB_DISCARD, 4, 4) ||
		    pages_wrong(map, 4, 4, 1) || pages_wrong(map, 8, NR - 8, 3))
			_exit(2);
		_exit(back(fd, 0, NR, -1, 0) || !page_is_zero(map) ? 3 : 0);
	}
	EXPECT_EQ(child_result(pid), 0);
	EXPECT_EQ(pages_wrong(map, 0, 8, 2), 0);
	EXPECT_EQ(pages_wrong(map, 8, NR - 8, 1), 0);
	region_unmap(fd, map, NR);
}

/* Each touch sees the one or the other file, and after a request the one that it named. */
struct toucher {
	pthread_t thread;
	char *map;
	size_t wrong;
	volatile bool stop;
};

static void *touch(void *data)
{
	struct toucher *toucher = data;
	size_t i = 0;

	while (!toucher->stop) {
		uint64_t word = *(volatile uint64_t *)(toucher->map + i * PAGE);

		toucher->wrong += word != word_of(i, 0, 1) && word != word_of(i, 0, 2);
		i = (i + 7) % NR;
	}
	return NULL;
}

TEST_F(back, no_page_of_another_file_is_left_beside_faults_and_evictions)
{
	int files[] = { self->file, backed_file(variant->dir, NR, 2) };
	struct toucher touchers[2] = { { .map = self->map }, { .map = self->map } };
	double end = seconds_now() + 4;
	unsigned int round;

	ASSERT_GE(files[1], 0);
	ASSERT_EQ(back(self->fd, 0, NR, files[0], 0), 0);
	ASSERT_EQ(pthread_create(&touchers[0].thread, NULL, touch, &touchers[0]), 0);
	ASSERT_EQ(pthread_create(&touchers[1].thread, NULL, touch, &touchers[1]), 0);
	for (round = 1; round < 4 || seconds_now() < end; round++) {
		ASSERT_EQ(back(self->fd, 0, NR, files[round % 2], 0), 0);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, 1 + round % 2), 0);
	}
	touchers[0].stop = true;
	touchers[1].stop = true;
	pthread_join(touchers[0].thread, NULL);
	pthread_join(touchers[1].thread, NULL);
	EXPECT_EQ(touchers[0].wrong, 0);
	EXPECT_EQ(touchers[1].wrong, 0);
	close(files[1]);
}

TEST_F(back, no_page_moves_to_or_from_a_region_with_a_file)
{
	struct swaplab_move request = { .length = PAGE };
	char *map;
	int fd;

	map = region_map(&fd, 4);
	ASSERT_NE(map, NULL);
	page_fill(map, 0, 2);
	ASSERT_EQ(back(self->fd, 8, 1, self->file, 0), 0);
	request.from_fd = fd;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_MOVE, &request), -EINVAL);
	request.from_fd = self->fd;
	EXPECT_EQ(request_send(fd, SWAPLAB_MOVE, &request), -EINVAL);
	EXPECT_TRUE(page_holds(map, 0, 2));
	region_unmap(fd, map, 4);
}

TEST_F(back, refuses_bad_requests_and_changes_nothing)
{
	struct swaplab_back good = { .length = PAGE, .fd = self->file }, bad;
	char path[64];
	int fd;

	pages_fill(self->map, 0, 2, 3);
	bad = good;
	bad.flags = 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, &bad), -EINVAL);
	bad = good;
	bad.reserved = 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, &bad), -EINVAL);
	bad = good;
	bad.length = 0;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, &bad), -EINVAL);
	bad = good;
	bad.file_offset = 1;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, &bad), -EINVAL);
	bad = good;
	bad.file_offset = -PAGE;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, &bad), -EINVAL);
	bad = good;
	bad.fd = 1000;
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, &bad), -EBADF);
	EXPECT_EQ(request_send(self->fd, SWAPLAB_BACK, NULL), -EFAULT);

	fd = open("/dev/zero", O_RDWR);
	EXPECT_EQ(back(self->fd, 0, 1, fd, 0), -EINVAL);
	close(fd);
	fd = open("/", O_RDONLY);
	EXPECT_EQ(back(self->fd, 0, 1, fd, 0), -EINVAL);
	close(fd);
	fd = open("/proc/version", O_RDONLY);
	EXPECT_LT(back(self->fd, 0, 1, fd, 0), 0);
	close(fd);
	close(backed_open(variant->dir, path));
	fd = open(path, O_WRONLY);
	EXPECT_EQ(back(self->fd, 0, 1, fd, 0), -EACCES);
	close(fd);
	unlink(path);
	/* Its own device. */
	EXPECT_EQ(back(self->fd, 0, 1, self->fd, 0), -EINVAL);
	fd = open(DEVICE, O_RDONLY);
	EXPECT_EQ(back(fd, 0, 1, self->file, 0), -EBADF);
	close(fd);
	EXPECT_EQ(pages_wrong(self->map, 0, 2, 3), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "origins"), 0);
}

TEST_F(back, a_region_has_so_many_ranges_and_no_more)
{
	size_t i;
	int err = 0;

	/* No two of them go on from one another. */
	for (i = 0; i < 5000 && !err; i++)
		err = back(self->fd, 2 * i, 1, self->file, 0);
	EXPECT_EQ(err, -ENOMEM);
	EXPECT_EQ(i, 4097);
	EXPECT_EQ(fdinfo_get(self->fd, "origins"), 4096);
	EXPECT_TRUE(page_holds(self->map + 4 * PAGE, 0, 1));
}

TEST_HARNESS_MAIN
