/* SPDX-License-Identifier: GPL-2.0 */
/* The table of textbooks: a column a reference, a row a frame. */
#ifndef SIM_STEPS_H
#define SIM_STEPS_H

struct job;

/* More would be no table that one reads. */
#define STEPS_MAX	200

enum steps_form {
	STEPS_NONE,
	STEPS_TEXT,
	STEPS_LATEX,
	STEPS_HTML,
};

void steps_print(const struct job *job, enum steps_form form);

#endif /* SIM_STEPS_H */
