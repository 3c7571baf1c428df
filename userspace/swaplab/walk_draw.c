// SPDX-License-Identifier: GPL-2.0
/* The walk to a page as text: the bits of the address, the tables, and the page. */

#include <errno.h>
#include <linux/swaplab.h>
#include <stdio.h>
#include <string.h>
#include "frame_flags.h"
#include "walk.h"
#include "wrap.h"

#define BOX		9
#define LABEL		9
#define LINE		200

static void print_rule(const struct address *address)
{
	int level;

	printf("  +");
	for (level = 0; level <= address->nr_levels; level++)
		printf("---------+");
	putchar('\n');
}

/* Each box has the numbers of its highest and lowest bit above it. */
static void print_bits(const struct address *address)
{
	int low, level;

	printf("   ");
	for (level = address->nr_levels - 1; level >= 0; level--) {
		low = ADDRESS_PAGE_BITS + ADDRESS_INDEX_BITS * level;
		printf("%-*d%*d ", BOX / 2, low + ADDRESS_INDEX_BITS - 1, BOX - BOX / 2, low);
	}
	printf("%-*d%*d\n", BOX / 2, ADDRESS_PAGE_BITS - 1, BOX - BOX / 2, 0);
}

static void print_boxes(const struct address *address)
{
	int level;

	print_bits(address);
	print_rule(address);
	printf("  |");
	for (level = 0; level < address->nr_levels; level++)
		printf("%*u  |", BOX - 2, address->indices[level]);
	printf("%*s0x%03x  |\n", BOX - 7, "", address->offset);
	print_rule(address);
	printf("   ");
	for (level = 0; level < address->nr_levels; level++)
		printf("%*s   ", BOX - 2, address->names[level]);
	printf("%*s\n", BOX - 2, "offset");
}

/* The end of the walk. */
static void print_target(const struct walk *walk)
{
	const struct pte *pte = &walk->pte;

	if (walk->pte_error == -ENODATA)
		puts("not told: pagemap does not cover this address");
	else if (walk->pte_error)
		printf("not told: %s\n", strerror(-walk->pte_error));
	else if (!pte->is_present && !pte->is_swapped)
		puts("nothing: no entry here, the next touch faults");
	else if (pte->is_hidden)
		printf("a %s; only a reader with CAP_SYS_ADMIN sees its number\n",
		       pte->is_present ? "frame" : "slot of a swap file");
	else if (pte->is_present)
		printf("frame 0x%lx, physical address 0x%lx\n", pte->frame,
		       pte->frame * ADDRESS_PAGE_SIZE + walk->address.offset);
	else
		printf("no frame: slot 0x%lx of swap file %u\n", pte->swap_offset,
		       pte->swap_type);
}

static void print_tables(const struct walk *walk)
{
	const struct address *address = &walk->address;
	int level;

	puts("  CR3");
	for (level = 0; level < address->nr_levels; level++)
		printf("%*s+-> %s entry %u\n", 3 + 5 * level, "", address->names[level],
		       address->indices[level]);
	printf("%*s+-> ", 3 + 5 * level, "");
	print_target(walk);
	if (address->nr_levels == 4 && address_has_five_levels())
		puts("  This processor walks five levels; the index of the first one is 0.");
}

/* Of a name that does not fit, the end is shown. */
static void print_name(const char *name)
{
	size_t length = strlen(name), room = WRAP_COLUMNS - LABEL;
	char text[WRAP_COLUMNS + 1];

	if (!length)
		name = "(anonymous memory)";
	if (length > room) {
		name += length - room + 3;
		/* Not in the middle of a letter. */
		while ((*name & 0xc0) == 0x80)
			name++;
	}
	snprintf(text, sizeof(text), "%s%s", length > room ? "..." : "", name);
	process_clean_name(text);
	printf("%*s%s\n", LABEL, "", text);
}

static void print_line(const char *label, const char *text)
{
	struct wrap wrap = { .indent = LABEL, .column = LABEL };

	printf("%-*s", LABEL, label);
	wrap_text(&wrap, text);
	putchar('\n');
}

static void print_mapping(const struct walk *walk)
{
	const struct mapping *mapping = &walk->mapping;
	char text[LINE];

	snprintf(text, sizeof(text), "0x%lx to 0x%lx, %s, page %lu of %lu", mapping->begin,
		 mapping->end, mapping->permissions, walk_page(walk),
		 (mapping->end - mapping->begin) / ADDRESS_PAGE_SIZE);
	print_line("mapping", text);
	print_name(mapping->name);
}

static void print_pte(const struct walk *walk)
{
	const struct pte *pte = &walk->pte;
	char text[LINE];

	if (walk->pte_error)
		return;
	snprintf(text, sizeof(text), "%s%s%s%s%s%s",
		 pte->is_present ? "present" : pte->is_swapped ? "swapped" : "absent",
		 pte->is_exclusive ? ", exclusively mapped" : "",
		 pte->is_file ? ", of a file or shared" : "",
		 pte->is_soft_dirty ? ", soft-dirty" : "",
		 pte->is_write_protected ? ", write-protected by userfaultfd" : "",
		 pte->is_guard ? ", guard page" : "");
	print_line("entry", text);
}

static void print_flags(const struct walk *walk)
{
	struct wrap wrap = { .indent = LABEL, .column = LABEL };
	const char *name;
	int bit;

	if (!walk->has_flags)
		return;
	printf("%-*s", LABEL, "flags");
	for (bit = 0; bit < FRAME_FLAGS_BITS; bit++) {
		name = frame_flags_name(bit);
		if (name && walk->flags >> bit & 1)
			wrap_word(&wrap, name);
	}
	if (!wrap.has_word)
		wrap_word(&wrap, "none");
	putchar('\n');
}

static void print_page(const struct region_page *page)
{
	unsigned char state = page->state;
	char text[LINE];
	int at;

	at = snprintf(text, sizeof(text), "%s, ", page->device.path);
	if (page->region)
		at += snprintf(text + at, sizeof(text) - at, "region %lu, ", page->region);
	at += snprintf(text + at, sizeof(text) - at, "page %llu", page->index);
	if (*page->why)
		snprintf(text + at, sizeof(text) - at, "; its state is not told: %s", page->why);
	else
		snprintf(text + at, sizeof(text) - at, ": %s%s%s%s%s",
			 state & SWAPLAB_PAGE_RESIDENT ? "resident" :
			 state & SWAPLAB_PAGE_SWAPPED ? "swapped" : "absent",
			 state & SWAPLAB_PAGE_DIRTY ? ", dirty" : "",
			 state & SWAPLAB_PAGE_REFERENCED ? ", referenced" : "",
			 state & SWAPLAB_PAGE_LOCKED ? ", mlocked" : "",
			 state & SWAPLAB_PAGE_TRANSIT ? ", in transit" : "");
	print_line("region", text);
}

/**
 * walk_draw() - print a walk as a picture of text
 * @walk: the walk
 */
void walk_draw(const struct walk *walk)
{
	char name[sizeof(walk->process.name)];

	memcpy(name, walk->process.name, sizeof(name));
	process_clean_name(name);
	printf("address 0x%lx of process %d (%s)\n\n", walk->address.value,
	       walk->process.pid, name);
	print_boxes(&walk->address);
	putchar('\n');
	print_tables(walk);
	putchar('\n');
	print_mapping(walk);
	print_pte(walk);
	print_flags(walk);
	if (walk->is_region)
		print_page(&walk->page);
}
