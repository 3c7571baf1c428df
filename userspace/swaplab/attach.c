// SPDX-License-Identifier: GPL-2.0
/* swaplab attach: gives a device a swap file, frames and a policy. */

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fatal.h"
#include "device.h"
#include "module.h"
#include "option.h"
#include "policies.h"
#include "swapfile.h"
#include "verb.h"

enum { DEVICE = 'd', SIZE = 1, FRAMES, POLICY, OVERWRITE, CONFIG };

/* The exit status; swaplab.service knows it. */
#define SOME_FAILED	3

struct request {
	const char *device;
	const char *path;
	unsigned long nr_frames;
	const char *policy;
	const char *config;
	char *old_frames;
	struct swapfile file;
};

static void parse_option(struct request *request, int key)
{
	switch (key) {
	case DEVICE:
		request->device = optarg;
		break;
	case SIZE:
		request->file.size = option_size("--size", optarg);
		break;
	case FRAMES:
		request->nr_frames = option_pages("--frames", optarg, DEVICE_MIN_FRAMES);
		break;
	case POLICY:
		request->policy = optarg;
		break;
	case OVERWRITE:
		request->file.overwrite = true;
		break;
	case CONFIG:
		request->config = optarg;
		break;
	}
}

/* Of two arguments the first is the device, be it the name of one or not. */
static const char *chosen_device(const struct request *request, int argc, char **argv)
{
	if (!request->device && argc - optind == 2)
		return argv[optind++];
	return option_device(request->device, argv);
}

static struct request parse_request(int argc, char **argv)
{
	struct request request = {};
	int key;

	while ((key = option_next(&attach_verb, argc, argv)) != -1)
		parse_option(&request, key);
	if (request.config && (request.device || optind < argc))
		option_wrong(&attach_verb, "%s: with --config, devices are in its file",
			     request.device ? request.device : argv[optind]);
	if (request.config && (request.file.size || request.nr_frames || request.policy ||
			       request.file.overwrite))
		option_wrong(&attach_verb, "with --config, options of a device are in its file");
	if (request.config)
		return request;
	request.device = chosen_device(&request, argc, argv);
	if (argc - optind != 1)
		option_wrong(&attach_verb, "a device and a file are wanted");
	request.path = argv[optind];
	return request;
}

static const char *frames_text(const struct request *request)
{
	static char text[24];

	snprintf(text, sizeof(text), "%lu", request->nr_frames);
	return request->nr_frames ? text : NULL;
}

/* Called before a file is made, so that an error leaves no file. */
static void check_request(const struct request *request,
			  const struct device *device)
{
	char *attached = device_value(device, "swap_file");

	if (geteuid())
		fatal_write(device, "swap_file", "", EACCES);
	if (strcmp(attached, "none"))
		errx(1, "%s pages to %s already; to change that: swaplab detach %s",
		     device->path, attached, device->name);
	free(attached);
	if (request->nr_frames > device_max_frames())
		fatal_write(device, "nr_frames", frames_text(request), EINVAL);
	if (request->policy && !policies_has(device, request->policy))
		policies_refuse(device, request->policy);
}

/* A failure leaves the settings unchanged, unless the device has got users meanwhile. */
static void set_value(const struct device *device, struct request *request,
		      const char *file, const char *value)
{
	int error = value ? device_write(device, file, value) : 0;

	if (!error)
		return;
	if (device_write(device, "swap_file", "none"))
		warnx("%s is in use, and pages to %s from now on", device->path,
		      request->file.path);
	else
		swapfile_undo(&request->file);
	device_write(device, "nr_frames", request->old_frames);
	fatal_write(device, file, value, -error);
}

static void print_result(const struct device *device, const struct swapfile *file)
{
	unsigned long nr_frames = device_number(device, "nr_frames");
	char *policy = device_policy(device);

	printf("%s pages to %s: %llu MiB, %lu frames (%lu MiB), policy %s\n",
	       device->path, file->path, file->size >> 20, nr_frames,
	       nr_frames >> 8, policy);
	free(policy);
}

static void attach_one(struct request *request)
{
	struct device device;

	module_load();
	device = device_named(request->device);
	check_request(request, &device);
	request->old_frames = device_value(&device, "nr_frames");
	swapfile_prepare(&request->file, request->path);
	swapfile_attach(&request->file, &device);
	set_value(&device, request, "nr_frames", frames_text(request));
	set_value(&device, request, "policy", request->policy);
	free(request->old_frames);
	print_result(&device, &request->file);
}

/* Splits a line into an argument vector behind argv[0]; returns its length. */
static int split_line(char *line, char **argv, int max)
{
	char *rest = line, *word;
	int argc = 1;

	line[strcspn(line, "#")] = '\0';
	while ((word = strsep(&rest, " \t\r")))
		if (*word && argc < max - 1)
			argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/* Each line has a process of its own, so a wrong line does not stop the others. */
static int attach_line(int argc, char **argv)
{
	struct request request;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		program_invocation_short_name = argv[0];
		optind = 0;
		request = parse_request(argc, argv);
		if (request.config)
			errx(2, "--config in the file itself");
		attach_one(&request);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return !WIFEXITED(status) || WEXITSTATUS(status) ? 1 : 0;
}

/* Reads it whole: the processes of the lines would share the position of a stream. */
static char *read_config(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		err(1, "%s", path);
	if (getdelim(&text, &size, '\0', file) < 0) {
		if (ferror(file))
			err(1, "%s", path);
		text[0] = '\0';
	}
	fclose(file);
	return text;
}

static int attach_config(const char *path)
{
	char name[PATH_MAX + 64], *argv[32] = { name }, *line;
	char *text = read_config(path), *rest = text;
	int argc, nr = 0, nr_attached = 0, nr_failed = 0;

	while ((line = strsep(&rest, "\n"))) {
		snprintf(name, sizeof(name), "swaplab attach: %s:%d", path,
			 ++nr);
		argc = split_line(line, argv, 32);
		if (argc == 1)
			continue;
		if (attach_line(argc, argv))
			nr_failed++;
		else
			nr_attached++;
	}
	free(text);
	if (!nr_failed)
		return 0;
	return nr_attached ? SOME_FAILED : 1;
}

static int run_attach(int argc, char **argv)
{
	struct request request = parse_request(argc, argv);

	if (request.config)
		return attach_config(request.config);
	attach_one(&request);
	free(request.file.path);
	return 0;
}

static const struct swaplab_option attach_options[] = {
	{ "device", "DEVICE", DEVICE, "/dev/swaplab0 unless given" },
	{ "size", "SIZE", SIZE,
	  "of a file to be made, as in 512M or 4G (default: 1G)" },
	{ "frames", "N", FRAMES,
	  "pages that the device may hold in memory, or a size such as 64M" },
	{ "policy", "NAME", POLICY, "the policy that chooses the pages to evict" },
	{ "overwrite", NULL, OVERWRITE,
	  "replace FILE, or use the block device, though it has content, which\n"
	  "is lost" },
	{ "config", "FILE", CONFIG,
	  "attach the devices in FILE, one a line: DEVICE FILE [OPTION]...;\n"
	  "# begins a comment" },
	{}
};

const struct swaplab_verb attach_verb = {
	.name = "attach",
	.arguments = "[DEVICE] FILE",
	.summary = "give a device a file or block device to page to",
	.description =
"DEVICE is /dev/swaplabN, or its number. FILE is made if it is not there, on ext2,\n"
"ext3, ext4 or xfs, and written with zeros; so is /var/lib/swaplab, if FILE is there.\n"
"A file that is there has to be the caller's own, with mode 0600, and may be no\n"
"symbolic link. A block device is used as a whole, and its content is lost. The pages\n"
"do not survive a detach or a restart. The module is loaded if need be. For root.\n",
	.options = attach_options,
	.run = run_attach,
};
