/* SPDX-License-Identifier: GPL-2.0 */
/* Lists that need no lock: here one thread has both ends. */
#ifndef SIM_LINUX_LLIST_H
#define SIM_LINUX_LLIST_H

#include <linux/kernel.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

static inline bool llist_add(struct llist_node *entry, struct llist_head *head)
{
	entry->next = head->first;
	head->first = entry;
	return !entry->next;
}

static inline struct llist_node *llist_del_first(struct llist_head *head)
{
	struct llist_node *entry = head->first;

	if (entry)
		head->first = entry->next;
	return entry;
}

#endif /* SIM_LINUX_LLIST_H */
