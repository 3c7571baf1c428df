// SPDX-License-Identifier: GPL-2.0
/*
 * One bug of each kind that a debug kernel is to catch. The parameter says which: a
 * report may turn other checks off, so their order matters.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *bug = "";
module_param(bug, charp, 0400);
MODULE_PARM_DESC(bug, "which of them: see the list in the source");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(lock);

static void use_after_free(void)
{
	char *bytes = kmalloc(64, GFP_KERNEL);

	/* Out of the compiler's sight, which would say so. */
	OPTIMIZER_HIDE_VAR(bytes);
	kfree(bytes);
	OPTIMIZER_HIDE_VAR(bytes);
	if (bytes)
		WRITE_ONCE(bytes[8], 1);
}

/* No task waits: the order alone is enough for a report. */
static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void sleep_in_atomic(void)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

/* Several, as a stale pointer on a stack may keep one. */
static noinline void leak_objects(void)
{
	void *bytes;
	int i;

	for (i = 0; i < 16; i++) {
		bytes = kmalloc(777, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(bytes);
	}
}

static void timer_ring(struct timer_list *timer)
{
}

static void free_active_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, timer_ring, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static void undefined_shift(void)
{
	int bits = 40;

	OPTIMIZER_HIDE_VAR(bits);
	bits = 1 << bits;
	OPTIMIZER_HIDE_VAR(bits);
}

static int counter;

static int count_without_lock(void *unused)
{
	while (!kthread_should_stop()) {
		counter++;
		cond_resched();
	}
	return 0;
}

/* Two threads, one counter, no lock, long enough for a watchpoint or two. */
static void racing_counter(void)
{
	struct task_struct *other = kthread_run(count_without_lock, NULL, "planted");
	unsigned long end = jiffies + 2 * HZ;

	if (IS_ERR(other))
		return;
	while (time_before(jiffies, end)) {
		counter++;
		cond_resched();
	}
	kthread_stop(other);
}

static const struct {
	const char *name;
	void (*plant)(void);
} bugs[] = {
	{ "use-after-free", use_after_free },
	{ "lock-order", lock_order },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "leak", leak_objects },
	{ "free-active-timer", free_active_timer },
	{ "undefined-shift", undefined_shift },
	{ "data-race", racing_counter },
};

static int __init planted_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(bug, bugs[i].name))
			continue;
		bugs[i].plant();
		return 0;
	}
	return -EINVAL;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("bugs that a debug kernel has to catch");
MODULE_LICENSE("GPL");
