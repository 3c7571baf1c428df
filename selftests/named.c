// SPDX-License-Identifier: GPL-2.0
/* Regions that programs open by name: what they share, and which requests are refused. */
#include "named.h"
#include "sigbus.h"

/* In a process that has no descriptor of another one. */
static void read_and_answer(void *unused)
{
	int fd = name_open("ours", O_RDWR);
	char *map;

	MUST(fd >= 0);
	map = fd_map(fd, NR, PROT_RW);
	MUST(map);
	MUST(!pages_wrong(map, 0, NR, 1));
	pages_fill(map, 0, NR / 2, 2);
	MUST(evict_all());
}

TEST_F(named, processes_that_know_the_name_share_pages)
{
	char *map;
	int fd;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	ASSERT_TRUE(evict_all());
	EXPECT_EQ(as_user(0, read_and_answer, NULL), 0);
	EXPECT_EQ(pages_wrong(map, 0, NR / 2, 2), 0);
	EXPECT_EQ(pages_wrong(map, NR / 2, NR / 2, 1), 0);
	region_unmap(fd, map, NR);
}

/* Sees each of the writer's versions, in one mapping. */
static int watch_versions(int wait, int done)
{
	int fd = name_open("ours", O_RDONLY), version;
	char *map, byte;

	MUST(fd >= 0);
	map = fd_map(fd, NR, PROT_READ);
	MUST(map);
	for (version = 1; read(wait, &byte, 1) == 1; version++) {
		MUST(!pages_wrong(map, 0, NR, version));
		MUST(write(done, "", 1) == 1);
	}
	return 0;
}

TEST_F(named, a_reader_sees_what_a_writer_in_another_process_writes)
{
	int fd, to[2], from[2], version, status = -1;
	char *map, byte;
	pid_t pid;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	ASSERT_EQ(pipe(to) ?: pipe(from), 0);
	pid = fork();
	if (!pid) {
		close(to[1]);
		_exit(watch_versions(to[0], from[1]));
	}
	close(from[1]);
	for (version = 1; version <= 4; version++) {
		pages_fill(map, 0, NR, version);
		ASSERT_EQ(write(to[1], "", 1), 1);
		ASSERT_EQ(read(from[0], &byte, 1), 1);
	}
	close(to[1]);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	region_unmap(fd, map, NR);
}

TEST_F(named, a_read_only_descriptor_cannot_be_written_through)
{
	int fd, reader;
	char *map, *other;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	page_fill(map, 0, 1);
	reader = name_open("ours", O_RDONLY);
	ASSERT_GE(reader, 0);
	EXPECT_EQ(fd_map(reader, 1, PROT_RW), NULL);
	EXPECT_EQ(errno, EACCES);
	other = fd_map(reader, 1, PROT_READ);
	ASSERT_NE(other, NULL);
	EXPECT_TRUE(page_holds(other, 0, 1));
	EXPECT_EQ(mprotect(other, PAGE, PROT_RW), -1);
	EXPECT_EQ(errno, EACCES);
	EXPECT_EQ(request_pages(reader, SWAPLAB_DISCARD, 0, 1), -EBADF);
	region_unmap(reader, other, 1);
	region_unmap(fd, map, NR);
}

TEST_F(named, a_reader_does_not_make_a_region_larger)
{
	int fd, reader;
	char *map, *other;

	catch_sigbus();
	fd = name_create("ours", 0600);
	ASSERT_GE(fd, 0);
	reader = name_open("ours", O_RDONLY);
	ASSERT_GE(reader, 0);
	EXPECT_EQ(fd_map(reader, NR, PROT_READ), NULL);
	EXPECT_EQ(errno, ENXIO);
	map = fd_map(fd, NR, PROT_RW);
	ASSERT_NE(map, NULL);
	other = fd_map(reader, NR, PROT_READ);
	ASSERT_NE(other, NULL);
	EXPECT_TRUE(page_is_zero(other + (NR - 1) * PAGE));
	other = mremap(other, NR * PAGE, 2 * NR * PAGE, MREMAP_MAYMOVE);
	ASSERT_NE(other, MAP_FAILED);
	EXPECT_EQ(try_read(other, NR, 1), SIGBUS);
	EXPECT_EQ(request_pages(reader, SWAPLAB_LOCK, NR, 1), -EBADF);
	EXPECT_EQ(fdinfo_get(fd, "charged"), NR);
	/* Its writers do. */
	map = mremap(map, NR * PAGE, 2 * NR * PAGE, MREMAP_MAYMOVE);
	ASSERT_NE(map, MAP_FAILED);
	EXPECT_TRUE(try_fill(map, NR, 1));
	EXPECT_EQ(try_read(other, NR, 1), 0);
	region_unmap(reader, other, 2 * NR);
	region_unmap(fd, map, 2 * NR);
}

TEST_F(named, requests_work_through_each_descriptor)
{
	uint8_t states[2] = {};
	int fd, other;
	char *map;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	other = name_open("ours", O_RDWR);
	ASSERT_GE(other, 0);
	page_fill(map, 0, 1);
	EXPECT_EQ(fdinfo_get(other, "id"), fdinfo_get(fd, "id"));
	EXPECT_EQ(request_pages(other, SWAPLAB_LOCK, 0, 1), 0);
	EXPECT_EQ(page_states(fd, 0, 2, states), 0);
	EXPECT_TRUE(states[0] & SWAPLAB_PAGE_LOCKED);
	EXPECT_EQ(states[1], 0);
	EXPECT_EQ(request_pages(fd, SWAPLAB_DISCARD, 0, 1), -EBUSY);
	EXPECT_EQ(request_pages(fd, SWAPLAB_UNLOCK, 0, 1), 0);
	EXPECT_EQ(request_pages(other, SWAPLAB_DISCARD, 0, 1), 0);
	EXPECT_TRUE(page_is_zero(map));
	EXPECT_EQ(request_send(other, SWAPLAB_FORK_PRIVATE, NULL), -EINVAL);
	close(other);
	region_unmap(fd, map, NR);
	/* Before it was used, too. */
	fd = name_create("ours", 0600);
	EXPECT_EQ(request_send(fd, SWAPLAB_FORK_PRIVATE, NULL), -EINVAL);
	close(fd);
}

TEST_F(named, pages_may_have_static_slots)
{
	int fd, other;
	char *map, *same;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	other = name_open("ours", O_RDWR);
	same = fd_map(other, NR, PROT_RW);
	ASSERT_NE(same, NULL);
	EXPECT_EQ(pages_wrong(same, 0, NR, 1), 0);
	region_unmap(fd, map, NR);
	pages_fill(same, 0, NR, 2);
	EXPECT_EQ(pages_wrong(same, 0, NR, 2), 0);
	region_unmap(other, same, NR);
}

TEST_F(named, open_creates_finds_and_refuses_as_open2_does)
{
	int fd, same;

	EXPECT_EQ(name_open("ours", O_RDWR), -ENOENT);
	EXPECT_EQ(name_unlink("ours"), -ENOENT);
	fd = name_open_as("ours", O_CREAT | O_RDWR, 0600, 0);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(name_create("ours", 0600), -EEXIST);
	same = name_open_as("ours", O_CREAT | O_RDWR, 0600, 0);
	ASSERT_GE(same, 0);
	EXPECT_EQ(fdinfo_get(same, "id"), fdinfo_get(fd, "id"));
	EXPECT_TRUE(fcntl(same, F_GETFD) & FD_CLOEXEC);
	close(same);
	close(fd);
	EXPECT_EQ(name_open("ours", O_RDWR), -ENOENT);
}

/* Sends a request as it is; closes the descriptor if it gets one. */
static int open_raw(int device, struct swaplab_open request)
{
	int fd = ioctl(device, SWAPLAB_OPEN, &request);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

#define REQUEST(...)	((struct swaplab_open){ .name = "x", __VA_ARGS__ })

TEST_F(named, bad_requests_are_refused)
{
	int creates = O_CREAT | O_RDWR, device;
	struct swaplab_open request = {};
	struct swaplab_unlink unlink = { .name = "x" };
	struct swaplab_name next;

	device = open(DEVICE, O_RDWR);
	ASSERT_GE(device, 0);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = creates, .mode = 0777)), 0);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_CREAT)), 0);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = creates | O_TRUNC)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_CREAT | O_WRONLY)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_CREAT | 3)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_EXCL)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = creates, .mode = 01777)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = creates, .options = 2)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.options = SWAPLAB_OPEN_STAYS)), -EINVAL);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = creates, .reserved = 1)), -EINVAL);
	request.flags = creates;
	EXPECT_EQ(open_raw(device, request), -EINVAL);
	strcpy(request.name, "a/b");
	EXPECT_EQ(open_raw(device, request), -EINVAL);
	memset(request.name, 'x', sizeof(request.name));
	EXPECT_EQ(open_raw(device, request), -ENAMETOOLONG);
	request.name[SWAPLAB_NAME_SIZE - 1] = '\0';
	EXPECT_EQ(open_raw(device, request), 0);
	unlink.reserved = 1;
	EXPECT_EQ(request_send(device, SWAPLAB_UNLINK, &unlink), -EINVAL);
	memset(&unlink, 0, sizeof(unlink));
	EXPECT_EQ(request_send(device, SWAPLAB_UNLINK, &unlink), -EINVAL);
	memset(&next, 'x', sizeof(next));
	EXPECT_EQ(request_send(device, SWAPLAB_NEXT_NAME, &next), -ENAMETOOLONG);
	EXPECT_EQ(request_send(device, SWAPLAB_OPEN, NULL), -EFAULT);
	EXPECT_EQ(request_send(device, SWAPLAB_UNLINK, NULL), -EFAULT);
	EXPECT_EQ(request_send(device, SWAPLAB_NEXT_NAME, NULL), -EFAULT);
	close(device);
}

TEST_F(named, a_device_open_for_reading_gives_no_more)
{
	struct swaplab_unlink unlink = { .name = "x" };
	int device, fd;

	fd = name_create("x", 0600);
	device = open(DEVICE, O_RDONLY);
	ASSERT_GE(device, 0);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_RDWR)), -EBADF);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_CREAT)), -EBADF);
	EXPECT_EQ(open_raw(device, REQUEST(.flags = O_RDONLY)), 0);
	EXPECT_EQ(request_send(device, SWAPLAB_UNLINK, &unlink), -EBADF);
	close(device);
	close(fd);
}

TEST_F(named, each_error_leaves_no_descriptor_and_no_region)
{
	int device, fd, lowest, i;

	fd = name_create("ours", 0600);
	device = open(DEVICE, O_RDWR);
	lowest = dup(device);
	close(lowest);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(name_request(device, "ours", O_CREAT | O_EXCL | O_RDWR, 0600,
				       0), -EEXIST);
		EXPECT_EQ(name_request(device, "none", O_RDWR, 0, 0), -ENOENT);
	}
	i = dup(device);
	EXPECT_EQ(i, lowest);
	close(i);
	close(device);
	close(fd);
	/* So the pool has no region now. */
	EXPECT_TRUE(SOON(pool_write("swap_file", "none") != -EBUSY));
	EXPECT_EQ(pool_write("swap_file", store_path()), 0);
}

#undef REQUEST

TEST_HARNESS_MAIN
