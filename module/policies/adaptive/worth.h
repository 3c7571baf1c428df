/* SPDX-License-Identifier: GPL-2.0 */
/* The worth of a page by class and age, learned from pages that were used again. */
#ifndef _ADAPTIVE_WORTH_H
#define _ADAPTIVE_WORTH_H

#include <swaplab/policy.h>

/* Generations of a memory's worth of pages: finer, few pages tell of each. */
#define ADAPTIVE_FINE	8
/* Ages told apart, four memories of pages; older pages are of this age. */
#define ADAPTIVE_AGES	32
/* One page, where pages are counted that are forgotten bit by bit. */
#define ADAPTIVE_PAGE	256UL

/* The history of a page. */
enum adaptive_class_id {
	NEW,			/* never seen */
	BACK,			/* 3: came back within one memory, two, or later */
	USED = BACK + 3,	/* 4: found used once, twice, ... */
	NR_CLASSES = USED + 4,
};

/**
 * struct adaptive_class - counts of pages of a class, ADAPTIVE_PAGE each
 * @used: again, by age
 * @lost: given up and not back
 * @found: used when looked at, by age then; since the last generation
 * @worth: of a page that is not used now, by age
 */
struct adaptive_class {
	unsigned long used[ADAPTIVE_AGES];
	unsigned long lost;
	unsigned long found[ADAPTIVE_AGES + 1];
	unsigned long worth[ADAPTIVE_AGES + 1];
};

/**
 * struct adaptive_worth - all classes
 * @classes: of pages
 * @prior: assumed of a class until there are counts of its own, by age
 * @uses: scratch: of a class, up to each age
 * @time: scratch: the time that they took
 */
struct adaptive_worth {
	struct adaptive_class classes[NR_CLASSES];
	unsigned long prior[ADAPTIVE_AGES + 1];
	unsigned long uses[ADAPTIVE_AGES + 1];
	unsigned long time[ADAPTIVE_AGES + 1];
};

/* The worth of a page that is not used now. */
static inline unsigned long adaptive_worth_of(struct adaptive_worth *worth,
					      unsigned long class,
					      unsigned long age)
{
	return worth->classes[class].worth[age];
}

void adaptive_worth_found(struct adaptive_worth *worth, unsigned long class,
			  unsigned long age);
void adaptive_worth_give_up(struct adaptive_worth *worth, unsigned long class);
void adaptive_worth_take_back(struct adaptive_worth *worth,
			      unsigned long class);
void adaptive_worth_return(struct adaptive_worth *worth, unsigned long class,
			   unsigned long age);
void adaptive_worth_learn(struct adaptive_worth *worth,
			  unsigned long nr_frames);

#endif /* _ADAPTIVE_WORTH_H */
