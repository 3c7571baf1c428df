/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes, as people write and read them. */
#ifndef SWAPLAB_SIZE_H
#define SWAPLAB_SIZE_H

#include <stdbool.h>

/* Room for the text of any size. */
#define SIZE_TEXT	16

bool size_parse_number(const char *text, unsigned long *number);
bool size_parse_bytes(const char *text, unsigned long long *bytes);
bool size_parse_pages(const char *text, unsigned long *pages);
const char *size_text(char text[SIZE_TEXT], unsigned long long bytes);

#endif /* SWAPLAB_SIZE_H */
