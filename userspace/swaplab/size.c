// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes, as people write and read them: 512M, 4GiB, 100p. K, M, G and T are powers of
 * 1024; p, or pages, is the machine's page. Large or small letters make no difference.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "size.h"

static const char units[] = "KMGT";

/* The digits at the beginning of @text, which must be some; @rest is behind them. */
static bool parse_digits(const char *text, unsigned long *number, const char **rest)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoul(text, &end, 10);
	*rest = end;
	return !errno;
}

static bool is_page(const char *suffix)
{
	return !strcasecmp(suffix, "p") || !strcasecmp(suffix, "page") ||
	       !strcasecmp(suffix, "pages");
}

/**
 * size_parse_number() - read a number without a unit
 * @text: decimal digits
 * @number: set to it
 *
 * Return: whether it is one.
 */
bool size_parse_number(const char *text, unsigned long *number)
{
	const char *rest;

	return parse_digits(text, number, &rest) && !*rest;
}

/**
 * size_parse_bytes() - read a size
 * @text: a number, which may have a unit behind it
 * @bytes: set to the size
 *
 * Return: whether it is one.
 */
bool size_parse_bytes(const char *text, unsigned long long *bytes)
{
	unsigned long long factor = 1;
	unsigned long number;
	const char *rest, *unit;

	if (!parse_digits(text, &number, &rest))
		return false;
	unit = *rest ? strchr(units, toupper((unsigned char)*rest)) : NULL;
	if (is_page(rest)) {
		factor = sysconf(_SC_PAGESIZE);
	} else if (unit) {
		factor <<= 10 * (unit - units + 1);
		rest++;
		if (*rest && strcasecmp(rest, "b") && strcasecmp(rest, "ib"))
			return false;
	} else if (*rest && strcasecmp(rest, "b")) {
		return false;
	}
	*bytes = number * factor;
	return number <= (1ULL << 62) / factor;
}

/**
 * size_parse_pages() - read a number of pages
 * @text: a number, or a size with its unit
 * @pages: set to the number
 *
 * Return: whether it is one; a size has to be a whole number of pages.
 */
bool size_parse_pages(const char *text, unsigned long *pages)
{
	unsigned long long bytes, page = sysconf(_SC_PAGESIZE);
	const char *rest;

	if (!parse_digits(text, pages, &rest))
		return false;
	if (!*rest || is_page(rest))
		return true;
	if (!size_parse_bytes(text, &bytes) || bytes % page)
		return false;
	*pages = bytes / page;
	return true;
}

/**
 * size_text() - write a size for people
 * @text: filled in, as in "1.5G"
 * @bytes: the size
 *
 * Return: @text.
 */
const char *size_text(char text[SIZE_TEXT], unsigned long long bytes)
{
	double size = bytes;
	int unit = -1;

	while (size >= 1024 && units[unit + 1]) {
		size /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(text, SIZE_TEXT, "%llu", bytes);
	else
		snprintf(text, SIZE_TEXT, "%.*f%c", size < 9.95 ? 1 : 0, size, units[unit]);
	return text;
}
