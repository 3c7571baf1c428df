/* SPDX-License-Identifier: GPL-2.0 */
/* The answers of a pager: SWAPLAB_PAGER_SUPPLY and the others. */
#ifndef _SWAPLAB_SUPPLY_H
#define _SWAPLAB_SUPPLY_H

#include "pager.h"

int swaplab_supply_data(struct swaplab_pager *pager, struct swaplab_supply __user *arg);
int swaplab_supply_zeros(struct swaplab_pager *pager, struct swaplab_supply __user *arg);
int swaplab_supply_grant(struct swaplab_pager *pager, struct swaplab_supply __user *arg);
int swaplab_supply_error(struct swaplab_pager *pager, struct swaplab_supply __user *arg);

#endif /* _SWAPLAB_SUPPLY_H */
