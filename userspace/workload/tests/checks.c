// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the checks: each finds an error that is planted, and none without. And tests of the
 * random choices against the numbers of their definitions. Prints TAP.
 */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bfs.h"
#include "choice.h"
#include "gups.h"
#include "pagerank.h"
#include "reads.h"
#include "records.h"
#include "sort.h"

/* What main.c has. */
void *workload_allocate(size_t nr, size_t size)
{
	return calloc(nr ? nr : 1, size);
}

static int nr_tests, has_failed;

static void __attribute__((format(printf, 2, 3))) ok(bool is_good, const char *format, ...)
{
	va_list args;

	printf("%sok %d ", is_good ? "" : "not ", ++nr_tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	has_failed |= !is_good;
}

static void test_gups(void)
{
	uint64_t value = 1, table[64], i, wrong = 0;

	for (i = 0; i < 1000; i++) {
		wrong += gups_value(i) != value;
		value = value << 1 ^ ((int64_t)value < 0 ? 7 : 0);
	}
	ok(!wrong, "gups: a number of the sequence is found at once");
	/* The period of the polynomial's sequence, as HPC Challenge has it. */
	ok(gups_value(1317624576693539401) == 1, "gups: the sequence begins anew where it should");
	for (i = 0; i < 64; i++)
		table[i] = i;
	ok(!gups_count_wrong(table, 64), "gups: a table is right");
	table[33] ^= 1ULL << 63;
	ok(gups_count_wrong(table, 64) == 1, "gups: a wrong bit is found");
}

static void test_reads(void)
{
	uint64_t *memory = workload_allocate(4 * READS_WORDS, sizeof(*memory));

	reads_fill(memory, 4, 7);
	ok(!reads_count_wrong(memory, 4, 10000, 7, 0), "reads: all are right");
	/* The page of another number, as if pages had been mixed up. */
	memcpy(memory + READS_WORDS, memory, READS_WORDS * sizeof(*memory));
	ok(reads_count_wrong(memory, 4, 10000, 7, 0) > 2000,
	   "reads: a page in another's place is found");
	free(memory);
}

static int compare_records(const void *a, const void *b)
{
	return memcmp(a, b, SORT_KEY);
}

static void test_sort(void)
{
	struct sort_record *records = workload_allocate(1000, sizeof(*records)), record;
	uint64_t sum;

	sort_fill(records, 1000, 3);
	sum = sort_sum(records, 1000);
	ok(sort_count_wrong(records, 1000, sum) > 300,
	   "sort: records that are not sorted are found");
	qsort(records, 1000, sizeof(*records), compare_records);
	ok(!sort_count_wrong(records, 1000, sum), "sort: sorted records are right");
	record = records[500];
	records[500] = records[501];
	records[501] = record;
	ok(sort_count_wrong(records, 1000, sum) == 1, "sort: two in the wrong order are found");
	records[501] = records[500];
	records[500] = record;
	records[20].value[89] ^= 1;
	ok(sort_count_wrong(records, 1000, sum) == 1, "sort: a wrong bit is found");
	records[20] = records[21];
	ok(sort_count_wrong(records, 1000, sum) == 1, "sort: a record that is lost is found");
	free(records);
}

static uint32_t find_vertex(const struct graph *graph, const uint32_t *parents, uint32_t source,
			    bool is_reached)
{
	uint32_t vertex = 0;

	while (vertex < graph->nr &&
	       (vertex == source || (parents[vertex] != BFS_NONE) != is_reached))
		vertex++;
	return vertex;
}

static void test_bfs(const struct graph *graph)
{
	uint32_t *parents = workload_allocate(graph->nr, sizeof(*parents)), source = 0, vertex;
	uint32_t kept, *queue = workload_allocate(graph->nr, sizeof(*queue));

	while (!graph_degree(graph, source))
		source++;
	ok(bfs_search(graph, source, parents, queue) <= graph->begin[graph->nr] / 2,
	   "bfs: no more edges than there are");
	ok(!bfs_count_wrong(graph, source, parents), "bfs: the parents are right");
	vertex = find_vertex(graph, parents, source, true);
	kept = parents[vertex];
	parents[vertex] = vertex;
	ok(bfs_count_wrong(graph, source, parents) == 1, "bfs: a parent that is none is found");
	parents[vertex] = BFS_NONE;
	ok(bfs_count_wrong(graph, source, parents) == 1,
	   "bfs: a vertex that was left out is found");
	parents[vertex] = 1U << 31;
	ok(bfs_count_wrong(graph, source, parents) == 1, "bfs: a vertex that is none is found");
	parents[vertex] = kept;
	vertex = find_vertex(graph, parents, source, false);
	ok(vertex < graph->nr, "bfs: there are vertices that are not reached");
	parents[vertex] = source;
	ok(bfs_count_wrong(graph, source, parents) == 1,
	   "bfs: one that cannot be reached is found");
	free(parents);
	free(queue);
}

static void test_pagerank(const struct graph *graph)
{
	double *ranks = workload_allocate(graph->nr, sizeof(*ranks)), kept;
	double *shares = workload_allocate(graph->nr, sizeof(*shares));
	uint32_t vertex;

	ok(pagerank_find(graph, ranks, shares, 100) < 100, "pagerank: it ends");
	ok(!pagerank_count_wrong(graph, ranks), "pagerank: the ranks are right");
	kept = ranks[5];
	ranks[5] += 0.001;
	ok(pagerank_count_wrong(graph, ranks), "pagerank: a wrong rank is found");
	ranks[5] = NAN;
	ok(pagerank_count_wrong(graph, ranks) == 2, "pagerank: a rank that is no number is found");
	ranks[5] = kept;
	for (vertex = 0; vertex < graph->nr; vertex++)
		ranks[vertex] *= 1.01;
	ok(pagerank_count_wrong(graph, ranks) == 2, "pagerank: ranks of another sum are found");
	pagerank_find(graph, ranks, shares, 1);
	ok(pagerank_count_wrong(graph, ranks), "pagerank: too few rounds are found");
	free(ranks);
	free(shares);
}

static void test_graph(void)
{
	struct graph graph = graph_make(1 << 20, 8, 1), other = graph_make(1 << 20, 8, 2);
	uint64_t unsorted = 0, of_many = 0, i;
	uint32_t vertex;

	ok(graph.nr == 1 << 12, "graph: it has as many vertices as fit");
	for (vertex = 0; vertex < graph.nr; vertex++) {
		of_many += graph_degree(&graph, vertex) > 320;
		for (i = graph.begin[vertex]; i < graph.begin[vertex + 1]; i++)
			unsorted += graph.to[i] == vertex || graph.to[i] >= graph.nr ||
				    (i > graph.begin[vertex] && graph.to[i] <= graph.to[i - 1]);
	}
	ok(!unsorted, "graph: neighbours are sorted, without duplicates and the vertex itself");
	ok(of_many > 10 && of_many < 100,
	   "graph: some vertices have ten times the edges of the mean");
	ok(graph.begin[graph.nr] != other.begin[other.nr], "graph: another seed makes another one");
	test_bfs(&graph);
	test_pagerank(&graph);
	graph_free(&graph);
	graph_free(&other);
}

/* Within 3 % of what is expected; the seed is fixed, so this is the same each time. */
static bool is_near(double expected, double got)
{
	return fabs(got - expected) <= 0.03 * expected;
}

static void test_zipf(void)
{
	struct random random = { 1 };
	struct zipf zipf = {};
	unsigned int counts[1000] = {}, i;
	unsigned int of_hundred = 0;
	double zeta = 0, hundred = 0;

	for (i = 0; i < 1000; i++) {
		zeta += pow(i + 1, -0.99);
		hundred += i < 100 ? pow(i + 1, -0.99) : 0;
	}
	for (i = 0; i < 1000000; i++)
		counts[zipf_next(&zipf, 1000, &random)]++;
	ok(is_near(1e6 / zeta, counts[0]) && is_near(1e6 / zeta * pow(2, -0.99), counts[1]),
	   "zipf: the first two have their shares");
	for (i = 0; i < 100; i++)
		of_hundred += counts[i];
	ok(is_near(1e6 * hundred / zeta, of_hundred), "zipf: so have the first hundred");
	/* YCSB's constant: a sum of 10^6 proportions, and an integral over the rest. */
	for (zeta = 0, i = 1; i <= 1000000; i++)
		zeta += pow(i, -0.99);
	zeta += (pow(1e10, 0.01) - pow(1e6 + 0.5, 0.01)) / 0.01;
	ok(fabs(zeta - 26.46902820178302) < 0.0001,
	   "zipf: the constant is the sum of the proportions");
}

/* How many of 100,000 choices among 1,000 records are the one chosen most. */
static unsigned int count_most(enum distribution distribution, unsigned int *which)
{
	struct random random = { 1 };
	unsigned int counts[1000] = {}, i;
	struct choice choice;

	choice_begin(&choice, distribution, 1000, 0);
	for (i = 0; i < 100000; i++)
		counts[choice_next(&choice, 1000, &random)]++;
	*which = 0;
	for (i = 0; i < 1000; i++)
		if (counts[i] > counts[*which])
			*which = i;
	return counts[*which];
}

static void test_choice(void)
{
	unsigned int which, most;

	/* The first key that YCSB makes. */
	ok(choice_hash(0) == 6284781860667377211, "choice: the hash is YCSB's");
	most = count_most(UNIFORM, &which);
	ok(most < 200, "choice: uniform: none is chosen twice as often as the mean");
	most = count_most(ZIPFIAN, &which);
	ok(is_near(100000 / 26.469, most) && which == choice_hash(0) % 1000,
	   "choice: zipfian: the hash of the first number is chosen most, 3.8 %% of the time");
	most = count_most(LATEST, &which);
	ok(which == 999 && most > 10000, "choice: latest: the last record is chosen most");
}

static void test_records(void)
{
	uint16_t versions[2][RECORD_FIELDS] = {};
	struct records records = { .seed = 1, .nr = 2, .versions = versions };
	char value[RECORD_FIELD];

	record_value(&records, 1, 3, value);
	ok(record_is(&records, 1, 3, value, sizeof(value)), "records: a value is right");
	ok(!record_is(&records, 0, 3, value, sizeof(value)),
	   "records: that of another record is not");
	ok(!record_is(&records, 1, 4, value, sizeof(value)), "records: nor that of another field");
	ok(!record_is(&records, 1, 3, value, sizeof(value) - 1), "records: nor a shorter one");
	versions[1][3]++;
	ok(!record_is(&records, 1, 3, value, sizeof(value)), "records: nor an older one");
}

int main(void)
{
	test_gups();
	test_reads();
	test_sort();
	test_graph();
	test_zipf();
	test_choice();
	test_records();
	printf("1..%d\n", nr_tests);
	return has_failed;
}
