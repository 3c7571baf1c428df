// SPDX-License-Identifier: GPL-2.0
/*
 * The variables (.data and .bss) of the program and of the libraries that it starts with:
 * before main() they are moved to the device. The addresses stay; the pages of the region
 * are ones whose own addresses in the window are never used.
 *
 * Pages between a copy and its mapping must not change. So there is one thread, and no
 * signal is handled; the thread itself writes to its stack alone meanwhile. The dynamic
 * linker has made read-only what it wants to be so (RELRO), and that part stays. The
 * variables of threads (TLS) are elsewhere.
 */

#include <link.h>
#include <string.h>
#include <sys/single_threaded.h>
#include "segments.h"
#include "span.h"
#include "system.h"

/* The libraries of a program; those beyond stay where they are. */
#define MAX_SEGMENTS	256

/**
 * struct segment - of an object's variables, on the device
 * @start: its address
 * @bss: the first page that has nothing of the object's file
 * @end: behind it
 * @first: its first page in the region
 */
struct segment {
	char *start;
	char *bss;
	char *end;
	size_t first;
};

static struct segment segments[MAX_SEGMENTS];
static unsigned int nr_segments;

static char *align_down(unsigned long addr)
{
	return (char *)(addr & -WINDOW_PAGE);
}

static char *align_up(unsigned long addr)
{
	return align_down(addr + WINDOW_PAGE - 1);
}

static bool is_zero(const char *page)
{
	const unsigned long *word = (const unsigned long *)page;
	size_t i;

	for (i = 0; i < WINDOW_PAGE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

/* Pages that are zero stay absent. */
static void copy_segment(char *to, const struct segment *segment)
{
	const char *page;

	for (page = segment->start; page < segment->end;
	     page += WINDOW_PAGE, to += WINDOW_PAGE)
		if (!is_zero(page))
			memcpy(to, page, WINDOW_PAGE);
}

/* The new mapping takes the place of the old one in one step. */
static bool move_segment(struct segment *segment)
{
	size_t bytes = segment->end - segment->start;
	char *copy;

	segment->first = window_find(&heap.window, bytes / WINDOW_PAGE);
	if (segment->first == WINDOW_NONE)
		return false;
	copy = system_mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			   heap.region.fd, segment->first * WINDOW_PAGE);
	if (copy == MAP_FAILED)
		return false;
	copy_segment(copy, segment);
	if (system_mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			  segment->start) == MAP_FAILED) {
		system_munmap(copy, bytes);
		heap_discard(segment->first, bytes / WINDOW_PAGE);
		return false;
	}
	window_take(&heap.window, segment->first, bytes / WINDOW_PAGE,
		    WINDOW_FOREIGN);
	return true;
}

static unsigned long end_of_relro(const struct dl_phdr_info *info)
{
	unsigned int i;

	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
			return info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
			       info->dlpi_phdr[i].p_memsz;
	return 0;
}

static int move_object(struct dl_phdr_info *info, size_t size, void *unused)
{
	char *relro = align_down(end_of_relro(info));
	const Elf64_Phdr *header = info->dlpi_phdr;
	unsigned long addr;
	unsigned int i;

	for (i = 0; i < info->dlpi_phnum; i++, header++) {
		struct segment *segment = &segments[nr_segments];

		if (header->p_type != PT_LOAD ||
		    (header->p_flags & (PF_W | PF_X)) != PF_W)
			continue;
		if (nr_segments == MAX_SEGMENTS)
			return 1;
		addr = info->dlpi_addr + header->p_vaddr;
		segment->start = align_down(addr);
		segment->bss = align_up(addr + header->p_filesz);
		segment->end = align_up(addr + header->p_memsz);
		if (segment->start < relro && relro <= segment->end)
			segment->start = relro;
		if (segment->start < segment->end && move_segment(segment))
			nr_segments++;
	}
	return 0;
}

__attribute__((constructor)) static void move_all(void)
{
	unsigned long mask;

	if (!__libc_single_threaded)
		return;
	mask = heap_lock();
	if (heap_ready())
		dl_iterate_phdr(move_object, NULL);
	heap_unlock(mask);
}

/**
 * segments_purge() - MADV_DONTNEED of variables on the device
 * @addr: aligned
 * @length: whole pages; other memory among them is left alone
 *
 * Pages of .bss are zero again. Those that were in the object's file keep their values; the
 * kernel would read them from the file again.
 *
 * Return: 0, or -1 and errno.
 */
int segments_purge(void *addr, size_t length)
{
	char *start, *end;
	unsigned int i;

	for (i = 0; i < nr_segments; i++) {
		start = addr;
		end = start + length;
		if (start < segments[i].bss)
			start = segments[i].bss;
		if (end > segments[i].end)
			end = segments[i].end;
		if (start < end &&
		    heap_discard(segments[i].first +
				 (start - segments[i].start) / WINDOW_PAGE,
				 (end - start) / WINDOW_PAGE))
			return -1;
	}
	return 0;
}
