// SPDX-License-Identifier: GPL-2.0
/*
 * The knobs of a pool: values that they accept and refuse, also while the pool is in use.
 */
#include "fault_threads.h"

/* A value that is written, and the value that reads back. */
struct value {
	const char *written, *reads;
};

FIXTURE(file)
{
};

FIXTURE_VARIANT(file)
{
	const char *name;
	struct value good[8];
	const char *bad[12];
};

FIXTURE_VARIANT_ADD(file, nr_frames)
{
	.name = "nr_frames",
	.good = { { "16", "16" }, { "17\n", "17" }, { "0x400", "1024" },
		  { "65536", "65536" }, { "100", "100" } },
	.bad = { "15", "0", "-1", "\n", "many", "12 34", "64k", "1e3",
		 /* More than any machine has; more than a long holds. */
		 "1099511627776", "18446744073709551616" },
};

FIXTURE_VARIANT_ADD(file, watermark_low)
{
	.name = "watermark_low",
	.good = { { "1", "1" }, { "1023", "1023" }, { "20\n", "20" },
		  { "0", "16" } },
	.bad = { "1024", "1025", "-1", "\n", "low", "1 2",
		 "18446744073709551615", "18446744073709551616" },
};

FIXTURE_VARIANT_ADD(file, watermark_high)
{
	.name = "watermark_high",
	.good = { { "2", "2" }, { "1024", "1024" }, { "64\n", "64" },
		  { "0", "31" } },
	.bad = { "1", "1025", "-1", "\n", "high", "1 2",
		 "18446744073709551615", "18446744073709551616" },
};

FIXTURE_VARIANT_ADD(file, scan_interval_ms)
{
	.name = "scan_interval_ms",
	.good = { { "1", "1" }, { "3600000", "3600000" }, { "50\n", "50" } },
	.bad = { "0", "3600001", "-1", "\n", "often", "1 2", "4294967297" },
};

FIXTURE_VARIANT_ADD(file, readahead_pages)
{
	.name = "readahead_pages",
	.good = { { "0", "0" }, { "1", "1" }, { "64\n", "64" } },
	.bad = { "65", "-1", "\n", "some", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, readaround_pages)
{
	.name = "readaround_pages",
	.good = { { "0", "0" }, { "1", "1" }, { "64\n", "64" } },
	.bad = { "65", "-1", "\n", "some", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, writeback_pages)
{
	.name = "writeback_pages",
	.good = { { "1", "1" }, { "64", "64" }, { "16\n", "16" } },
	.bad = { "0", "65", "-1", "\n", "some", "1 2", "4294967297" },
};

FIXTURE_VARIANT_ADD(file, pager_timeout_ms)
{
	.name = "pager_timeout_ms",
	.good = { { "1", "1" }, { "3600000", "3600000" }, { "10000\n", "10000" } },
	.bad = { "0", "3600001", "-1", "\n", "soon", "1 2", "4294967297" },
};

FIXTURE_VARIANT_ADD(file, max_reserved_percent)
{
	.name = "max_reserved_percent",
	.good = { { "0", "0" }, { "90", "90" }, { "50\n", "50" } },
	.bad = { "91", "-1", "\n", "all", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, max_user_reserved_percent)
{
	.name = "max_user_reserved_percent",
	.good = { { "0", "0" }, { "50", "50" }, { "90\n", "90" } },
	.bad = { "91", "-1", "\n", "all", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, pff_low)
{
	.name = "pff_low",
	.good = { { "0", "0" }, { "1000000", "1000000" }, { "10\n", "10" } },
	.bad = { "1000001", "-1", "\n", "often", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, pff_high)
{
	.name = "pff_high",
	.good = { { "0", "0" }, { "1000000", "1000000" }, { "50\n", "50" } },
	.bad = { "1000001", "-1", "\n", "often", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, working_set_samples)
{
	.name = "working_set_samples",
	.good = { { "1", "1" }, { "16", "16" }, { "4\n", "4" } },
	.bad = { "0", "17", "-1", "\n", "long", "1 2", "4294967297" },
};

FIXTURE_VARIANT_ADD(file, load_turn_ms)
{
	.name = "load_turn_ms",
	.good = { { "1", "1" }, { "60000", "60000" }, { "0\n", "0" } },
	.bad = { "60001", "-1", "\n", "short", "1 2", "4294967296" },
};

FIXTURE_VARIANT_ADD(file, daemons)
{
	.name = "daemons",
	.good = { { "16", "16" }, { "2\n", "2" }, { "1", "1" } },
	.bad = { "0", "17", "-1", "\n", "some", "1 2", "4294967297" },
};

FIXTURE_VARIANT_ADD(file, slot_allocation)
{
	.name = "slot_allocation",
	.good = { { "static", "dynamic [static]" },
		  { "static\n", "dynamic [static]" },
		  { "dynamic", "[dynamic] static" } },
	.bad = { "\n", "0", "dyn", "Static", "static dynamic", "[static]" },
};

FIXTURE_VARIANT_ADD(file, discard_slots)
{
	.name = "discard_slots",
	.good = { { "1", "1" }, { "0", "0" }, { "y\n", "1" } },
	.bad = { "\n", "2", "-1", "some" },
};

FIXTURE_VARIANT_ADD(file, soft_sampling)
{
	.name = "soft_sampling",
	.good = { { "1", "1" }, { "0", "0" }, { "y\n", "1" } },
	.bad = { "\n", "2", "-1", "some" },
};

FIXTURE_VARIANT_ADD(file, measure_latency)
{
	.name = "measure_latency",
	.good = { { "1", "1" }, { "0", "0" }, { "y\n", "1" } },
	.bad = { "\n", "2", "-1", "some" },
};

FIXTURE_VARIANT_ADD(file, max_region_pages)
{
	.name = "max_region_pages",
	.good = { { "1", "1" }, { "16777216", "16777216" },
		  { "18446744073709551615", "18446744073709551615" },
		  { "0\n", "0" } },
	.bad = { "-1", "\n", "none", "1 2", "18446744073709551616" },
};

FIXTURE_VARIANT_ADD(file, max_user_pages)
{
	.name = "max_user_pages",
	.good = { { "1", "1" }, { "16777216", "16777216" },
		  { "18446744073709551615", "18446744073709551615" },
		  { "0\n", "0" } },
	.bad = { "-1", "\n", "none", "1 2", "18446744073709551616" },
};

FIXTURE_SETUP(file)
{
	pool_restore();
}

FIXTURE_TEARDOWN(file)
{
	pool_restore();
}

TEST_F(file, keeps_a_good_value)
{
	const struct value *value;
	char text[256];

	for (value = variant->good; value->written; value++) {
		EXPECT_EQ(pool_write(variant->name, value->written), 0) {
			TH_LOG("writing %s", value->written);
		}
		ASSERT_EQ(pool_text(variant->name, text, sizeof(text)), 0);
		EXPECT_STREQ(text, value->reads);
	}
}

TEST_F(file, refuses_a_bad_value_and_stays_as_it_is)
{
	char before[256], after[256];
	const char *const *bad;
	int err;

	ASSERT_EQ(pool_text(variant->name, before, sizeof(before)), 0);
	for (bad = variant->bad; *bad; bad++) {
		err = pool_write(variant->name, *bad);
		EXPECT_TRUE(err == -EINVAL || err == -ERANGE) {
			TH_LOG("writing %s: %d", *bad, err);
		}
		ASSERT_EQ(pool_text(variant->name, after, sizeof(after)), 0);
		EXPECT_STREQ(after, before);
	}
}

#define FRAMES	256

FIXTURE(load)
{
	struct fault_threads load;
};

FIXTURE_SETUP(load)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	ASSERT_EQ(fault_threads_start(&self->load, 2 * FRAMES), 0);
}

FIXTURE_TEARDOWN(load)
{
	EXPECT_EQ(fault_threads_stop(&self->load), 0);
	pool_restore();
}

TEST_F(load, nr_frames_goes_down_to_16_and_back)
{
	double end = seconds_now() + 4;

	while (seconds_now() < end) {
		ASSERT_EQ(pool_set("nr_frames", 16), 0);
		EXPECT_TRUE(SOON(stat_get("resident") <= 16));
		ASSERT_EQ(pool_set("nr_frames", FRAMES), 0);
		EXPECT_TRUE(SOON(stat_get("resident") >= 64));
	}
}

TEST_F(load, knobs_are_turned_while_threads_fault)
{
	static const struct {
		const char *file, *values[4];
		int err;
	} settings[] = {
		{ "nr_frames", { "128", "300", "64", "256" } },
		{ "watermark_low", { "1", "10", "30", "0" } },
		{ "watermark_high", { "31", "64", "40", "0" } },
		{ "scan_interval_ms", { "1", "10", "3600000", "100" } },
		{ "readahead_pages", { "0", "64", "1", "32" } },
		{ "readaround_pages", { "0", "8", "1", "64" } },
		{ "writeback_pages", { "1", "64", "3", "16" } },
		{ "daemons", { "4", "2", "16", "1" } },
		{ "slot_allocation", { "static", "dynamic", "static", "dynamic" } },
		{ "discard_slots", { "1", "0", "1", "0" } },
		{ "soft_sampling", { "1", "0", "1", "0" } },
		{ "max_region_pages", { "512", "0", "100000", "0" } },
		{ "max_reserved_percent", { "0", "90", "1", "50" } },
		{ "max_user_reserved_percent", { "50", "0", "1", "90" } },
		{ "pff_low", { "0", "1000000", "1", "10" } },
		{ "pff_high", { "50", "0", "1000000", "1" } },
		{ "load_turn_ms", { "1", "60000", "100", "0" } },
		{ "working_set_samples", { "1", "16", "2", "4" } },
		{ "allocation", { "equal", "working-set", "global", "pff" } },
		{ "max_user_pages", { "512", "0", "1", "100000" } },
		{ "policy", { "clock", "fifo", "none", "aging" } },
		{ "stats/reset", { "1", "1", "1", "1" } },
		/* Not while a region lives. */
		{ "swap_file", { "none", "none", "none", "none" }, -EBUSY },
	};
	unsigned int round, i;
	double end = seconds_now() + 5;
	int err;

	for (round = 0; round < 8 || seconds_now() < end; round++)
		for (i = 0; i < ARRAY_SIZE(settings); i++) {
			err = pool_write(settings[i].file,
					 settings[i].values[round % 4]);
			EXPECT_EQ(err, settings[i].err) {
				TH_LOG("%s %s", settings[i].file,
				       settings[i].values[round % 4]);
			}
		}
	pool_write("policy", "aging");
}

TEST_HARNESS_MAIN
