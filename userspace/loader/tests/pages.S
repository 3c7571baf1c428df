/* SPDX-License-Identifier: GPL-2.0 */
/* Words that are numbered; and pages of code, each of which returns its number. */
#include "pages.h"

	.macro numbers name, nr
	.p2align 12
	.globl \name
\name:
	.set i, 0
	.rept 512 * \nr
	.quad i
	.set i, i + 1
	.endr
	.endm

	.section .rodata, "a"
	numbers constants, NR_CONST

	.data
	numbers variables, NR_DATA

	.text
	.p2align 12
	.globl code
code:
	.set i, 0
	.rept NR_CODE
	mov $i, %eax
	ret
	.p2align 12
	.set i, i + 1
	.endr

	.section .note.GNU-stack, "", @progbits
