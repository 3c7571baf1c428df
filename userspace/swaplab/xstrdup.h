/* SPDX-License-Identifier: GPL-2.0 */
/* Copies of strings. Without memory for them the program ends with status 1. */
#ifndef SWAPLAB_XSTRDUP_H
#define SWAPLAB_XSTRDUP_H

#include <err.h>
#include <string.h>

/**
 * xstrndup() - copy the beginning of a string
 * @text: the string
 * @length: the most that is copied, in bytes
 *
 * Return: the copy, for free().
 */
static inline char *xstrndup(const char *text, size_t length)
{
	char *copy = strndup(text, length);

	if (!copy)
		err(1, "memory");
	return copy;
}

/**
 * xstrdup() - copy a string
 * @text: the string
 *
 * Return: the copy, for free().
 */
static inline char *xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

#endif /* SWAPLAB_XSTRDUP_H */
