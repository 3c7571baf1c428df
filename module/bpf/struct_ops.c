// SPDX-License-Identifier: GPL-2.0
/*
 * Policies in BPF: a struct_ops type of this module. A link registers a program as a policy
 * like any other.
 *
 * Each pool that uses the policy holds the link, so the program stays until the last of them
 * has let it go, even if the command that loaded it is long gone. A link can also be detached
 * by force: then unreg() takes the policy away from the pools that use it before it returns,
 * and after that the kernel frees the program.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include "instance.h"

/**
 * struct loaded - a policy in BPF that is registered
 * @policy: the policy
 * @link: keeps the program; each reference of the core's holds it
 * @refs: on this, one of them by the registration
 * @is_gone: the program is about to go, and must not be bound any more
 * @list: of those that are registered
 */
struct loaded {
	struct instance_policy policy;
	struct bpf_link *link;
	refcount_t refs;
	bool is_gone;
	struct list_head list;
};

/* Protects: all_loaded. */
static DEFINE_MUTEX(loaded_lock);
static LIST_HEAD(all_loaded);

/* The type's; NULL if the module has no BTF. Compared only. */
static struct btf *own_btf;

static struct loaded *loaded_of(const struct swaplab_policy_ops *ops)
{
	return container_of(ops, struct loaded, policy.ops);
}

static void loaded_put(struct loaded *loaded)
{
	if (refcount_dec_and_test(&loaded->refs))
		kfree(loaded);
}

/* The core has the registry locked, or a reference: the link is there, if not for long. */
static bool get_program(const struct swaplab_policy_ops *ops)
{
	struct loaded *loaded = loaded_of(ops);

	if (IS_ERR(bpf_link_inc_not_zero(loaded->link)))
		return false;
	refcount_inc(&loaded->refs);
	return true;
}

/* The last reference on a link is dropped by a work, so that any lock may be held here. */
static void put_program(const struct swaplab_policy_ops *ops)
{
	struct loaded *loaded = loaded_of(ops);

	bpf_link_put(loaded->link);
	loaded_put(loaded);
}

/*
 * The pool's config mutex is held. If this does not see is_gone, unreg() will take that mutex
 * after this, and find the policy bound.
 */
static int init_program(struct swaplab_policy *policy)
{
	if (READ_ONCE(loaded_of(policy->ops)->is_gone))
		return -ENOENT;
	return instance_init(policy);
}

static void loaded_add(struct loaded *loaded)
{
	mutex_lock(&loaded_lock);
	list_add(&loaded->list, &all_loaded);
	mutex_unlock(&loaded_lock);
}

/* The one that a link has registered, off the list. */
static struct loaded *loaded_take(struct bpf_link *link)
{
	struct loaded *loaded, *found = NULL;

	mutex_lock(&loaded_lock);
	list_for_each_entry(loaded, &all_loaded, list)
		if (loaded->link == link)
			found = loaded;
	if (found)
		list_del(&found->list);
	mutex_unlock(&loaded_lock);
	return found;
}

static int type_reg(void *kdata, struct bpf_link *link)
{
	struct swaplab_policy_ops *ops;
	struct loaded *loaded;
	int err;

	if (!link)
		return -EOPNOTSUPP;
	loaded = kzalloc(sizeof(*loaded), GFP_KERNEL);
	if (!loaded)
		return -ENOMEM;
	ops = &loaded->policy.ops;
	instance_policy_init(&loaded->policy, kdata);
	ops->init = init_program;
	ops->get = get_program;
	ops->put = put_program;
	ops->owner = THIS_MODULE;
	loaded->link = link;
	refcount_set(&loaded->refs, 1);
	loaded_add(loaded);
	err = swaplab_policy_register(ops);
	if (err)
		kfree(loaded_take(link));
	return err;
}

static void type_unreg(void *kdata, struct bpf_link *link)
{
	struct loaded *loaded = loaded_take(link);

	if (WARN_ON_ONCE(!loaded))
		return;
	WRITE_ONCE(loaded->is_gone, true);
	swaplab_policy_unregister(&loaded->policy.ops);
	loaded_put(loaded);
}

static int type_init(struct btf *btf)
{
	own_btf = btf;
	return 0;
}

/*
 * Of struct swaplab_frame and struct swaplab_readahead, in own_btf: the second arguments of
 * admit() and of readahead(). The kernel may have relocated the numbers of types, and does not
 * correct those in a BTF_ID_LIST.
 */
static u32 frame_id, readahead_id;

/* The type that the second argument of a callback points to. */
static u32 find_argument_id(const struct btf_type *t, u32 callback_offset)
{
	const struct btf_type *pointer, *callback;
	const struct btf_member *member = btf_type_member(t);

	while (__btf_member_bit_offset(t, member) / 8 != callback_offset)
		member++;
	pointer = btf_type_by_id(own_btf, member->type);
	callback = btf_type_by_id(own_btf, pointer->type);
	pointer = btf_type_by_id(own_btf, btf_params(callback)[1].type);
	return pointer->type;
}

/* Before a program is verified. Callbacks run under a spinlock. */
static int type_check_member(const struct btf_type *t, const struct btf_member *member,
			     const struct bpf_prog *prog)
{
	WRITE_ONCE(frame_id, find_argument_id(t, offsetof(struct swaplab_bpf_ops, admit)));
	WRITE_ONCE(readahead_id, find_argument_id(t, offsetof(struct swaplab_bpf_ops, readahead)));
	return prog->sleepable ? -EINVAL : 0;
}

/* The callbacks come first, and are the kernel's to fill in; the rest is data. */
static int type_init_member(const struct btf_type *t, const struct btf_member *member,
			    void *kdata, const void *udata)
{
	size_t data = offsetof(struct swaplab_bpf_ops, needs_references);

	if (__btf_member_bit_offset(t, member) / 8 < data)
		return 0;
	memcpy(kdata + data, udata + data, sizeof(struct swaplab_bpf_ops) - data);
	return 1;
}

static int type_validate(void *kdata)
{
	if (instance_program_is_valid(kdata))
		return 0;
	pr_err("a policy in BPF needs victim() and a name of a-z, 0-9 and _; parameters and statistics need such names, and parameters an initial value from min to max\n");
	return -EINVAL;
}

static bool is_word(int offset, int size)
{
	return offset == offsetof(struct swaplab_frame, word[INSTANCE_PROGRAM]) &&
	       size == sizeof(u32);
}

static bool is_answer(int offset, int size)
{
	switch (offset) {
	case offsetof(struct swaplab_readahead, start):
		return size == sizeof_field(struct swaplab_readahead, start);
	case offsetof(struct swaplab_readahead, step):
		return size == sizeof_field(struct swaplab_readahead, step);
	case offsetof(struct swaplab_readahead, nr):
		return size == sizeof_field(struct swaplab_readahead, nr);
	default:
		return false;
	}
}

/*
 * Of all that a program can point to, it writes to the first word of frames and to its answer
 * to readahead() alone.
 */
static int check_write(struct bpf_verifier_log *log, const struct bpf_reg_state *reg,
		       int offset, int size)
{
	/* One that was kept in a map: what it pointed to may be gone. */
	bool is_kept = type_flag(reg->type) & PTR_UNTRUSTED;

	if (reg->btf == own_btf && !is_kept &&
	    ((reg->btf_id == READ_ONCE(frame_id) && is_word(offset, size)) ||
	     (reg->btf_id == READ_ONCE(readahead_id) && is_answer(offset, size))))
		return 0;
	bpf_log(log, "a policy writes word[0] of a frame, and start, step and nr of a readahead\n");
	return -EACCES;
}

static bool check_argument(int offset, int size, enum bpf_access_type type,
			   const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(offset, size, type, prog, info);
}

static const struct bpf_verifier_ops verifier_ops = {
	.get_func_proto = bpf_base_func_proto,
	.is_valid_access = check_argument,
	.btf_struct_access = check_write,
};

/* For their types: the kernel calls none of them. */
static void stub_frame(struct swaplab_policy *policy, struct swaplab_frame *frame)
{
}

static void stub_refault(struct swaplab_policy *policy, struct swaplab_frame *frame, u32 distance)
{
}

static void stub_advise(struct swaplab_policy *policy, struct swaplab_frame *frame, u32 advice)
{
}

static int stub_readahead(struct swaplab_policy *policy, struct swaplab_readahead *readahead)
{
	return 0;
}

static int stub_policy(struct swaplab_policy *policy)
{
	return 0;
}

static struct swaplab_bpf_ops stubs = {
	.admit = stub_frame,
	.victim = stub_policy,
	.remove = stub_frame,
	.putback = stub_frame,
	.refault = stub_refault,
	.advise = stub_advise,
	.readahead = stub_readahead,
	.access = stub_frame,
	.tick = stub_policy,
};

static struct bpf_struct_ops type = {
	.verifier_ops = &verifier_ops,
	.init = type_init,
	.check_member = type_check_member,
	.init_member = type_init_member,
	.validate = type_validate,
	.reg = type_reg,
	.unreg = type_unreg,
	.cfi_stubs = &stubs,
	.name = "swaplab_bpf_ops",
	.owner = THIS_MODULE,
};

/*
 * Pointers to frames and policies are had from callbacks' arguments and from these functions
 * alone: no structure that a program can walk to points to one.
 */
BTF_KFUNCS_START(kfuncs)
BTF_ID_FLAGS(func, swaplab_bpf_first, KF_RET_NULL)
BTF_ID_FLAGS(func, swaplab_bpf_next, KF_RET_NULL)
BTF_ID_FLAGS(func, swaplab_bpf_add)
BTF_ID_FLAGS(func, swaplab_bpf_add_tail)
BTF_ID_FLAGS(func, swaplab_bpf_evict)
BTF_ID_FLAGS(func, swaplab_bpf_nr)
BTF_ID_FLAGS(func, swaplab_bpf_list)
BTF_ID_FLAGS(func, swaplab_bpf_referenced)
BTF_ID_FLAGS(func, swaplab_bpf_test_clear_referenced)
BTF_ID_FLAGS(func, swaplab_bpf_dirty)
BTF_ID_FLAGS(func, swaplab_bpf_index)
BTF_ID_FLAGS(func, swaplab_bpf_region_id)
BTF_ID_FLAGS(func, swaplab_bpf_ghost_add)
BTF_ID_FLAGS(func, swaplab_bpf_ghost_drop)
BTF_ID_FLAGS(func, swaplab_bpf_param)
BTF_ID_FLAGS(func, swaplab_bpf_count)
BTF_ID_FLAGS(func, swaplab_bpf_data, KF_RET_NULL)
BTF_KFUNCS_END(kfuncs)

/* All struct_ops programs could call the functions otherwise: TCP's, and those of HID. */
static int check_caller(const struct bpf_prog *prog, u32 kfunc)
{
	return prog->aux->attach_btf == own_btf ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &kfuncs,
	.filter = check_caller,
};

/* There is no way to take a type back, and no need to: its BTF goes with the module. */
static int __init swaplab_bpf_init(void)
{
	int err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &kfunc_set);

	if (!err)
		err = register_bpf_struct_ops(&type, swaplab_bpf_ops);
	if (!err && !own_btf)
		err = -ENOEXEC;
	if (err)
		pr_err("no policies in BPF (%d): this module needs BTF, so pahole when it is built\n",
		       err);
	return err;
}
module_init(swaplab_bpf_init);

static void __exit swaplab_bpf_exit(void)
{
}
module_exit(swaplab_bpf_exit);

MODULE_DESCRIPTION("swaplab policies in BPF");
MODULE_LICENSE("GPL");
