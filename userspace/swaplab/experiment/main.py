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

import fcntl
import os
import sys

from arguments import Stopped, catch_signals, parse
from document import Document, Wrong
from measurement import Measurement
from page import write_page
from plan import Plan
from progress import Progress
from results import Results
from simulation import Simulation
from simulator import Simulator


def say(text):
    print(f"swaplab experiment: {text}", file=sys.stderr)


def beside(path, suffix):
    """A file of the experiment's name."""
    return os.path.splitext(path)[0] + suffix


def lock(path):
    """Two runs would overwrite each other's results. The lock ends with this program."""
    file = open(path, "rb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Wrong(f"{path}: it is being run already") from None
    return file


class Work:
    """The cells of an experiment, in the order of its file: simulated ones, and programs."""

    def __init__(self, plan, results, options):
        self.results = results
        self.options = options
        simulation = Simulation(plan, Simulator())
        measurement = Measurement(plan, simulation.policies, simulation.simulator.version,
                                  options, results)
        self.parts = [simulation, measurement]
        self.order = simulation.cells + measurement.cells
        self.waiting = measurement.waiting

    def done(self):
        return sum(self.results.has(inputs) for inputs in self.order)

    def run(self):
        """Traces first. The time that is left is of a part, as parts have no measure in common."""
        if 0 < self.done() < len(self.order):
            say(f"{self.done()} of {len(self.order)} cells are done: going on")
        for part in self.parts:
            self._run_groups(part, part.groups(part.missing(self.results)))

    def _run_groups(self, part, groups):
        weights = [len(group) * part.weight(group[0]) for group in groups]
        progress = Progress(len(self.order), sum(weights))
        try:
            for group, weight in zip(groups, weights):
                for inputs, result in zip(group, part.run(group, self.options)):
                    self.results.add(inputs, result)
                self.results.write(self.order)
                progress.step(self.done(), weight, part.name_of(group[0]))
        except Stopped:
            progress.interrupt()
            part.stop()
            say(f"stopped; {self.done()} of {len(self.order)} cells are done, "
                "and the next run goes on there")
            raise


def run(path, options):
    opened = lock(path)
    plan = Plan(path)
    results = Results(options.get("results") or beside(path, ".jsonl"))
    work = Work(plan, results, options)
    if len(results.lines) > work.done():
        say(f"{results.path}: {len(results.lines) - work.done()} results of other inputs go")
    work.run()
    results.write(work.order)
    if work.waiting:
        say(f"{len(work.waiting)} cells wait for another kernel: run this again with Linux "
            + " and ".join(dict.fromkeys(work.waiting)))
    say(f"{results.path}: {len(work.order)} cells; for a page: swaplab experiment report {path}")
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
