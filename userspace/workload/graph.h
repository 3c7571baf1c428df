/* SPDX-License-Identifier: GPL-2.0 */
/* Random graphs with few vertices of many edges and many of few. */
#ifndef WORKLOAD_GRAPH_H
#define WORKLOAD_GRAPH_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct graph - an undirected graph: each edge is with both of its vertices
 * @nr: vertices
 * @begin: where the neighbours of each begin in @to; @nr + 1 numbers
 * @to: neighbours, sorted, without duplicates
 */
struct graph {
	uint32_t nr;
	uint64_t *begin;
	uint32_t *to;
};

/* Neighbours of a vertex. */
static inline uint64_t graph_degree(const struct graph *graph, uint32_t vertex)
{
	return graph->begin[vertex + 1] - graph->begin[vertex];
}

struct graph graph_make(size_t bytes, size_t vertex_bytes, uint64_t seed);
size_t graph_bytes(const struct graph *graph, size_t vertex_bytes);
void graph_free(struct graph *graph);

#endif /* WORKLOAD_GRAPH_H */
