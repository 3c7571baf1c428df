// SPDX-License-Identifier: GPL-2.0
/*
 * Breadth-first search from random vertices that have neighbours, checked as in the GAP benchmark
 * suite: by the depths that another search finds. A vertex's parent must be its neighbour, and one
 * less deep. A difference: the search goes from the top down alone.
 */

#include <stdbool.h>
#include <stdlib.h>
#include "bfs.h"
#include "random.h"
#include "workload.h"

/* As many as Graph 500 has, to a quarter. */
#define SEARCHES	16

/**
 * bfs_search() - search a graph
 * @graph: the graph
 * @source: where to begin
 * @parents: set to the vertex that each was reached from, the source's to itself, others to
 *	BFS_NONE
 * @queue: room for all vertices
 *
 * Return: how many edges there are among the vertices that were reached.
 */
uint64_t bfs_search(const struct graph *graph, uint32_t source, uint32_t *parents, uint32_t *queue)
{
	uint32_t head = 0, tail = 0, vertex, next;
	uint64_t i, edges = 0;

	for (vertex = 0; vertex < graph->nr; vertex++)
		parents[vertex] = BFS_NONE;
	parents[source] = source;
	queue[tail++] = source;
	while (head < tail) {
		vertex = queue[head++];
		edges += graph_degree(graph, vertex);
		for (i = graph->begin[vertex]; i < graph->begin[vertex + 1]; i++) {
			next = graph->to[i];
			if (parents[next] != BFS_NONE)
				continue;
			parents[next] = vertex;
			queue[tail++] = next;
		}
	}
	return edges / 2;
}

/* Level by level, without a queue; to be freed. */
static uint32_t *find_depths(const struct graph *graph, uint32_t source)
{
	uint32_t *depths = workload_allocate(graph->nr, sizeof(*depths)), vertex, depth;
	bool goes_on = true;
	uint64_t i;

	for (vertex = 0; vertex < graph->nr; vertex++)
		depths[vertex] = BFS_NONE;
	depths[source] = 0;
	for (depth = 0; goes_on; depth++) {
		goes_on = false;
		for (vertex = 0; vertex < graph->nr; vertex++) {
			if (depths[vertex] != depth)
				continue;
			for (i = graph->begin[vertex]; i < graph->begin[vertex + 1]; i++) {
				if (depths[graph->to[i]] != BFS_NONE)
					continue;
				depths[graph->to[i]] = depth + 1;
				goes_on = true;
			}
		}
	}
	return depths;
}

static bool are_neighbours(const struct graph *graph, uint32_t vertex, uint32_t other)
{
	uint64_t i;

	for (i = graph->begin[vertex]; i < graph->begin[vertex + 1]; i++)
		if (graph->to[i] == other)
			return true;
	return false;
}

/**
 * bfs_count_wrong() - check the parents of all vertices
 * @graph: the graph
 * @source: where the search began
 * @parents: the parents that it found
 *
 * Return: how many are wrong.
 */
uint64_t bfs_count_wrong(const struct graph *graph, uint32_t source, const uint32_t *parents)
{
	uint32_t *depths = find_depths(graph, source), vertex, parent;
	uint64_t wrong = parents[source] != source;

	for (vertex = 0; vertex < graph->nr; vertex++) {
		parent = parents[vertex];
		if (vertex == source)
			continue;
		if (depths[vertex] == BFS_NONE || parent == BFS_NONE)
			wrong += depths[vertex] != parent;
		else
			wrong += parent >= graph->nr || depths[parent] + 1 != depths[vertex] ||
				 !are_neighbours(graph, vertex, parent);
	}
	free(depths);
	return wrong;
}

/* Operations are edges. */
struct result bfs_run(const struct workload *workload, const struct request *request)
{
	uint64_t searches = request->count ? request->count : SEARCHES, i;
	struct graph graph = graph_make(request->bytes, 2 * sizeof(uint32_t), request->seed);
	struct random random = { random_mix(request->seed + 1) };
	uint32_t *parents = workload_allocate(graph.nr, sizeof(*parents));
	uint32_t *queue = workload_allocate(graph.nr, sizeof(*queue)), source;
	struct result result = { .bytes = graph_bytes(&graph, 2 * sizeof(uint32_t)) };

	(void)workload;
	for (i = 0; i < searches; i++) {
		do
			source = random_below(&random, graph.nr);
		while (!graph_degree(&graph, source));
		measure_begin(&result.measure);
		result.operations += bfs_search(&graph, source, parents, queue);
		measure_end(&result.measure);
		result.wrong += bfs_count_wrong(&graph, source, parents);
	}
	free(parents);
	free(queue);
	graph_free(&graph);
	return result;
}
