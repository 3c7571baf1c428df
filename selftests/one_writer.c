// SPDX-License-Identifier: GPL-2.0
/*
 * Two regions with the same pages, and one pager for both that lets each page have one writer or
 * many readers: no write is lost.
 */
#include "pager.h"

#define FRAMES	64
#define NR	(3 * FRAMES)

/**
 * struct node - a region that shares its pages with another one
 * @map: of the region
 * @fd: descriptor of the region
 * @pager: descriptor of its pager
 * @has: by page: 'r' it may be there read-only; 'w': writable; 0: not at all
 */
struct node {
	char *map;
	int fd, pager;
	char has[NR];
};

/**
 * struct pair - two regions with the same pages: each page has one writer, or readers
 * @nodes: the regions
 * @memory: the content of pages that no region has writable
 * @nr_errors: of requests that should not have failed
 * @stop: the pager of both is to end
 * @thread: it
 */
struct pair {
	struct node nodes[2];
	uint64_t memory[NR * WORDS];
	unsigned int nr_errors;
	bool stop;
	pthread_t thread;
};

static void pair_take(struct pair *pair, struct node *from, size_t page, uint64_t flags)
{
	int err;

	/* A fault has a reference for a moment. */
	do {
		err = pager_revoke(from->pager, page, 1, pair->memory + page * WORDS, flags, NULL,
				   NULL);
	} while (err == -EBUSY);
	pair->nr_errors += !!err;
	from->has[page] = flags ? 'r' : 0;
}

static void pair_serve(struct pair *pair, struct node *node, struct node *other)
{
	struct swaplab_pager_request request;
	uint64_t flags = 0;
	int err = -ENOENT;
	size_t page;

	if (pager_next(node->pager, &request) != 1)
		return;
	page = request.offset / PAGE;
	if (request.kind == SWAPLAB_PAGER_READ && node->has[page] != 'w') {
		if (other->has[page] == 'w')
			pair_take(pair, other, page, SWAPLAB_REVOKE_READONLY);
		flags = SWAPLAB_SUPPLY_READONLY;
	} else if (other->has[page]) {
		pair_take(pair, other, page, 0);
	}
	node->has[page] = flags ? 'r' : 'w';
	if (request.kind == SWAPLAB_PAGER_UPGRADE)
		err = pager_grant(node->pager, request.id, page, 1);
	if (err == -ENOENT)
		err = pager_answer_flags(node->pager, SWAPLAB_PAGER_SUPPLY, request.id, page, 1,
					 pair->memory + page * WORDS, flags, NULL);
	/* It may have ended, as another one for its page. */
	pair->nr_errors += err && err != -ESTALE;
}

static void *pair_run(void *data)
{
	struct pair *pair = data;
	struct pollfd polls[2];
	int i;

	for (i = 0; i < 2; i++)
		polls[i] = (struct pollfd){ pair->nodes[i].pager, POLLIN };
	while (!__atomic_load_n(&pair->stop, __ATOMIC_RELAXED))
		for (i = 0; poll(polls, 2, 10) > 0 && i < 2; i++)
			if (polls[i].revents)
				pair_serve(pair, &pair->nodes[i], &pair->nodes[!i]);
	return NULL;
}

#define COUNTERS	4
#define COUNTS		1500

/* Counts up in pages of a node, and sees that no page of it counts down. */
struct counter {
	pthread_t thread;
	const struct node *node;
	unsigned int seed;
	unsigned int nr_wrong;
	uint64_t seen[NR];
};

static void *count_up(void *data)
{
	struct counter *counter = data;
	uint64_t *word, value;
	size_t page;
	int i;

	for (i = 0; i < 2 * COUNTS; i++) {
		page = rand_r(&counter->seed) % NR;
		word = (uint64_t *)(counter->node->map + page * PAGE);
		if (i % 2)
			value = __atomic_add_fetch(word, 1, __ATOMIC_RELAXED);
		else
			value = __atomic_load_n(word, __ATOMIC_RELAXED);
		counter->nr_wrong += value < counter->seen[page];
		counter->seen[page] = value;
	}
	return NULL;
}

FIXTURE(one_writer)
{
	struct pair *pair;
};

FIXTURE_VARIANT(one_writer)
{
	const char *slots;
};

FIXTURE_VARIANT_ADD(one_writer, slots_on_demand)
{
	.slots = "dynamic",
};

FIXTURE_VARIANT_ADD(one_writer, static_slots)
{
	.slots = "static",
};

FIXTURE_SETUP(one_writer)
{
	struct node *node;

	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_write("slot_allocation", variant->slots), 0);
	/* No answer is late. */
	ASSERT_EQ(pool_set("pager_timeout_ms", 3600000), 0);
	self->pair = calloc(1, sizeof(*self->pair));
	ASSERT_NE(self->pair, NULL);
	for (node = self->pair->nodes; node < self->pair->nodes + 2; node++) {
		node->map = pager_map_protected(&node->fd, &node->pager, NR);
		ASSERT_NE(node->map, NULL);
		ASSERT_EQ(fcntl(node->pager, F_SETFL, O_NONBLOCK), 0);
	}
	ASSERT_EQ(pthread_create(&self->pair->thread, NULL, pair_run, self->pair), 0);
}

FIXTURE_TEARDOWN(one_writer)
{
	struct node *node;

	for (node = self->pair->nodes; node < self->pair->nodes + 2; node++) {
		region_unmap(node->fd, node->map, NR);
		close(node->pager);
	}
	free(self->pair);
	EXPECT_TRUE(SOON(stat_get("resident") + stat_get("swapped") == 0));
	EXPECT_EQ(settled_free_frames(), pool_get("nr_frames"));
	pool_restore();
}

TEST_F_TIMEOUT(one_writer, two_regions_count_up_in_the_same_pages, 300)
{
	static struct counter counters[COUNTERS];
	struct pair *pair = self->pair;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < COUNTERS; i++) {
		counters[i] = (struct counter){ .node = &pair->nodes[i % 2], .seed = i };
		ASSERT_EQ(pthread_create(&counters[i].thread, NULL, count_up, &counters[i]), 0);
	}
	for (i = 0; i < COUNTERS; i++) {
		pthread_join(counters[i].thread, NULL);
		EXPECT_EQ(counters[i].nr_wrong, 0);
	}
	__atomic_store_n(&pair->stop, true, __ATOMIC_RELAXED);
	pthread_join(pair->thread, NULL);
	EXPECT_EQ(pair->nr_errors, 0);
	EXPECT_GT(stat_get("pager_grants"), COUNTS / 100);
	for (i = 0; i < NR; i++) {
		pair_take(pair, &pair->nodes[0], i, 0);
		pair_take(pair, &pair->nodes[1], i, 0);
		sum += pair->memory[i * WORDS];
	}
	EXPECT_EQ(sum, COUNTERS * COUNTS);
}

TEST_HARNESS_MAIN
