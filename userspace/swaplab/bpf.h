/* SPDX-License-Identifier: GPL-2.0 */
/* Policies in BPF: loading them from files. */
#ifndef SWAPLAB_BPF_LOADER_H
#define SWAPLAB_BPF_LOADER_H

const char *bpf_load_policy(const char *path);

#endif /* SWAPLAB_BPF_LOADER_H */
