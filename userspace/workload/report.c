// SPDX-License-Identifier: GPL-2.0
/* The line that tells a result. */

#include <inttypes.h>
#include <stdio.h>
#include "json.h"
#include "report.h"
#include "size.h"

static double per_second(const struct result *result)
{
	return result->measure.seconds ? result->operations / result->measure.seconds : 0;
}

static void print_rate(double rate)
{
	if (rate >= 1e6)
		printf("%.2f M/s", rate / 1e6);
	else if (rate >= 1e3)
		printf("%.2f K/s", rate / 1e3);
	else
		printf("%.2f/s", rate);
}

static void print_begin(const struct workload *workload, const struct request *request,
			const struct result *result)
{
	char size[SIZE_TEXT];

	printf("%s: %s, seed %" PRIu64 ": %" PRIu64 " %s", workload->name,
	       size_text(size, result->bytes), request->seed, result->operations,
	       workload->operation);
}

static void print_end(const struct result *result)
{
	if (result->wrong)
		printf("; %" PRIu64 " answers are WRONG\n", result->wrong);
	else
		puts("; all answers are right");
}

/**
 * report_quiet() - print what is the same each time
 * @workload: the workload
 * @request: its options
 * @result: the result
 */
void report_quiet(const struct workload *workload, const struct request *request,
		  const struct result *result)
{
	print_begin(workload, request, result);
	print_end(result);
}

/**
 * report_text() - print a result for people
 * @workload: the workload
 * @request: its options
 * @result: the result
 */
void report_text(const struct workload *workload, const struct request *request,
		 const struct result *result)
{
	const unsigned long *pages = result->measure.pages;

	print_begin(workload, request, result);
	printf(" in %.3f s, ", result->measure.seconds);
	print_rate(per_second(result));
	if (measure_device())
		printf("; %lu pages read, %lu written on %s", pages[MEASURE_READ],
		       pages[MEASURE_WRITTEN], measure_device());
	print_end(result);
}

/**
 * report_json() - print a result for programs, in a line
 * @workload: the workload
 * @request: its options
 * @result: the result
 */
void report_json(const struct workload *workload, const struct request *request,
		 const struct result *result)
{
	struct json json = { .file = stdout, .is_line = true };
	int i;

	json_object(&json, NULL);
	json_text(&json, "workload", workload->name);
	json_number(&json, "bytes", result->bytes);
	json_number(&json, "seed", request->seed);
	json_number(&json, "threads", request->threads);
	json_number(&json, "operations", result->operations);
	json_text(&json, "operation", workload->operation);
	json_real(&json, "seconds", result->measure.seconds);
	json_real(&json, "per_second", per_second(result));
	json_number(&json, "wrong", result->wrong);
	json_text(&json, "device", measure_device());
	for (i = 0; measure_device() && i < NR_MEASURES; i++)
		json_number(&json, measure_names[i], result->measure.pages[i]);
	json_end(&json);
}
