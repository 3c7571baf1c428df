// SPDX-License-Identifier: GPL-2.0
/*
 * Policies in BPF, loaded by the command: those of samples/bpf, and those of bpf/, which
 * misbehave. None of them loses a byte or stays longer than it is used.
 */
#include <linux/bpf.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include "fault_threads.h"
#include "module_load.h"
#include "requests.h"

#define FRAMES	64
#define NR	(4 * FRAMES)
#define FEW	8
#define SAID	"bpf.said"

/* The end of what the command said. */
static char said[4096];

/* Returns the exit status of the command. */
static int load_bpf(const char *name, const char *params)
{
	int status = run_shell("{ ./swaplab policy --bpf %s.bpf.o %s; } > " SAID " 2>&1", name,
			       params);

	said[0] = '\0';
	file_read(SAID, said, sizeof(said));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_listed(const char *text)
{
	char list[1024], padded[1028], wanted[64];

	if (pool_text("policy", list, sizeof(list)))
		return false;
	snprintf(padded, sizeof(padded), " %s ", list);
	snprintf(wanted, sizeof(wanted), " %s ", text);
	return strstr(padded, wanted);
}

/* The command may leave its memory to the kernel when it ends. */
static const char *why_not(void)
{
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (kernel_before(6, 12))
		return "modules have no struct_ops types before Linux 6.12";
	if (access("clock.bpf.o", F_OK))
		return "no clang when the tests were built";
	if (!load_bpf("nosuch", "") || strstr(said, "without libbpf"))
		return "no libbpf 1.4 when the tests were built";
	return NULL;
}

FIXTURE(bpf)
{
	int fd;
	char *map;
};

FIXTURE_SETUP(bpf)
{
	const char *why = why_not();

	if (why)
		SKIP_SETUP("%s", why);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(bpf)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
	/* Programs go after a grace period. */
	EXPECT_TRUE(SOON(!delete_module("swaplab_bpf")));
}

FIXTURE(program)
{
	int fd;
	char *map;
};

FIXTURE_VARIANT(program)
{
	const char *file, *name;
	bool errs, falls_back;
};

#define PROGRAM(variant_name, ...)		\
	FIXTURE_VARIANT_ADD(program, variant_name)	\
	{					\
		__VA_ARGS__			\
	}

PROGRAM(fifo, .file = "fifo", .name = "bpf_fifo");
PROGRAM(clock, .file = "clock", .name = "bpf_clock");
PROGRAM(s3fifo, .file = "s3fifo", .name = "bpf_s3fifo");
PROGRAM(regions, .file = "regions", .name = "bpf_regions");
PROGRAM(trend, .file = "trend", .name = "bpf_trend");
PROGRAM(that_gives_nothing, .file = "rogue_idle", .name = "rogue_idle", .falls_back = true);
PROGRAM(whose_search_never_ends, .file = "rogue_undecided", .name = "rogue_undecided",
	.falls_back = true);
PROGRAM(that_misuses_its_functions, .file = "rogue_misuse", .name = "rogue_misuse");

FIXTURE_SETUP(program)
{
	const char *why = why_not();

	if (why)
		SKIP_SETUP("%s", why);
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 10), 0);
	ASSERT_EQ(load_bpf(variant->file, ""), 0) {
		TH_LOG("%s", said);
	}
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
}

FIXTURE_TEARDOWN(program)
{
	region_unmap(self->fd, self->map, NR);
	pool_write("policy", "aging");
	pool_restore();
	EXPECT_TRUE(SOON(!delete_module("swaplab_bpf")));
}

static bool is_bound(const char *name)
{
	char bracketed[48];

	snprintf(bracketed, sizeof(bracketed), "[%s]", name);
	return is_listed(bracketed);
}

TEST_F(program, loses_no_byte_and_is_counted)
{
	unsigned int version;

	for (version = 1; version <= 3; version++) {
		pages_fill(self->map, 0, NR, version);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
	}
	EXPECT_GE(stat_get("evictions"), NR - FRAMES);
	EXPECT_EQ(stat_get("policy_errors"), 0);
	EXPECT_EQ(!!stat_get("policy_fallbacks"), variant->falls_back);
	EXPECT_TRUE(is_bound(variant->name));
}

TEST_F(program, gets_no_hold_of_locked_and_discarded_pages)
{
	int round;

	pages_fill(self->map, 0, NR, 1);
	for (round = 0; round < 3; round++) {
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_LOCK, 0, FEW), 0);
		pages_fill(self->map, NR - FEW, FEW, 2);
		ASSERT_EQ(request_pages(self->fd, SWAPLAB_DISCARD, NR - FEW, FEW), 0);
		EXPECT_TRUE(page_is_zero(self->map + (NR - FEW) * PAGE));
		EXPECT_EQ(pages_wrong(self->map, 0, NR - FEW, 1), 0);
		EXPECT_EQ(request_pages(self->fd, SWAPLAB_UNLOCK, 0, FEW), 0);
	}
}

TEST_F(program, hands_over_all_it_has_when_it_is_let_go)
{
	unsigned long fallbacks;

	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_TRUE(SOON(!is_listed(variant->name)));
	fallbacks = stat_get("policy_fallbacks");
	ASSERT_EQ(pool_set("nr_frames", FRAMES / 4), 0);
	EXPECT_TRUE(SOON(stat_get("resident") <= FRAMES / 4));
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(stat_get("policy_fallbacks"), fallbacks);
}

TEST_F(bpf, a_policy_stays_while_a_device_uses_it)
{
	ASSERT_EQ(load_bpf("clock", ""), 0);
	EXPECT_TRUE(is_bound("bpf_clock"));
	EXPECT_NE(delete_module("swaplab_bpf"), 0);
	ASSERT_EQ(pool_write("policy", "none"), 0);
	EXPECT_TRUE(SOON(!is_listed("bpf_clock")));
	EXPECT_EQ(pool_write("policy", "bpf_clock"), -ENOENT);
}

TEST_F(bpf, two_devices_may_use_it_and_one_may_go)
{
	char id[32];

	ASSERT_EQ(file_read("/sys/class/swaplab-control/hot_add", id, sizeof(id)), 0);
	ASSERT_EQ(run_shell("./swaplab policy -d %s --bpf s3fifo.bpf.o", id), 0);
	ASSERT_EQ(pool_write("policy", "bpf_s3fifo"), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(file_write("/sys/class/swaplab-control/hot_remove", id), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_TRUE(is_bound("bpf_s3fifo"));
	ASSERT_EQ(pool_write("policy", "fifo"), 0);
	EXPECT_TRUE(SOON(!is_listed("bpf_s3fifo")));
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(bpf, policies_come_and_go_while_threads_fault)
{
	static const char *const files[] = { "s3fifo", "rogue_misuse", "clock", "rogue_misuse" };
	struct fault_threads load;
	unsigned int i;

	ASSERT_EQ(fault_threads_start(&load, NR), 0);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(load_bpf(files[i % 4], ""), 0);
		msleep(50);
		if (i % 2)
			EXPECT_EQ(pool_write("policy", "clock"), 0);
	}
	EXPECT_EQ(fault_threads_stop(&load), 0);
	EXPECT_EQ(stat_get("io_errors"), 0);
}

TEST_F(bpf, a_name_is_taken_once)
{
	ASSERT_EQ(load_bpf("clock", ""), 0);
	EXPECT_EQ(load_bpf("clock", ""), 1);
	EXPECT_NE(strstr(said, "there is a policy bpf_clock already"), NULL);
	EXPECT_TRUE(is_bound("bpf_clock"));
}

TEST_F(bpf, parameters_are_those_of_the_program)
{
	EXPECT_EQ(load_bpf("s3fifo", "small_percent=100"), 1);
	EXPECT_NE(strstr(said, "from 1 to 99"), NULL) {
		TH_LOG("%s", said);
	}
	EXPECT_TRUE(SOON(!is_listed("bpf_s3fifo")));
	ASSERT_EQ(load_bpf("s3fifo", "small_percent=20"), 0);
	EXPECT_EQ(pool_get("policy_params/small_percent"), 20);
	pages_fill(self->map, 0, NR, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

/* One page in three: the first steps tell how far the next ones go. */
TEST_F(bpf, a_program_says_what_is_read_ahead)
{
	unsigned long nr = 0;
	size_t i;

	ASSERT_EQ(load_bpf("trend", ""), 0) {
		TH_LOG("%s", said);
	}
	ASSERT_EQ(pool_set("nr_frames", 4 * NR), 0);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pool_set("reclaim", NR), 0);
	ASSERT_EQ(pool_set("stats/reset", 1), 0);
	EXPECT_EQ(pool_get("policy_stats/trends"), 0);
	for (i = 0; i < NR; i += 3, nr++)
		EXPECT_EQ(pages_wrong(self->map, i, 1, 1), 0);
	EXPECT_GT(stat_get("readahead"), nr / 2);
	EXPECT_LT(stat_get("refaults"), nr / 2);
	EXPECT_EQ(pool_get("policy_stats/trends"), 1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(bpf, a_program_is_told_of_advice)
{
	struct swaplab_advise advise = {
		.offset = FEW / 2 * PAGE,
		.length = PAGE,
		.advice = SWAPLAB_ADVISE_COLD,
	};

	ASSERT_EQ(load_bpf("clock", ""), 0);
	ASSERT_EQ(pool_set("scan_interval_ms", 3600000), 0);
	pages_fill(self->map, 0, FEW, 1);
	ASSERT_EQ(ioctl(self->fd, SWAPLAB_ADVISE, &advise), 0);
	ASSERT_EQ(pool_set("reclaim", 1), 0);
	EXPECT_EQ(pages_that_are(self->fd, FEW / 2, 1, SWAPLAB_PAGE_SWAPPED), 1);
	EXPECT_EQ(pages_that_are(self->fd, 0, FEW, SWAPLAB_PAGE_RESIDENT), FEW - 1);
	EXPECT_EQ(pages_wrong(self->map, 0, FEW, 1), 0);
}

TEST_F(bpf, refusals_are_told_readably)
{
	EXPECT_EQ(load_bpf("refused_null", ""), 1);
	EXPECT_NE(strstr(said, "the kernel refuses careless_victim"), NULL);
	EXPECT_NE(strstr(said, "return swaplab_bpf_evict(policy"), NULL);
	EXPECT_EQ(load_bpf("refused_write", ""), 1);
	EXPECT_NE(strstr(said, "at: frame->word[1] = 0;"), NULL) {
		TH_LOG("%s", said);
	}
	EXPECT_EQ(load_bpf("refused_question", ""), 1);
	EXPECT_NE(strstr(said, "at: ahead->max = 64;"), NULL) {
		TH_LOG("%s", said);
	}
	EXPECT_EQ(load_bpf("refused_param", ""), 1);
	EXPECT_NE(strstr(said, "parameters and statistics need such names"), NULL) {
		TH_LOG("%s", said);
	}
	EXPECT_EQ(load_bpf("refused_stat", ""), 1);
	EXPECT_NE(strstr(said, "parameters and statistics need such names"), NULL) {
		TH_LOG("%s", said);
	}
	EXPECT_EQ(load_bpf("nosuch", ""), 1);
	EXPECT_NE(strstr(said, "nosuch.bpf.o: No such file"), NULL);
	EXPECT_TRUE(is_bound("aging"));
}

/* Whether the core goes on without the policy, for this reason. */
static bool is_ejected(const char *name, const char *why)
{
	char text[128] = "", expected[128];

	snprintf(expected, sizeof(expected), "%s: %s", name, why);
	return SOON(is_bound("none")) && !pool_text("policy_ejected", text, sizeof(text)) &&
	       !strncmp(text, expected, strlen(expected));
}

TEST_F(bpf, a_policy_that_walks_too_far_is_ejected)
{
	unsigned int version;

	ASSERT_EQ(load_bpf("rogue_walker", ""), 0);
	for (version = 1; version <= 3; version++) {
		pages_fill(self->map, 0, NR, version);
		EXPECT_EQ(pages_wrong(self->map, 0, NR, version), 0);
	}
	EXPECT_TRUE(is_ejected("rogue_walker", "it gave wrong victims"));
	EXPECT_TRUE(SOON(!is_listed("rogue_walker")));
}

TEST_F(bpf, a_policy_that_spins_is_ejected)
{
	ASSERT_EQ(load_bpf("rogue_slow", ""), 0);
	pages_fill(self->map, 0, NR, 1);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_TRUE(is_ejected("rogue_slow", "its calls took seconds"));
	EXPECT_TRUE(SOON(!is_listed("rogue_slow")));
}

/* Detaches all links of struct_ops, as root may at any time; returns how many there were. */
static int detach_links(void)
{
	union bpf_attr attr = {};
	int fd, nr = 0;

	while (!syscall(SYS_bpf, BPF_LINK_GET_NEXT_ID, &attr, sizeof(attr))) {
		attr = (union bpf_attr){ .link_id = attr.next_id };
		fd = syscall(SYS_bpf, BPF_LINK_GET_FD_BY_ID, &attr, sizeof(attr));
		if (fd < 0)
			continue;
		nr += !syscall(SYS_bpf, BPF_LINK_DETACH,
			       &(union bpf_attr){ .link_detach.link_fd = fd }, sizeof(attr));
		close(fd);
	}
	return nr;
}

TEST_F(bpf, a_link_may_be_detached_by_force)
{
	struct fault_threads load;
	int i;

	ASSERT_EQ(fault_threads_start(&load, NR), 0);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(load_bpf("clock", ""), 0);
		msleep(50);
		EXPECT_EQ(detach_links(), 1);
		EXPECT_TRUE(is_ejected("bpf_clock", "it was taken back"));
		EXPECT_FALSE(is_listed("bpf_clock"));
	}
	EXPECT_EQ(fault_threads_stop(&load), 0);
}

TEST_HARNESS_MAIN
