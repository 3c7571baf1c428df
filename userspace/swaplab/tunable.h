/* SPDX-License-Identifier: GPL-2.0 */
/* The settings of a device: their ranges, and their values when the module is loaded. */
#ifndef SWAPLAB_TUNABLE_H
#define SWAPLAB_TUNABLE_H

#include "device.h"

#define TUNABLE_PARAMS	"policy_params"

/**
 * enum tunable_kind - values that a setting takes
 * @TUNABLE_NUMBER: a number
 * @TUNABLE_PAGES: a number of pages, which may be given as a size
 * @TUNABLE_FLAG: 0 or 1
 * @TUNABLE_WORD: one of some words
 * @TUNABLE_POLICY: the name of a policy
 */
enum tunable_kind {
	TUNABLE_NUMBER, TUNABLE_PAGES, TUNABLE_FLAG, TUNABLE_WORD, TUNABLE_POLICY,
};

/**
 * struct tunable - a setting of a device
 * @name: of its file
 * @kind: of its values
 * @min: the smallest number
 * @max: the largest number; 0: the machine's number of pages
 * @words: those that a word can be, NULL at the end
 * @preset: its value when the module is loaded; NULL: the number of NUMA nodes
 * @is_sticky: its old value cannot be told, and so not be set again
 */
struct tunable {
	const char *name;
	enum tunable_kind kind;
	unsigned long min;
	unsigned long max;
	const char *const *words;
	const char *preset;
	bool is_sticky;
};

extern const struct tunable tunables[];
extern const char *const tunable_directories[];

const struct tunable *tunable_find(const char *name);
bool tunable_is_setting(const struct device *device, const char *file);
char *tunable_file(const struct device *device, const char *name);
char *tunable_value(const struct device *device, const struct tunable *tunable,
		    const char *text);
char *tunable_preset(const struct tunable *tunable);
char *tunable_range(const struct tunable *tunable);
const char *tunable_hint(const struct device *device, const char *const *directories,
			 const char *name);
char *tunable_read(const struct device *device, const char *file);

#endif /* SWAPLAB_TUNABLE_H */
