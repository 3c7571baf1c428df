/* SPDX-License-Identifier: GPL-2.0 */
/* A cgroup that counts and limits the memory of a program and its children. */
#ifndef SWAPLAB_CGROUP_H
#define SWAPLAB_CGROUP_H

const char *cgroup_make(unsigned long long limit);
void cgroup_set(const char *file, const char *value);
void cgroup_end(void);
unsigned long long cgroup_peak(void);
unsigned long cgroup_kills(void);

#endif /* SWAPLAB_CGROUP_H */
