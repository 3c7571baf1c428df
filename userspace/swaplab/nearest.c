// SPDX-License-Identifier: GPL-2.0
/*
 * The word that was probably meant: the one that the fewest letters added, left out,
 * replaced, or exchanged with their neighbour make of what was written.
 */

#include <stdio.h>
#include <string.h>
#include "nearest.h"

#define MAX_LENGTH	31

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Rows are prefixes of @a, columns those of @b. */
static unsigned int distance_between(const char *a, const char *b)
{
	unsigned int table[MAX_LENGTH + 1][MAX_LENGTH + 1];
	size_t i, j, rows = strlen(a), columns = strlen(b);

	for (i = 0; i <= rows; i++) {
		for (j = 0; j <= columns; j++) {
			if (!i || !j) {
				table[i][j] = i + j;
				continue;
			}
			table[i][j] = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			table[i][j] = smaller(table[i][j], table[i - 1][j] + 1);
			table[i][j] = smaller(table[i][j], table[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				table[i][j] = smaller(table[i][j], table[i - 2][j - 2] + 1);
		}
	}
	return table[rows][columns];
}

/**
 * nearest_try() - look at a word
 * @nearest: the search
 * @word: is kept if it is the best so far
 *
 * A third of the letters may be wrong, and one of two or three.
 */
void nearest_try(struct nearest *nearest, const char *word)
{
	size_t length = strlen(nearest->text);
	unsigned int distance;

	if (length < 2 || length > MAX_LENGTH || strlen(word) > MAX_LENGTH)
		return;
	distance = distance_between(nearest->text, word);
	if (distance > (length < 3 ? 1 : length / 3))
		return;
	if (nearest->word && distance >= nearest->distance)
		return;
	nearest->word = word;
	nearest->distance = distance;
}

/**
 * nearest_hint() - the end of an error
 * @nearest: the search
 *
 * Return: "; did you mean WORD?", or nothing; until the next call.
 */
const char *nearest_hint(const struct nearest *nearest)
{
	static char hint[MAX_LENGTH + 32];

	hint[0] = '\0';
	if (nearest->word)
		snprintf(hint, sizeof(hint), "; did you mean %s?", nearest->word);
	return hint;
}
