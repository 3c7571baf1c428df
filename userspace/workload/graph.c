// SPDX-License-Identifier: GPL-2.0
/*
 * Kronecker graphs, as Graph 500 and the GAP benchmark suite use them: 2^n vertices with numbers
 * at random, and 16 edges a vertex. An edge chooses a quarter of the adjacency matrix with the
 * probabilities 0.57, 0.19, 0.19 and 0.05, then a quarter of that, and so on. Edges from a vertex
 * to itself and duplicates are dropped.
 *
 * After Chakrabarti, Zhan and Faloutsos, "R-MAT: A Recursive Model for Graph Mining", SDM 2004, and
 * Beamer, Asanovic and Patterson, "The GAP Benchmark Suite", arXiv 1508.03619.
 */

#include <err.h>
#include <stdlib.h>
#include "graph.h"
#include "random.h"
#include "workload.h"

#define EDGES_PER_VERTEX	16
#define MIN_SCALE		4
#define MAX_SCALE		30

/* The first three quarters, each with those before it. */
#define QUARTER_A	0.57
#define QUARTER_AB	0.76
#define QUARTER_ABC	0.95

struct edge {
	uint32_t from;
	uint32_t to;
};

static struct edge choose_edge(struct random *random, int scale, const uint32_t *numbers)
{
	struct edge edge = {};
	double place;
	int level;

	for (level = 0; level < scale; level++) {
		place = random_unit(random);
		edge.from = edge.from << 1 | (place >= QUARTER_AB);
		edge.to = edge.to << 1 |
			((place >= QUARTER_A && place < QUARTER_AB) || place >= QUARTER_ABC);
	}
	return (struct edge){ numbers[edge.from], numbers[edge.to] };
}

/* By Fisher and Yates. */
static uint32_t *shuffle_numbers(uint32_t nr, uint64_t seed)
{
	uint32_t *numbers = workload_allocate(nr, sizeof(*numbers)), i, other, number;
	struct random random = { random_mix(~seed) };

	for (i = 0; i < nr; i++)
		numbers[i] = i;
	for (i = nr - 1; i; i--) {
		other = random_below(&random, i + 1);
		number = numbers[i];
		numbers[i] = numbers[other];
		numbers[other] = number;
	}
	return numbers;
}

/* Calls @visit for each edge of the graph, in the same order each time. */
static void visit_edges(struct graph *graph, int scale, const uint32_t *numbers, uint64_t seed,
			void (*visit)(struct graph *graph, const struct edge *edge))
{
	struct random random = { random_mix(seed) };
	struct edge edge;
	uint64_t i;

	for (i = 0; i < (uint64_t)graph->nr * EDGES_PER_VERTEX; i++) {
		edge = choose_edge(&random, scale, numbers);
		if (edge.from != edge.to)
			visit(graph, &edge);
	}
}

static void count_neighbours(struct graph *graph, const struct edge *edge)
{
	graph->begin[edge->from + 1]++;
	graph->begin[edge->to + 1]++;
}

/* Each vertex's begin grows to its end, which is the next one's begin. */
static void place_neighbours(struct graph *graph, const struct edge *edge)
{
	graph->to[graph->begin[edge->from]++] = edge->to;
	graph->to[graph->begin[edge->to]++] = edge->from;
}

/* begin[v + 1] was the degree of v, and becomes the end of its neighbours. */
static void sum_degrees(struct graph *graph)
{
	uint64_t i;

	for (i = 0; i < graph->nr; i++)
		graph->begin[i + 1] += graph->begin[i];
}

/* Each vertex's begin had grown to the next one's. */
static void shift_begins(struct graph *graph)
{
	uint64_t i;

	for (i = graph->nr; i; i--)
		graph->begin[i] = graph->begin[i - 1];
	graph->begin[0] = 0;
}

static int compare_vertices(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Moves all that is left to the front. */
static void drop_duplicates(struct graph *graph)
{
	uint64_t i, end, kept = 0, first;
	uint32_t vertex;

	for (vertex = 0; vertex < graph->nr; vertex++) {
		i = graph->begin[vertex];
		end = graph->begin[vertex + 1];
		qsort(graph->to + i, end - i, sizeof(*graph->to), compare_vertices);
		first = kept;
		for (; i < end; i++)
			if (kept == first || graph->to[kept - 1] != graph->to[i])
				graph->to[kept++] = graph->to[i];
		graph->begin[vertex] = first;
	}
	graph->begin[graph->nr] = kept;
}

static int choose_scale(size_t bytes, size_t vertex_bytes)
{
	size_t all = vertex_bytes + sizeof(uint64_t) + 2 * EDGES_PER_VERTEX * sizeof(uint32_t);
	int scale = 0;

	while (scale < MAX_SCALE && all << (scale + 1) <= bytes)
		scale++;
	if (scale < MIN_SCALE)
		errx(2, "--size %zu: a graph has %zu bytes or more", bytes, all << MIN_SCALE);
	return scale;
}

/**
 * graph_make() - make a graph
 * @bytes: how large it may be
 * @vertex_bytes: what the caller has for each vertex, which is part of @bytes
 * @seed: another one makes another graph
 *
 * Return: the graph.
 */
struct graph graph_make(size_t bytes, size_t vertex_bytes, uint64_t seed)
{
	int scale = choose_scale(bytes, vertex_bytes);
	struct graph graph = { .nr = 1U << scale };
	uint32_t *numbers = shuffle_numbers(graph.nr, seed);

	graph.begin = workload_allocate(graph.nr + 1, sizeof(*graph.begin));
	visit_edges(&graph, scale, numbers, seed, count_neighbours);
	sum_degrees(&graph);
	graph.to = workload_allocate(graph.begin[graph.nr], sizeof(*graph.to));
	visit_edges(&graph, scale, numbers, seed, place_neighbours);
	shift_begins(&graph);
	drop_duplicates(&graph);
	free(numbers);
	return graph;
}

/**
 * graph_bytes() - tell how large a graph is
 * @graph: the graph
 * @vertex_bytes: what the caller has for each vertex
 *
 * Return: its size, with that.
 */
size_t graph_bytes(const struct graph *graph, size_t vertex_bytes)
{
	return graph->nr * (vertex_bytes + sizeof(*graph->begin)) +
	       graph->begin[graph->nr] * sizeof(*graph->to);
}

/**
 * graph_free() - free a graph
 * @graph: the graph
 */
void graph_free(struct graph *graph)
{
	free(graph->begin);
	free(graph->to);
}
