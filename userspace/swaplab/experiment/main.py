#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""
swaplab experiment: runs the cells of an experiment, and reports them. The command calls
this with a command line that it has checked.

Usage: main.py [--NAME=VALUE]... {run|report} FILE
"""

import signal

# Until it is caught below: there is nothing to put in order yet.
if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# pylint: disable=wrong-import-position
import fcntl
import os
import sys

from document import Document, Wrong
from page import write_page
from plan import Plan
from progress import Progress
from results import Results
from simulation import Simulation
from simulator import Simulator


class Stopped(Exception):
    """A signal has come."""


def say(text):
    print(f"swaplab experiment: {text}", file=sys.stderr)


def parse(words):
    """Options as a dictionary, and the other arguments."""
    options = {}
    while words and words[0].startswith("--"):
        word = words.pop(0)
        if word == "--":
            break
        name, _, value = word[2:].partition("=")
        options[name] = value
    return options, words


def beside(path, suffix):
    """A file of the experiment's name."""
    return os.path.splitext(path)[0] + suffix


def stop(number, _frame):
    # Another one must not stop the end.
    for other in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def catch_signals():
    """One that was ignored stays so, as with nohup."""
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def lock(path):
    """Two runs would overwrite each other's results. The lock ends with this program."""
    file = open(path, "rb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Wrong(f"{path}: it is being run already") from None
    return file


def run_groups(part, results, order, options):
    """Those of a part that have no result yet."""
    missing = [inputs for inputs in part.cells if not results.has(inputs)]
    groups = part.groups(missing)
    weights = [len(group) * part.weight(group[0]) for group in groups]
    done = len(order) - len(missing)
    progress = Progress(len(order), done, sum(weights))
    if done and missing:
        say(f"{done} of {len(order)} cells are done: going on")
    try:
        for group, weight in zip(groups, weights):
            for inputs, result in zip(group, part.run(group, options)):
                results.add(inputs, result)
            results.write(order)
            progress.step(len(group), weight, part.name_of(group[0]))
    except Stopped:
        progress.interrupt()
        part.stop()
        done = sum(results.has(inputs) for inputs in order)
        say(f"stopped; {done} of {len(order)} cells are done, and the next run goes on there")
        raise


def run(path, options):
    opened = lock(path)
    plan = Plan(path)
    part = Simulation(plan, Simulator())
    results = Results(options.get("results") or beside(path, ".jsonl"))
    order = part.cells
    kept = sum(results.has(inputs) for inputs in order)
    if len(results.lines) > kept:
        say(f"{results.path}: {len(results.lines) - kept} results of other inputs go")
    run_groups(part, results, order, options)
    results.write(order)
    say(f"{results.path}: {len(order)} cells; for a page: swaplab experiment report {path}")
    opened.close()


def report(path, options):
    """Of the results that there are, whatever the experiment's inputs are now."""
    title = Document(path).content.get("title", os.path.basename(path))
    source = options.get("results") or beside(path, ".jsonl")
    results = Results(source)
    if not results.lines:
        raise Wrong(f"{source}: no results; first: swaplab experiment run {path}")
    page = options.get("page") or beside(path, ".html")
    write_page(page, title, list(results.lines.values()))
    say(f"{page}: {len(results.lines)} results")


ACTIONS = {"run": run, "report": report}


def main():
    options, (action, path) = parse(sys.argv[1:])
    jobs = options.get("jobs", "1")
    if not jobs.isdecimal() or not 1 <= int(jobs) <= 1024:
        say(f"--jobs {jobs}: not a number from 1 to 1024")
        return 2
    catch_signals()
    try:
        ACTIONS[action](path, options)
    except Wrong as error:
        say(error)
        return 1
    except OSError as error:
        say(f"{error.filename}: {error.strerror}" if error.filename else error)
        return 1
    except Stopped as error:
        return 128 + error.args[0]
    return 0


if __name__ == "__main__":
    sys.exit(main())
