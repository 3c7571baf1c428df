// SPDX-License-Identifier: GPL-2.0
/*
 * Calls on memory at random, in an arena of some pages, and in children: each call's
 * result and error are printed, and the protection and the content of each page. The
 * kernel's own memory is the model: the output has to be the same with and without
 * the device.
 *
 * Usage: calls SEED
 */

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define NR_PAGES	24
/* Large enough for the device, and more than any hole of the arena. */
#define AROUND		(4UL << 20)
#define NR_CALLS	300
#define NR_CHILD_CALLS	10

static char *arena;
static int file;
static unsigned int seed;
/*
 * Pages with the same number were mapped by one call and treated alike since. Only
 * these are certain to be one mapping in the kernel, as mremap() needs. 0 is a hole.
 */
static unsigned int group[NR_PAGES], last_group;

static unsigned int pick_number(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Where a call works: mostly whole pages, all in the arena. */
struct range {
	unsigned int first;
	unsigned int nr;
	char *addr;
	size_t length;
};

static struct range pick_range(unsigned int max_nr)
{
	struct range range;

	range.nr = 1 + pick_number(max_nr);
	range.first = pick_number(NR_PAGES - range.nr + 1);
	range.addr = arena + range.first * PAGE;
	range.length = range.nr * PAGE - (pick_number(4) ? 0 : 1 + pick_number(PAGE - 1));
	return range;
}

static void set_group(const struct range *range)
{
	unsigned int i;

	last_group++;
	for (i = 0; i < range->nr; i++)
		group[range->first + i] = last_group;
}

static void set_holes(const struct range *range)
{
	memset(group + range->first, 0, range->nr * sizeof(*group));
}

static void split_groups(const struct range *range)
{
	unsigned int i, old, last_old = 0;

	for (i = range->first; i < range->first + range->nr; i++) {
		old = group[i];
		if (old != last_old)
			last_group++;
		if (old)
			group[i] = last_group;
		last_old = old;
	}
}

/* Returns whether it succeeded. */
static int show_result(long result, const char *format, ...)
{
	int error = errno;
	char *moved = (char *)result;
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (result == -1)
		printf(": %s\n", strerrorname_np(error));
	else if (moved >= arena && moved < arena + NR_PAGES * PAGE)
		printf(": page %lu\n", (moved - arena) / PAGE);
	else
		printf(": %s\n", result ? "elsewhere" : "0");
	return result != -1;
}

/* From /proc/self/maps; holes look like inaccessible pages. */
static void read_protections(char (*prot)[4])
{
	unsigned long start, end, at;
	char line[512], permissions[5];
	FILE *maps = fopen("/proc/self/maps", "re");
	int i;

	if (!maps)
		err(1, "/proc/self/maps");
	for (i = 0; i < NR_PAGES; i++)
		strcpy(prot[i], "---");
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &start, &end, permissions) != 3)
			errx(1, "/proc/self/maps: %s", line);
		for (i = 0; i < NR_PAGES; i++) {
			at = (unsigned long)arena + i * PAGE;
			if (at >= start && at < end)
				memcpy(prot[i], permissions, 3);
		}
	}
	fclose(maps);
}

static unsigned long *word_of(char *page)
{
	return (unsigned long *)(page + 8);
}

/* Shared memory that has grown has pages that no process can touch: SIGBUS. */
static int is_touchable(char *page)
{
	unsigned long word;
	struct iovec here = { &word, sizeof(word) };
	struct iovec there = { word_of(page), sizeof(word) };

	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) ==
	       sizeof(word);
}

static void show_page(const char *prot, char *page)
{
	if (prot[0] != 'r')
		printf(" %s", prot);
	else if (!is_touchable(page))
		printf(" %sbeyond", prot + 1);
	else
		printf(" %s%lx", prot + 1, *word_of(page) & 0xffff);
}

static void show_pages(void)
{
	char prot[NR_PAGES][4];
	int i;

	read_protections(prot);
	for (i = 0; i < NR_PAGES; i++)
		show_page(prot[i], arena + i * PAGE);
	putchar('\n');
}

static void write_pages(void)
{
	struct range range = pick_range(NR_PAGES);
	char prot[NR_PAGES][4];
	unsigned int i;

	read_protections(prot);
	for (i = range.first; i < range.first + range.nr; i++)
		if (prot[i][1] == 'w' && is_touchable(arena + i * PAGE))
			*word_of(arena + i * PAGE) = seed + i;
	puts("write");
}

static int pick_prot(void)
{
	static const int prots[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	return prots[pick_number(6)];
}

static void call_mmap(void)
{
	static const int kinds[] = {
		MAP_PRIVATE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS,
		MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS,
		MAP_PRIVATE, MAP_ANONYMOUS,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	};
	struct range range = pick_range(8);
	int prot = pick_prot(), flags = kinds[pick_number(8)];
	off_t offset = pick_number(16) ? 0 : 1;
	char *addr = range.addr;
	void *start;

	flags |= pick_number(2) ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	if (!pick_number(16))
		addr++;
	if (!pick_number(16))
		range.length = pick_number(2) ? 0 : -range.length;
	start = mmap(addr, range.length, prot, flags,
		     flags & MAP_ANONYMOUS ? -1 : file, offset);
	if (show_result((long)start, "mmap %u+%zx prot %x flags %x offset %lx",
			range.first, range.length, prot, flags, offset))
		set_group(&range);
}

static void call_munmap(void)
{
	struct range range = pick_range(6);
	char *addr = range.addr;

	if (!pick_number(16))
		addr++;
	if (!pick_number(16))
		range.length = pick_number(2) ? 0 : -range.length;
	if (show_result(munmap(addr, range.length), "munmap %u+%zx",
			range.first, range.length))
		set_holes(&range);
}

static void call_mprotect(void)
{
	struct range range = pick_range(8);
	int prot = pick_number(16) ? pick_prot() : 1 << pick_number(24), status;
	char *addr = range.addr;

	if (!pick_number(16))
		addr++;
	if (!pick_number(16))
		range.length = 0;
	status = mprotect(addr, range.length, prot);
	show_result(status, "mprotect %u+%zx %x", range.first, range.length,
		    prot);
	split_groups(&range);
}

/* MADV_FREE leaves open when pages are zero, so the range is purged at once. */
static void call_madvise(void)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_DONTFORK,
		MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_REMOVE,
		MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_DODUMP,
		MADV_DONTDUMP, MADV_COLD, MADV_PAGEOUT, MADV_NOHUGEPAGE,
		MADV_DONTFORK, MADV_WIPEONFORK, 5, 1000, -1,
	};
	struct range range = pick_range(8);
	int advice = advices[pick_number(sizeof(advices) / sizeof(*advices))];
	char *addr = range.addr;

	if (!pick_number(16))
		addr++;
	if (!pick_number(16))
		range.length = pick_number(2) ? 0 : -range.length;
	show_result(madvise(addr, range.length, advice), "madvise %u+%zx %d",
		    range.first, range.length, advice);
	if (advice == MADV_FREE)
		show_result(madvise(addr, range.length, MADV_DONTNEED),
			    "then purged");
	split_groups(&range);
}

/* If there are several errors, it depends on the kernel which one it returns. */
static void call_populate(void)
{
	struct range range = pick_range(8);
	int advice = pick_number(2) ? MADV_POPULATE_READ : MADV_POPULATE_WRITE;
	int status = madvise(range.addr, range.length, advice);

	printf("populate %u+%zx %d: %d\n", range.first, range.length, advice,
	       status);
}

/*
 * Whether all kernels move the pages, and from one place. From 6.17 on they move some
 * mappings that are side by side, too.
 */
static int is_certain(unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		if (!group[i] || group[i] != group[first])
			return 0;
	return 1;
}

/* Pages that were moved elsewhere, and have grown, move back or go away. */
static void return_moved(char *moved, const struct range *range, size_t length)
{
	set_group(range);
	printf("moved:");
	show_page("rw-", moved);
	show_page("rw-", moved + length - PAGE);
	putchar('\n');
	if (pick_number(2)) {
		munmap(moved, length);
		set_holes(range);
	} else if (mremap(moved, length, range->nr * PAGE,
			MREMAP_MAYMOVE | MREMAP_FIXED, range->addr) != range->addr) {
		err(1, "moving back");
	}
}

static void call_mremap_away(void)
{
	struct range range = pick_range(3);
	char prot[NR_PAGES][4];
	size_t length = 2 * AROUND;
	char *moved;

	read_protections(prot);
	if (!is_certain(range.first, range.nr) || prot[range.first][1] != 'w')
		return;
	moved = mremap(range.addr, range.length, length, MREMAP_MAYMOVE);
	if (!show_result((long)moved, "mremap away %u+%zx", range.first,
			 range.length))
		return;
	return_moved(moved, &range, length);
}

/* The kernel may find no room to grow. If it does, the mapping shrinks back. */
static void grow_in_place(const struct range *from, const struct range *to)
{
	char *grown = mremap(from->addr, from->length, to->length, 0);

	if (grown != MAP_FAILED && mremap(grown, to->length, from->length, 0) != grown)
		err(1, "shrinking again");
	if (grown == MAP_FAILED && errno != ENOMEM)
		show_result(-1, "mremap in place %u+%zx to %zx", from->first,
			    from->length, to->length);
}

static void unmap_pages(unsigned int first, unsigned int nr)
{
	munmap(arena + first * PAGE, nr * PAGE);
	memset(group + first, 0, nr * sizeof(*group));
}

/* Up to 6.16, the kernel may have unmapped pages that were in the way. */
static void clear_after_failure(const struct range *from, const struct range *to)
{
	unmap_pages(to->first, to->nr);
	if (from->nr > to->nr)
		unmap_pages(from->first + to->nr, from->nr - to->nr);
}

static void call_mremap(void)
{
	struct range from = pick_range(4), to = pick_range(4);
	int flags = pick_number(3) ? MREMAP_MAYMOVE | MREMAP_FIXED : 0;
	char *addr = from.addr, *target, *moved, prot[NR_PAGES][4];
	int is_mapped;

	if (!pick_number(4))
		flags |= MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED;
	if (flags & MREMAP_DONTUNMAP && pick_number(4)) {
		to.nr = from.nr;
		to.length = from.length;
		to.first = pick_number(NR_PAGES - to.nr + 1);
	}
	target = arena + to.first * PAGE;
	if (!pick_number(16))
		flags ^= 1 << pick_number(4);
	/* Kernels differ in whether they compare bytes, or pages. */
	if (flags & MREMAP_DONTUNMAP && to.nr == from.nr)
		to.length = from.length;
	if (flags & MREMAP_MAYMOVE && !(flags & MREMAP_FIXED))
		return;
	/* With two errors, it depends on the kernel which one it returns. */
	read_protections(prot);
	is_mapped = prot[from.first][0] == 'r';
	if (!is_mapped && from.first + from.nr > to.first &&
	    to.first + to.nr > from.first)
		return;
	if (group[from.first] && !is_certain(from.first, from.nr))
		return;
	if (!pick_number(16))
		addr++;
	if (!pick_number(16) && is_mapped)
		target++;
	if (!pick_number(16))
		to.length = 0;
	if (!pick_number(16))
		from.length = 0;
	if (!flags && addr == from.addr && from.length && to.length > from.length) {
		grow_in_place(&from, &to);
		return;
	}
	moved = mremap(addr, from.length, to.length, flags, target);
	if (!show_result((long)moved, "mremap %u+%zx to %u+%zx %x", from.first,
			 from.length, to.first, to.length, flags)) {
		clear_after_failure(&from, &to);
		return;
	}
	/* From here on, no two of the pages count as one mapping. */
	for (; from.nr; from.nr--, from.first++)
		group[from.first] = ++last_group;
	for (; to.nr; to.nr--, to.first++)
		group[to.first] = ++last_group;
}

static void call_something(void)
{
	static void (*const calls[])(void) = {
		call_mmap, call_mmap, call_mmap, call_munmap, call_mprotect,
		call_madvise, call_madvise, call_mremap, call_mremap,
		call_mremap_away, call_populate, write_pages, write_pages,
		write_pages,
	};

	calls[pick_number(sizeof(calls) / sizeof(*calls))]();
	show_pages();
}

static void call_in_child(void)
{
	int status, i;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		puts("in the child:");
		show_pages();
		for (i = 0; i < NR_CHILD_CALLS; i++)
			call_something();
		if (!pick_number(3))
			call_in_child();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		printf("child: %x\n", status);
	puts("in the parent:");
	show_pages();
}

/* Pages that are not zero. */
static int make_file(void)
{
	int fd = memfd_create("file", 0);
	unsigned long words[PAGE / 8], i;

	for (i = 0; i < PAGE / 8; i++)
		words[i] = 0xf17e;
	for (i = 0; i < NR_PAGES; i++)
		if (write(fd, words, PAGE) != PAGE)
			err(1, "write");
	return fd;
}

int main(int argc, char **argv)
{
	char *around;
	int i;

	if (argc != 2)
		errx(2, "Usage: calls SEED");
	seed = atoi(argv[1]);
	file = make_file();
	around = mmap(NULL, AROUND, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (around == MAP_FAILED)
		err(1, "mmap");
	arena = around + AROUND / 2;
	if (munmap(arena, NR_PAGES * PAGE))
		err(1, "munmap");
	for (i = 0; i < NR_CALLS; i++) {
		call_something();
		if (!pick_number(20))
			call_in_child();
	}
	return 0;
}
