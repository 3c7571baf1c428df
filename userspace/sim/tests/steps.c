// SPDX-License-Identifier: GPL-2.0
/*
 * How much policies do in one call, at most, with many frames: prints a line for each
 * policy and callback, with the number of referenced flags that it looked at, and of
 * frames, ghosts and marks that it put on lists.
 *
 * Usage: steps POLICY...
 */
#include <stdio.h>
#include <string.h>
#include "memory.h"
#include "registry.h"
#include <swaplab/policy_pages.h>

#define NR_FRAMES	100000UL
/* Those that come and go, and those whose ghosts share a hash bucket. */
#define NR_PAGES	(3 * NR_FRAMES)
#define NR_ALIKE	1000UL
/* The pool is then this part of its size. */
#define SHRINK		1000
/* A pool in which searches take some calls, and are disturbed. */
#define NR_FEW		600UL

#define REGION		((struct swaplab_region *)0x1000)

unsigned long nr_looks, nr_links;

enum callback {
	ADMIT, VICTIM, REMOVE, PUTBACK, REFAULT, FORGET, ACCESS, TICK, NR_CALLBACKS
};

static const char *const names[] = {
	"admit", "victim", "remove", "putback", "refault", "forget", "access", "tick",
};

static struct {
	unsigned long looks;
	unsigned long links;
} most[NR_CALLBACKS];

struct page {
	struct swaplab_frame frame;
	struct folio folio;
	bool resident;
	bool evicted;		/* once */
};

static struct page pages[NR_PAGES + NR_ALIKE];
static struct swaplab_policy *policy;
static unsigned long nr_resident;

static void begin_call(void)
{
	nr_looks = 0;
	nr_links = 0;
}

static void end_call(enum callback callback)
{
	most[callback].looks = max(most[callback].looks, nr_looks);
	most[callback].links = max(most[callback].links, nr_links);
}

static void admit_page(struct page *page)
{
	struct swaplab_frame *frame = &page->frame;

	if (page->evicted && policy->ops->refault) {
		begin_call();
		policy->ops->refault(policy, frame, NR_FRAMES / 2);
		end_call(REFAULT);
	}
	frame->flags.counter = 0;
	memset(frame->word, 0x6b, sizeof(frame->word));
	begin_call();
	policy->ops->admit(policy, frame);
	end_call(ADMIT);
	page->resident = true;
	nr_resident++;
}

static void count_gone(struct page *page)
{
	page->resident = false;
	nr_resident--;
}

static void remove_page(struct page *page)
{
	begin_call();
	policy->ops->remove(policy, &page->frame);
	end_call(REMOVE);
	count_gone(page);
}

/* In the middle of a search a page goes, and another one comes. */
static void disturb_search(void)
{
	static unsigned long seed;
	unsigned long page;

	seed = (seed * 16807 + 11) % 2147483647;
	page = seed % NR_FEW;
	if (!pages[page].resident)
		return;
	remove_page(&pages[page]);
	do {
		page = (page + 1) % NR_FEW;
	} while (pages[page].resident);
	admit_page(&pages[page]);
}

static struct page *take_victim(void)
{
	unsigned long left = 8 * (nr_resident / swaplab_policy_victim_looks(policy) + 1);
	struct swaplab_frame *frame;
	struct page *page;

	do {
		begin_call();
		frame = policy->ops->victim(policy);
		end_call(VICTIM);
		if (frame == SWAPLAB_VICTIM_AGAIN)
			disturb_search();
	} while (frame == SWAPLAB_VICTIM_AGAIN && left--);
	if (!frame || frame == SWAPLAB_VICTIM_AGAIN)
		errx(1, "%s answers no end of calls", policy->ops->name);
	page = container_of(frame, struct page, frame);
	if (page < pages || page >= pages + ARRAY_SIZE(pages) || !page->resident)
		errx(1, "%s gives a frame that it does not have", policy->ops->name);
	count_gone(page);
	return page;
}

static void evict_page(void)
{
	take_victim()->evicted = true;
}

static void put_back(struct page *page, bool used)
{
	if (!policy->ops->putback) {
		admit_page(page);
		return;
	}
	page->frame.flags.counter = used ? SWAPLAB_FRAME_REFERENCED : 0;
	begin_call();
	policy->ops->putback(policy, &page->frame);
	end_call(PUTBACK);
	page->resident = true;
	nr_resident++;
}

static void run_ticks(void)
{
	bool more = policy->ops->tick;

	while (more) {
		begin_call();
		more = policy->ops->tick(policy);
		end_call(TICK);
	}
}

static void mark_used(struct page *page)
{
	page->frame.flags.counter = SWAPLAB_FRAME_REFERENCED;
}

static void use_all(void)
{
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i].resident)
			mark_used(&pages[i]);
}

static void access_all(void)
{
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		if (!pages[i].resident || !policy->ops->access)
			continue;
		begin_call();
		policy->ops->access(policy, &pages[i].frame);
		end_call(ACCESS);
	}
}

/* The page is used, or comes in for another. */
static void touch_page(struct page *page)
{
	if (page->resident) {
		mark_used(page);
		return;
	}
	if (nr_resident >= policy->nr_frames)
		evict_page();
	/* Unless it came in meanwhile. */
	if (!page->resident)
		admit_page(page);
}

/* One page of @spread is used again soon, so that it comes back while it is remembered. */
static void touch_range(unsigned long first, unsigned long nr, unsigned long spread)
{
	unsigned long i;

	for (i = first; i < first + nr; i++) {
		touch_page(&pages[i]);
		if (i % spread == 0 && i >= first + NR_FRAMES)
			touch_page(&pages[i - NR_FRAMES]);
	}
}

/* All are used whenever something is to be done. */
static void stay_used(unsigned long nr)
{
	unsigned long i, page = 0;

	for (i = 0; i < nr; i++) {
		use_all();
		put_back(take_victim(), i % 2);
		use_all();
		evict_page();
		while (pages[page].resident || !pages[page].evicted)
			page++;
		use_all();
		/* One that came back lately, and one that was never here. */
		admit_page(&pages[page]);
	}
}

static void shrink_pool(void)
{
	unsigned long i;

	policy->nr_frames /= SHRINK;
	for (i = 0; i < NR_PAGES && nr_resident > policy->nr_frames; i++) {
		if (pages[i].resident && i % 3 == 0)
			remove_page(&pages[i]);
		else
			evict_page();
		if (i % 16 == 0)
			put_back(take_victim(), i % 32);
	}
	touch_range(0, 10 * policy->nr_frames, 2);
}

/* Most of few pages are used, and some of these go while a victim is searched. */
static void search_disturbed(void)
{
	unsigned long i, j;

	policy->nr_frames = NR_FEW / 2;
	for (i = 0; i < 10000; i++) {
		for (j = i % 7; j < NR_FEW; j++)
			if (pages[j].resident && (i + j) % 7)
				mark_used(&pages[j]);
		touch_page(&pages[i * 7 % NR_FEW]);
		if (i % 5 == 0)
			put_back(take_victim(), i % 10);
		if (i % 1000 == 0)
			run_ticks();
	}
}

/* Pages that do not come back leave nothing behind. */
static void check_forgotten(void)
{
	const struct swaplab_policy_stat *stat = policy->ops->stats;
	unsigned long nr;

	for (; policy->ops->forget && stat && stat->name; stat++) {
		nr = *(unsigned long *)((char *)policy->data + stat->offset);
		if (strstr(stat->name, "lost") && nr)
			errx(1, "%s: %s is %lu, though all are forgotten",
			     policy->ops->name, stat->name, nr);
	}
}

static void forget_all(void)
{
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(pages) && policy->ops->forget; i++) {
		if (!pages[i].evicted || pages[i].resident)
			continue;
		begin_call();
		policy->ops->forget(policy, REGION, pages[i].folio.index);
		end_call(FORGET);
	}
	check_forgotten();
}

static void run_life(void)
{
	unsigned long i;

	for (i = 0; i < NR_FRAMES; i++)
		admit_page(&pages[i]);
	use_all();
	run_ticks();
	use_all();
	evict_page();
	touch_range(0, NR_PAGES, 3);
	touch_range(NR_PAGES, NR_ALIKE, 1);
	touch_range(0, NR_PAGES, 2);
	touch_range(NR_PAGES, NR_ALIKE, 1);
	stay_used(3);
	use_all();
	run_ticks();
	access_all();
	shrink_pool();
	run_ticks();
	access_all();
	search_disturbed();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i].resident)
			remove_page(&pages[i]);
	forget_all();
}

static void make_pages(void)
{
	unsigned long i, index = NR_PAGES;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i].frame.folio = &pages[i].folio;
		pages[i].frame.region = REGION;
		pages[i].folio.index = i;
		if (i < NR_PAGES)
			continue;
		while (swaplab_page_hash(REGION, index) << 15 >> 47)
			index++;
		pages[i].folio.index = index++;
	}
}

static void run_policy(const char *name)
{
	const struct swaplab_policy_ops *ops = registry_find(name);
	struct settings none = { };
	unsigned int i;

	if (!ops)
		errx(2, "no policy %s", name);
	memset(pages, 0, sizeof(pages));
	memset(most, 0, sizeof(most));
	make_pages();
	policy = registry_create(ops, NR_FRAMES, &none);
	run_life();
	registry_destroy(policy);
	if (ops->victim_looks && most[VICTIM].looks > ops->victim_looks)
		errx(1, "%s looks at %lu frames for a victim", name, most[VICTIM].looks);
	for (i = 0; i < NR_CALLBACKS; i++)
		printf("%s %s %lu %lu\n", name, names[i], most[i].looks, most[i].links);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		run_policy(argv[i]);
	return 0;
}
