// SPDX-License-Identifier: GPL-2.0
/* Limits of a user of an opened device: max_user_pages, and max_region_pages. */
#include <sched.h>
#include "sigbus.h"
#include "user.h"

#define FRAMES	64
#define MAX	128	/* pages a user may have, unless a test says otherwise */

FIXTURE(opened)
{
};

FIXTURE_SETUP(opened)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("max_user_pages", MAX), 0);
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
}

FIXTURE_TEARDOWN(opened)
{
	chmod(DEVICE, 0600);
	pool_restore();
}

static int region_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	MUST(fd >= 0);
	return fd;
}

/* Maps pages of a region; NULL if they are too many. */
static char *map_pages(int fd, size_t first, size_t nr)
{
	char *map = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 first * PAGE);

	if (map != MAP_FAILED)
		return map;
	MUST(errno == ENOSPC);
	return NULL;
}

static int lock_pages(int fd, uint64_t first, uint64_t nr)
{
	struct swaplab_range range = {
		.offset = first * PAGE,
		.length = nr * PAGE,
	};

	return ioctl(fd, SWAPLAB_LOCK, &range) ? -errno : 0;
}

/*
 * A region may outlive its last process by a moment, and the store is in use until it is
 * gone. Pages that are only mapped need none.
 */
static bool no_region_is_left(void)
{
	return SOON(!pool_write("swap_file", "none"));
}

static void have_it_all(void *unused)
{
	MUST(map_pages(region_open(), 0, MAX));
	MUST(!map_pages(region_open(), 0, 1));
}

static void have_nothing_left(void *unused)
{
	MUST(!map_pages(region_open(), 0, 1));
}

static void share_among_regions(void *unused)
{
	int a = region_open(), b = region_open();
	char *map;

	MUST(!map_pages(a, 0, MAX + 1));
	MUST(fdinfo_get(a, "charged") == 0);
	map = map_pages(a, 0, MAX - 28);
	MUST(map);
	MUST(fdinfo_get(a, "charged") == MAX - 28);
	MUST(!map_pages(b, 0, 29));
	MUST(fdinfo_get(b, "charged") == 0);
	MUST(map_pages(b, 0, 28));
	MUST(!map_pages(b, 28, 1));
	pages_fill(map, 0, MAX - 28, 1);
	MUST(!pages_wrong(map, 0, MAX - 28, 1));
	/* Mappings hold the file, and with it the region. */
	close(a);
	MUST(!map_pages(region_open(), 0, 1));
	munmap(map, (MAX - 28) * PAGE);
	a = region_open();
	MUST(map_pages(a, 0, MAX - 28));
	MUST(!map_pages(a, MAX - 28, 1));
}

TEST_F(opened, all_regions_of_a_user_share_the_same_limit)
{
	EXPECT_EQ(as_user(ALICE, share_among_regions, NULL), 0);
	/* A process that ends gives all back. */
	EXPECT_TRUE(no_region_is_left());
	EXPECT_EQ(as_user(ALICE, have_it_all, NULL), 0);
}

TEST_F(opened, each_user_has_a_limit_alone)
{
	pid_t alice = user_start(ALICE, have_it_all, NULL);

	ASSERT_GT(alice, 0);
	EXPECT_EQ(as_user(ALICE, have_nothing_left, NULL), 0);
	EXPECT_EQ(as_user(BOB, have_it_all, NULL), 0);
	user_end(alice);
	EXPECT_TRUE(no_region_is_left());
	EXPECT_EQ(as_user(ALICE, have_it_all, NULL), 0);
}

static void map_in_many_ways(void *unused)
{
	int fd = region_open(), status;
	char *map;
	pid_t pid;

	/* A region counts from its start, once. */
	MUST(map_pages(fd, 100, 28));
	MUST(fdinfo_get(fd, "charged") == MAX);
	map = map_pages(fd, 0, MAX);
	MUST(map && map_pages(fd, 0, MAX) && map_pages(dup(fd), 64, 64));
	MUST(!map_pages(fd, MAX, 1) && !map_pages(fd, 1, MAX));
	MUST(!map_pages(fd, 1UL << 40, 1));
	pid = fork();
	if (!pid) {
		pages_fill(map, 0, MAX, 1);
		MUST(map_pages(fd, 0, MAX));
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid && !status);
	MUST(!pages_wrong(map, 0, MAX, 1));
	MUST(fdinfo_get(fd, "charged") == MAX);
	MUST(mremap(map, MAX * PAGE, MAX / 2 * PAGE, 0) == map);
	munmap(map, MAX / 2 * PAGE);
	MUST(!map_pages(region_open(), 0, 1));
}

TEST_F(opened, a_region_counts_once_however_it_is_mapped)
{
	EXPECT_EQ(as_user(ALICE, map_in_many_ways, NULL), 0);
}

static void grow_by_mremap(void *unused)
{
	int fd = region_open(), other = region_open();
	char *map, *rest;

	map = map_pages(fd, 0, 80);
	rest = map_pages(other, 0, MAX - 90);
	MUST(map && rest);
	map = mremap(map, 80 * PAGE, 100 * PAGE, MREMAP_MAYMOVE);
	MUST(map != MAP_FAILED);
	MUST(fdinfo_get(fd, "charged") == 80);
	/* No page comes on a guess that would have to be charged. */
	pages_fill(map, 0, 80, 1);
	MUST(fdinfo_get(fd, "charged") == 80);
	pages_fill(map, 80, 10, 1);
	MUST(fdinfo_get(fd, "charged") == 90);
	catch_sigbus();
	MUST(!try_fill(map, 90, 1));
	MUST(fdinfo_get(fd, "charged") == 90);
	MUST(!pages_wrong(map, 0, 90, 1));
	munmap(rest, (MAX - 90) * PAGE);
	close(other);
	MUST(try_fill(map, 99, 1));
	MUST(fdinfo_get(fd, "charged") == 100);
}

TEST_F(opened, a_mapping_that_mremap_grows_is_charged_as_it_is_touched)
{
	ASSERT_EQ(pool_set("nr_frames", 2 * MAX), 0);
	EXPECT_EQ(as_user(ALICE, grow_by_mremap, NULL), 0);
}

static void lock_unmapped(void *unused)
{
	int fd = region_open();

	MUST(lock_pages(fd, MAX, 1) == -ENOSPC);
	MUST(fdinfo_get(fd, "locked") == 0 && fdinfo_get(fd, "charged") == 0);
	MUST(!lock_pages(fd, MAX - 1, 1));
	MUST(fdinfo_get(fd, "charged") == MAX);
	MUST(!map_pages(region_open(), 0, 1));
}

TEST_F(opened, pages_that_come_by_a_lock_count)
{
	EXPECT_EQ(as_user(ALICE, lock_unmapped, NULL), 0);
}

static void map_passed(void *fd)
{
	MUST(!map_pages(*(int *)fd, 0, MAX + 1));
	MUST(map_pages(*(int *)fd, 0, MAX));
	MUST(map_pages(region_open(), 0, MAX));
}

TEST_F(opened, a_region_counts_for_its_opener_when_others_map_it)
{
	int fd;

	/* Alice opens it by a setuid program, say: the real uid is hers. */
	ASSERT_EQ(setresuid(ALICE, 0, 0), 0);
	set_effective(CAP_SYS_RESOURCE, false);
	fd = region_open();
	set_effective(CAP_SYS_RESOURCE, true);
	ASSERT_EQ(setresuid(0, 0, 0), 0);
	EXPECT_EQ(as_user(BOB, map_passed, &fd), 0);
	EXPECT_EQ(fdinfo_get(fd, "charged"), MAX);
	EXPECT_EQ(as_user(ALICE, have_nothing_left, NULL), 0);
	close(fd);
	EXPECT_TRUE(no_region_is_left());
	EXPECT_EQ(as_user(ALICE, have_it_all, NULL), 0);
}

/* Has MAX pages when there is no limit, and lives on with half of it and twice. */
static void live_with_limits(volatile int *turn)
{
	int fd = region_open();
	char *map;

	map = map_pages(fd, 0, MAX);
	MUST(map);
	pages_fill(map, 0, MAX, 1);
	*turn = 1;
	while (*turn == 1)
		msleep(10);
	MUST(!pages_wrong(map, 0, MAX, 1));
	MUST(map_pages(fd, 0, MAX));
	MUST(!map_pages(fd, 0, MAX + 1));
	MUST(!map_pages(region_open(), 0, 1));
	*turn = 3;
	while (*turn == 3)
		msleep(10);
	MUST(map_pages(region_open(), 0, MAX));
	MUST(!map_pages(region_open(), 0, 1));
}

TEST_F(opened, a_lower_limit_takes_nothing_away_and_gives_nothing_more)
{
	volatile int *turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	ASSERT_NE(turn, MAP_FAILED);
	ASSERT_EQ(pool_set("max_user_pages", 0), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		become_user(ALICE);
		live_with_limits(turn);
		_exit(0);
	}
	EXPECT_TRUE(SOON(*turn == 1));
	ASSERT_EQ(pool_set("max_user_pages", MAX / 2), 0);
	*turn = 2;
	EXPECT_TRUE(SOON(*turn == 3));
	ASSERT_EQ(pool_set("max_user_pages", 2 * MAX), 0);
	*turn = 4;
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

static void exceed_limit(void *unused)
{
	int fd = region_open(), other;

	MUST(map_pages(fd, 0, 2 * MAX));
	MUST(!lock_pages(fd, 3 * MAX, 1));
	drop_capability(CAP_SYS_RESOURCE);
	/* It counts all the same. */
	other = region_open();
	MUST(!map_pages(other, 0, 1));
	MUST(lock_pages(other, 0, 1) == -ENOSPC);
	MUST(map_pages(fd, 0, 2 * MAX));
	/* The region that was opened with it may go on. */
	MUST(map_pages(fd, 0, 4 * MAX));
	close(fd);
}

TEST_F(opened, a_region_opened_with_cap_sys_resource_may_exceed)
{
	EXPECT_EQ(as_user(0, exceed_limit, NULL), 0);
}

/* Has all pages mapped, and one more, which mremap() has added. */
static void map_one_too_many(void *data)
{
	char **shared = data, *map = map_pages(region_open(), 0, MAX);

	MUST(map);
	map = mremap(map, MAX * PAGE, (MAX + 1) * PAGE, MREMAP_MAYMOVE);
	MUST(map != MAP_FAILED);
	*shared = map;
}

/* A fault may be another task's than the user's, as ptrace or a kernel thread. */
TEST_F(opened, a_region_may_not_exceed_when_root_touches_it)
{
	char path[64], byte = 1, **shared;
	pid_t alice;
	int mem;

	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(shared, MAP_FAILED);
	alice = user_start(ALICE, map_one_too_many, shared);
	ASSERT_GT(alice, 0);
	snprintf(path, sizeof(path), "/proc/%d/mem", alice);
	mem = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_GE(mem, 0);
	EXPECT_EQ(pwrite(mem, &byte, 1, (uintptr_t)*shared + (MAX - 1) * PAGE), 1);
	EXPECT_EQ(pwrite(mem, &byte, 1, (uintptr_t)*shared + MAX * PAGE), -1);
	close(mem);
	user_end(alice);
}

static void map_with_static_slots(void *unused)
{
	int fd = region_open();

	MUST(map_pages(fd, 0, MAX - 8));
	MUST(!map_pages(fd, 0, MAX + 8));
	MUST(fdinfo_get(fd, "charged") == MAX - 8);
}

static void map_until_the_store_is_full(void *data)
{
	size_t room = *(size_t *)data;
	int fd = region_open(), other = region_open();

	MUST(!map_pages(fd, 0, room + 1));
	MUST(fdinfo_get(fd, "charged") == 0);
	MUST(map_pages(fd, 0, room - 8));
	MUST(!map_pages(other, 0, 9));
	MUST(fdinfo_get(other, "charged") == 0);
	MUST(map_pages(other, 0, 8));
}

/* How many slots the store has. */
static size_t store_room(void)
{
	int fd = open(store_path(), O_RDONLY | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);

	close(fd);
	return size / PAGE;
}

TEST_F(opened, what_is_refused_takes_no_slots)
{
	size_t left = store_room() - (MAX - 8);
	pid_t alice;
	char *map;
	int fd;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	alice = user_start(ALICE, map_with_static_slots, NULL);
	ASSERT_GT(alice, 0);
	fd = region_open();
	EXPECT_EQ(map_pages(fd, 0, left + 1), NULL);
	map = map_pages(fd, 0, left);
	EXPECT_NE(map, NULL);
	region_unmap(fd, map, left);
	user_end(alice);
}

TEST_F(opened, what_the_store_refuses_is_not_charged)
{
	size_t room = store_room();

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	ASSERT_EQ(pool_set("max_user_pages", 0), 0);
	EXPECT_EQ(as_user(ALICE, map_until_the_store_is_full, &room), 0);
}

/* Maps ten pages when the others do; says by its exit status if it could. */
static pid_t racer_start(volatile int *go, volatile int *nr)
{
	char *map;
	pid_t pid;
	int fd;

	pid = fork();
	if (pid)
		return pid;
	become_user(ALICE);
	fd = region_open();
	while (!*go)
		sched_yield();
	map = map_pages(fd, 0, 10);
	__sync_fetch_and_add(nr, 1);
	/* Until all have tried. */
	while (*go == 1)
		msleep(1);
	_exit(map ? 10 : 0);
}

TEST_F(opened, regions_that_race_get_no_more_together)
{
	volatile int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t racers[6];
	int round, i, status, got;

	ASSERT_EQ(pool_set("max_user_pages", 35), 0);
	for (round = 0; round < 20; round++) {
		shared[0] = 0;
		shared[1] = 0;
		got = 0;
		for (i = 0; i < 6; i++)
			racers[i] = racer_start(&shared[0], &shared[1]);
		shared[0] = 1;
		EXPECT_TRUE(SOON(shared[1] == 6));
		shared[0] = 2;
		for (i = 0; i < 6; i++) {
			waitpid(racers[i], &status, 0);
			got += WEXITSTATUS(status);
		}
		EXPECT_EQ(got, 30);
	}
}

static void have_too_large_a_region(void *unused)
{
	int fd = region_open();

	MUST(!map_pages(fd, 0, 17) && !map_pages(fd, 16, 1));
	MUST(map_pages(fd, 0, 16));
	MUST(map_pages(region_open(), 0, 16));
}

TEST_F(opened, max_region_pages_holds_for_each_region_besides)
{
	ASSERT_EQ(pool_set("max_region_pages", 16), 0);
	EXPECT_EQ(as_user(ALICE, have_too_large_a_region, NULL), 0);
}

/*
 * Calls @what as a user of a user namespace. @maker has made the namespace, and root has
 * given it uids, as newuidmap does with those of /etc/subuid.
 */
struct namespace {
	void (*what)(void *data);
	volatile int *turn;
};

static void live_in_namespace(void *data)
{
	struct namespace *namespace = data;

	*namespace->turn = unshare(CLONE_NEWUSER) ? -1 : 1;
	while (*namespace->turn != 2)
		msleep(10);
	MUST(!setresgid(7, 7, 7) && !setresuid(7, 7, 7));
	namespace->what(NULL);
}

static int map_ids(pid_t pid)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	err = file_write(path, "0 100000 100");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	return err ? err : file_write(path, "0 100000 100");
}

/* 0, or it failed; -1: there can be no such namespace. */
static int in_namespace_of(uid_t maker, void (*what)(void *))
{
	struct namespace namespace = { .what = what };
	bool lives;
	int status;
	pid_t pid;

	namespace.turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = fork();
	if (!pid) {
		if (maker)
			become_user(maker);
		live_in_namespace(&namespace);
		_exit(0);
	}
	lives = SOON(*namespace.turn) && *namespace.turn == 1 && !map_ids(pid);
	if (!lives)
		kill(pid, SIGKILL);
	*namespace.turn = 2;
	waitpid(pid, &status, 0);
	return lives ? status : -1;
}

TEST_F(opened, a_user_namespace_makes_nobody_several_users)
{
	int status = in_namespace_of(ALICE, have_it_all);
	pid_t alice;

	if (status < 0)
		SKIP(return, "users may not make namespaces here");
	EXPECT_EQ(status, 0);
	EXPECT_TRUE(no_region_is_left());
	alice = user_start(ALICE, have_it_all, NULL);
	ASSERT_GT(alice, 0);
	EXPECT_EQ(in_namespace_of(ALICE, have_nothing_left), 0);
	user_end(alice);
}

TEST_F(opened, users_of_a_namespace_that_root_made_are_users)
{
	int status = in_namespace_of(0, have_it_all);

	if (status < 0)
		SKIP(return, "no user namespaces in this kernel");
	EXPECT_EQ(status, 0);
}

TEST_HARNESS_MAIN
