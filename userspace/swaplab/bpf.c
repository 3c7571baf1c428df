// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a policy in BPF, by libbpf. The policy is there as long as this process, or as long
 * as a device uses it.
 */

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "bpf.h"
#include "kmsg.h"
#include "module.h"

static void check_kernel(void)
{
	struct utsname kernel;
	unsigned int major, minor;

	uname(&kernel);
	if (sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
	    (major < 6 || (major == 6 && minor < 12)))
		errx(1, "policies in BPF need Linux 6.12 or later; this is %s", kernel.release);
}

#ifdef HAVE_LIBBPF
#include <bpf/libbpf.h>

#define MODULE		"swaplab_bpf"
#define BEGIN_LOG	"-- BEGIN PROG LOAD LOG --\n"
#define END_LOG		"-- END PROG LOAD LOG --"

/* All that libbpf had to say about the file. */
static char *said;
static size_t said_length;
static FILE *said_stream;

static int hear(enum libbpf_print_level level, const char *format, va_list list)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(said_stream, format, list);
}

/* The end of the verifier's log of a program: its last words, and the line that it was at. */
struct refusal {
	char *program;
	char *source;
	char *reason;
};

static bool is_statistics(const char *line)
{
	return !strncmp(line, "processed ", 10) || !strncmp(line, "verification time", 17) ||
	       !strncmp(line, "stack depth", 11) || !*line;
}

/* Lines of the source begin with "; "; all others tell of the state, the last one of an error. */
static void read_log(char *log, struct refusal *refusal)
{
	char *line;

	while ((line = strsep(&log, "\n"))) {
		if (!strncmp(line, "; ", 2))
			refusal->source = line + 2;
		else if (!is_statistics(line))
			refusal->reason = line;
	}
}

/* From the lines of libbpf: "libbpf: prog 'NAME': -- BEGIN PROG LOAD LOG --", and the log. */
static bool find_refusal(struct refusal *refusal)
{
	char *log = strstr(said, BEGIN_LOG), *end, *name = said, *next;

	if (!log)
		return false;
	while ((next = strstr(name, "prog '")) && next < log)
		name = next + strlen("prog '");
	refusal->program = strndup(name, strcspn(name, "'"));
	log += strlen(BEGIN_LOG);
	end = strstr(log, END_LOG);
	if (end)
		*end = '\0';
	read_log(log, refusal);
	return refusal->reason;
}

static void refuse_load(const char *path, int error)
{
	struct refusal refusal = {};

	fflush(said_stream);
	if (!find_refusal(&refusal)) {
		if (said_length)
			fputs(said, stderr);
		errno = error;
		err(1, "%s: cannot be loaded", path);
	}
	errx(1, "%s: the kernel refuses %s:\n  %s%s%s", path, refusal.program, refusal.reason,
	     refusal.source ? "\n  at: " : "", refusal.source ? refusal.source : "");
}

static struct bpf_map *find_policy(struct bpf_object *object, const char *path)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			return map;
	errx(1, "%s: there is no SWAPLAB_BPF_POLICY() in it", path);
}

static void refuse_policy(const char *path, const char *name, int kmsg, int error)
{
	const char *why = kmsg_find(kmsg, MODULE ": ");

	if (error == EEXIST)
		errx(1, "%s: there is a policy %s already; devices that use it have to use\n"
		     "another one first", path, name);
	if (why)
		errx(1, "%s: %s", path, why);
	errno = error;
	err(1, "%s: policy %s cannot be registered", path, name);
}

static void load_module(void)
{
	if (geteuid())
		errx(1, "only root may load a policy; use sudo");
	if (!module_load_named(MODULE))
		errx(1, MODULE ", which policies in BPF need, cannot be loaded; it is built and\n"
		     "installed where the kernel's headers have BTF, and pahole is there\n"
		     "In the built tree: sudo insmod module/bpf/" MODULE ".ko");
}

/**
 * bpf_load_policy() - make the policy in a file one that devices can use
 * @path: an object file, compiled for BPF
 *
 * Ends the program with a message if that fails.
 *
 * Return: the policy's name. When this process ends, the policy goes unless a device uses it.
 */
const char *bpf_load_policy(const char *path)
{
	struct bpf_object *object;
	struct bpf_map *map;
	int kmsg = kmsg_open();

	check_kernel();
	said_stream = open_memstream(&said, &said_length);
	if (!said_stream)
		err(1, "memory");
	libbpf_set_print(hear);
	if (access(path, R_OK))
		err(1, "%s", path);
	object = bpf_object__open_file(path, NULL);
	if (!object)
		errx(1, "%s: not a policy in BPF; clang -O2 -g -target bpf makes them", path);
	map = find_policy(object, path);
	load_module();
	if (bpf_object__load(object))
		refuse_load(path, errno);
	if (!bpf_map__attach_struct_ops(map))
		refuse_policy(path, bpf_map__name(map), kmsg, errno);
	close(kmsg);
	return bpf_map__name(map);
}
#else
const char *bpf_load_policy(const char *path)
{
	check_kernel();
	errx(1, "%s: this command was built without libbpf 1.4 or later, which loads policies\n"
	     "in BPF; with it in place, build the command anew: make -C userspace/swaplab", path);
}
#endif /* HAVE_LIBBPF */
