/* SPDX-License-Identifier: GPL-2.0 */
/* RandomAccess of the HPC Challenge. */
#ifndef WORKLOAD_GUPS_H
#define WORKLOAD_GUPS_H

#include <stdint.h>

uint64_t gups_value(uint64_t position);
uint64_t gups_count_wrong(const uint64_t *table, uint64_t nr);

#endif /* WORKLOAD_GUPS_H */
