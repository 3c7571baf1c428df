// SPDX-License-Identifier: GPL-2.0
/* swaplab walk: shows the way from a virtual address of a process to its page. */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "frame_flags.h"
#include "option.h"
#include "verb.h"
#include "walk.h"

enum { JSON = 'j' };

/* In the flags of /proc/PID/stat. */
#define PF_KTHREAD	0x00200000

/**
 * walk_page() - which page of its mapping has the address
 * @walk: the walk
 *
 * Return: its number; the first page is 0.
 */
unsigned long walk_page(const struct walk *walk)
{
	return (walk->address.value - walk->mapping.begin) / ADDRESS_PAGE_SIZE;
}

static void __attribute__((noreturn)) refuse_ended(pid_t pid)
{
	errx(1, "process %d has ended", pid);
}

static void __attribute__((noreturn))
refuse_errno(pid_t pid, const char *file, int error)
{
	if (error == EACCES || error == EPERM)
		errx(1, "process %d does not let you see its memory%s", pid,
		     geteuid() ? ": use sudo" : "");
	if (!error || error == ESRCH || error == ENOENT)
		refuse_ended(pid);
	errno = error;
	err(1, "/proc/%d/%s", pid, file);
}

/* A zombie and a kernel thread have no mappings, and nor has a process that exits. */
static void check_process(struct holder *process)
{
	char *stat, *comm, state = 'X';
	unsigned long flags = 0;

	if (process->pid < 1 || (kill(process->pid, 0) && errno == ESRCH))
		errx(1, "there is no process %d", process->pid);
	comm = process_file(process->pid, "comm");
	stat = process_file(process->pid, "stat");
	/* The name may have brackets. */
	if (stat && strrchr(stat, ')'))
		sscanf(strrchr(stat, ')') + 1, " %c %*d %*d %*d %*d %*d %lu", &state, &flags);
	if (flags & PF_KTHREAD)
		errx(1, "process %d is a kernel thread: it has no address space of its own",
		     process->pid);
	/* A mount of /proc may hide the processes of others. */
	if (!stat && kill(process->pid, 0) && errno == EPERM)
		refuse_errno(process->pid, "stat", errno);
	if (!comm || state == 'Z' || state == 'X')
		refuse_ended(process->pid);
	snprintf(process->name, sizeof(process->name), "%.*s", (int)strcspn(comm, "\n"), comm);
	free(comm);
	free(stat);
}

/* Returns a text that has the mapping's name, for free(). */
static char *find_mapping(struct walk *walk)
{
	pid_t pid = walk->process.pid;
	char *maps = process_file(pid, "maps");

	if (!maps)
		refuse_errno(pid, "maps", errno);
	if (!mapping_find(maps, walk->address.value, &walk->mapping))
		errx(1, "0x%lx: not in any mapping of process %d: see /proc/%d/maps",
		     walk->address.value, pid, pid);
	return maps;
}

static void find_page(struct walk *walk)
{
	struct region_page *page = &walk->page;

	walk->is_region = region_page_device(walk->mapping.name, &page->device);
	if (!walk->is_region && walk->process.fd >= 0)
		errx(1, "0x%lx: not in a mapping of a device: leave out :%d",
		     walk->address.value, walk->process.fd);
	if (!walk->is_region)
		return;
	page->index = walk->mapping.offset / ADDRESS_PAGE_SIZE + walk_page(walk);
	region_page_ask(page, walk->process.pid, walk->process.fd);
	if (!*page->why && !page->state && !walk->pte_error && walk->pte.is_present)
		snprintf(page->why, sizeof(page->why),
			 "it is of a region that the process has no file descriptor of");
}

static void read_pte(struct walk *walk)
{
	struct pte *pte = &walk->pte;
	int error;

	walk->pte_error = pte_read(walk->process.pid, walk->address.value, pte);
	error = -walk->pte_error;
	if (error && error != ENODATA)
		refuse_errno(walk->process.pid, "pagemap", error);
	/* An exit shows in the same way as an address beyond the tables of users. */
	if (error)
		check_process(&walk->process);
	if (!error && pte->is_present && !pte->is_hidden)
		walk->has_flags = !frame_flags_read(pte->frame, &walk->flags);
}

static void parse_address(const char *text, struct address *address)
{
	unsigned long value;

	if (!address_parse(text, &value))
		errx(2, "%s: not an address, such as 0x7f2a4c001000, or the same in decimal",
		     text);
	if (!address_split(value, address_has_five_levels(), address))
		errx(1, "0x%lx: not canonical: the page tables of this machine cannot map it",
		     value);
}

static int walk_address(int argc, char **argv)
{
	struct json json = { .file = stdout };
	bool is_json = false;
	struct walk walk = {};
	char *maps;

	while (option_next(&walk_verb, argc, argv) != -1)
		is_json = true;
	if (argc - optind != 2)
		option_wrong(&walk_verb, "a process and an address are wanted");
	if (!process_parse(argv[optind], &walk.process.pid, &walk.process.fd))
		option_wrong(&walk_verb, "%s: not a process, as in 123 or 123:4", argv[optind]);
#ifndef __x86_64__
	errx(1, "it knows the page tables of x86-64 only");
#endif
	parse_address(argv[optind + 1], &walk.address);
	check_process(&walk.process);
	maps = find_mapping(&walk);
	read_pte(&walk);
	find_page(&walk);
	if (is_json)
		walk_json(&walk, &json);
	else
		walk_draw(&walk);
	free(maps);
	return 0;
}

static const struct swaplab_option walk_options[] = {
	{ "json", NULL, JSON, "print JSON" },
	{}
};

const struct swaplab_verb walk_verb = {
	.name = "walk",
	.arguments = "PID[:FD] ADDRESS",
	.summary = "show the way from a virtual address to its page",
	.description =
"Of process PID. ADDRESS is hexadecimal behind 0x, or decimal. It shows the indices of\n"
"the address in the page tables of x86-64 (five levels, if the address needs them), the\n"
"mapping that it lies in, its entry as /proc/PID/pagemap tells it, the frame or the slot\n"
"of the kernel's swap, and the flags of the frame by /proc/kpageflags. In a mapping of a\n"
"device it shows the region, the page and its state, too; FD is the file descriptor of\n"
"the region if the process has several. A page of a huge page is shown as an entry of\n"
"its own. It takes the right to trace the process; only CAP_SYS_ADMIN sees numbers of\n"
"frames and slots.\n",
	.options = walk_options,
	.run = walk_address,
};
