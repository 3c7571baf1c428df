/* SPDX-License-Identifier: GPL-2.0 */
/* Recorders of the device under test, and their records. */
#ifndef SWAPLAB_RECORDER_H
#define SWAPLAB_RECORDER_H

#include "swaplab_test.h"

/* A recorder whose file does not block, or -errno. */
static inline int recorder_request(int fd, struct swaplab_record *arg)
{
	int recorder = ioctl(fd, SWAPLAB_RECORD, arg);

	if (recorder < 0)
		return -errno;
	fcntl(recorder, F_SETFL, O_NONBLOCK);
	return recorder;
}

static inline int recorder_start(int fd, unsigned int window, unsigned int ring)
{
	struct swaplab_record arg = {
		.mode = SWAPLAB_RECORD_EXACT,
		.window = window,
		.ring = ring,
	};

	return recorder_request(fd, &arg);
}

static inline int recorder_start_sampled(int fd)
{
	struct swaplab_record arg = { .mode = SWAPLAB_RECORD_SAMPLED };

	return recorder_request(fd, &arg);
}

static inline uint64_t record_of(int fd, size_t page, bool is_write)
{
	uint64_t region = fdinfo_get(fd, "id");

	return region << (SWAPLAB_RECORD_INDEX_BITS + 1) | page << 1 | is_write;
}

static inline size_t page_of(uint64_t record)
{
	return record >> 1 & ((1ULL << SWAPLAB_RECORD_INDEX_BITS) - 1);
}

/* The whole record, up to @max; all bits set if it cannot be read. */
static inline size_t recorder_read(int recorder, uint64_t *records, size_t max)
{
	size_t nr = 0;
	ssize_t len;

	while (nr < max) {
		len = read(recorder, records + nr, (max - nr) * sizeof(*records));
		if (len < 0)
			return errno == EAGAIN ? nr : -1UL;
		nr += len / sizeof(*records);
	}
	return nr;
}

static inline struct swaplab_record_counters recorder_counters(int recorder)
{
	struct swaplab_record_counters counters = { -1ULL, -1ULL };

	ioctl(recorder, SWAPLAB_RECORD_COUNTERS, &counters);
	return counters;
}

static inline void page_use(char *map, size_t page, bool is_write)
{
	volatile char *byte = map + page * PAGE;

	if (is_write)
		*byte = 0;
	else
		(void)*byte;
}

#endif /* SWAPLAB_RECORDER_H */
