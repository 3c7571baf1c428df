/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that are run: can a library be put before their own, and exit statuses. */
#ifndef SWAPLAB_PROGRAM_H
#define SWAPLAB_PROGRAM_H

/* Exit statuses of a program that runs another one, as of env(1). */
#define PROGRAM_FAILED		125
#define PROGRAM_CANNOT_RUN	126
#define PROGRAM_NOT_FOUND	127

void program_check(const char *name);
void program_begin(void);
int program_end(int status);

#endif /* SWAPLAB_PROGRAM_H */
