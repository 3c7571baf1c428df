/* SPDX-License-Identifier: GPL-2.0 */
/* Page table entries of another process, as /proc/PID/pagemap tells them. */
#ifndef SWAPLAB_PTE_H
#define SWAPLAB_PTE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct pte - what pagemap tells about a page
 * @is_present: a frame holds it
 * @is_swapped: a swap file holds it
 * @is_soft_dirty: written since the last write to clear_refs
 * @is_exclusive: no other page table maps the frame
 * @is_file: the page is a file's, or of shared anonymous memory
 * @is_write_protected: by userfaultfd
 * @is_guard: a guard page, by MADV_GUARD_INSTALL
 * @is_hidden: the reader may not see the numbers below
 * @frame: number of the frame, if the page is present
 * @swap_type: number of the swap file, if it is swapped
 * @swap_offset: the slot there
 */
struct pte {
	bool is_present;
	bool is_swapped;
	bool is_soft_dirty;
	bool is_exclusive;
	bool is_file;
	bool is_write_protected;
	bool is_guard;
	bool is_hidden;
	uint64_t frame;
	unsigned int swap_type;
	uint64_t swap_offset;
};

struct pte pte_decode(uint64_t entry);
int pte_read(pid_t pid, unsigned long address, struct pte *pte);

#endif /* SWAPLAB_PTE_H */
