/* SPDX-License-Identifier: GPL-2.0 */
/* Functions for programs in BPF, which call them as any other here. */
#ifndef SIM_LINUX_BTF_H
#define SIM_LINUX_BTF_H

#define __bpf_kfunc
#define __bpf_kfunc_start_defs()	_Static_assert(1, "")
#define __bpf_kfunc_end_defs()		_Static_assert(1, "")

#endif /* SIM_LINUX_BTF_H */
