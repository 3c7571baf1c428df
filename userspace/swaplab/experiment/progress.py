# SPDX-License-Identifier: GPL-2.0
"""How far an experiment is, on standard error."""

import sys
import time


def duration(seconds):
    """As "42 s", "7 min" or "3.5 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Progress:
    """Cells that are done now or were before, and the time that the others will take."""

    def __init__(self, nr, weight):
        self.nr = nr
        self.left = weight
        self.all = weight
        self.begin = time.monotonic()
        self.is_terminal = sys.stderr.isatty()

    def step(self, done, weight, name):
        self.left -= weight
        text = f"swaplab experiment: {done} of {self.nr} cells: {name}"
        if self.left > 0:
            passed = time.monotonic() - self.begin
            text += f"; about {duration(passed / (self.all - self.left) * self.left)} left"
        self._show(text, self.left <= 0)

    def _show(self, text, is_end):
        """A terminal has one line, which changes."""
        if self.is_terminal:
            sys.stderr.write(f"\r\033[K{text}" + ("\n" if is_end else ""))
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def interrupt(self):
        if self.is_terminal:
            sys.stderr.write("\n")
