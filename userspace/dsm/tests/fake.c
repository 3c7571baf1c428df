// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fake.h"

/* A page that is supplied stays until it is used, for so long at most. */
#define USE_US		10000
#define LOOK_US		500

struct fake_page {
	enum fake_state state;
	bool is_dirty;
	bool is_used;
	uint64_t id;
	uint64_t refused;
	uint32_t kind;
	bool is_read;
	int err;
	unsigned int err_us;
	char content[PAGER_PAGE] __attribute__((aligned(8)));
};

static struct world *world;
static unsigned int self;
static struct fake_page pages[FAKE_MAX_PAGES];
static size_t nr_pages;
static uint64_t last_id;
static bool is_closed;
/* Protects: all of these. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void fake_begin(struct world *shared, unsigned int number)
{
	world = shared;
	self = number;
}

static void complain(uint64_t page, const char *what)
{
	fprintf(stderr, "node %u: page %llu %s\n", self, (unsigned long long)page, what);
	atomic_fetch_add(&world->nr_errors, 1);
}

static void check_others(uint64_t page, enum fake_state state)
{
	enum fake_state other;
	unsigned int node;

	for (node = 1; node < FAKE_MAX_NODES; node++) {
		other = atomic_load(&world->state[node][page]);
		if (node == self || other == FAKE_ABSENT)
			continue;
		if (state == FAKE_WRITABLE || other == FAKE_WRITABLE)
			complain(page, "is writable, and there at two nodes");
	}
}

static void set_state(uint64_t page, enum fake_state state)
{
	pages[page].state = state;
	atomic_store(&world->state[self][page], state);
	if (state != FAKE_ABSENT)
		check_others(page, state);
}

static void end_request(struct fake_page *page)
{
	page->id = 0;
	page->is_read = false;
	pthread_cond_broadcast(&changed);
}

static bool is_usable(const struct fake_page *page, bool writes)
{
	return page->state == FAKE_WRITABLE || (page->state == FAKE_READONLY && !writes);
}

/* Under the lock, which it drops meanwhile. */
static int wait_for_page(struct fake_page *page, bool writes)
{
	uint64_t id;

	while (!is_usable(page, writes)) {
		if (!page->id) {
			page->id = ++last_id;
			page->kind = page->state != FAKE_ABSENT ? SWAPLAB_PAGER_UPGRADE :
				     writes ? SWAPLAB_PAGER_WRITE : SWAPLAB_PAGER_READ;
			pthread_cond_broadcast(&changed);
		}
		id = page->id;
		while (page->id == id)
			pthread_cond_wait(&changed, &lock);
		if (page->refused == id)
			return -EFAULT;
	}
	page->is_used = true;
	return 0;
}

static unsigned long *value_of(struct fake_page *page)
{
	return (unsigned long *)page->content;
}

static int use(uint64_t number, bool writes)
{
	struct fake_page *page = &pages[number];
	int err;

	pthread_mutex_lock(&lock);
	err = wait_for_page(page, writes);
	if (!err && *value_of(page) != atomic_load(&world->latest[number]))
		complain(number, "has an old content");
	if (!err && writes) {
		page->is_dirty = true;
		*value_of(page) += 1;
		atomic_fetch_add(&world->done[self][number], 1);
		atomic_store(&world->latest[number], *value_of(page));
	}
	pthread_mutex_unlock(&lock);
	return err;
}

int fake_read(uint64_t page)
{
	return use(page, false);
}

int fake_write(uint64_t page)
{
	return use(page, true);
}

void fake_drop(uint64_t page)
{
	pthread_mutex_lock(&lock);
	if (!pages[page].is_dirty && !pages[page].id)
		set_state(page, FAKE_ABSENT);
	pthread_mutex_unlock(&lock);
}

void fake_break(uint64_t page, int err, unsigned int us)
{
	pthread_mutex_lock(&lock);
	pages[page].err = err;
	pages[page].err_us = us;
	pthread_mutex_unlock(&lock);
}

static int check_id(uint64_t id, uint64_t page)
{
	return id && pages[page].id != id ? -ESTALE : 0;
}

static int supply(uint64_t id, uint64_t number, const char *from, enum fake_state state)
{
	struct fake_page *page = &pages[number];
	int err;

	pthread_mutex_lock(&lock);
	err = check_id(id, number);
	if (!err && page->state == FAKE_ABSENT) {
		memcpy(page->content, from, PAGER_PAGE);
		page->is_dirty = false;
		page->is_used = false;
	}
	if (!err && page->state < state)
		set_state(number, state);
	if (!err)
		end_request(page);
	pthread_mutex_unlock(&lock);
	return err;
}

int pager_supply(struct pager *pager, uint64_t id, uint64_t page, const char *from)
{
	return supply(id, page, from, FAKE_WRITABLE);
}

int pager_supply_readonly(struct pager *pager, uint64_t id, uint64_t page, const char *from)
{
	return supply(id, page, from, FAKE_READONLY);
}

int pager_grant(struct pager *pager, uint64_t id, uint64_t page)
{
	int err;

	pthread_mutex_lock(&lock);
	err = check_id(id, page);
	if (!err && pages[page].state == FAKE_ABSENT)
		err = -ENOENT;
	if (!err) {
		pages[page].is_used = false;
		set_state(page, FAKE_WRITABLE);
		end_request(&pages[page]);
	}
	pthread_mutex_unlock(&lock);
	return err;
}

int pager_refuse(struct pager *pager, uint64_t id, uint64_t page)
{
	int err;

	pthread_mutex_lock(&lock);
	err = check_id(id, page);
	if (!err) {
		pages[page].refused = id;
		end_request(&pages[page]);
	}
	pthread_mutex_unlock(&lock);
	return err;
}

/* What the store cannot read is gone. */
static int fail_to_take(uint64_t number)
{
	struct fake_page *page = &pages[number];
	unsigned int us;
	int err;

	pthread_mutex_lock(&lock);
	err = page->err;
	us = page->err_us;
	if (err == -EIO) {
		set_state(number, FAKE_ABSENT);
		end_request(page);
	}
	pthread_mutex_unlock(&lock);
	if (err)
		usleep(us);
	return err;
}

static int take(uint64_t number, char *to, enum fake_state state)
{
	struct fake_page *page = &pages[number];
	int us, was_written, err;

	err = fail_to_take(number);
	if (err)
		return err;
	pthread_mutex_lock(&lock);
	for (us = 0; us < USE_US && page->state != FAKE_ABSENT && !page->is_used; us += LOOK_US) {
		pthread_mutex_unlock(&lock);
		usleep(LOOK_US);
		pthread_mutex_lock(&lock);
	}
	was_written = page->is_dirty;
	if (was_written)
		memcpy(to, page->content, PAGER_PAGE);
	page->is_dirty = false;
	if (page->state > state)
		set_state(number, state);
	end_request(page);
	pthread_mutex_unlock(&lock);
	return was_written;
}

int pager_revoke(struct pager *pager, uint64_t page, char *to)
{
	return take(page, to, FAKE_ABSENT);
}

int pager_protect(struct pager *pager, uint64_t page, char *to)
{
	return take(page, to, FAKE_READONLY);
}

int pager_open_protected(struct pager *pager, const char *device, size_t nr,
			 const struct pager_ops *ops, void *data)
{
	*pager = (struct pager){ .ops = ops, .data = data, .nr_pages = nr, .region = -1 };
	nr_pages = nr;
	return 0;
}

/* Under the lock. */
static bool take_request(struct swaplab_pager_request *request)
{
	size_t i;

	for (i = 0; i < nr_pages; i++) {
		if (!pages[i].id || pages[i].is_read)
			continue;
		pages[i].is_read = true;
		*request = (struct swaplab_pager_request){
			.id = pages[i].id,
			.offset = i * PAGER_PAGE,
			.length = PAGER_PAGE,
			.kind = pages[i].kind,
		};
		return true;
	}
	return false;
}

static void *serve(void *data)
{
	struct swaplab_pager_request request;
	struct pager *pager = data;
	bool found;

	pthread_mutex_lock(&lock);
	while (!is_closed) {
		found = take_request(&request);
		if (!found) {
			pthread_cond_wait(&changed, &lock);
			continue;
		}
		pthread_mutex_unlock(&lock);
		pager->ops->serve(pager->data, pager, &request);
		pthread_mutex_lock(&lock);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int pager_serve(struct pager *pager, unsigned int nr_threads)
{
	pager->nr_threads = 1;
	return -pthread_create(&pager->threads[0], NULL, serve, pager);
}

void pager_close(struct pager *pager)
{
	pthread_mutex_lock(&lock);
	is_closed = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(pager->threads[0], NULL);
}
