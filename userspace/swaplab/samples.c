// SPDX-License-Identifier: GPL-2.0
/*
 * Samples of the pages of a device that are used, by SWAPLAB_RECORD. The module keeps no age of
 * a page. The device's daemon samples anyway for a policy that wants to know uses; a recording has
 * it sample for any policy, and tell the pages.
 */

#include <err.h>
#include <errno.h>
#include <linux/swaplab.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/param.h>	/* MIN, MAX */
#include <unistd.h>
#include "samples.h"

#define INDEX_MASK	((1ULL << SWAPLAB_RECORD_INDEX_BITS) - 1)
#define MIN_ROOM	1024
/* Records for each frame, as a page has one for each of its mappings; and at least so many. */
#define RING_SHARE	4
#define MIN_RING	65536

static size_t find_place(const struct samples *samples, uint64_t page)
{
	/* By Knuth: spreads neighbours. */
	size_t place = page * 0x9e3779b97f4a7c15 >> 20;

	while (samples->pages[place & (samples->room - 1)].page &&
	       samples->pages[place & (samples->room - 1)].page != page)
		place++;
	return place & (samples->room - 1);
}

static void grow_table(struct samples *samples)
{
	struct samples old = *samples;
	size_t i;

	samples->room = MAX(2 * old.room, MIN_ROOM);
	samples->pages = calloc(samples->room, sizeof(*samples->pages));
	if (!samples->pages)
		err(1, "memory");
	for (i = 0; i < old.room; i++)
		if (old.pages[i].page)
			samples->pages[find_place(samples, old.pages[i].page)] = old.pages[i];
	free(old.pages);
}

/**
 * samples_add() - add a record to samples
 * @samples: the samples
 * @record: a page, or the end of a sample
 */
void samples_add(struct samples *samples, uint64_t record)
{
	struct sampled_page *page;

	if (record == SWAPLAB_RECORD_END) {
		samples->nr++;
		return;
	}
	if (2 * samples->nr_pages >= samples->room)
		grow_table(samples);
	page = &samples->pages[find_place(samples, record >> 1)];
	samples->nr_pages += !page->page;
	*page = (struct sampled_page){ record >> 1, samples->nr };
}

/**
 * samples_page_is_of() - tell whether a page is a region's
 * @page: the page
 * @region: the region's number, of which a record has the lowest bits
 *
 * Return: whether it is.
 */
bool samples_page_is_of(const struct sampled_page *page, unsigned long region)
{
	return page->page == (region << (SWAPLAB_RECORD_INDEX_BITS + 1) >> 1 |
			      (page->page & INDEX_MASK));
}

static int start_recording(const struct device *device)
{
	unsigned long ring = RING_SHARE * device_number(device, "nr_frames");
	struct swaplab_record request = { .mode = SWAPLAB_RECORD_SAMPLED };
	int fd = device_open(device), recorder;

	request.ring = MIN(MAX(ring, MIN_RING), SWAPLAB_RECORD_MAX_RING);
	recorder = ioctl(fd, SWAPLAB_RECORD, &request);
	if (recorder < 0 && (errno == EPERM || errno == EACCES))
		errx(1, "%s: recordings show what others do, and are for root: use sudo",
		     device->path);
	if (recorder < 0 && errno == EBUSY)
		errx(1, "%s: it is being recorded already", device->path);
	if (recorder < 0)
		err(1, "%s: SWAPLAB_RECORD", device->path);
	close(fd);
	return recorder;
}

/* Samples that lack pages would make pages look older than they are. */
static void check_complete(const struct device *device, int recorder)
{
	struct swaplab_record_counters counters;

	if (ioctl(recorder, SWAPLAB_RECORD_COUNTERS, &counters))
		err(1, "%s: SWAPLAB_RECORD_COUNTERS", device->path);
	if (counters.dropped)
		errx(1, "%s: %llu uses of pages were lost, as there were too many at once",
		     device->path, counters.dropped);
}

/**
 * samples_take() - sample the pages of a device
 * @device: the device
 * @nr: how many samples, one each scan_interval_ms or more often
 *
 * Ends the program with advice if it cannot.
 *
 * Return: the samples, with pages for free().
 */
struct samples samples_take(const struct device *device, unsigned int nr)
{
	struct samples samples = {};
	static uint64_t records[4096];
	int recorder = start_recording(device);
	ssize_t length;
	size_t i;

	while (samples.nr < nr) {
		length = read(recorder, records, sizeof(records));
		if (length < 0 && errno != EINTR)
			err(1, "%s: the recording", device->path);
		for (i = 0; length > 0 && i < length / sizeof(*records) && samples.nr < nr; i++)
			samples_add(&samples, records[i]);
	}
	check_complete(device, recorder);
	close(recorder);
	return samples;
}
