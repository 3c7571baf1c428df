/* SPDX-License-Identifier: GPL-2.0 */
/* Command lines: options by getopt_long(), help, and errors. */
#ifndef SWAPLAB_OPTION_H
#define SWAPLAB_OPTION_H

#include <getopt.h>	/* optarg, optind */
#include "verb.h"

int option_next(const struct swaplab_verb *verb, int argc, char **argv);
char **option_words(const struct swaplab_verb *verb, int argc, char **argv);
void option_help(const struct swaplab_verb *verb);
unsigned long option_number(const char *option, const char *text,
			    unsigned long min, unsigned long max);
unsigned long long option_size(const char *option, const char *text);
unsigned long option_pages(const char *option, const char *text, unsigned long min);
void option_writable(const char *path);
const char *option_device(const char *chosen, char **argv);
void option_wrong(const struct swaplab_verb *verb, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif /* SWAPLAB_OPTION_H */
