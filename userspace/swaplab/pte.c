// SPDX-License-Identifier: GPL-2.0
/*
 * Page table entries of another process, as /proc/PID/pagemap tells them: 64 bits a page,
 * see Documentation/admin-guide/mm/pagemap.rst of the kernel. A reader without CAP_SYS_ADMIN
 * gets zeros for the numbers of frames and slots. No page has these numbers in truth: frame
 * 0 is the firmware's, and slot 0 the header of the swap file.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "address.h"
#include "pte.h"

#define BIT(number)		(1ULL << (number))
#define PAGEMAP_NUMBERS		(BIT(55) - 1)
#define PAGEMAP_SOFT_DIRTY	BIT(55)
#define PAGEMAP_EXCLUSIVE	BIT(56)
#define PAGEMAP_WRITE_PROTECTED	BIT(57)
#define PAGEMAP_GUARD		BIT(58)
#define PAGEMAP_FILE		BIT(61)
#define PAGEMAP_SWAPPED		BIT(62)
#define PAGEMAP_PRESENT		BIT(63)
#define SWAP_TYPE_BITS		5

/**
 * pte_decode() - what an entry of pagemap says
 * @entry: the 64 bits
 *
 * Return: the same, apart.
 */
struct pte pte_decode(uint64_t entry)
{
	uint64_t numbers = entry & PAGEMAP_NUMBERS;
	struct pte pte = {
		.is_present = entry & PAGEMAP_PRESENT,
		.is_swapped = entry & PAGEMAP_SWAPPED,
		.is_soft_dirty = entry & PAGEMAP_SOFT_DIRTY,
		.is_exclusive = entry & PAGEMAP_EXCLUSIVE,
		.is_file = entry & PAGEMAP_FILE,
		.is_write_protected = entry & PAGEMAP_WRITE_PROTECTED,
		.is_guard = entry & PAGEMAP_GUARD,
	};

	pte.is_hidden = (pte.is_present || pte.is_swapped) && !numbers;
	if (pte.is_present) {
		pte.frame = numbers;
	} else if (pte.is_swapped) {
		pte.swap_type = numbers & (BIT(SWAP_TYPE_BITS) - 1);
		pte.swap_offset = numbers >> SWAP_TYPE_BITS;
	}
	return pte;
}

/**
 * pte_read() - read the entry of a page
 * @pid: the process
 * @address: in the page
 * @pte: filled in
 *
 * Return: 0; or -errno: -ENODATA if pagemap does not tell about such addresses, or
 * the process has just ended.
 */
int pte_read(pid_t pid, unsigned long address, struct pte *pte)
{
	uint64_t entry;
	ssize_t length;
	char path[32];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	length = pread(fd, &entry, sizeof(entry),
		       (off_t)(address >> ADDRESS_PAGE_BITS) * sizeof(entry));
	err = length < 0 ? -errno : length == sizeof(entry) ? 0 : -ENODATA;
	close(fd);
	if (!err)
		*pte = pte_decode(entry);
	return err;
}
