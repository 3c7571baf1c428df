# SPDX-License-Identifier: GPL-2.0
"""Command lines, which the command has checked, and signals."""

import signal

SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


class Stopped(Exception):
    """A signal has come."""


def parse(words):
    """Options as a dictionary, and the other arguments."""
    options = {}
    while words:
        word = words.pop(0)
        if word == "--":
            break
        name, _, value = word[2:].partition("=")
        options[name] = value
    return options, words


def _stop(number, _frame):
    # Another one must not stop the end.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def catch_signals():
    """One that was ignored stays so, as with nohup."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
