/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policies in BPF. A program includes this header and no other. Compiled for BPF it is
 * loaded by "swaplab policy --bpf", for Linux 6.12 and later; compiled as C it is part of
 * the simulator.
 *
 * The lists belong to the module, not to the program: it names them by numbers from 0 on,
 * and frames by the pointers that it is given, which are good until its callback returns.
 * A frame is on one list at most. Whatever a program does, its lists are in order: a
 * function that cannot be done does nothing and says so.
 *
 * As for any policy, callbacks run under the pool's lock and look at no more than
 * SWAPLAB_POLICY_STEP frames. After SWAPLAB_BPF_STEPS steps in lists a callback gets no
 * further frame, and is counted as one that gave a wrong victim.
 */
#ifndef _SWAPLAB_BPF_H
#define _SWAPLAB_BPF_H

#ifdef __bpf__
typedef _Bool bool;
typedef unsigned int u32;
typedef unsigned long long u64;

#define NULL			((void *)0)
#define false			0
#define true			1
#define SWAPLAB_POLICY_STEP	64
#define SWAPLAB_POLICY_NAME_LEN	32

/* In the order of policy.h. */
enum swaplab_reason {
	SWAPLAB_REASON_ZERO,
	SWAPLAB_REASON_COPY,
	SWAPLAB_REASON_READ,
	SWAPLAB_REASON_READ_AHEAD,
	SWAPLAB_REASON_MUNLOCK,
	SWAPLAB_REASON_PUTBACK,
	SWAPLAB_REASON_MLOCK,
	SWAPLAB_REASON_DISCARD,
	SWAPLAB_REASON_MOVE,
	SWAPLAB_REASON_REBIND,
	SWAPLAB_REASON_SCAN,
	SWAPLAB_REASON_PAGEOUT,
};

enum swaplab_advice {
	SWAPLAB_ADVICE_WILLNEED,
	SWAPLAB_ADVICE_COLD,
};

/* What a program may see; where that is, the loader finds out. */
struct swaplab_frame {
	u32 word[2];
} __attribute__((preserve_access_index));

struct swaplab_policy {
	unsigned long nr_frames;
	enum swaplab_reason reason;
} __attribute__((preserve_access_index));

/* It writes to the last three. */
struct swaplab_readahead {
	u32 region;
	unsigned long index;
	unsigned long first;
	unsigned long last;
	bool is_hit;
	bool in_order;
	u32 max;
	u32 nr_used;
	u32 nr_wasted;
	unsigned long start;
	int step;
	u32 nr;
} __attribute__((preserve_access_index));

#define SWAPLAB_KFUNC		extern __attribute__((section(".ksyms")))
#else
#include <swaplab/policy.h>

#define SWAPLAB_KFUNC
#endif /* __bpf__ */

/*
 * Lists of frames (a power of 2, 16 at most), lists of ghosts, parameters, statistics, and bytes
 * of swaplab_bpf_data().
 */
#define SWAPLAB_BPF_LISTS	8
#define SWAPLAB_BPF_GHOSTS	4
#define SWAPLAB_BPF_PARAMS	4
#define SWAPLAB_BPF_STATS	4
#define SWAPLAB_BPF_DATA	256

/* Steps in lists that a callback may take. */
#define SWAPLAB_BPF_STEPS	4096

/* What victim() returns to be called again, as with SWAPLAB_VICTIM_AGAIN; else 0. */
#define SWAPLAB_BPF_AGAIN	1

/**
 * struct swaplab_bpf_param - a tunable, shown as policy_params/<name>
 * @name: file name: lower-case letters, digits and _
 * @min: smallest valid value
 * @max: largest valid value
 * @initial: value before the first callback
 */
struct swaplab_bpf_param {
	char name[20];
	u32 min;
	u32 max;
	u32 initial;
};

/**
 * struct swaplab_bpf_stat - a counter or a gauge, shown as policy_stats/<name>
 * @name: file name: lower-case letters, digits and _
 */
struct swaplab_bpf_stat {
	char name[20];
};

/**
 * struct swaplab_bpf_ops - a replacement algorithm in BPF
 * @admit: a page came in: put its frame on a list; a frame that is on none afterwards,
 *	or of a program without admit(), goes to the end of list 0 (optional)
 * @victim: choose a frame, and give it up by swaplab_bpf_evict(); returns 0, or
 *	SWAPLAB_BPF_AGAIN to be called again for the rest of a search (required)
 * @remove: a frame has been taken off its list for another reason than victim(); not
 *	called when another policy is bound (optional)
 * @putback: a victim could not go: put its frame on a list, as in admit(); admit() if
 *	absent (optional)
 * @refault: see struct swaplab_policy_ops (optional)
 * @advise: see there; @advice is an enum swaplab_advice (optional)
 * @readahead: see there; returns 0 to leave it to the core, else another number (optional)
 * @access: see there; for the simulator (optional)
 * @tick: see there; returns 0, or another number to be called again (optional)
 * @needs_references: as there
 * @victim_looks: as there
 * @ghosts_percent: how many ghosts to have memory for, in percent of the frames; 0: none
 * @params: tunables; those without a name are none
 * @stats: counters and gauges, likewise; 0 before the first callback
 * @name: as written to the attribute "policy": lower-case letters, digits and _
 *
 * @word[0] of a frame is the program's, and 0 on admit().
 */
struct swaplab_bpf_ops {
	void (*admit)(struct swaplab_policy *policy, struct swaplab_frame *frame);
	int (*victim)(struct swaplab_policy *policy);
	void (*remove)(struct swaplab_policy *policy, struct swaplab_frame *frame);
	void (*putback)(struct swaplab_policy *policy, struct swaplab_frame *frame);
	void (*refault)(struct swaplab_policy *policy, struct swaplab_frame *frame,
			u32 distance);
	void (*advise)(struct swaplab_policy *policy, struct swaplab_frame *frame, u32 advice);
	int (*readahead)(struct swaplab_policy *policy, struct swaplab_readahead *readahead);
	void (*access)(struct swaplab_policy *policy, struct swaplab_frame *frame);
	int (*tick)(struct swaplab_policy *policy);

	u32 needs_references;
	u32 victim_looks;
	u32 ghosts_percent;
	struct swaplab_bpf_param params[SWAPLAB_BPF_PARAMS];
	struct swaplab_bpf_stat stats[SWAPLAB_BPF_STATS];
	char name[SWAPLAB_POLICY_NAME_LEN];
};

SWAPLAB_KFUNC struct swaplab_frame *
swaplab_bpf_first(struct swaplab_policy *policy, u32 list);
SWAPLAB_KFUNC struct swaplab_frame *
swaplab_bpf_next(struct swaplab_policy *policy, struct swaplab_frame *frame);
SWAPLAB_KFUNC int swaplab_bpf_add(struct swaplab_policy *policy,
				  struct swaplab_frame *frame, u32 list);
SWAPLAB_KFUNC int swaplab_bpf_add_tail(struct swaplab_policy *policy,
				       struct swaplab_frame *frame, u32 list);
SWAPLAB_KFUNC int swaplab_bpf_evict(struct swaplab_policy *policy,
				    struct swaplab_frame *frame);
SWAPLAB_KFUNC u64 swaplab_bpf_nr(struct swaplab_policy *policy, u32 list);
SWAPLAB_KFUNC u32 swaplab_bpf_list(struct swaplab_frame *frame);

SWAPLAB_KFUNC int swaplab_bpf_referenced(struct swaplab_frame *frame);
SWAPLAB_KFUNC int swaplab_bpf_test_clear_referenced(struct swaplab_frame *frame);
SWAPLAB_KFUNC int swaplab_bpf_dirty(struct swaplab_frame *frame);
SWAPLAB_KFUNC u64 swaplab_bpf_index(struct swaplab_frame *frame);
SWAPLAB_KFUNC u32 swaplab_bpf_region_id(struct swaplab_frame *frame);

SWAPLAB_KFUNC int swaplab_bpf_ghost_add(struct swaplab_policy *policy,
					struct swaplab_frame *frame, u32 ghosts, u64 limit);
SWAPLAB_KFUNC int swaplab_bpf_ghost_drop(struct swaplab_policy *policy,
					 struct swaplab_frame *frame);

SWAPLAB_KFUNC u32 swaplab_bpf_param(struct swaplab_policy *policy, u32 number);
SWAPLAB_KFUNC int swaplab_bpf_count(struct swaplab_policy *policy, u32 number, u64 change);
/* The name of its second parameter tells the verifier that it is the size of the result. */
SWAPLAB_KFUNC u32 *swaplab_bpf_data(struct swaplab_policy *policy,
				    const u32 rdwr_buf_size);

/*
 * SWAPLAB_BPF_OP(type, name, parameters) { body }: a callback of a policy. To BPF its
 * arguments come in an array.
 *
 * SWAPLAB_BPF_POLICY(name, .member = value, ...): the policy, a struct swaplab_bpf_ops.
 */
#ifdef __bpf__
#define _SWAPLAB_PICK(_1, _2, _3, args, ...)	args
#define _SWAPLAB_CTX(...)						\
	_SWAPLAB_PICK(__VA_ARGS__, _SWAPLAB_CTX_3, _SWAPLAB_CTX_2, _SWAPLAB_CTX_1)
#define _SWAPLAB_CTX_1	(void *)ctx[0]
#define _SWAPLAB_CTX_2	_SWAPLAB_CTX_1, (void *)ctx[1]
#define _SWAPLAB_CTX_3	_SWAPLAB_CTX_2, ctx[2]

#define SWAPLAB_BPF_OP(type, name, ...)					\
	static inline __attribute__((always_inline)) type		\
	op_##name(__VA_ARGS__);						\
	__attribute__((section("struct_ops/" #name), used)) type	\
	name(unsigned long long *ctx)					\
	{								\
		return op_##name(_SWAPLAB_CTX(__VA_ARGS__));		\
	}								\
	static inline __attribute__((always_inline)) type		\
	op_##name(__VA_ARGS__)

#define SWAPLAB_BPF_POLICY(policy_name, ...)				\
	char LICENSE[] __attribute__((section("license"), used)) = "GPL"; \
	__attribute__((section(".struct_ops.link"), used))		\
	struct swaplab_bpf_ops policy_name = {				\
		.name = #policy_name, __VA_ARGS__			\
	}
#else
#define SWAPLAB_BPF_OP(type, name, ...)	static type name(__VA_ARGS__)

void swaplab_bpf_register(const struct swaplab_bpf_ops *ops);

#define SWAPLAB_BPF_POLICY(policy_name, ...)				\
	static const struct swaplab_bpf_ops policy_name = {		\
		.name = #policy_name, __VA_ARGS__			\
	};								\
	static void __attribute__((constructor)) register_##policy_name(void) \
	{								\
		swaplab_bpf_register(&policy_name);			\
	}								\
	_Static_assert(1, #policy_name)
#endif /* __bpf__ */

#endif /* _SWAPLAB_BPF_H */
