// SPDX-License-Identifier: GPL-2.0
/*
 * A region with a pager that answers each request in the end, and misbehaves before: with wrong
 * numbers, pages and lengths, late, twice, taking pages away, and making them read-only. The worker
 * counts in the pages; each count must be there at the end, in the memory of the pager.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

#define PAGES		64UL
#define STEPS		200

/**
 * struct bank - a pager
 * @region: descriptor of the region
 * @fd: descriptor of the pager
 * @map: the region
 * @pages: what absent pages have; the second half stays zeros
 * @random: of its thread
 * @stop: it is to end
 * @protects: it may make pages read-only
 * @was_wrong: an answer was accepted that should not have been, or the other way round
 */
struct bank {
	int region, fd;
	unsigned char *map, *pages;
	struct random random;
	bool stop;
	bool protects;
	const char *was_wrong;
};

static int answer(struct bank *bank, uint64_t id, size_t page, size_t nr, uint64_t flags)
{
	struct swaplab_supply answer = {
		.id = id,
		.offset = page * PAGE,
		.length = nr * PAGE,
		.address = (uintptr_t)(bank->pages + page * PAGE),
		.flags = flags,
	};

	return ioctl(bank->fd, SWAPLAB_PAGER_SUPPLY, &answer);
}

static int supply(struct bank *bank, uint64_t id, size_t page, size_t nr)
{
	return answer(bank, id, page, nr, 0);
}

static int grant(struct bank *bank, uint64_t id, size_t page)
{
	struct swaplab_supply answer = {
		.id = id,
		.offset = page * PAGE,
		.length = PAGE,
	};

	return ioctl(bank->fd, SWAPLAB_PAGER_GRANT, &answer);
}

static int take_pages(struct bank *bank, size_t page, size_t nr, void *to, uint64_t flags)
{
	struct swaplab_revoke request = {
		.offset = page * PAGE,
		.length = nr * PAGE,
		.address = (uintptr_t)to,
		.flags = flags,
	};

	return ioctl(bank->fd, SWAPLAB_PAGER_REVOKE, &request);
}

static int take_back(struct bank *bank, size_t page, size_t nr, void *to)
{
	return take_pages(bank, page, nr, to, 0);
}

/* @flag, or not. */
static uint64_t maybe(struct bank *bank, uint64_t flag)
{
	return bank->protects && random_below(&bank->random, 2) ? flag : 0;
}

static void refused(struct bank *bank, int result, const char *what)
{
	if (!result)
		bank->was_wrong = what;
}

static void take_some_back(struct bank *bank)
{
	size_t first = random_below(&bank->random, PAGES);
	size_t nr = 1 + random_below(&bank->random, PAGES - first);

	take_pages(bank, first, nr, bank->pages + first * PAGE,
		   maybe(bank, SWAPLAB_REVOKE_READONLY));
}

static void misbehave(struct bank *bank, uint64_t id, size_t page)
{
	switch (random_below(&bank->random, 8)) {
	case 0:
		refused(bank, supply(bank, id + (1ULL << 40), page, 1), "of no request");
		break;
	case 1:
		refused(bank, supply(bank, id, (page + 1) % PAGES, 1), "with another page");
		break;
	case 2:
		refused(bank, supply(bank, id, page, 2 * PAGES - page), "too long");
		break;
	case 3:
		refused(bank, take_back(bank, page, PAGES + 1, bank->pages), "too many pages");
		break;
	case 4:
		/* Nothing is copied, as the page is absent. Pages that are not are left. */
		take_back(bank, page, PAGES - page, (void *)PAGE);
		break;
	case 5:
		usleep(random_below(&bank->random, 5000));
		break;
	case 6:
		take_some_back(bank);
		break;
	}
}

/* A request may have been answered by its page that was supplied with others. */
static void serve(struct bank *bank)
{
	struct swaplab_pager_request request;
	size_t page, nr;

	if (read(bank->fd, &request, sizeof(request)) != sizeof(request))
		return;
	page = request.offset / PAGE;
	misbehave(bank, request.id, page);
	nr = 1 + random_below(&bank->random, PAGES - page);
	if (request.kind == SWAPLAB_PAGER_READ)
		answer(bank, request.id, page, nr, maybe(bank, SWAPLAB_SUPPLY_READONLY));
	else if (!maybe(bank, 1) || grant(bank, request.id, page))
		supply(bank, request.id, page, nr);
	if (!random_below(&bank->random, 4))
		supply(bank, request.id, page, nr);
	if (!random_below(&bank->random, 4))
		take_some_back(bank);
}

static void *serve_all(void *data)
{
	struct bank *bank = data;
	struct pollfd poller = { .fd = bank->fd, .events = POLLIN };

	while (!__atomic_load_n(&bank->stop, __ATOMIC_RELAXED)) {
		if (poll(&poller, 1, 10) > 0)
			serve(bank);
		else
			take_some_back(bank);
	}
	return NULL;
}

/* False if others have set the pool so that there is no such region now. */
static bool bank_open(struct bank *bank, struct random *random)
{
	struct swaplab_pager_open request = { };

	memset(bank, 0, sizeof(*bank));
	bank->random.state = random_next(random);
	bank->protects = random_below(random, 2);
	request.flags = bank->protects ? SWAPLAB_PAGER_PROTECT : 0;
	bank->map = MAP_FAILED;
	bank->fd = -1;
	bank->pages = calloc(2 * PAGES, PAGE);
	bank->region = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (bank->region >= 0)
		bank->fd = ioctl(bank->region, SWAPLAB_PAGER, &request);
	if (bank->fd >= 0)
		bank->map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				 bank->region, 0);
	return bank->pages && bank->map != MAP_FAILED && !fcntl(bank->fd, F_SETFL, O_NONBLOCK);
}

static void bank_close(struct bank *bank)
{
	if (bank->map != MAP_FAILED)
		munmap(bank->map, PAGES * PAGE);
	if (bank->fd >= 0)
		close(bank->fd);
	if (bank->region >= 0)
		close(bank->region);
	free(bank->pages);
}

static uint64_t *word_of(unsigned char *pages, size_t page)
{
	return (uint64_t *)(pages + page * PAGE + page * 8);
}

static void count_and_advise(struct worker *worker, struct bank *bank, uint64_t *counts)
{
	struct swaplab_advise advise = {
		.length = PAGES * PAGE,
		.advice = SWAPLAB_ADVISE_PAGEOUT,
	};
	size_t page = random_below(&worker->random, PAGES);

	counts[page]++;
	if (++*word_of(bank->map, page) != counts[page])
		report_mismatch(worker, "page %zu of a pager has lost a count", page);
	if (!random_below(&worker->random, 32))
		ioctl(bank->region, SWAPLAB_ADVISE, &advise);
}

/* A child of another thread that ends has references on the pages for a moment. */
static int take_all_back(struct bank *bank)
{
	double deadline = seconds_now() + 60;
	int err;

	do {
		err = take_back(bank, 0, PAGES, bank->pages);
	} while (err && (errno == EBUSY || errno == ENOMEM) && seconds_now() < deadline);
	return err;
}

static void check_counts(struct worker *worker, struct bank *bank, const uint64_t *counts)
{
	size_t page;

	if (bank->was_wrong)
		report_mismatch(worker, "an answer %s was accepted", bank->was_wrong);
	if (take_all_back(bank)) {
		report_mismatch(worker, "a pager cannot take its pages back: error %d", errno);
		return;
	}
	for (page = 0; page < PAGES; page++)
		if (*word_of(bank->pages, page) != counts[page])
			report_mismatch(worker, "page %zu does not come back to its pager", page);
}

static void op_pager(struct worker *worker)
{
	uint64_t counts[PAGES] = { };
	struct bank bank;
	pthread_t thread;
	int i;

	if (bank_open(&bank, &worker->random) &&
	    !pthread_create(&thread, NULL, serve_all, &bank)) {
		for (i = 0; i < STEPS; i++)
			count_and_advise(worker, &bank, counts);
		__atomic_store_n(&bank.stop, true, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		check_counts(worker, &bank, counts);
	}
	bank_close(&bank);
}

const struct op pager_ops[] = {
	{ "pager", 1, op_pager },
	{ }
};
