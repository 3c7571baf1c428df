// SPDX-License-Identifier: GPL-2.0
/*
 * For each class of pages there is a histogram of the ages at which they were used
 * again, and of those that were not. From it follows the worth of an unused page of each
 * age: the most uses for the frame's time, over all ages up to which the policy could
 * wait for them.
 *
 * That a page is found used says only that it was within its age. Such a use is spread
 * over the ages up to that as the class's other uses are (B. W. Turnbull, "The
 * empirical distribution function with arbitrarily grouped, censored and truncated
 * data", 1976). The age of a page that comes back is exact.
 */
#include "worth.h"

/* Each generation forgets this part: counts last as long as ages are told apart. */
#define WORTH_FADE	ADAPTIVE_AGES
/* A class is taken to be like all others until this part of memory told of it. */
#define WORTH_DOUBT	16
/* A use, or a generation's time of a frame, in the calculation. */
#define WORTH_UNIT	65536UL

/**
 * adaptive_worth_found() - a page was found used
 * @worth: to be learned
 * @class: of the page until then
 * @age: of the page; it was used at some age up to that
 */
void adaptive_worth_found(struct adaptive_worth *worth, unsigned long class,
			  unsigned long age)
{
	worth->classes[class].found[age] += ADAPTIVE_PAGE;
}

/**
 * adaptive_worth_give_up() - a page goes
 * @worth: to be learned
 * @class: of the page
 */
void adaptive_worth_give_up(struct adaptive_worth *worth, unsigned long class)
{
	worth->classes[class].lost += ADAPTIVE_PAGE;
}

/**
 * adaptive_worth_take_back() - undo adaptive_worth_give_up()
 * @worth: to be learned
 * @class: of the page when it was given up
 */
void adaptive_worth_take_back(struct adaptive_worth *worth,
			      unsigned long class)
{
	unsigned long *lost = &worth->classes[class].lost;

	*lost -= min(*lost, ADAPTIVE_PAGE);
}

/**
 * adaptive_worth_return() - a page that was given up came back
 * @worth: to be learned
 * @class: of the page when it was given up
 * @age: of the page now, not less than ADAPTIVE_AGES if that is too old to be told
 */
void adaptive_worth_return(struct adaptive_worth *worth, unsigned long class,
			   unsigned long age)
{
	adaptive_worth_take_back(worth, class);
	if (age < ADAPTIVE_AGES)
		worth->classes[class].used[age] += ADAPTIVE_PAGE;
	else
		adaptive_worth_give_up(worth, class);
}

static unsigned long fade_count(unsigned long value)
{
	return value - value / WORTH_FADE;
}

/*
 * Forgets a part of all, and makes the prior of each class of it: a WORTH_DOUBT of memory,
 * distributed as all pages are. To begin with that is by 1/age, which amounts to LRU.
 */
static void make_prior(struct adaptive_worth *worth, unsigned long nr_frames)
{
	unsigned long weight = nr_frames / WORTH_DOUBT + 1;
	unsigned long age, sum = 0, *prior = worth->prior;
	struct adaptive_class *class;

	for (age = 0; age <= ADAPTIVE_AGES; age++)
		prior[age] = 2 * ADAPTIVE_PAGE / (age % ADAPTIVE_AGES + 1);
	for (class = worth->classes; class < worth->classes + NR_CLASSES; class++) {
		for (age = 0; age < ADAPTIVE_AGES; age++) {
			class->used[age] = fade_count(class->used[age]);
			prior[age] += class->used[age];
		}
		class->lost = fade_count(class->lost);
		prior[ADAPTIVE_AGES] += class->lost;
	}
	for (age = 0; age <= ADAPTIVE_AGES; age++)
		sum += prior[age];
	for (age = 0; age <= ADAPTIVE_AGES; age++)
		prior[age] = prior[age] * weight / (sum / ADAPTIVE_PAGE) + 1;
}

/* Spreads uses found over the ages at which they may have been. */
static void spread_found(struct adaptive_worth *worth, struct adaptive_class *class)
{
	unsigned long age, sum = 0, share = 0;
	unsigned long *until = worth->uses, *prior = worth->prior;

	for (age = 0; age < ADAPTIVE_AGES; age++) {
		sum += class->used[age] + prior[age];
		until[age] = sum;
	}
	until[ADAPTIVE_AGES] = sum;
	for (age = ADAPTIVE_AGES + 1; age--; ) {
		share += class->found[age] * WORTH_UNIT / until[age];
		class->found[age] = 0;
		if (age < ADAPTIVE_AGES)
			class->used[age] += (class->used[age] + prior[age]) *
					    share / WORTH_UNIT;
	}
}

/* Uses that a page will have had at each age, over the time that it took. */
static void draw_curve(struct adaptive_worth *worth,
		       struct adaptive_class *class)
{
	unsigned long *uses = worth->uses, *time = worth->time;
	unsigned long age, share, sum, left = WORTH_UNIT;

	sum = class->lost + worth->prior[ADAPTIVE_AGES];
	for (age = 0; age < ADAPTIVE_AGES; age++)
		sum += class->used[age] + worth->prior[age];
	uses[0] = 0;
	time[0] = 0;
	for (age = 0; age < ADAPTIVE_AGES; age++) {
		share = (class->used[age] + worth->prior[age]) * WORTH_UNIT / sum;
		uses[age + 1] = uses[age] + share;
		time[age + 1] = time[age] + left - share / 2;
		left -= share;
	}
}

/* Is the curve no steeper from @from to @via than from there to @to? */
static bool curve_sags(struct adaptive_worth *worth, unsigned int from,
		       unsigned int via, unsigned int to)
{
	unsigned long *uses = worth->uses, *time = worth->time;

	return (uses[via] - uses[from]) * (time[to] - time[via]) <=
	       (uses[to] - uses[via]) * (time[via] - time[from]);
}

/* The steepest way from each point to a later one: along the hull, from the end. */
static void assess_class(struct adaptive_worth *worth, struct adaptive_class *class)
{
	unsigned long *uses = worth->uses, *time = worth->time;
	unsigned int hull[ADAPTIVE_AGES + 1], nr = 1, age, to;

	hull[0] = ADAPTIVE_AGES;
	class->worth[ADAPTIVE_AGES] = 0;
	for (age = ADAPTIVE_AGES; age--; ) {
		while (nr > 1 && curve_sags(worth, age, hull[nr - 1], hull[nr - 2]))
			nr--;
		to = hull[nr - 1];
		class->worth[age] = (uses[to] - uses[age]) * WORTH_UNIT /
				    (time[to] - time[age]);
		hull[nr++] = age;
	}
}

/**
 * adaptive_worth_learn() - work out the worth of pages; once a generation
 * @worth: to be learned
 * @nr_frames: of the pool
 */
void adaptive_worth_learn(struct adaptive_worth *worth, unsigned long nr_frames)
{
	struct adaptive_class *class;

	make_prior(worth, nr_frames);
	for (class = worth->classes; class < worth->classes + NR_CLASSES; class++) {
		spread_found(worth, class);
		draw_curve(worth, class);
		assess_class(worth, class);
	}
}
