// SPDX-License-Identifier: GPL-2.0
/* The module's own interface: ioctls, files in sysfs, devices that come and go. */
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

static void op_discard(struct worker *worker)
{
	struct region *region = worker->region;
	struct swaplab_range range = { };
	size_t size, offset = region_range(worker, 48, &size);

	range.offset = offset;
	range.length = size;
	/* Nothing is locked, and no other worker has this region. */
	if (ioctl(region->fd, SWAPLAB_DISCARD, &range))
		report_mismatch(worker, "discard: %s", strerror(errno));
	memset(region->model + offset, 0, size);
	region_compare(worker, region->map + offset, offset, size, "discard");
}

static bool loses_pages;

/* Plants a fault: the last page of each move is gone. */
void move_lose_pages(void)
{
	loses_pages = true;
}

static void lose_page(const struct region *region, size_t offset)
{
	struct swaplab_range range = { .offset = offset, .length = PAGE };

	ioctl(region->fd, SWAPLAB_DISCARD, &range);
}

/* Does this move fail, as it may, and not otherwise? */
static bool may_fail(const struct region *from, const struct region *to, int err)
{
	/* EBUSY: somebody looks at the page; ENOMEM: also for a fork that is under way. */
	if (err == EEXIST || err == EBUSY || err == ENOMEM)
		return true;
	/* It may also have static slots. */
	return err == EINVAL || (err == ENOSPC && to != from);
}

/*
 * From the other region, or from elsewhere in the same one, often to pages that were made
 * absent before. The answer says how many moved, also after an error.
 */
static void op_move(struct worker *worker)
{
	struct region *to = worker->region;
	struct region *from = &worker->regions[random_below(&worker->random, NR_REGIONS)];
	size_t size, offset = region_range(worker, 48, &size);
	struct swaplab_move move = { .from_fd = from->fd, .to_offset = offset };
	struct swaplab_range range = { .offset = offset };

	move.from_offset = random_below(&worker->random,
					REGION_PAGES - size / PAGE + 1) * PAGE;
	move.length = size;
	range.length = size;
	if (random_below(&worker->random, 4)) {
		if (ioctl(to->fd, SWAPLAB_DISCARD, &range))
			report_mismatch(worker, "discard: %s", strerror(errno));
		memset(to->model + offset, 0, size);
	}
	if (ioctl(to->fd, SWAPLAB_MOVE, &move) && !may_fail(from, to, errno))
		report_mismatch(worker, "move: %s", strerror(errno));
	if (move.moved > size || move.moved % PAGE) {
		report_mismatch(worker, "move: %llu bytes", (unsigned long long)move.moved);
		return;
	}
	if (loses_pages && move.moved)
		lose_page(to, offset + move.moved - PAGE);
	/* The ranges do not overlap, or nothing has moved. */
	memcpy(to->model + offset, from->model + move.from_offset, move.moved);
	memset(from->model + move.from_offset, 0, move.moved);
	region_compare(worker, to->map + offset, offset, size, "moved");
}

/* Advice of any kind changes no byte. How far it comes is up to the other workers, too. */
static void op_advise(struct worker *worker)
{
	struct region *region = worker->region;
	size_t size, offset = region_range(worker, 96, &size);
	struct swaplab_advise request = {
		.offset = offset,
		.length = size,
		.advice = SWAPLAB_ADVISE_WILLNEED + random_below(&worker->random, 3),
	};

	/* ENOMEM: also for what an earlier request has left to be allocated. */
	if (ioctl(region->fd, SWAPLAB_ADVISE, &request) && errno != ENOMEM)
		report_mismatch(worker, "advise: %s", strerror(errno));
	if (request.pages > size / PAGE)
		report_mismatch(worker, "advise: %llu pages", (unsigned long long)request.pages);
	region_compare(worker, region->map + offset, offset, size, "advised");
}

static void op_lock(struct worker *worker)
{
	struct region *region = worker->region;
	struct swaplab_range range = { };
	size_t size, offset = region_range(worker, 4, &size);

	range.offset = offset;
	range.length = size;
	ioctl(region->fd, SWAPLAB_LOCK, &range);
	region_compare(worker, region->map + offset, offset, size, "lock");
	if (ioctl(region->fd, SWAPLAB_UNLOCK, &range))
		report_mismatch(worker, "unlock: %s", strerror(errno));
}

static bool is_zero(const unsigned char *bytes)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, PAGE - 1);
}

/* A page that is absent has nothing to tell. */
static void op_states(struct worker *worker)
{
	struct region *region = worker->region;
	unsigned char states[REGION_PAGES];
	struct swaplab_page_states request = {
		.range.length = REGION_SIZE,
		.states = (uintptr_t)states,
	};
	size_t i;

	if (ioctl(region->fd, SWAPLAB_PAGE_STATES, &request)) {
		report_mismatch(worker, "page states: %s", strerror(errno));
		return;
	}
	for (i = 0; i < REGION_PAGES; i++)
		if (!states[i] && !is_zero(region->model + i * PAGE))
			report_mismatch(worker, "page states: page %zu is absent", i);
}

/* How the frames are divided, with turns or without. */
static void change_allocation(struct random *random)
{
	static const char *const modes[] = { "global", "equal", "pff", "working-set" };
	char samples[8];

	file_write(POOL "allocation", modes[random_below(random, 4)]);
	snprintf(samples, sizeof(samples), "%u",
		 1 + (unsigned int)random_below(random, 16));
	file_write(POOL "working_set_samples", samples);
	file_write(POOL "load_turn_ms", random_below(random, 2) ? "20" : "0");
}

/* Bounds of all sizes; the mins of all workers may be too many frames. */
static void op_quota(struct worker *worker)
{
	struct swaplab_quota request = {
		.min = random_below(&worker->random, 100),
		.max = random_below(&worker->random, 300),
	};

	if (ioctl(worker->region->fd, SWAPLAB_QUOTA, &request) && errno != EINVAL &&
	    errno != ENOSPC)
		report_mismatch(worker, "quota: %s", strerror(errno));
	if (random_below(&worker->random, 8) == 0)
		change_allocation(&worker->random);
}

/* Requests and arguments that mean nothing, or nothing good. */
static void op_bad_ioctl(struct worker *worker)
{
	struct random *random = &worker->random;
	struct swaplab_range range = {
		.offset = random_next(random),
		.length = random_next(random) | 1,	/* not of whole pages */
		.flags = random_below(random, 2),
		.reserved = random_below(random, 2),
	};
	static const unsigned long requests[] = {
		SWAPLAB_DISCARD, SWAPLAB_LOCK, SWAPLAB_UNLOCK,
		SWAPLAB_PAGE_STATES,
	};
	unsigned long request = requests[random_below(random, 4)];
	int fd = worker->region->fd;

	if (ioctl(fd, request, &range) == 0)
		report_mismatch(worker, "a bad range was taken");
	if (ioctl(fd, request, (void *)(random_next(random) | 1UL << 63)) == 0)
		report_mismatch(worker, "a bad pointer was taken");
	if (ioctl(fd, random_next(random) & 0xffff00ff, &range) == 0)
		report_mismatch(worker, "an unknown request was taken");
}

/* The recorder reads some records; a second recorder is refused. */
static void op_record(struct worker *worker)
{
	struct swaplab_record request = {
		.mode = SWAPLAB_RECORD_EXACT +
			random_below(&worker->random, 2),
		.ring = 1 << (4 + random_below(&worker->random, 8)),
	};
	size_t size, offset = region_range(worker, 64, &size);
	uint64_t records[64];
	int fd;

	fd = ioctl(worker->region->fd, SWAPLAB_RECORD, &request);
	region_compare(worker, worker->region->map + offset, offset, size,
		       "recorded");
	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, records, sizeof(records)) == sizeof(records))
		;
	close(fd);
}

static void op_fdinfo(struct worker *worker)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", worker->region->fd);
	file_read(path, text, sizeof(text));
}

static void op_policy(struct worker *worker)
{
	static const char * const policies[] = {
		"none", "aging", "clock", "fifo", "lru", "arc", "s3fifo",
		"generations", "random", "no-such-policy", "",
	};

	file_write(POOL "policy", policies[random_below(&worker->random, 11)]);
}

/* Valid: never so few frames that the workers cannot have a page each. */
static void op_tunable(struct worker *worker)
{
	static const struct {
		const char *file;
		unsigned long min, nr;
	} tunables[] = {
		{ POOL "nr_frames", 128, 256 },
		{ POOL "watermark_low", 0, 32 },
		{ POOL "watermark_high", 0, 64 },
		{ POOL "scan_interval_ms", 1, 200 },
		{ POOL "readahead_pages", 0, 64 },
		{ POOL "readaround_pages", 0, 64 },
		{ POOL "writeback_pages", 1, 63 },
		{ POOL "daemons", 1, 8 },
		{ POOL "stats/reset", 1, 1 },
		{ POOL "soft_sampling", 0, 2 },
		{ POOL "discard_slots", 0, 2 },
		{ POOL "max_region_pages", 8 * REGION_PAGES, 100 },
		/* The fuzzer is root: its pages are counted, and it is never refused. */
		{ POOL "max_user_pages", 0, 100 },
	};
	unsigned int i = random_below(&worker->random, ARRAY_SIZE(tunables));
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", tunables[i].min +
		 random_below(&worker->random, tunables[i].nr));
	file_write(tunables[i].file, text);
	if (i == 10)
		file_write(tunables[i].file, "0");
	/* For regions that are made from now on. */
	file_write(POOL "slot_allocation", i & 1 ? "dynamic" : "static");
}

/* Values that no file may take; and the swap file is in use. */
static void op_bad_write(struct worker *worker)
{
	static const char * const files[] = {
		"nr_frames", "watermark_low", "watermark_high", "policy",
		"scan_interval_ms", "readahead_pages", "writeback_pages",
		"slot_allocation", "soft_sampling", "discard_slots", "daemons",
		"max_region_pages", "swap_file",
	};
	static const char * const texts[] = {
		"-1", "18446744073709551615", "99999999999999999999", "ten",
		"", " ", "0x", "1 2", "/", "/dev/null", "\n\n", "1e3",
	};
	char path[64];

	snprintf(path, sizeof(path), POOL "%s",
		 files[random_below(&worker->random, 11)]);
	file_write(path, texts[random_below(&worker->random, 12)]);
	if (!file_write(POOL "swap_file", "none"))
		file_write(POOL "swap_file", store_path());
}

/* A device of its own, for a moment: without a store, so only few pages. */
static void op_device(struct worker *worker)
{
	char number[16], path[32];
	unsigned char *map;
	int fd;

	if (file_read("/sys/class/swaplab-control/hot_add", number,
		      sizeof(number)))
		return;
	snprintf(path, sizeof(path), "/dev/swaplab%s", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = fd < 0 ? MAP_FAILED : mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
					 MAP_SHARED, fd, 0);
	if (map != MAP_FAILED) {
		if (!is_zero(map))
			report_mismatch(worker, "a new device has content");
		memset(map, number[0], 8 * PAGE);
		munmap(map, 8 * PAGE);
	}
	if (fd >= 0)
		close(fd);
	file_write("/sys/class/swaplab-control/hot_remove", number);
}

const struct op ioctl_ops[] = {
	{ "move", 10, op_move },
	{ "discard", 10, op_discard },
	{ "advise", 10, op_advise },
	{ "lock", 5, op_lock },
	{ "states", 3, op_states },
	{ "quota", 2, op_quota },
	{ "bad_ioctl", 3, op_bad_ioctl },
	{ "fdinfo", 1, op_fdinfo },
	{ }
};

/* All workers depend on these. */
const struct op pool_ops[] = {
	{ "record", 1, op_record },
	{ "policy", 3, op_policy },
	{ "tunable", 3, op_tunable },
	{ "bad_write", 3, op_bad_write },
	{ "device", 1, op_device },
	{ }
};
