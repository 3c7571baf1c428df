/* SPDX-License-Identifier: GPL-2.0 */
/* Sleeping in a state of the caller's. */
#ifndef _SWAPLAB_WAIT_STATE_H
#define _SWAPLAB_WAIT_STATE_H

#include <linux/wait.h>

/* As wait_event_killable_timeout(), in another state. */
#define swaplab_wait_in_state(queue, condition, state, timeout)			\
({										\
	long __ret = (timeout);							\
										\
	might_sleep();								\
	if (!___wait_cond_timeout(condition))					\
		__ret = ___wait_event(queue, ___wait_cond_timeout(condition),	\
				      state, 0, timeout,			\
				      __ret = schedule_timeout(__ret));		\
	__ret;									\
})

#endif /* _SWAPLAB_WAIT_STATE_H */
