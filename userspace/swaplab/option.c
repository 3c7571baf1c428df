// SPDX-License-Identifier: GPL-2.0
/* Command lines: options by getopt_long(), help, and errors. */

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "device.h"
#include "nearest.h"
#include "option.h"
#include "size.h"
#include "wrap.h"

#define MAX_OPTIONS	32
/* -h is help, too, where a verb has no use for the letter. */
#define HELP		256

static const struct swaplab_option help_option = {
	"help", NULL, HELP, "show this"
};

static bool is_letter(int key)
{
	return (key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z');
}

/* Returns the letter's place in @letters' rest. */
static char *add_option(struct option *longopt, char *letters,
			const struct swaplab_option *option)
{
	*longopt = (struct option){
		.name = option->name,
		.has_arg = option->argument ? required_argument : no_argument,
		.val = option->key,
	};
	if (is_letter(option->key)) {
		*letters++ = option->key;
		if (option->argument)
			*letters++ = ':';
	}
	return letters;
}

/* getopt_long() has said what is wrong. */
static void refuse_option(const struct swaplab_verb *verb, const char *text)
{
	const struct swaplab_option *option;
	struct nearest nearest = {};
	char name[32];

	if (!strncmp(text, "--", 2)) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(text + 2, "="), text + 2);
		nearest.text = name;
		for (option = verb->options; option && option->name; option++)
			nearest_try(&nearest, option->name);
	}
	if (nearest.word && nearest.distance)
		warnx("did you mean --%s?", nearest.word);
	exit(verb->usage_status ? verb->usage_status : 2);
}

/**
 * option_next() - the next option of a command line
 * @verb: the verb
 * @argc: of its run()
 * @argv: likewise
 *
 * --help (and -h, unless the verb has it) and an unknown option end the program.
 *
 * Return: the option's key, with its argument in optarg; -1 when there is none
 * left, and the other arguments begin at optind.
 */
int option_next(const struct swaplab_verb *verb, int argc, char **argv)
{
	struct option longopts[MAX_OPTIONS + 2] = {};
	char letters[2 * MAX_OPTIONS + 4] = "+", *rest;
	const struct swaplab_option *option = verb->options;
	bool takes_h;
	int nr = 0, key;

	rest = letters + verb->takes_program;
	for (; option && option->name && nr < MAX_OPTIONS; option++)
		rest = add_option(&longopts[nr++], rest, option);
	rest = add_option(&longopts[nr], rest, &help_option);
	takes_h = memchr(letters, 'h', rest - letters);
	strcpy(rest, takes_h ? "" : "h");
	key = getopt_long(argc, argv, letters, longopts, NULL);
	if (key == HELP || (key == 'h' && !takes_h)) {
		option_help(verb);
		exit(0);
	}
	if (key == '?')
		refuse_option(verb, argv[optind - 1]);
	return key;
}

/* "--name=argument" */
static char *option_word(const struct swaplab_option *options, int key)
{
	const struct swaplab_option *option = options;
	char *word;

	while (option->key != key)
		option++;
	if (asprintf(&word, "--%s%s%s", option->name, option->argument ? "=" : "",
		     option->argument ? optarg : "") < 0)
		err(1, "memory");
	return word;
}

/* No more than the letters of @argv, as -ab is two options; and "--", and NULL. */
static char **allocate_words(int argc, char **argv)
{
	size_t nr = argc + 2;
	char **words;
	int i;

	for (i = 0; i < argc; i++)
		nr += strlen(argv[i]);
	words = calloc(nr, sizeof(*words));
	if (!words)
		err(1, "memory");
	return words;
}

/**
 * option_words() - a command line, checked, for a program that belongs to the command
 * @verb: the verb
 * @argc: of its run()
 * @argv: likewise
 *
 * Return: @argv with each option in one long word, then "--" and the other arguments, which
 * begin at optind of @argv.
 */
char **option_words(const struct swaplab_verb *verb, int argc, char **argv)
{
	char **words = allocate_words(argc, argv);
	int key, nr = 0;

	words[nr++] = argv[0];
	while ((key = option_next(verb, argc, argv)) != -1)
		words[nr++] = option_word(verb->options, key);
	words[nr++] = "--";
	memcpy(words + nr, argv + optind, (argc - optind) * sizeof(*words));
	return words;
}

static int option_text(char *text, size_t size,
		       const struct swaplab_option *option)
{
	char letter[] = { '-', option->key, ',', ' ', '\0' };

	if (!is_letter(option->key) || option == &help_option)
		letter[0] = '\0';
	return snprintf(text, size, "%s--%s%s%s", letter,
			option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
}

static void print_option(const struct swaplab_option *option, int width)
{
	struct wrap wrap = { .indent = width + 4 };
	char text[80];

	option_text(text, sizeof(text), option);
	wrap.column = printf("  %-*s  ", width, text);
	wrap_text(&wrap, option->help);
	putchar('\n');
}

/* Lines that begin with a blank stay as they are, and so do empty ones. */
static void print_description(const char *text)
{
	struct wrap wrap = {};
	const char *end;
	char line[128];

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		if (*line && *line != ' ') {
			wrap_text(&wrap, line);
			continue;
		}
		printf("%s%s\n", wrap.has_word ? "\n" : "", line);
		wrap = (struct wrap){};
	}
	if (wrap.has_word)
		putchar('\n');
}

/**
 * option_help() - print the help of a verb
 * @verb: of which verb
 */
void option_help(const struct swaplab_verb *verb)
{
	const struct swaplab_option *option;
	int width = strlen("--help"), len;
	char text[80];

	printf("Usage: swaplab %s [OPTION]...%s%s\n%c%s.\n", verb->name,
	       verb->arguments[0] ? " " : "", verb->arguments,
	       verb->summary[0] & ~0x20, verb->summary + 1);
	if (verb->description) {
		putchar('\n');
		print_description(verb->description);
	}
	putchar('\n');
	for (option = verb->options; option && option->name; option++) {
		len = option_text(text, sizeof(text), option);
		width = len > width ? len : width;
	}
	for (option = verb->options; option && option->name; option++)
		print_option(option, width);
	print_option(&help_option, width);
}

/**
 * option_wrong() - end the program for a wrong command line
 * @verb: the verb
 * @format: the error
 */
void option_wrong(const struct swaplab_verb *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
	fprintf(stderr, "Usage: swaplab %s [OPTION]... %s\n", verb->name,
		verb->arguments);
	exit(verb->usage_status ? verb->usage_status : 2);
}

/**
 * option_number() - a whole number
 * @option: its name in the message: "--count", or a word
 * @text: the number
 * @min: the smallest that is valid
 * @max: the largest
 *
 * Any other text ends the program with status 2.
 *
 * Return: the number.
 */
unsigned long option_number(const char *option, const char *text,
			    unsigned long min, unsigned long max)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || strspn(text, "0123456789") == 0 || number < min ||
	    number > max)
		errx(2, "%s %s: not a number from %lu to %lu", option, text,
		     min, max);
	return number;
}

/**
 * option_size() - a size in bytes
 * @option: its name in the message
 * @text: a number, which may have a unit behind it
 *
 * Any other text, and 0, end the program with status 2.
 *
 * Return: the size.
 */
unsigned long long option_size(const char *option, const char *text)
{
	unsigned long long size;

	if (!size_parse_bytes(text, &size) || !size)
		errx(2, "%s %s: not a size, such as 512M or 4G", option, text);
	return size;
}

/**
 * option_pages() - a number of pages
 * @option: its name in the message
 * @text: a number, or a size with its unit
 * @min: the smallest that is valid
 *
 * Any other text ends the program with status 2.
 *
 * Return: the number.
 */
unsigned long option_pages(const char *option, const char *text, unsigned long min)
{
	unsigned long pages;

	if (!size_parse_pages(text, &pages) || pages < min || pages > LONG_MAX)
		errx(2, "%s %s: not a number of pages from %lu on, nor a size such as 64M",
		     option, text, min);
	return pages;
}

/**
 * option_writable() - make sure that a file can be written
 * @path: of the file, which is made if it is not there; NULL: none is wanted
 *
 * Called before a long run: an error after it would lose its figures. Ends the program if the
 * file cannot be written.
 */
void option_writable(const char *path)
{
	FILE *file = path ? fopen(path, "ae") : NULL;

	if (path && (!file || fclose(file)))
		err(1, "%s", path);
}

/**
 * option_device() - the device of a command line
 * @chosen: the argument of -d, or NULL
 * @argv: of run(), with options behind; if the device is the next argument, optind
 *	goes on to the one after it
 *
 * Return: its name: swaplab0 unless one is given.
 */
const char *option_device(const char *chosen, char **argv)
{
	if (chosen)
		return chosen;
	if (argv[optind] && device_is_name(argv[optind]))
		return argv[optind++];
	return "swaplab0";
}
