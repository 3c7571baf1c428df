/* SPDX-License-Identifier: GPL-2.0 */
/* Memory, or an end with a message. */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <err.h>
#include <stdint.h>
#include <stdlib.h>

/* Zeroed. */
static inline void *memory_array(size_t nr, size_t size)
{
	void *memory = calloc(nr ? nr : 1, size);

	if (!memory)
		errx(1, "out of memory");
	return memory;
}

static inline void *memory_resize(void *memory, size_t nr, size_t size)
{
	memory = reallocarray(memory, nr, size);
	if (!memory)
		errx(1, "out of memory");
	return memory;
}

#endif /* SIM_MEMORY_H */
