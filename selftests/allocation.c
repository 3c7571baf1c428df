// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail: each allocation of an operation fails in turn, until the
 * operation has passed all of them; and one in four fails while pages go out and come
 * back. An operation that is refused has no effect.
 *
 * fork() takes the stack of a task from vmalloc() if none is cached. If that fails,
 * vmalloc() prints a call trace, but no warning.
 *
 * slub_debug=A marks the cache of xarray nodes, so that these alone can be made to fail.
 *
 * kernel: kasan (for /proc/thread-self/fail-nth)
 * vm-options: --allow Call.Trace|vmalloc.error --append slub_debug=A,radix_tree_node
 */
#include <dirent.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include "disk.h"
#include "fail_alloc.h"

#define FRAMES	64
#define NR	128	/* pages of the region */
#define SITES	2000	/* more than any operation has */
#define THREADS	4
#define CONTROL	"/sys/class/swaplab-control/"

FIXTURE(allocation)
{
	char *map;
	int fd, fail_nth;
};

/*
 * After a preemption the kernel writes to this area of the thread, and sends SIGSEGV if it
 * cannot: without memory, after a fork() has left the page to be copied.
 */
static void rseq_end(void)
{
	syscall(__NR_rseq, (char *)__builtin_thread_pointer() + __rseq_offset,
		sizeof(struct rseq), RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

FIXTURE_SETUP(allocation)
{
	rseq_end();
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(faults_prepare(), 0);
	self->fail_nth = failures_open();
	ASSERT_GE(self->fail_nth, 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

FIXTURE_TEARDOWN(allocation)
{
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	region_unmap(self->fd, self->map, NR);
	close(self->fail_nth);
	pool_restore();
}

/*
 * The data of an operation: a file of its own, which is open, and which only the
 * operation maps.
 */
struct subject {
	int fd, other_fd;
	char *map;
	char text[64];
};

/* Returns 0 or -errno. After an error there is nothing to undo. */
typedef int operation(struct subject *subject);

static int map_some(struct subject *subject)
{
	subject->map = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			    subject->fd, 0);
	return subject->map == MAP_FAILED ? -errno : 0;
}

static int unmap_some(struct subject *subject)
{
	return munmap(subject->map, 8 * PAGE) ? -errno : 0;
}

static int open_another(struct subject *subject)
{
	subject->other_fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return subject->other_fd < 0 ? -errno : 0;
}

static int close_another(struct subject *subject)
{
	return close(subject->other_fd) ? -errno : 0;
}

static int open_by_name(struct subject *subject)
{
	struct swaplab_open request = { .name = "ours", .flags = O_CREAT | O_RDWR };

	subject->other_fd = ioctl(subject->fd, SWAPLAB_OPEN, &request);
	return subject->other_fd < 0 ? -errno : 0;
}

static int on_pages(struct subject *subject, unsigned long cmd)
{
	struct swaplab_range range = { .length = 8 * PAGE };

	return ioctl(subject->fd, cmd, &range) ? -errno : 0;
}

static int lock_some(struct subject *subject)
{
	return on_pages(subject, SWAPLAB_LOCK);
}

static int unlock_some(struct subject *subject)
{
	return on_pages(subject, SWAPLAB_UNLOCK);
}

static int discard_some(struct subject *subject)
{
	return on_pages(subject, SWAPLAB_DISCARD);
}

static int page_out_some(struct subject *subject)
{
	struct swaplab_advise advise = {
		.length = 8 * PAGE,
		.advice = SWAPLAB_ADVISE_PAGEOUT,
	};

	return ioctl(subject->fd, SWAPLAB_ADVISE, &advise) ? -errno : 0;
}

static int ask_states(struct subject *subject)
{
	uint8_t states[8];
	struct swaplab_page_states query = {
		.range = { .length = sizeof(states) * PAGE },
		.states = (uintptr_t)states,
	};

	return ioctl(subject->fd, SWAPLAB_PAGE_STATES, &query) ? -errno : 0;
}

static int start_to_record(struct subject *subject)
{
	struct swaplab_record record = { .mode = SWAPLAB_RECORD_EXACT, .ring = 1024 };

	subject->other_fd = ioctl(subject->fd, SWAPLAB_RECORD, &record);
	return subject->other_fd < 0 ? -errno : 0;
}

static int choose_lru(struct subject *subject)
{
	return pool_write("policy", "lru");
}

static int choose_aging(struct subject *subject)
{
	return pool_write("policy", "aging");
}

static int choose_arc(struct subject *subject)
{
	return pool_write("policy", "arc");
}

static int choose_adaptive(struct subject *subject)
{
	return pool_write("policy", "adaptive");
}

/* A policy that is bound without its tunables has one line in the log. */
static int check_params(struct subject *subject)
{
	int nr_missing = access(POOL "policy_params/width", F_OK) ? 1 : 0;

	return log_lines() == nr_missing ? choose_lru(subject) : -EPROTO;
}

static int add_frames(struct subject *subject)
{
	return pool_set("nr_frames", 2 * FRAMES);
}

static int take_frames(struct subject *subject)
{
	return pool_set("nr_frames", FRAMES);
}

static int add_device(struct subject *subject)
{
	return file_read(CONTROL "hot_add", subject->text, sizeof(subject->text));
}

static int remove_device(struct subject *subject)
{
	return file_write(CONTROL "hot_remove", subject->text);
}

static int split_some(struct subject *subject)
{
	return mprotect(subject->map + 2 * PAGE, PAGE, PROT_READ) ? -errno : 0;
}

static int join_some(struct subject *subject)
{
	return mprotect(subject->map + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE) ?
		-errno : 0;
}

static int do_nothing(struct subject *subject)
{
	return 0;
}

/*
 * Runs the operation with its first allocation failing, then with its second, and so on.
 * Returns the number of allocations, or -1 if it did not report one of the failures.
 */
static int fail_in_turn(int fail_nth, struct subject *subject, operation *make,
			operation *undo)
{
	int nth, err;
	bool failed;

	for (nth = 1; nth < SITES; nth++) {
		if (failures_begin(fail_nth, nth))
			return -1;
		err = make(subject);
		failed = failures_end(fail_nth);
		if (!failed)
			failures_begin(fail_nth, 0);
		if (!err)
			err = undo(subject);
		else if (failed && (err == -ENOMEM || err == -EAGAIN))
			err = 0;
		if (err) {
			fprintf(stderr, "# %s after failure %d\n", strerror(-err), nth);
			return -1;
		}
		if (!failed)
			return nth - 1;
	}
	return -1;
}

/*
 * The number of page allocations depends on the state of caches, and with it the number
 * of each other allocation. Without page allocations, every other one is tried.
 */
static int each_fails(int fail_nth, struct subject *subject, operation *make,
		      operation *undo)
{
	int without, with;

	if (fault_set("fail_page_alloc", "min-order", "20"))
		return -1;
	without = fail_in_turn(fail_nth, subject, make, undo);
	if (fault_set("fail_page_alloc", "min-order", "0"))
		return -1;
	with = fail_in_turn(fail_nth, subject, make, undo);
	return without < 0 || with < 0 ? -1 : without + with;
}

static const struct {
	const char *name;
	operation *make, *undo;
} operations[] = {
	{ "open", open_another, close_another },
	{ "open by name", open_by_name, close_another },
	{ "mmap", map_some, unmap_some },
	{ "mprotect", split_some, join_some },
	{ "lock", lock_some, unlock_some },
	{ "discard", discard_some, do_nothing },
	{ "page out", page_out_some, do_nothing },
	{ "page_states", ask_states, do_nothing },
	{ "record", start_to_record, close_another },
	{ "policy", choose_lru, choose_aging },
	{ "policy with ghosts", choose_arc, choose_lru },
	{ "policy with tunables", choose_aging, check_params },
	{ "policy with a table", choose_adaptive, choose_aging },
	{ "nr_frames", add_frames, take_frames },
	{ "hot_add", add_device, remove_device },
};

TEST_F(allocation, that_fails_is_told_and_leaves_nothing_behind)
{
	struct subject subject = { .fd = -1 };
	char *map;
	size_t i;
	int nr;

	ASSERT_EQ(pool_write("policy", "aging"), 0);
	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		subject.fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		ASSERT_GE(subject.fd, 0);
		ASSERT_EQ(map_some(&subject), 0);
		map = subject.map;
		/* The operation before may have said something, too. */
		log_lines();
		nr = each_fails(self->fail_nth, &subject, operations[i].make,
				operations[i].undo);
		EXPECT_GE(nr, 0);
		TH_LOG("%s: %d allocations failed in turn", operations[i].name, nr);
		munmap(map, 8 * PAGE);
		close(subject.fd);
	}
}

TEST_F(allocation, that_fails_reserves_no_static_slots)
{
	struct subject subject;
	int nr;

	ASSERT_EQ(pool_write("slot_allocation", "static"), 0);
	subject.fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(subject.fd, 0);
	nr = each_fails(self->fail_nth, &subject, map_some, unmap_some);
	EXPECT_GT(nr, 0);
	TH_LOG("mmap with static slots: %d allocations failed in turn", nr);
	close(subject.fd);
}

static int detach_store(struct subject *subject)
{
	return pool_write("swap_file", "none");
}

static int attach_store(struct subject *subject)
{
	return pool_write("swap_file", subject->text);
}

TEST_F(allocation, that_fails_attaches_nothing)
{
	/* For a small one, nothing is large enough to come from elsewhere instead. */
	const char *small = disk_create("size=16");
	struct subject subject;
	int nr, i;

	ASSERT_NE(small, NULL);
	region_unmap(self->fd, self->map, NR);
	ASSERT_EQ(detach_store(&subject), 0);
	for (i = 0; i < 2; i++) {
		snprintf(subject.text, sizeof(subject.text), "%s",
			 i ? small : store_path());
		nr = each_fails(self->fail_nth, &subject, attach_store, detach_store);
		EXPECT_GT(nr, 0);
		TH_LOG("swap_file: %d allocations failed in turn", nr);
	}
	disk_destroy();
	ASSERT_EQ(pool_write("swap_file", store_path()), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

/*
 * Is a write seen if only the PTE shows it, as after a write to a page that was clean and
 * mapped? It is seen if the address space is known.
 */
static bool write_is_seen(struct subject *subject)
{
	struct swaplab_range range = { .length = PAGE };
	struct swaplab_page_states query = { .range = range };
	uint8_t state;

	query.states = (uintptr_t)&state;
	if (ioctl(subject->fd, SWAPLAB_DISCARD, &range) ||
	    *(volatile char *)subject->map)
		return false;
	*(volatile char *)subject->map = 1;
	/* An address space whose mmap_lock is taken for a moment is left out. */
	return SOON(!ioctl(subject->fd, SWAPLAB_PAGE_STATES, &query) &&
		    state & SWAPLAB_PAGE_DIRTY);
}

static int map_and_write(struct subject *subject)
{
	int err = map_some(subject);

	if (err)
		return err;
	return write_is_seen(subject) ? 0 : -EIO;
}

static int fork_and_write(struct subject *subject)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(!write_is_seen(subject));
	return waitpid(pid, &status, 0) == pid && !status ? 0 : -EIO;
}

TEST_F_TIMEOUT(allocation, that_fails_leaves_no_mapping_unknown, 400)
{
	struct subject subject;

	/* The first mapping of an address space is the one that takes memory. */
	region_unmap(self->fd, self->map, NR);
	subject.fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(subject.fd, 0);
	EXPECT_GT(each_fails(self->fail_nth, &subject, map_and_write,
			     unmap_some), 0);
	ASSERT_EQ(map_some(&subject), 0);
	EXPECT_GT(each_fails(self->fail_nth, &subject, fork_and_write, do_nothing),
		  0);
	unmap_some(&subject);
	close(subject.fd);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

/* A touch reports no error: it is tried again. */
TEST_F(allocation, that_fails_makes_a_touch_no_more_than_slow)
{
	int nth, fired = 0;
	size_t page;

	for (nth = 1; nth <= 24; nth++)
		for (page = 0; page < NR; page++) {
			ASSERT_EQ(failures_begin(self->fail_nth, nth), 0);
			EXPECT_TRUE(page_holds(self->map + page * PAGE, page, 1));
			page_fill(self->map + page * PAGE, page, 1);
			fired += failures_end(self->fail_nth);
			failures_begin(self->fail_nth, 0);
		}
	EXPECT_GT(fired, 0);
	TH_LOG("touch: %d allocations failed", fired);
}

/* The children that a task forks from then on inherit it. */
static int set_unlucky(const char *task, bool unlucky)
{
	char path[300];

	snprintf(path, sizeof(path), "/proc/%s/make-it-fail", task);
	return file_write(path, unlucky ? "1" : "0");
}

static int daemon_set_unlucky(bool unlucky)
{
	char path[300], comm[64];
	struct dirent *entry;
	int err = -ESRCH;
	DIR *proc = opendir("/proc");

	while (err && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (!file_read(path, comm, sizeof(comm)) && !strcmp(comm, "kswaplabd/0"))
			err = set_unlucky(entry->d_name, unlucky);
	}
	closedir(proc);
	return err;
}

static int one_in_four(const char *probability)
{
	return fault_set(kinds[0], "probability", probability) ||
	       fault_set(kinds[1], "probability", probability);
}

static void *toucher_main(void *data)
{
	char *map = data;
	size_t wrong = 0;
	int round;

	for (round = 0; round < 3; round++)
		wrong += pages_wrong(map, 0, NR, 1);
	return (void *)wrong;
}

/* Nodes of xarrays, and nothing else. */
static int nodes_begin_to_fail(void)
{
	return fault_set(kinds[0], "cache-filter", "Y") ||
	       fault_set(kinds[0], "probability", "100");
}

static int nodes_end_failing(void)
{
	return fault_set(kinds[0], "probability", "0") ||
	       fault_set(kinds[0], "cache-filter", "N");
}

/*
 * An allocation that fails in turn is tried once more where a node is missing. The first
 * region of a pool needs one.
 */
TEST_F(allocation, that_fails_again_opens_no_region)
{
	int fd, err;

	region_unmap(self->fd, self->map, NR);
	/* The page cache has nodes, too: a page fault on a file would be repeated for ever. */
	ASSERT_EQ(mlockall(MCL_CURRENT), 0);
	ASSERT_EQ(set_unlucky("self", true), 0);
	ASSERT_EQ(nodes_begin_to_fail(), 0);
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	err = errno;
	EXPECT_EQ(nodes_end_failing(), 0);
	EXPECT_EQ(set_unlucky("self", false), 0);
	munlockall();
	EXPECT_EQ(fd, -1);
	EXPECT_EQ(err, ENOMEM);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
}

TEST_F(allocation, that_fails_now_and_then_loses_no_byte)
{
	pthread_t threads[THREADS];
	void *wrong;
	int i;

	ASSERT_EQ(daemon_set_unlucky(true), 0);
	ASSERT_EQ(set_unlucky("self", true), 0);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, toucher_main, self->map), 0);
	/* Changing the knobs must not fail. */
	ASSERT_EQ(set_unlucky("self", false), 0);
	EXPECT_EQ(one_in_four("25"), 0);
	pages_fill(self->map, 0, NR, 1);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		EXPECT_EQ(wrong, NULL);
	}
	EXPECT_EQ(one_in_four("0"), 0);
	EXPECT_EQ(daemon_set_unlucky(false), 0);
	EXPECT_GT(stat_get("refaults"), 0);
}

TEST_HARNESS_MAIN
