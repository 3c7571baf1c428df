// SPDX-License-Identifier: GPL-2.0
/*
 * Draws maps that are made up, each with a quarter more of its pages swapped and twice as many
 * pages as the one before: as text, or to a file.
 */

#include <linux/swaplab.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "strip.h"

#define NR_MAPS		4
#define FIRST_PAGES	1024

int main(int argc, char **argv)
{
	struct pagemap maps[NR_MAPS];
	double seconds[NR_MAPS];
	struct strip strip = { maps, seconds, NR_MAPS };
	size_t i, page;

	setlocale(LC_CTYPE, "");
	for (i = 0; i < NR_MAPS; i++) {
		maps[i] = (struct pagemap){ .title = "a <map>", .nr = FIRST_PAGES << i };
		maps[i].states = malloc(maps[i].nr);
		for (page = 0; page < maps[i].nr; page++)
			maps[i].states[page] = page < maps[i].nr * i / 4 ? SWAPLAB_PAGE_SWAPPED :
					       SWAPLAB_PAGE_RESIDENT;
		seconds[i] = i * 2.5;
	}
	if (argc > 1)
		strip_svg(&strip, argv[1]);
	else
		strip_text(&strip);
	return 0;
}
