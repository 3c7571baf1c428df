// SPDX-License-Identifier: GPL-2.0
/*
 * The first stack of a program: the number of arguments, arguments, environment and auxiliary
 * vector, as the kernel would leave them. Strings and the rest of the stack are those of
 * this process, which becomes the program.
 */

#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "stack.h"

#define MAX_WORDS	65536
#define MAX_VALUES	64

static size_t nr_of(char **list)
{
	size_t nr = 0;

	while (list[nr])
		nr++;
	return nr;
}

/* Returns the number of values, the last one included. */
static size_t read_vector(Elf64_auxv_t *vector)
{
	int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	ssize_t bytes;

	if (fd < 0)
		err(125, "/proc/self/auxv");
	bytes = read(fd, vector, MAX_VALUES * sizeof(*vector));
	close(fd);
	if (bytes <= 0 || bytes % sizeof(*vector) ||
	    vector[bytes / sizeof(*vector) - 1].a_type != AT_NULL)
		errx(125, "/proc/self/auxv: %zd bytes", bytes);
	return bytes / sizeof(*vector);
}

/* What the kernel says of this program is said of the new one. */
static void set_values(Elf64_auxv_t *value, const struct image *program,
		       const struct image *interpreter, const char *path)
{
	for (; value->a_type != AT_NULL; value++) {
		switch (value->a_type) {
		case AT_PHDR:
			value->a_un.a_val = program->headers;
			break;
		case AT_PHNUM:
			value->a_un.a_val = program->nr_headers;
			break;
		case AT_BASE:
			value->a_un.a_val = interpreter ? interpreter->bias : 0;
			break;
		case AT_ENTRY:
			value->a_un.a_val = program->entry;
			break;
		case AT_EXECFN:
			value->a_un.a_val = (unsigned long)path;
			break;
		}
	}
}

static void **put_list(void **to, char **list)
{
	size_t nr = nr_of(list) + 1;

	memcpy(to, list, nr * sizeof(*list));
	return to + nr;
}

static void jump(void **stack, unsigned long entry) __attribute__((noreturn));

/* No function to be called at exit, in %rdx, and no frame, in %rbp. */
static void jump(void **stack, unsigned long entry)
{
	asm volatile("mov %0, %%rsp\n\t"
		     "xor %%edx, %%edx\n\t"
		     "xor %%ebp, %%ebp\n\t"
		     "jmp *%1"
		     : : "r" (stack), "a" (entry) : "memory", "rdx");
	__builtin_unreachable();
}

/**
 * stack_start() - begin a program, in place of this one
 * @program: as it is mapped
 * @interpreter: of the program, which begins first; or NULL
 * @argv: arguments of the program
 */
void stack_start(const struct image *program, const struct image *interpreter, char **argv)
{
	Elf64_auxv_t vector[MAX_VALUES];
	size_t nr_values = read_vector(vector);
	size_t nr = 3 + nr_of(argv) + nr_of(environ) +
		    nr_values * sizeof(*vector) / sizeof(void *);
	void *stack[nr + 2], **to;

	if (nr > MAX_WORDS)
		errx(126, "too many arguments");
	set_values(vector, program, interpreter, *argv);
	/* 16 bytes is its alignment. */
	to = (void **)(((unsigned long)stack + 15) & -16UL);
	*to = (void *)nr_of(argv);
	memcpy(put_list(put_list(to + 1, argv), environ), vector,
	       nr_values * sizeof(*vector));
	jump(to, interpreter ? interpreter->entry : program->entry);
}
