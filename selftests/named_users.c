// SPDX-License-Identifier: GPL-2.0
/* Regions that programs open by name: which users may, and whose pages count. */
#include "named.h"

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

TEST_HARNESS_MAIN
