// SPDX-License-Identifier: GPL-2.0
/* Regions that programs open by name: what they share, for how long, and who may. */
#include "names.h"
#include "requests.h"
#include "sigbus.h"
#include "user.h"

#define FRAMES	64
#define NR	(2 * FRAMES)	/* pages of a region: some are always in the store */
#define PROT_RW	(PROT_READ | PROT_WRITE)

FIXTURE(named)
{
};

FIXTURE_SETUP(named)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
}

static unsigned long nr_pages(void)
{
	return stat_get("resident") + stat_get("swapped");
}

FIXTURE_TEARDOWN(named)
{
	chmod(DEVICE, 0600);
	EXPECT_EQ(stat_get("names"), 0);
	EXPECT_TRUE(SOON(nr_pages() == 0));
	pool_restore();
}

/* Evicts what is resident, by pages of another region. */
static bool evict_all(void)
{
	char *map;
	int fd;

	map = region_map(&fd, NR);
	if (!map)
		return false;
	pages_fill(map, 0, NR, 99);
	region_unmap(fd, map, NR);
	return true;
}

static char *map_new(const char *name, int *fd)
{
	*fd = name_create(name, 0600);
	return *fd < 0 ? NULL : fd_map(*fd, NR, PROT_RW);
}

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
	EXPECT_EQ(request_pages(reader, SWAPLAB_LOCK, NR, 1), -ENOSPC);
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

/* A name and how it is to be opened, by a user. */
struct attempt {
	int flags;
	int result;
};

static void attempt(void *data)
{
	struct attempt *attempt = data;
	int fd = name_open("alices", attempt->flags);

	MUST(attempt->result ? fd == attempt->result : fd >= 0);
}

static bool user_gets(uid_t uid, int flags, int result)
{
	struct attempt data = { flags, result };

	return !as_user(uid, attempt, &data);
}

static void create_with(void *mode)
{
	int fd = name_create("alices", *(mode_t *)mode);

	MUST(fd >= 0);
	/* Whatever the mode: it is for those that come later. */
	MUST(fd_map(fd, 1, PROT_RW));
}

TEST_F(named, permissions_are_those_of_a_file)
{
	static const struct {
		mode_t mode;
		int bob_reads, bob_writes, alice_writes;
	} cases[] = {
		{ 0600, -EACCES, -EACCES, 0 },
		{ 0644, 0, -EACCES, 0 },
		{ 0666, 0, 0, 0 },
		{ 0606, 0, 0, 0 },
		{ 0660, -EACCES, -EACCES, 0 },
		{ 0000, -EACCES, -EACCES, -EACCES },
		{ 0044, 0, -EACCES, -EACCES },
	};
	mode_t mask = umask(0);
	unsigned int i;
	mode_t mode;
	pid_t alice;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		mode = cases[i].mode;
		alice = user_start(ALICE, create_with, &mode);
		ASSERT_GT(alice, 0);
		EXPECT_TRUE(user_gets(BOB, O_RDONLY, cases[i].bob_reads));
		EXPECT_TRUE(user_gets(BOB, O_RDWR, cases[i].bob_writes));
		EXPECT_TRUE(user_gets(ALICE, O_RDWR, cases[i].alice_writes));
		EXPECT_TRUE(user_gets(0, O_RDWR, 0));
		user_end(alice);
	}
	umask(mask);
}

static void open_in_group(void *group)
{
	int fd;

	MUST(!setgroups(1, group));
	MUST(!setresgid(BOB, BOB, BOB));
	MUST(!setresuid(BOB, BOB, BOB));
	fd = name_open("alices", O_RDWR);
	MUST(*(gid_t *)group == ALICE ? fd >= 0 : fd == -EACCES);
}

static void open_without_override(void *unused)
{
	set_effective(CAP_DAC_OVERRIDE, false);
	set_effective(CAP_DAC_READ_SEARCH, false);
	MUST(name_open("alices", O_RDONLY) == -EACCES);
	set_effective(CAP_DAC_READ_SEARCH, true);
	MUST(name_open("alices", O_RDONLY) >= 0);
	MUST(name_open("alices", O_RDWR) == -EACCES);
	set_effective(CAP_DAC_OVERRIDE, true);
	MUST(name_open("alices", O_RDWR) >= 0);
}

TEST_F(named, groups_capabilities_and_umask_count)
{
	gid_t in = ALICE, out = 12345;
	mode_t mask = umask(07), mode = 0666;
	pid_t alice;

	alice = user_start(ALICE, create_with, &mode);
	ASSERT_GT(alice, 0);
	EXPECT_EQ(as_user(0, open_in_group, &in), 0);
	EXPECT_EQ(as_user(0, open_in_group, &out), 0);
	EXPECT_EQ(as_user(0, open_without_override, NULL), 0);
	user_end(alice);
	umask(mask);
}

/* A descriptor that root has passed on gives its own region, and no other. */
static void use_passed(void *data)
{
	struct swaplab_name next = {};
	int device = *(int *)data;

	MUST(open(DEVICE, O_RDWR) == -1 && errno == EACCES);
	MUST(name_request(device, "ours", O_RDONLY, 0, 0) == -EACCES);
	MUST(name_request(device, "new", O_CREAT | O_RDWR, 0600, 0) == -EACCES);
	MUST(name_next(device, &next) == -EACCES);
}

TEST_F(named, users_that_may_not_open_the_device_get_no_names)
{
	int fd, device;

	ASSERT_EQ(chmod(DEVICE, 0600), 0);
	fd = name_create("ours", 0666);
	device = open(DEVICE, O_RDWR);
	EXPECT_EQ(as_user(BOB, use_passed, &device), 0);
	close(device);
	close(fd);
}

static void unlink_alices(void *result)
{
	MUST(name_unlink("alices") == *(int *)result);
}

TEST_F(named, the_owner_and_root_may_unlink)
{
	int refused = -EACCES, done = 0, gone = -ENOENT;
	mode_t mode = 0666;
	pid_t alice;

	alice = user_start(ALICE, create_with, &mode);
	ASSERT_GT(alice, 0);
	EXPECT_EQ(as_user(BOB, unlink_alices, &refused), 0);
	EXPECT_EQ(as_user(ALICE, unlink_alices, &done), 0);
	EXPECT_EQ(as_user(ALICE, unlink_alices, &gone), 0);
	user_end(alice);
	alice = user_start(ALICE, create_with, &mode);
	ASSERT_GT(alice, 0);
	EXPECT_EQ(as_user(0, unlink_alices, &done), 0);
	user_end(alice);
}

TEST_F(named, a_mapping_keeps_the_region_and_its_name)
{
	char *map, *again;
	int fd;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	close(fd);
	fd = name_open("ours", O_RDWR);
	ASSERT_GE(fd, 0);
	again = fd_map(fd, NR, PROT_READ);
	close(fd);
	munmap(map, NR * PAGE);
	EXPECT_EQ(pages_wrong(again, 0, NR, 1), 0);
	EXPECT_EQ(stat_get("names"), 1);
	munmap(again, NR * PAGE);
	EXPECT_EQ(stat_get("names"), 0);
	EXPECT_EQ(name_open("ours", O_RDWR), -ENOENT);
	EXPECT_EQ(nr_pages(), 0);
}

/* All frames and slots are used again, so one of them would show. */
TEST_F(named, a_new_region_of_an_old_name_is_zeros)
{
	size_t page, wrong = 0;
	int fd, round;
	char *map;

	for (round = 0; round < 4; round++) {
		map = map_new("ours", &fd);
		ASSERT_NE(map, NULL);
		for (page = 0; page < NR; page++)
			wrong += !page_is_zero(map + page * PAGE);
		pages_fill(map, 0, NR, round);
		if (round % 2)
			EXPECT_EQ(name_unlink("ours"), 0);
		region_unmap(fd, map, NR);
	}
	EXPECT_EQ(wrong, 0);
}

TEST_F(named, an_unlinked_region_lives_on_beside_its_successor)
{
	int fd, successor;
	char *map, *other;

	map = map_new("ours", &fd);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	close(fd);
	EXPECT_EQ(name_unlink("ours"), 0);
	other = map_new("ours", &successor);
	ASSERT_NE(other, NULL);
	EXPECT_TRUE(page_is_zero(other));
	pages_fill(other, 0, NR, 2);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	munmap(map, NR * PAGE);
	EXPECT_EQ(pages_wrong(other, 0, NR, 2), 0);
	/* The end of the first one has left the name alone. */
	EXPECT_EQ(stat_get("names"), 1);
	region_unmap(successor, other, NR);
}

TEST_F(named, a_region_that_stays_keeps_its_pages_until_it_is_unlinked)
{
	char *map;
	int fd;

	fd = name_create_staying("ours", 0600);
	map = fd_map(fd, NR, PROT_RW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, NR, 1);
	region_unmap(fd, map, NR);
	ASSERT_TRUE(evict_all());
	/* The pages are data: the store is not taken from under them. */
	EXPECT_EQ(pool_write("swap_file", "none"), -EBUSY);
	fd = name_open("ours", O_RDONLY);
	ASSERT_GE(fd, 0);
	map = fd_map(fd, NR, PROT_READ);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	region_unmap(fd, map, NR);
	EXPECT_EQ(nr_pages(), NR);
	EXPECT_EQ(name_unlink("ours"), 0);
	EXPECT_EQ(nr_pages(), 0);
	EXPECT_EQ(name_open("ours", O_RDONLY), -ENOENT);
	/* Unlinked while it is open, it goes with the last close. */
	fd = name_create_staying("ours", 0600);
	EXPECT_EQ(name_unlink("ours"), 0);
	close(fd);
	EXPECT_TRUE(SOON(pool_write("swap_file", "none") != -EBUSY));
	EXPECT_EQ(pool_write("swap_file", store_path()), 0);
}

/* A region that stays, on another device. */
static int stay_on(int id, int *fd)
{
	char path[32];
	int device;

	snprintf(path, sizeof(path), "/dev/swaplab%d", id);
	if (!SOON(!access(path, F_OK)))
		return -ENOENT;
	device = open(path, O_RDWR);
	*fd = name_request(device, "ours", O_CREAT | O_RDWR, 0600,
			   SWAPLAB_OPEN_STAYS);
	close(device);
	return *fd < 0 ? *fd : 0;
}

TEST_F(named, a_device_can_be_removed_when_its_regions_only_stay)
{
	char *map, text[16];
	int id, fd;

	id = hot_add();
	ASSERT_GT(id, 0);
	ASSERT_EQ(stay_on(id, &fd), 0);
	map = fd_map(fd, 8, PROT_RW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 8, 1);
	snprintf(text, sizeof(text), "%d", id);
	EXPECT_EQ(file_write(CONTROL "hot_remove", text), -EBUSY);
	close(fd);
	EXPECT_EQ(file_write(CONTROL "hot_remove", text), -EBUSY);
	munmap(map, 8 * PAGE);
	EXPECT_EQ(hot_remove(id), 0);
}

#define NR_NAMES	1000

/* A permutation: names come and go in an order of their own. */
static void nth_name(char *name, int n)
{
	sprintf(name, "%03x-%d", n * 619 % NR_NAMES, n);
}

TEST_F(named, many_names_are_listed_in_order)
{
	struct swaplab_name next = {};
	char name[32], before[32] = "";
	int device, i, nr = 0, wrong = 0;

	for (i = 0; i < NR_NAMES; i++) {
		nth_name(name, i);
		device = name_create_staying(name, 0640);
		ASSERT_GE(device, 0);
		close(device);
	}
	EXPECT_EQ(stat_get("names"), NR_NAMES);
	device = open(DEVICE, O_RDWR);
	while (!name_next(device, &next)) {
		nr++;
		wrong += strcmp(before, next.name) >= 0 || next.mode != (0640 & ~022) ||
			 next.uid != 0 || next.nr_files ||
			 next.options != SWAPLAB_OPEN_STAYS || !next.region;
		snprintf(before, sizeof(before), "%.31s", next.name);
	}
	EXPECT_EQ(nr, NR_NAMES);
	EXPECT_EQ(wrong, 0);
	for (i = 0; i < NR_NAMES; i++) {
		nth_name(name, (i * 7) % NR_NAMES);
		EXPECT_EQ(name_unlink(name), 0);
	}
	memset(&next, 0, sizeof(next));
	EXPECT_EQ(name_next(device, &next), -ENOENT);
	close(device);
}

TEST_F(named, the_listing_tells_of_files_and_pages)
{
	struct swaplab_name next = {};
	char *map;
	int fd;

	fd = name_create("ours", 0600);
	map = fd_map(fd, 4, PROT_RW);
	ASSERT_NE(map, NULL);
	pages_fill(map, 0, 4, 1);
	EXPECT_EQ(name_next(fd, &next), 0);
	EXPECT_STREQ(next.name, "ours");
	EXPECT_EQ(next.region, fdinfo_get(fd, "id"));
	EXPECT_EQ(next.nr_files, 1);
	EXPECT_EQ(next.options, 0);
	EXPECT_EQ(next.resident + next.swapped, 4);
	region_unmap(fd, map, 4);
}

/* A line of fdinfo is one line, whatever the name. */
TEST_F(named, fdinfo_tells_the_name_in_one_line)
{
	char path[64], text[1024];
	int fd;

	fd = name_create("a\nid:\t1", 0600);
	ASSERT_GE(fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	ASSERT_EQ(file_read(path, text, sizeof(text)), 0);
	EXPECT_NE(strstr(text, "\nname:\ta\\012id:\t1\n"), NULL);
	close(fd);
}

static void fill_alices(void *unused)
{
	int fd = name_open("alices", O_RDWR);
	char *map;

	MUST(fd >= 0);
	MUST(!fd_map(fd, NR + 1, PROT_RW) && errno == ENOSPC);
	map = fd_map(fd, NR, PROT_RW);
	MUST(map);
	page_fill(map + (NR - 1) * PAGE, NR - 1, 1);
	/* A region of its own counts as its own. */
	MUST(region_map(&fd, NR));
}

TEST_F(named, pages_count_as_those_of_the_user_that_made_the_region)
{
	mode_t mask = umask(0), mode = 0666;
	int fd;
	pid_t alice;
	char *map;

	ASSERT_EQ(pool_set("max_user_pages", NR), 0);
	alice = user_start(ALICE, create_with, &mode);
	ASSERT_GT(alice, 0);
	EXPECT_EQ(as_user(BOB, fill_alices, NULL), 0);
	fd = name_open("alices", O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(fdinfo_get(fd, "charged"), NR);
	/* Root's own descriptor may go beyond the limit. */
	map = fd_map(fd, NR + 1, PROT_RW);
	ASSERT_NE(map, NULL);
	EXPECT_EQ(fdinfo_get(fd, "charged"), NR + 1);
	region_unmap(fd, map, NR + 1);
	user_end(alice);
	umask(mask);
}

/* A region of root's with which a user could get beyond its limit, and root's. */
static void fill_roots(void *unused)
{
	int fd = name_open("roots", O_RDWR);

	MUST(fd >= 0);
	MUST(!fd_map(fd, NR + 1, PROT_RW) && errno == ENOSPC);
}

TEST_F(named, a_region_of_root_gives_others_no_more_pages)
{
	mode_t mask = umask(0);
	int fd;

	ASSERT_EQ(pool_set("max_user_pages", NR), 0);
	fd = name_create("roots", 0666);
	EXPECT_EQ(as_user(BOB, fill_roots, NULL), 0);
	close(fd);
	umask(mask);
}

static void make_stayers(void *unused)
{
	char name[16];
	int i, fd;

	for (i = 0; i < 8; i++) {
		sprintf(name, "stay%d", i);
		fd = name_create_staying(name, 0600);
		MUST(i < 4 ? fd >= 0 : fd == -ENOSPC);
		close(fd);
	}
	for (i = 0; i < 4; i++) {
		sprintf(name, "stay%d", i);
		MUST(!name_unlink(name));
	}
	fd = name_create_staying("stay", 0600);
	MUST(fd >= 0);
	MUST(!name_unlink("stay"));
}

TEST_F(named, each_name_counts_as_a_page_at_least)
{
	ASSERT_EQ(pool_set("max_user_pages", 4), 0);
	EXPECT_EQ(as_user(ALICE, make_stayers, NULL), 0);
}

#define THREADS	4
#define ROUNDS	400
#define RACE	8	/* pages of a region */

struct racer {
	pthread_t thread;
	unsigned int seed, opened;
	size_t wrong;
};

/*
 * A page has zeros, or what some racer has written to a region of this name: never what
 * was in one of the other name.
 */
static size_t check_and_write(int fd, unsigned int name)
{
	char *map = fd_map(fd, RACE, PROT_RW);
	size_t page, wrong = 0;
	volatile uint64_t *word;

	if (!map)
		return RACE;
	for (page = 0; page < RACE; page++) {
		word = (void *)(map + page * PAGE);
		wrong += *word && *word != word_of(page, 0, name);
		*word = word_of(page, 0, name);
	}
	munmap(map, RACE * PAGE);
	return wrong;
}

static void *racer_main(void *data)
{
	static const char * const names[] = { "one", "two" };
	struct racer *racer = data;
	unsigned int what;
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		what = rand_r(&racer->seed) >> 8;
		fd = name_open_as(names[what & 1], O_CREAT | O_RDWR, 0600,
				  what & 2 ? SWAPLAB_OPEN_STAYS : 0);
		if (fd < 0) {
			racer->wrong++;
			continue;
		}
		racer->opened++;
		racer->wrong += check_and_write(fd, what & 1);
		if (what & 4)
			name_unlink(names[what & 1]);
		close(fd);
		if (what & 8)
			name_unlink(names[what >> 4 & 1]);
	}
	return NULL;
}

TEST_F(named, opens_unlinks_and_closes_may_race)
{
	struct racer racers[THREADS] = {};
	struct pressure pressure;
	size_t wrong = 0;
	int i;

	ASSERT_EQ(pressure_start(&pressure, NR), 0);
	for (i = 0; i < THREADS; i++) {
		racers[i].seed = i + 1;
		ASSERT_EQ(pthread_create(&racers[i].thread, NULL, racer_main,
					 &racers[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(racers[i].thread, NULL);
		wrong += racers[i].wrong + (racers[i].opened != ROUNDS);
	}
	pressure_stop(&pressure);
	EXPECT_EQ(wrong, 0);
	name_unlink("one");
	name_unlink("two");
}

TEST_HARNESS_MAIN
