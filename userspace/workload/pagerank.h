/* SPDX-License-Identifier: GPL-2.0 */
/* PageRank. */
#ifndef WORKLOAD_PAGERANK_H
#define WORKLOAD_PAGERANK_H

#include "graph.h"

unsigned int pagerank_find(const struct graph *graph, double *ranks, double *shares,
			   unsigned int max_rounds);
uint64_t pagerank_count_wrong(const struct graph *graph, const double *ranks);

#endif /* WORKLOAD_PAGERANK_H */
