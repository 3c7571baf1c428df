/* SPDX-License-Identifier: GPL-2.0 */
/* Words in lines that fit a terminal. */
#ifndef SWAPLAB_WRAP_H
#define SWAPLAB_WRAP_H

#include <stdbool.h>

#define WRAP_COLUMNS	80

/**
 * struct wrap - lines of words; begin with { .indent = N }
 * @indent: blanks in front of the second line and those behind it
 * @column: characters that are in the line, a title first
 * @has_word: the line has something that a blank has to keep apart
 */
struct wrap {
	int indent;
	int column;
	bool has_word;
};

void wrap_word(struct wrap *wrap, const char *word);
void wrap_text(struct wrap *wrap, const char *text);

#endif /* SWAPLAB_WRAP_H */
