// SPDX-License-Identifier: GPL-2.0
/*
 * PageRank by pulling, as in the GAP benchmark suite: rounds over all vertices, with a damping of
 * 0.85, until the ranks of a round change by less than 0.0001 altogether. It is checked as there,
 * by a round of another kind, which pushes and may change the ranks by no more. The sum of the
 * ranks is checked, too. Differences: ranks are doubles, and a round sees the ranks of the one
 * before.
 */

#include <math.h>
#include <stdlib.h>
#include "pagerank.h"
#include "workload.h"

#define DAMPING		0.85
#define TOLERANCE	0.0001
#define MAX_ROUNDS	100

/* A double of ranks, and one of shares. */
#define VERTEX_BYTES	(2 * sizeof(double))

static double pull_ranks(const struct graph *graph, double *ranks, double *shares)
{
	double base = (1 - DAMPING) / graph->nr, change = 0, sum;
	uint32_t vertex;
	uint64_t i;

	for (vertex = 0; vertex < graph->nr; vertex++)
		shares[vertex] = graph_degree(graph, vertex) ?
				 ranks[vertex] / graph_degree(graph, vertex) : 0;
	for (vertex = 0; vertex < graph->nr; vertex++) {
		sum = 0;
		for (i = graph->begin[vertex]; i < graph->begin[vertex + 1]; i++)
			sum += shares[graph->to[i]];
		sum = base + DAMPING * sum;
		change += fabs(sum - ranks[vertex]);
		ranks[vertex] = sum;
	}
	return change;
}

/**
 * pagerank_find() - find the ranks of all vertices
 * @graph: the graph
 * @ranks: set to them
 * @shares: room for as many numbers
 * @max_rounds: at most so many
 *
 * Return: how many rounds it took.
 */
unsigned int pagerank_find(const struct graph *graph, double *ranks, double *shares,
			   unsigned int max_rounds)
{
	unsigned int rounds = 0;
	double change;
	uint32_t i;

	for (i = 0; i < graph->nr; i++)
		ranks[i] = 1.0 / graph->nr;
	do {
		change = pull_ranks(graph, ranks, shares);
		rounds++;
	} while (change >= TOLERANCE && rounds < max_rounds);
	return rounds;
}

static double push_change(const struct graph *graph, const double *ranks)
{
	double *sums = workload_allocate(graph->nr, sizeof(*sums)), change = 0;
	uint32_t vertex;
	uint64_t i;

	for (vertex = 0; vertex < graph->nr; vertex++)
		for (i = graph->begin[vertex]; i < graph->begin[vertex + 1]; i++)
			sums[graph->to[i]] += ranks[vertex] / graph_degree(graph, vertex);
	for (vertex = 0; vertex < graph->nr; vertex++)
		change += fabs((1 - DAMPING) / graph->nr + DAMPING * sums[vertex] - ranks[vertex]);
	free(sums);
	return change;
}

/*
 * A vertex with neighbours gives all of its rank away, and what they get of it is theirs alone.
 * So such vertices have a mean rank of 1 / nr. The others have the base alone.
 */
static double expected_sum(const struct graph *graph)
{
	double base = (1 - DAMPING) / graph->nr, sum = 0;
	uint32_t vertex;

	for (vertex = 0; vertex < graph->nr; vertex++)
		sum += graph_degree(graph, vertex) ? 1.0 / graph->nr : base;
	return sum;
}

/**
 * pagerank_count_wrong() - check ranks
 * @graph: the graph
 * @ranks: those of its vertices
 *
 * Return: 1 if a round would change them, and 1 if their sum is wrong.
 */
uint64_t pagerank_count_wrong(const struct graph *graph, const double *ranks)
{
	double change = push_change(graph, ranks), sum = 0;
	uint32_t vertex;

	for (vertex = 0; vertex < graph->nr; vertex++)
		sum += ranks[vertex];
	/* A number that is none compares with nothing. */
	return !(change < TOLERANCE) +
	       !(fabs(sum - expected_sum(graph)) <= TOLERANCE / (1 - DAMPING));
}

/* Operations are edges, in all rounds. */
struct result pagerank_run(const struct workload *workload, const struct request *request)
{
	struct graph graph = graph_make(request->bytes, VERTEX_BYTES, request->seed);
	double *ranks = workload_allocate(graph.nr, sizeof(*ranks));
	double *shares = workload_allocate(graph.nr, sizeof(*shares));
	struct result result = { .bytes = graph_bytes(&graph, VERTEX_BYTES) };

	(void)workload;
	measure_begin(&result.measure);
	result.operations = pagerank_find(&graph, ranks, shares,
					  request->count ? request->count : MAX_ROUNDS);
	measure_end(&result.measure);
	result.operations *= graph.begin[graph.nr] / 2;
	result.wrong = pagerank_count_wrong(&graph, ranks);
	free(ranks);
	free(shares);
	graph_free(&graph);
	return result;
}
