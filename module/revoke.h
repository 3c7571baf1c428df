/* SPDX-License-Identifier: GPL-2.0 */
/* Pages that a pager takes back. */
#ifndef _SWAPLAB_REVOKE_H
#define _SWAPLAB_REVOKE_H

struct swaplab_pager;
struct swaplab_revoke;

int swaplab_revoke(struct swaplab_pager *pager, struct swaplab_revoke __user *arg);

#endif /* _SWAPLAB_REVOKE_H */
