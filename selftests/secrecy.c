// SPDX-License-Identifier: GPL-2.0
/*
 * No process sees, discards, locks or counts another's pages, and none sees the content
 * that another has left behind.
 *
 * Process Alice fills pages with a canary and leaves them in some way. Process Bob then
 * looks for it in its own pages: on the first touch, and after they have been to the
 * store and back with a single word written to each.
 */
#include <sys/uio.h>
#include "disk.h"
#include "loop.h"
#include "user.h"

#define FRAMES	64
#define NR	(4 * FRAMES)
#define CANARY	0xca9a57ca9a57ca9aULL
#define LOCKED	8	/* pages that come into being by SWAPLAB_LOCK */

static int range_request(int fd, unsigned long cmd, uint64_t first, uint64_t nr)
{
	struct swaplab_range range = {
		.offset = first * PAGE,
		.length = nr * PAGE,
	};

	return ioctl(fd, cmd, &range) ? -errno : 0;
}

static char *map_device(const char *device, int *fd)
{
	char *map;

	*fd = open(device, O_RDWR | O_CLOEXEC);
	MUST(*fd >= 0);
	map = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	MUST(map != MAP_FAILED);
	return map;
}

static void canary_fill(char *map)
{
	uint64_t *words = (uint64_t *)map;
	size_t i;

	for (i = 0; i < NR * WORDS; i++)
		words[i] = CANARY;
}

static size_t canaries_missing(const char *map)
{
	const uint64_t *words = (const uint64_t *)map;
	size_t i, missing = 0;

	for (i = 0; i < NR * WORDS; i++)
		missing += words[i] != CANARY;
	return missing;
}

/* Each word of it is 0, except for one that is Bob's own. */
static bool page_is_clear(const char *page, uint64_t own)
{
	const uint64_t *words = (const uint64_t *)page;
	size_t i;

	for (i = 0; i < WORDS; i++)
		if (words[i] != (i == WORDS / 2 ? own : 0))
			return false;
	return true;
}

/* Bob's part. */
static void hunt_canaries(void *device)
{
	char *map, *page;
	int fd, pass;
	size_t i;

	map = map_device(device, &fd);
	MUST(!range_request(fd, SWAPLAB_LOCK, 0, LOCKED));
	MUST(!range_request(fd, SWAPLAB_UNLOCK, 0, LOCKED));
	for (i = 0; i < NR; i++) {
		page = map + i * PAGE;
		MUST(page_is_clear(page, 0));
		((volatile uint64_t *)page)[WORDS / 2] = i + 1;
	}
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < NR; i++)
			MUST(page_is_clear(map + i * PAGE, i + 1));
	MUST(!range_request(fd, SWAPLAB_DISCARD, 0, NR));
	for (i = 0; i < NR; i++)
		MUST(page_is_clear(map + i * PAGE, 0));
}

/* How Alice leaves her pages. */
enum leave { STAYS, DISCARDS, CLOSES, DIES };

static void plant_canaries(void *data)
{
	enum leave leave = *(enum leave *)data;
	char *map;
	int fd;

	map = map_device(DEVICE, &fd);
	canary_fill(map);
	if (leave == DISCARDS)
		MUST(!range_request(fd, SWAPLAB_DISCARD, 0, NR));
	if (leave == CLOSES)
		region_unmap(fd, map, NR);
}

FIXTURE(canary)
{
	pid_t alice;
};

FIXTURE_VARIANT(canary)
{
	enum leave leave;
	const char *slots;
};

FIXTURE_VARIANT_ADD(canary, of_pages_that_are_there)
{
	.leave = STAYS,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(canary, of_discarded_pages)
{
	.leave = DISCARDS,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(canary, of_a_closed_region)
{
	.leave = CLOSES,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(canary, of_a_killed_process)
{
	.leave = DIES,
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(canary, of_static_slots)
{
	.leave = CLOSES,
	.slots = "static",
};

FIXTURE_SETUP(canary)
{
	enum leave leave = variant->leave;

	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("slot_allocation", variant->slots), 0);
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
	self->alice = user_start(ALICE, plant_canaries, &leave);
	ASSERT_GT(self->alice, 0);
	EXPECT_GT(stat_get("swap_outs"), NR - FRAMES - 1);
	if (leave == DIES)
		user_end(self->alice);
}

FIXTURE_TEARDOWN(canary)
{
	chmod(DEVICE, 0600);
	if (variant->leave != DIES)
		user_end(self->alice);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	pool_restore();
}

TEST_F(canary, is_not_found_in_the_same_pool)
{
	EXPECT_EQ(as_user(BOB, hunt_canaries, DEVICE), 0);
	/* Frames that went to the machine and came back. */
	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= 16));
	ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
	EXPECT_EQ(as_user(BOB, hunt_canaries, DEVICE), 0);
}

/* A pool more, that Bob may use. */
static int pool_open(char device[64], char dir[64])
{
	char file[128];
	int id = hot_add();

	snprintf(device, 64, "/dev/swaplab%d", id);
	snprintf(dir, 64, CLASS "swaplab%d", id);
	snprintf(file, sizeof(file), "%s/nr_frames", dir);
	if (id < 0 || chmod(device, 0666) || file_write(file, "64"))
		return -1;
	return id;
}

TEST_F(canary, is_not_found_in_another_pool)
{
	char device[64], dir[64], file[128];
	const char *disk;
	int id;

	disk = disk_create("size=16");
	if (!disk)
		SKIP(return, "no null_blk");
	id = pool_open(device, dir);
	ASSERT_GT(id, 0);
	snprintf(file, sizeof(file), "%s/swap_file", dir);
	ASSERT_EQ(file_write(file, disk), 0);
	/* The frames that it takes from the machine were the first pool's. */
	ASSERT_EQ(pool_set("nr_frames", 16), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= 16));
	EXPECT_EQ(as_user(BOB, hunt_canaries, device), 0);
	EXPECT_EQ(hot_remove(id), 0);
	disk_destroy();
}

TEST_F(canary, is_not_found_where_its_disk_goes)
{
	char device[64], dir[64], file[128];
	int id;

	user_end(self->alice);
	ASSERT_TRUE(SOON(pool_write("swap_file", "none") == 0));
	id = pool_open(device, dir);
	ASSERT_GT(id, 0);
	snprintf(file, sizeof(file), "%s/swap_file", dir);
	ASSERT_EQ(file_write(file, store_path()), 0);
	EXPECT_EQ(as_user(BOB, hunt_canaries, device), 0);
	EXPECT_EQ(hot_remove(id), 0);
}

FIXTURE(pool)
{
	char dir[32];
};

FIXTURE_SETUP(pool)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
	strcpy(self->dir, "/tmp/swaplab-XXXXXX");
	ASSERT_NE(mkdtemp(self->dir), NULL);
}

FIXTURE_TEARDOWN(pool)
{
	chmod(DEVICE, 0600);
	pool_restore();
	umount(self->dir);
	rmdir(self->dir);
}

/* @nr canaries from here on in a file or device; false if they cannot be written. */
static bool file_plant(const char *path, off_t offset, size_t nr)
{
	uint64_t word = CANARY;
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (; nr && !err; nr--, offset += sizeof(word))
		err = pwrite(fd, &word, sizeof(word), offset) != sizeof(word);
	err |= fsync(fd);
	close(fd);
	return !err;
}

/* How many are left there on the disk, which the pool writes to past the filesystem. */
static size_t file_canaries(const char *path, off_t offset, size_t nr)
{
	uint64_t word;
	size_t found = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	for (; nr; nr--, offset += sizeof(word))
		found += pread(fd, &word, sizeof(word), offset) == sizeof(word) &&
			 word == CANARY;
	close(fd);
	return found;
}

TEST_F(pool, shows_nothing_of_what_was_in_its_file_and_keeps_off_its_tail)
{
	size_t tail = 100;
	char path[64];

	ASSERT_EQ(mount_fs("mkfs.ext4 -q -b 4096", 16 << 20, "ext4", self->dir), 0);
	snprintf(path, sizeof(path), "%s/swap", self->dir);
	/* As large as Bob needs, and a part of a page that is too small to use. */
	ASSERT_EQ(file_make(path, NR), 0);
	ASSERT_TRUE(file_plant(path, 0, NR * WORDS + tail));
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", path), 0);
	EXPECT_EQ(as_user(BOB, hunt_canaries, DEVICE), 0);
	EXPECT_GT(stat_get("swap_ins"), 0);
	ASSERT_TRUE(SOON(pool_write("swap_file", "none") == 0));
	EXPECT_EQ(file_canaries(path, NR * PAGE, tail), tail);
	unlink(path);
}

TEST_F(pool, shows_nothing_of_a_file_that_was_where_its_own_is)
{
	char path[64];

	/* There is no room for two such files, so the second gets the first one's. */
	ASSERT_EQ(mount_fs("mkfs.ext4 -q -b 4096 -m 0 -N 16 -O ^has_journal",
			   2 << 20, "ext4", self->dir), 0);
	snprintf(path, sizeof(path), "%s/swap", self->dir);
	ASSERT_EQ(file_make(path, NR), 0);
	ASSERT_EQ(pool_write("swap_file", "none"), 0);
	ASSERT_EQ(pool_write("swap_file", path), 0);
	EXPECT_EQ(as_user(ALICE, plant_canaries, &(enum leave){ STAYS }), 0);
	ASSERT_TRUE(SOON(pool_write("swap_file", "none") == 0));
	EXPECT_GT(file_canaries(path, 0, NR * WORDS), 0);
	ASSERT_EQ(unlink(path), 0);
	strcat(path, "-2");
	ASSERT_EQ(file_make(path, NR), 0);
	ASSERT_EQ(pool_write("swap_file", path), 0);
	EXPECT_EQ(as_user(BOB, hunt_canaries, DEVICE), 0);
	ASSERT_TRUE(SOON(pool_write("swap_file", "none") == 0));
	unlink(path);
}

/* Memory that Alice shares with its observers. */
struct shared {
	pid_t pid;
	int fd;
	char *map;
};

static void plant_and_lock(void *data)
{
	struct shared *alice = data;

	alice->pid = getpid();
	alice->map = map_device(DEVICE, &alice->fd);
	canary_fill(alice->map);
	MUST(!range_request(alice->fd, SWAPLAB_LOCK, 0, LOCKED));
}

/* All requests that Bob's own descriptor allows, at the offsets of Alice's pages. */
static void use_own_region(void *data)
{
	unsigned char resident[NR];
	uint8_t states[NR];
	struct swaplab_page_states query = {
		.range = { .length = NR * PAGE },
		.states = (uintptr_t)states,
	};
	char *map;
	size_t i;
	int fd;

	map = map_device(DEVICE, &fd);
	MUST(!ioctl(fd, SWAPLAB_PAGE_STATES, &query));
	MUST(!mincore(map, NR * PAGE, resident));
	for (i = 0; i < NR; i++)
		MUST(!states[i] && !(resident[i] & 1));
	MUST(fdinfo_get(fd, "pages") == 0);
	MUST(fdinfo_get(fd, "locked") == 0);
	MUST(!range_request(fd, SWAPLAB_UNLOCK, 0, NR));
	MUST(!range_request(fd, SWAPLAB_DISCARD, 0, NR));
	memset(map, 0xb0, NR * PAGE);
	MUST(!madvise(map, NR * PAGE, MADV_DONTNEED));
	MUST(madvise(map, NR * PAGE, MADV_REMOVE));
	MUST(!range_request(fd, SWAPLAB_LOCK, LOCKED, LOCKED));
	MUST(!range_request(fd, SWAPLAB_DISCARD, 2 * LOCKED, NR - 2 * LOCKED));
}

/* All interfaces by which a process reaches another's memory. */
static void use_others_region(void *data)
{
	struct shared *alice = data;
	struct iovec to, from;
	char path[64];
	uint64_t word;
	int pidfd;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", alice->pid, alice->fd);
	MUST(open(path, O_RDWR) < 0 && errno == EACCES);
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", alice->pid, alice->fd);
	MUST(open(path, O_RDONLY) < 0 && errno == EACCES);
	snprintf(path, sizeof(path), "/proc/%d/mem", alice->pid);
	MUST(open(path, O_RDONLY) < 0 && errno == EACCES);
	snprintf(path, sizeof(path), "/proc/%d/smaps", alice->pid);
	MUST(open(path, O_RDONLY) < 0 && errno == EACCES);

	to = (struct iovec){ &word, sizeof(word) };
	from = (struct iovec){ alice->map, sizeof(word) };
	MUST(process_vm_readv(alice->pid, &to, 1, &from, 1, 0) < 0 &&
	     errno == EPERM);
	pidfd = syscall(SYS_pidfd_open, alice->pid, 0);
	MUST(pidfd >= 0);
	MUST(syscall(SYS_pidfd_getfd, pidfd, alice->fd, 0) < 0 && errno == EPERM);
}

/* A process that may open Alice's descriptors in /proc gets a new region, too. */
static void open_anew(void *data)
{
	struct shared *alice = data;
	char path[64], *map;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", alice->pid, alice->fd);
	map = map_device(path, &fd);
	MUST(page_is_zero(map));
	MUST(fdinfo_get(fd, "pages") <= 1);
}

/* Of Alice, as root can see it. */
static bool has_line(const struct shared *alice, const char *line)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", alice->pid, alice->fd);
	return !file_read(path, text, sizeof(text)) && strstr(text, line);
}

TEST_F(pool, keeps_regions_of_users_apart)
{
	struct shared *alice = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	static char *copy;
	struct iovec to, from;
	pid_t pid;

	ASSERT_NE(alice, MAP_FAILED);
	pid = user_start(ALICE, plant_and_lock, alice);
	ASSERT_GT(pid, 0);
	EXPECT_EQ(as_user(BOB, use_own_region, NULL), 0);
	EXPECT_EQ(as_user(BOB, use_others_region, alice), 0);
	EXPECT_EQ(as_user(ALICE, open_anew, alice), 0);

	EXPECT_TRUE(has_line(alice, "\npages:\t256\n"));
	EXPECT_TRUE(has_line(alice, "\nlocked:\t8\n"));
	copy = malloc(NR * PAGE);
	to = (struct iovec){ copy, NR * PAGE };
	from = (struct iovec){ alice->map, NR * PAGE };
	EXPECT_EQ(process_vm_readv(pid, &to, 1, &from, 1, 0), NR * PAGE);
	EXPECT_EQ(canaries_missing(copy), 0);
	free(copy);
	user_end(pid);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
}

static void find_it_closed(void *device)
{
	MUST(open(device, O_RDWR) < 0 && errno == EACCES);
	MUST(open(device, O_RDONLY) < 0 && errno == EACCES);
	MUST(open(device, O_WRONLY) < 0 && errno == EACCES);
}

TEST(devices_are_roots_alone_unless_opened)
{
	char device[32] = DEVICE;
	struct stat st;
	int id, i;

	id = hot_add();
	ASSERT_GT(id, 0);
	for (i = 0; i <= id; i += id) {
		snprintf(device, sizeof(device), "/dev/swaplab%d", i);
		ASSERT_EQ(stat(device, &st), 0);
		EXPECT_TRUE(S_ISCHR(st.st_mode));
		EXPECT_EQ(st.st_mode & 07777, 0600);
		EXPECT_EQ(st.st_uid, 0);
		EXPECT_EQ(st.st_gid, 0);
		EXPECT_EQ(as_user(BOB, find_it_closed, device), 0);
	}
	EXPECT_EQ(hot_remove(id), 0);
}

/* Each with a value that changes nothing. */
static const struct {
	const char *path, *value;
} knobs[] = {
	{ POOL "swap_file", "none" },
	{ POOL "nr_frames", "1024" },
	{ POOL "watermark_low", "0" },
	{ POOL "watermark_high", "0" },
	{ POOL "policy", "aging" },
	{ POOL "policy_params/width", "8" },
	{ POOL "scan_interval_ms", "1000" },
	{ POOL "readahead_pages", "32" },
	{ POOL "writeback_pages", "16" },
	{ POOL "daemons", "1" },
	{ POOL "slot_allocation", "dynamic" },
	{ POOL "discard_slots", "0" },
	{ POOL "soft_sampling", "0" },
	{ POOL "max_region_pages", "0" },
	{ POOL "max_user_pages", "0" },
	{ POOL "stats/reset", "1" },
};

/* Files that root has opened, used by another user. */
struct opened {
	int device, hot_add, hot_remove;
	int knobs[ARRAY_SIZE(knobs)];
};

static void use_what_is_open(void *data)
{
	struct swaplab_record record = { .mode = SWAPLAB_RECORD_SAMPLED };
	struct opened *opened = data;
	char text[16];
	ssize_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		len = pwrite(opened->knobs[i], knobs[i].value,
			     strlen(knobs[i].value), 0);
		if (len >= 0 || errno != EPERM)
			dprintf(STDOUT_FILENO, "# %s\n", knobs[i].path);
		MUST(len < 0 && errno == EPERM);
	}
	MUST(pread(opened->hot_add, text, sizeof(text), 0) < 0 && errno == EPERM);
	MUST(pwrite(opened->hot_remove, "255", 3, 0) < 0 && errno == EPERM);
	MUST(ioctl(opened->device, SWAPLAB_RECORD, &record) < 0 && errno == EPERM);
	/* This needs no capability: the file gives access to its region. */
	MUST(!range_request(opened->device, SWAPLAB_LOCK, 0, 1));
	MUST(!range_request(opened->device, SWAPLAB_UNLOCK, 0, 1));
	MUST(!range_request(opened->device, SWAPLAB_DISCARD, 0, 1));
}

static void use_without_capability(void *data)
{
	struct opened opened = *(struct opened *)data;
	size_t i;

	drop_capability(CAP_SYS_ADMIN);
	/* Root can open them still. */
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		opened.knobs[i] = open(knobs[i].path, O_WRONLY | O_CLOEXEC);
		MUST(opened.knobs[i] >= 0);
	}
	use_what_is_open(&opened);
}

TEST(a_task_without_the_capability_gets_eperm)
{
	struct opened opened;
	size_t i;

	pool_restore();
	ASSERT_EQ(pool_write("policy", "aging"), 0);
	opened.device = open(DEVICE, O_RDWR | O_CLOEXEC);
	opened.hot_add = open(CONTROL "hot_add", O_RDONLY | O_CLOEXEC);
	opened.hot_remove = open(CONTROL "hot_remove", O_WRONLY | O_CLOEXEC);
	ASSERT_GE(opened.device, 0);
	ASSERT_GE(opened.hot_add, 0);
	ASSERT_GE(opened.hot_remove, 0);
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		opened.knobs[i] = open(knobs[i].path, O_WRONLY | O_CLOEXEC);
		ASSERT_GE(opened.knobs[i], 0);
	}
	EXPECT_EQ(as_user(BOB, use_what_is_open, &opened), 0);
	EXPECT_EQ(as_user(0, use_without_capability, &opened), 0);

	/* It was for the capability, not the values; the region keeps the store. */
	for (i = 1; i < ARRAY_SIZE(knobs); i++) {
		EXPECT_EQ(pwrite(opened.knobs[i], knobs[i].value,
				 strlen(knobs[i].value), 0),
			  strlen(knobs[i].value)) {
			TH_LOG("%s", knobs[i].path);
		}
		close(opened.knobs[i]);
	}
	close(opened.knobs[0]);
	close(opened.device);
	close(opened.hot_add);
	close(opened.hot_remove);
}

TEST_HARNESS_MAIN
