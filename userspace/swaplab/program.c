// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that a library cannot be preloaded to: those without a dynamic linker,
 * and those that run with more rights than their user, where it is ignored. Both
 * would run, and silently have no page on the device.
 */

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "program.h"

/* A script's interpreter may be a script; the kernel stops at 5. */
#define MAX_DEPTH	5

static bool is_executable(const char *path)
{
	struct stat stat_;

	return !stat(path, &stat_) && S_ISREG(stat_.st_mode) &&
	       !access(path, X_OK);
}

/* As execvp() finds it. */
static char *find_program(const char *name)
{
	char *path, *directories, *rest, *directory;

	if (strchr(name, '/')) {
		path = strdup(name);
		if (!path)
			err(PROGRAM_FAILED, "memory");
		return path;
	}
	rest = getenv("PATH");
	directories = strdup(rest ? rest : "/usr/bin:/bin");
	if (!directories)
		err(PROGRAM_FAILED, "memory");
	rest = directories;
	while ((directory = strsep(&rest, ":"))) {
		if (asprintf(&path, "%s/%s", *directory ? directory : ".",
			     name) < 0)
			err(PROGRAM_FAILED, "memory");
		if (is_executable(path)) {
			free(directories);
			return path;
		}
		free(path);
	}
	errx(PROGRAM_NOT_FOUND, "%s: there is no such program in $PATH", name);
}

static void check_rights(int fd, const char *path)
{
	struct stat stat_;

	if (fstat(fd, &stat_))
		err(PROGRAM_CANNOT_RUN, "%s", path);
	if ((stat_.st_mode & S_ISUID && stat_.st_uid != geteuid()) ||
	    (stat_.st_mode & S_ISGID && stat_.st_gid != getegid()))
		errx(PROGRAM_CANNOT_RUN,
		     "%s is setuid or setgid: its dynamic linker preloads nothing; run it as\n"
		     "its owner, or run a copy without these bits", path);
	if (geteuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		errx(PROGRAM_CANNOT_RUN,
		     "%s has file capabilities: its dynamic linker preloads nothing; run it\n"
		     "as root, or run a copy without them", path);
}

static void check_elf(int fd, const char *path, const Elf64_Ehdr *header)
{
	Elf64_Phdr segment;
	int i;

	if (header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_machine != EM_X86_64)
		errx(PROGRAM_CANNOT_RUN,
		     "%s is for another kind of machine than the heap's library (amd64)",
		     path);
	for (i = 0; i < header->e_phnum; i++) {
		off_t offset = header->e_phoff + i * sizeof(segment);

		if (pread(fd, &segment, sizeof(segment), offset) !=
		    sizeof(segment))
			break;
		if (segment.p_type == PT_INTERP)
			return;
	}
	errx(PROGRAM_CANNOT_RUN,
	     "%s is linked statically: it has no dynamic linker that could preload the heap;\n"
	     "link it dynamically", path);
}

static void check_file(const char *path, int depth);

static void check_interpreter(const char *script, char *line, int depth)
{
	char *interpreter;

	line[strcspn(line, "\n")] = '\0';
	interpreter = strtok(line + 2, " \t");
	if (interpreter && depth < MAX_DEPTH)
		check_file(interpreter, depth + 1);
	else
		errx(PROGRAM_CANNOT_RUN, "%s: no interpreter in #!", script);
}

static void check_file(const char *path, int depth)
{
	union {
		char text[256];
		Elf64_Ehdr elf;
	} begin = {};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		err(PROGRAM_NOT_FOUND, "%s", path);
	/* An executable file need not be readable; the dynamic linker reports it then. */
	if (fd < 0)
		return;
	check_rights(fd, path);
	if (pread(fd, begin.text, sizeof(begin.text) - 1, 0) > 0) {
		if (!memcmp(begin.text, ELFMAG, SELFMAG))
			check_elf(fd, path, &begin.elf);
		else if (!memcmp(begin.text, "#!", 2))
			check_interpreter(path, begin.text, depth);
	}
	close(fd);
}

/**
 * program_check() - make sure that a program can have its heap on a device
 * @name: of the program, as for execvp()
 *
 * Ends this program, and says why, if it cannot.
 */
void program_check(const char *name)
{
	char *path = find_program(name);

	check_file(path, 0);
	free(path);
}

static bool is_over;

static void change_status(int status, void *unused)
{
	(void)unused;
	if (is_over || status == 0 || status >= PROGRAM_FAILED)
		return;
	fflush(NULL);
	_exit(PROGRAM_FAILED);
}

/**
 * program_begin() - have errors of ours end with PROGRAM_FAILED, as with env(1)
 *
 * A status of 1 or 2 would be taken for the program's own. Called first: functions that
 * are registered with atexit() later are called before.
 */
void program_begin(void)
{
	on_exit(change_status, NULL);
}

/**
 * program_end() - end with the status of a program
 * @status: its own
 *
 * Return: @status, which program_begin() leaves alone from now on.
 */
int program_end(int status)
{
	is_over = true;
	return status;
}
