/* SPDX-License-Identifier: GPL-2.0 */
/* The line that tells a result. */
#ifndef WORKLOAD_REPORT_H
#define WORKLOAD_REPORT_H

#include "workload.h"

void report_text(const struct workload *workload, const struct request *request,
		 const struct result *result);
void report_quiet(const struct workload *workload, const struct request *request,
		  const struct result *result);
void report_json(const struct workload *workload, const struct request *request,
		 const struct result *result);

#endif /* WORKLOAD_REPORT_H */
