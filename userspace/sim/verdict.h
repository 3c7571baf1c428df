/* SPDX-License-Identifier: GPL-2.0 */
/* What came of a sweep: as a table with advice, and as JSON. */
#ifndef SIM_VERDICT_H
#define SIM_VERDICT_H

#include "judge.h"
#include "search.h"

/**
 * struct verdict - what came of a sweep
 * @trials: all that was tried
 * @sweep: the parameters
 * @search: how the settings were chosen
 * @judgement: of the trials
 */
struct verdict {
	const struct trials *trials;
	const struct sweep *sweep;
	struct search search;
	struct judgement judgement;
};

void verdict_print(const struct verdict *verdict);
void verdict_json(const struct verdict *verdict);

#endif /* SIM_VERDICT_H */
