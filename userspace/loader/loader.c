// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a program whose text and data are paged by a device, from its ELF file: a sample of
 * SWAPLAB_BACK, and the textbook's demand paging of a program.
 *
 *   loader [-d DEVICE] PROGRAM [ARGUMENT]...
 *
 * Each loadable segment is mapped from a region, and the file is the origin of its pages. No
 * page is read before it is touched. One that was not written to, as all of the text, is
 * dropped when its frame is needed, and read from the file again; one that was written to
 * goes to the store. So does a dynamic program's interpreter; the interpreter maps libraries,
 * which are the kernel's to page. fork() copies on write (SWAPLAB_FORK_PRIVATE).
 *
 * Source of the start of a program: System V Application Binary Interface, AMD64 Architecture
 * Processor Supplement, "Process Initialization", and Linux' auxiliary vector, getauxval(3).
 */

#include <err.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "image.h"
#include "stack.h"

/* Parts of the region. */
#define PROGRAM_OFFSET		0UL
#define INTERPRETER_OFFSET	0x10000000000UL

static int open_region(const char *device)
{
	int fd = open(device, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(125, "%s", device);
	if (ioctl(fd, SWAPLAB_FORK_PRIVATE))
		err(125, "%s: SWAPLAB_FORK_PRIVATE", device);
	return fd;
}

int main(int argc, char **argv)
{
	const char *device = "/dev/swaplab0";
	struct image program, interpreter = {};
	char name[IMAGE_NAME];
	int option, region;

	while ((option = getopt(argc, argv, "+d:")) != -1) {
		if (option != 'd')
			errx(125, "Usage: loader [-d DEVICE] PROGRAM [ARGUMENT]...");
		device = optarg;
	}
	argv += optind;
	if (!*argv)
		errx(125, "no program: loader [-d DEVICE] PROGRAM [ARGUMENT]...");
	region = open_region(device);
	image_load(&program, *argv, region, PROGRAM_OFFSET, name);
	if (*name)
		image_load(&interpreter, name, region, INTERPRETER_OFFSET, NULL);
	stack_start(&program, *name ? &interpreter : NULL, argv);
}
