/* SPDX-License-Identifier: GPL-2.0 */
/* Breadth-first search. */
#ifndef WORKLOAD_BFS_H
#define WORKLOAD_BFS_H

#include "graph.h"

/* The parent of a vertex that is not reached, and its depth. */
#define BFS_NONE	UINT32_MAX

uint64_t bfs_search(const struct graph *graph, uint32_t source, uint32_t *parents, uint32_t *queue);
uint64_t bfs_count_wrong(const struct graph *graph, uint32_t source, const uint32_t *parents);

#endif /* WORKLOAD_BFS_H */
