/* SPDX-License-Identifier: GPL-2.0 */
/* The word that was probably meant. */
#ifndef SWAPLAB_NEAREST_H
#define SWAPLAB_NEAREST_H

/**
 * struct nearest - a search among words; begin with { .text = TEXT }
 * @text: that is none of the words
 * @word: the best of them so far, or NULL
 * @distance: of @word from @text
 */
struct nearest {
	const char *text;
	const char *word;
	unsigned int distance;
};

void nearest_try(struct nearest *nearest, const char *word);
const char *nearest_hint(const struct nearest *nearest);

#endif /* SWAPLAB_NEAREST_H */
