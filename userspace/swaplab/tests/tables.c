// SPDX-License-Identifier: GPL-2.0
/* Addresses and entries whose parts are known. Prints those that come out otherwise. */

#include <stdio.h>
#include <string.h>
#include "address.h"
#include "pte.h"

static int failed;

static void expect(const char *what, const char *got, const char *wanted)
{
	if (!strcmp(got, wanted))
		return;
	printf("%s: %s, not %s\n", what, got, wanted);
	failed = 1;
}

static void check_split(unsigned long value, bool has_five, const char *wanted)
{
	char what[32], got[64] = "none";
	struct address address;
	int level, at = 0;

	if (address_split(value, has_five, &address)) {
		for (level = 0; level < address.nr_levels; level++)
			at += sprintf(got + at, "%u ", address.indices[level]);
		sprintf(got + at, "%u", address.offset);
	}
	sprintf(what, "0x%lx", value);
	expect(what, got, wanted);
}

static void check_parse(const char *text, const char *wanted)
{
	char got[32] = "none";
	unsigned long value;

	if (address_parse(text, &value))
		sprintf(got, "0x%lx", value);
	expect(text, got, wanted);
}

static void check_decode(unsigned long entry, const char *wanted)
{
	struct pte pte = pte_decode(entry);
	char what[32], got[64];

	sprintf(got, "%s%s%s%s%s%s%s%s%lx %u %lx",
		pte.is_present ? "p" : "", pte.is_swapped ? "s" : "",
		pte.is_soft_dirty ? "d" : "", pte.is_exclusive ? "e" : "",
		pte.is_file ? "f" : "", pte.is_write_protected ? "w" : "",
		pte.is_guard ? "g" : "", pte.is_hidden ? "h" : "", pte.frame,
		pte.swap_type, pte.swap_offset);
	sprintf(what, "entry 0x%lx", entry);
	expect(what, got, wanted);
}

int main(void)
{
	check_split(0, false, "0 0 0 0 0");
	check_split(0x8080604567, false, "1 2 3 4 1383");
	check_split(0x7fffffffffff, false, "255 511 511 511 4095");
	check_split(0x8080604567, true, "1 2 3 4 1383");
	check_split(0x800000000000, false, "none");
	check_split(0x800000000000, true, "0 256 0 0 0 0");
	check_split(0x3028180c05006, true, "3 5 6 6 5 6");
	check_split(0xffffffffffffff, true, "255 511 511 511 511 4095");
	check_split(0x100000000000000, true, "none");
	check_split(0xffffffffff600000, false, "511 511 507 0 0");

	check_parse("0x7fFF", "0x7fff");
	check_parse("4096", "0x1000");
	check_parse("0xffffffffffffffff", "0xffffffffffffffff");
	check_parse("18446744073709551616", "none");
	check_parse("0x10000000000000000", "none");
	check_parse("", "none");
	check_parse("0x", "none");
	check_parse("12x", "none");
	check_parse("7fff", "none");
	check_parse("-1", "none");
	check_parse(" 1", "none");

	check_decode(0, "0 0 0");
	check_decode(0x8000000000012345, "p12345 0 0");
	check_decode(0x8180000000000007, "pde7 0 0");
	check_decode(0xa000000000000001, "pf1 0 0");
	check_decode(0x8000000000000000, "ph0 0 0");
	check_decode(0x4000000000000000, "sh0 0 0");
	check_decode(0x4080000000002003, "sd0 3 100");
	check_decode(0x407fffffffffffe1, "s0 1 3ffffffffffff");
	check_decode(0x0600000000000000, "wg0 0 0");
	return failed;
}
