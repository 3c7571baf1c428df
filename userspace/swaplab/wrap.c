// SPDX-License-Identifier: GPL-2.0
/* Words in lines that fit a terminal. */

#include <stdio.h>
#include <string.h>
#include "wrap.h"

static void print_word(struct wrap *wrap, const char *word, int length)
{
	if (wrap->has_word && wrap->column + 1 + length > WRAP_COLUMNS) {
		printf("\n%*s", wrap->indent, "");
		wrap->column = wrap->indent;
		wrap->has_word = false;
	}
	wrap->column += printf("%s%.*s", wrap->has_word ? " " : "", length, word);
	wrap->has_word = true;
}

/**
 * wrap_word() - print a word, in a line of its own if the present one is full
 * @wrap: the lines
 * @word: the word, which may have blanks in it
 */
void wrap_word(struct wrap *wrap, const char *word)
{
	print_word(wrap, word, strlen(word));
}

/**
 * wrap_text() - print words
 * @wrap: the lines
 * @text: words with blanks and newlines between
 */
void wrap_text(struct wrap *wrap, const char *text)
{
	size_t length;

	for (text += strspn(text, "\n "); *text; text += strspn(text, "\n ")) {
		length = strcspn(text, "\n ");
		print_word(wrap, text, length);
		text += length;
	}
}
