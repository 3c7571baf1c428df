/* SPDX-License-Identifier: GPL-2.0 */
/* Text and data of the program that the loader runs, in pages. */
#ifndef LOADER_PAGES_H
#define LOADER_PAGES_H

#define NR_CONST	256
#define NR_CODE		64
#define NR_DATA		64
#define NR_BSS		64

#ifndef __ASSEMBLER__
#define PAGE	4096

extern const unsigned long constants[512 * NR_CONST];
extern unsigned long variables[512 * NR_DATA];
extern char code[NR_CODE * PAGE];
#endif

#endif /* LOADER_PAGES_H */
