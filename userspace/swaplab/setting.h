/* SPDX-License-Identifier: GPL-2.0 */
/* Values of the kernel that are set, and set back when this program ends. */
#ifndef SWAPLAB_SETTING_H
#define SWAPLAB_SETTING_H

void setting_put_back_at_exit(void);
void setting_remember(const char *path);
void setting_change(const char *path, const char *value);
void setting_number(const char *path, unsigned long long value);
char *setting_read(const char *path);

#endif /* SWAPLAB_SETTING_H */
