/* SPDX-License-Identifier: GPL-2.0 */
/* Policies without a number of frames: a process has as many pages as its use asks for. */
#ifndef SIM_SPACE_H
#define SIM_SPACE_H

#include "pool.h"

/* The most that a policy has. */
#define SPACE_MAX_PARAMS	2

/**
 * struct space_page - a page of the trace
 * @last: reference that used it last, from 0
 * @before: pff's: the page used before it, of the resident ones
 * @after: pff's: the page used after it
 * @is_resident: is it in the resident set?
 * @is_dirty: was it written since it came in?
 */
struct space_page {
	uint64_t last;
	uint32_t before;
	uint32_t after;
	bool is_resident;
	bool is_dirty;
};

/**
 * struct space - the resident set of a process
 * @trace: its references
 * @values: parameters of the policy, in their order
 * @pages: by id, and one more for the ends of pff's list
 * @now: the reference, from 0
 * @nr_resident: pages
 * @last_miss: pff's: the reference that missed last
 * @has_missed: pff's: is there such a reference?
 * @result: counts so far
 */
struct space {
	const struct trace *trace;
	const unsigned int *values;
	struct space_page *pages;
	uint64_t now;
	uint32_t nr_resident;
	uint64_t last_miss;
	bool has_missed;
	struct pool_result result;
};

/**
 * struct space_policy - what is in the resident set
 * @name: as --policy has it
 * @params: its parameters; the last one has no name. Their offsets are not used.
 * @check: ends the program with a message if the values contradict each other
 *	(optional)
 * @begin: called before the first reference (optional)
 * @refer: make the resident set that of the reference @space->now to @page: with
 *	that page, without those that go (required)
 */
struct space_policy {
	const char *name;
	const struct swaplab_policy_param *params;
	void (*check)(const unsigned int *values);
	void (*begin)(struct space *space);
	void (*refer)(struct space *space, uint32_t page);
};

/**
 * struct residence - how many pages were resident
 * @sum: of all references that count, the size of the resident set at each
 * @at_misses: the same, of those that missed
 * @max: the largest size
 */
struct residence {
	uint64_t sum;
	uint64_t at_misses;
	uint32_t max;
};

extern const struct space_policy ws_policy, vmin_policy, pff_policy;

void space_add(struct space *space, uint32_t page);
void space_drop(struct space *space, uint32_t page);

const struct space_policy *space_find(const char *name);
void space_list(void (*call)(void *data, const char *name), void *data);
void space_print(void);
bool space_check(const struct setting *setting);
unsigned int space_count(const struct space_policy *policy,
			 const struct settings *settings);
void space_choose(const struct space_policy *policy, const struct settings *settings,
		  unsigned int choice, unsigned int values[SPACE_MAX_PARAMS]);
struct pool_result space_run(const struct trace *trace, const struct space_policy *policy,
			     const unsigned int *values, const struct pool_config *config,
			     struct residence *residence);

#endif /* SIM_SPACE_H */
