// SPDX-License-Identifier: GPL-2.0
/* Maps the segments of an ELF file from a region whose pages come from that file. */

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "image.h"

#define MAX_HEADERS	64

static unsigned long page_start(unsigned long address)
{
	return address & -IMAGE_PAGE;
}

static unsigned long page_end(unsigned long address)
{
	return page_start(address + IMAGE_PAGE - 1);
}

static void read_whole(int fd, const char *path, void *to, size_t bytes, off_t offset)
{
	ssize_t got = pread(fd, to, bytes, offset);

	if (got < 0)
		err(126, "%s", path);
	if ((size_t)got != bytes)
		errx(126, "%s: too short for an ELF file", path);
}

static int open_elf(const char *path, Elf64_Ehdr *elf, Elf64_Phdr *headers)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(errno == ENOENT ? 127 : 126, "%s", path);
	read_whole(fd, path, elf, sizeof(*elf), 0);
	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) || elf->e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf->e_machine != EM_X86_64 || elf->e_phentsize != sizeof(*headers) ||
	    (elf->e_type != ET_EXEC && elf->e_type != ET_DYN))
		errx(126, "%s: not a program for x86-64", path);
	if (!elf->e_phnum || elf->e_phnum > MAX_HEADERS)
		errx(126, "%s: %u program headers", path, elf->e_phnum);
	read_whole(fd, path, headers, elf->e_phnum * sizeof(*headers), elf->e_phoff);
	return fd;
}

/* From the first byte of the first segment to behind the last one. */
static void find_bounds(const Elf64_Phdr *headers, size_t nr, unsigned long *begin,
			unsigned long *end)
{
	const Elf64_Phdr *header;

	*begin = -1UL;
	*end = 0;
	for (header = headers; header < headers + nr; header++) {
		if (header->p_type != PT_LOAD)
			continue;
		if (*begin > header->p_vaddr)
			*begin = page_start(header->p_vaddr);
		if (*end < header->p_vaddr + header->p_memsz)
			*end = page_end(header->p_vaddr + header->p_memsz);
	}
}

/* A program that is not position-independent has to be where it says. */
static unsigned long reserve(const char *path, bool fixed, unsigned long begin,
			     unsigned long end)
{
	void *wanted = fixed ? (void *)begin : NULL, *start;

	if (begin >= end)
		errx(126, "%s: nothing to load", path);
	start = mmap(wanted, end - begin, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		     (fixed ? MAP_FIXED_NOREPLACE : 0), -1, 0);
	if (start == MAP_FAILED || (fixed && start != wanted))
		err(126, "%s: no addresses from 0x%lx to 0x%lx", path, begin, end);
	return (unsigned long)start - begin;
}

static int protection_of(const Elf64_Phdr *header)
{
	return (header->p_flags & PF_R ? PROT_READ : 0) |
	       (header->p_flags & PF_W ? PROT_WRITE : 0) |
	       (header->p_flags & PF_X ? PROT_EXEC : 0);
}

/*
 * The pages that have a byte of the file come from it. Behind those of the file, the last one
 * of them is zero, so it is written to; the pages behind it are absent, and so zero.
 */
static void map_segment(const char *path, const Elf64_Phdr *header, int file, int region,
			unsigned long bias, unsigned long offset)
{
	unsigned long begin = page_start(header->p_vaddr);
	unsigned long end_of_file = header->p_vaddr + header->p_filesz;
	unsigned long end = page_end(header->p_vaddr + header->p_memsz);
	struct swaplab_back back = {
		.offset = offset + begin,
		.length = page_end(end_of_file) - begin,
		.file_offset = page_start(header->p_offset),
		.fd = file,
	};
	void *start = (void *)(bias + begin);

	if (header->p_filesz && ioctl(region, SWAPLAB_BACK, &back))
		err(126, "%s: SWAPLAB_BACK", path);
	if (mmap(start, end - begin, protection_of(header), MAP_SHARED | MAP_FIXED, region,
		 back.offset) == MAP_FAILED)
		err(126, "%s: a segment at %p", path, start);
	if (header->p_flags & PF_W && header->p_memsz > header->p_filesz)
		memset((void *)(bias + end_of_file), 0, page_end(end_of_file) - end_of_file);
}

static void load_segments(struct image *image, const char *path, const Elf64_Ehdr *elf,
			  const Elf64_Phdr *headers, int file, int region,
			  unsigned long offset)
{
	const Elf64_Phdr *header;

	for (header = headers; header < headers + elf->e_phnum; header++) {
		if (header->p_type != PT_LOAD || !header->p_memsz)
			continue;
		if ((header->p_vaddr ^ header->p_offset) % IMAGE_PAGE ||
		    header->p_filesz > header->p_memsz)
			errx(126, "%s: a segment is not aligned, or longer in the file", path);
		map_segment(path, header, file, region, image->bias, offset);
		if (header->p_offset <= elf->e_phoff &&
		    elf->e_phoff < header->p_offset + header->p_filesz)
			image->headers = image->bias + header->p_vaddr + elf->e_phoff -
					 header->p_offset;
	}
}

/* The path that PT_INTERP has, or an empty one. */
static void find_interpreter(const char *path, const Elf64_Phdr *headers, size_t nr, int file,
			     char *interpreter)
{
	const Elf64_Phdr *header;

	*interpreter = '\0';
	for (header = headers; header < headers + nr; header++) {
		if (header->p_type != PT_INTERP)
			continue;
		if (!header->p_filesz || header->p_filesz > IMAGE_NAME)
			errx(126, "%s: an interpreter of %lu bytes", path, header->p_filesz);
		read_whole(file, path, interpreter, header->p_filesz, header->p_offset);
		interpreter[header->p_filesz - 1] = '\0';
	}
}

/**
 * image_load() - map an ELF file
 * @image: to be filled in
 * @path: of the file
 * @region: descriptor of a region of a device
 * @offset: where its pages are in the region, those that a program says for address 0
 * @interpreter: filled with the path of the program that is to begin in its place, or with
 *	an empty one; IMAGE_NAME bytes. NULL: not wanted
 *
 * Ends the process if it cannot.
 */
void image_load(struct image *image, const char *path, int region, unsigned long offset,
		char *interpreter)
{
	Elf64_Phdr headers[MAX_HEADERS];
	unsigned long begin, end;
	Elf64_Ehdr elf;
	int file = open_elf(path, &elf, headers);

	if (interpreter)
		find_interpreter(path, headers, elf.e_phnum, file, interpreter);
	find_bounds(headers, elf.e_phnum, &begin, &end);
	*image = (struct image){
		.bias = reserve(path, elf.e_type == ET_EXEC, begin, end),
		.nr_headers = elf.e_phnum,
	};
	image->entry = image->bias + elf.e_entry;
	load_segments(image, path, &elf, headers, file, region, offset);
	close(file);
}
