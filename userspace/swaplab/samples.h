/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of the pages of a device that are used. */
#ifndef SWAPLAB_SAMPLES_H
#define SWAPLAB_SAMPLES_H

#include <stddef.h>
#include <stdint.h>
#include "device.h"

/**
 * struct sampled_page - a page that was found used
 * @page: its region's number and its index, as in a record; 0: none
 * @last: the last sample that found it used
 */
struct sampled_page {
	uint64_t page;
	unsigned int last;
};

/**
 * struct samples - all pages that samples have found used
 * @nr: samples
 * @pages: a hash table
 * @room: entries in it, a power of two
 * @nr_pages: of which so many are pages
 */
struct samples {
	unsigned int nr;
	struct sampled_page *pages;
	size_t room;
	size_t nr_pages;
};

void samples_add(struct samples *samples, uint64_t record);
struct samples samples_take(const struct device *device, unsigned int nr);
bool samples_page_is_of(const struct sampled_page *page, unsigned long region);

#endif /* SWAPLAB_SAMPLES_H */
