/* SPDX-License-Identifier: GPL-2.0 */
/* Signals that ask a program to end which has settings to put back. */
#ifndef SWAPLAB_INTERRUPT_H
#define SWAPLAB_INTERRUPT_H

void interrupt_catch(void);
void interrupt_note(int signal);
void interrupt_check(void);

#endif /* SWAPLAB_INTERRUPT_H */
