// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab with: a command that measures, on a machine that is set up for it, with a
 * device or with the kernel's own swap.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cgroup.h"
#include "child.h"
#include "device.h"
#include "interrupt.h"
#include "kernel_swap.h"
#include "machine.h"
#include "option.h"
#include "program.h"
#include "tunable.h"
#include "verb.h"
#include "xstrdup.h"

enum {
	DEVICE = 'd', POLICY = 'p', STOCK = 1, FRAMES = 'f', DISK = 2, OVERWRITE = 3,
	SET = 's',
};

#define MAX_SETS	32

struct request {
	const char *device_name;
	const char *policy;
	const char *stock;
	unsigned long frames;
	struct machine machine;
	char *sets[MAX_SETS];
	int nr_sets;
	char **argv;
};

/* "NAME=VALUE"; the name may not lead out of the device's directory. */
static void add_set(struct request *request, char *text)
{
	char *value = strchr(text, '='), *name;
	const struct tunable *tunable;

	if (!value || value == text || *text == '/' || strstr(text, "..") ||
	    !value[1])
		option_wrong(&with_verb, "--set %s: NAME=VALUE is wanted", text);
	name = xstrndup(text, value - text);
	tunable = tunable_find(name);
	if (tunable && tunable->is_sticky)
		option_wrong(&with_verb, "--set %s: could not be put back; use swaplab set", name);
	free(name);
	if (request->nr_sets == MAX_SETS)
		option_wrong(&with_verb, "--set: %d at most", MAX_SETS);
	request->sets[request->nr_sets++] = text;
}

static void set_values(const struct request *request)
{
	char *name, *value;
	int i;

	for (i = 0; i < request->nr_sets; i++) {
		value = request->sets[i];
		name = strsep(&value, "=");
		machine_set(&request->machine, name, value);
	}
}

static void set_up_device(struct request *request)
{
	struct machine *machine = &request->machine;

	machine->device = device_named(request->device_name ? request->device_name : "swaplab0");
	machine_lock();
	machine_check(machine);
	machine_begin();
	machine_attach(machine);
	/* A policy determines the size of its history when it is bound. */
	if (request->policy)
		machine_set(machine, "policy", "none");
	if (request->frames)
		machine_set_frames(machine, request->frames);
	if (request->policy)
		machine_set(machine, "policy", request->policy);
	set_values(request);
	setenv("SWAPLAB_DEVICE", machine->device.path, 1);
}

static void set_up_stock(struct request *request)
{
	struct machine *machine = &request->machine;
	struct kernel_swap stock;
	const char *disk;

	if (!kernel_swap_parse(&stock, request->stock))
		errx(2, "%s is no way of the kernel's own to swap: lru, mglru, mglru-5",
		     request->stock);
	machine_lock();
	disk = machine_disk(machine->disk, machine->overwrite);
	machine_begin();
	kernel_swap_use(&stock);
	kernel_swap_begin(disk);
	setenv("SWAPLAB_CGROUP", cgroup_make(request->frames *
						    sysconf(_SC_PAGESIZE)), 1);
}

static void parse_request(struct request *request, int argc, char **argv)
{
	int key;

	while ((key = option_next(&with_verb, argc, argv)) != -1) {
		switch (key) {
		case DEVICE:
			request->device_name = optarg;
			break;
		case POLICY:
			request->policy = optarg;
			break;
		case STOCK:
			request->stock = optarg;
			break;
		case FRAMES:
			request->frames = option_pages("--frames", optarg,
						       DEVICE_MIN_FRAMES);
			break;
		case DISK:
			request->machine.disk = optarg;
			break;
		case OVERWRITE:
			request->machine.overwrite = true;
			break;
		default:
			add_set(request, optarg);
		}
	}
	request->argv = argv + optind;
	if (optind == argc)
		option_wrong(&with_verb, "there is no command to run");
	if (!request->stock)
		return;
	if (request->device_name || request->policy || request->nr_sets)
		option_wrong(&with_verb, "--stock has neither --device, nor --policy, nor --set");
	if (!request->frames || !request->machine.disk)
		option_wrong(&with_verb, "--stock needs --frames and --disk");
}

/* A child that stays behind would keep the cgroup. */
static int run_command(const struct request *request)
{
	struct child child;

	interrupt_check();
	if (child_fork(&child))
		child_execute(request->argv);
	child_follow(&child, NULL, NULL);
	if (request->stock)
		cgroup_end();
	interrupt_note(child.interrupted);
	interrupt_check();
	return child.status;
}

static int run_with(int argc, char **argv)
{
	struct request request = {};

	program_begin();
	parse_request(&request, argc, argv);
	if (geteuid())
		errx(1, "swap, cgroups and policies are for root to change: use sudo");
	if (request.stock)
		set_up_stock(&request);
	else
		set_up_device(&request);
	return program_end(run_command(&request));
}

static const struct swaplab_option with_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "policy", "NAME", POLICY, "of the device: the one it has unless given" },
	{ "stock", "{lru|mglru}", STOCK,
	  "no device, but the kernel's own swap; mglru-5 for a page-cluster of 5\n"
	  "instead of 3. SWAPLAB_CGROUP is the directory of an empty cgroup that\n"
	  "is limited to the memory of --frames, for COMMAND to move a process to" },
	{ "frames", "N", FRAMES, "frames of the device, or a size: those it has unless given" },
	{ "disk", "FILE", DISK,
	  "block device or file to page or swap to, if none is attached" },
	{ "overwrite", NULL, OVERWRITE,
	  "use the disk though it has content, which is lost" },
	{ "set", "NAME=VALUE", SET,
	  "another file of the device, such as policy_params/width=4; as often as\n"
	  "you like" },
	{}
};

const struct swaplab_verb with_verb = {
	.name = "with",
	.arguments = "[--] COMMAND [ARGUMENT]...",
	.summary = "run a command with a device, or the kernel's swap, set up for it",
	.description =
"Sets the device up, runs COMMAND, and puts all settings back, also if a signal ends it.\n"
"COMMAND finds the device's path in SWAPLAB_DEVICE; its memory is ordinary memory.\n"
"Nothing else may use the device, and no other with, compare or score may run, unless\n"
"COMMAND runs it. Transparent huge pages are off meanwhile. As root.\n"
"Exits with COMMAND's status, 128 + N if signal N killed it; 126 if it cannot be run,\n"
"127 if it is not there, 125 if anything else is wrong.\n",
	.options = with_options,
	.takes_program = true,
	.usage_status = PROGRAM_FAILED,
	.run = run_with,
};
