#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""
swaplab score: what a program gains by each policy, on one page. The command calls this
with a command line that it has checked.

Usage: score.py [--NAME=VALUE]... -- PROGRAM [ARGUMENT]...
"""

import json
import os
import re
import shutil
import sys
import tempfile

from arguments import Stopped, catch_signals, parse
from comparison import comparisons_of
from document import Wrong
from page import write_page
from results import identity
from runs import Failed, Runs
from simulator import Simulator, sim_options

FAILED = 125


def say(text):
    print(f"swaplab score: {text}", file=sys.stderr)


class Score:
    """The figures of a program, from three kinds of runs."""

    def __init__(self, command, options):
        self.command = command
        self.policies = options.get("policy", "aging").split(",")
        stock = options.get("stock", "lru,mglru")
        self.stock = [] if stock == "none" else stock.split(",")
        self.options = options
        self.runs = Runs(options)
        self.simulator = Simulator()
        self.name = os.path.basename(command[0])
        self.comparison = None
        self.measured = []      # cells, as of an experiment
        self.repeats = options.get("repeats", "3")
        self.frames = None
        self.simulated = []

    def measure(self):
        say("1 of 3: the program with each policy, and on the kernel's own swap")
        results = self.runs.compare(self.command, self.policies, self.stock,
                                    self.options.get("frames", "50%"), self.repeats, {})
        self.frames = results[0]["frames"]
        ways = [{"policy": name, "parameters": {}} for name in self.policies]
        ways += [{"stock": name} for name in self.stock]
        common = {"program": self.name, "command": self.command, "frames": str(self.frames),
                  "repeats": self.repeats, "seed": None, "release": os.uname().release}
        self.measured = [{"inputs": {**common, **inputs}, "result": result}
                         for inputs, result in zip(ways, results)]
        self.comparison, = comparisons_of(self.measured)

    def simulate(self):
        say("2 of 3: a recording of the program, for all policies in the simulator")
        with tempfile.TemporaryDirectory() as directory:
            trace = self.options.get("trace") or os.path.join(directory, "score.pg.zst")
            command = os.environ["SWAPLAB_COMMAND"]
            # By its path; the user may have given its number alone.
            device = "/dev/swaplab" + re.search(r"\d*$", self.options.get("device", "0"))[0]
            self.runs.set_up("--frames", str(self.frames), "--", command, "record",
                             "--device", device, "-o", trace, "--", command, "run", "--device",
                             device, "--quiet", "--", *self.command)
            self.simulated = self.simulator.call(trace, sim_options(
                ["all"], [str(self.frames)], {}, {"visibility": "sampled"}))

    def observe(self):
        say("3 of 3: a run with each policy, which is observed")
        for way in self.comparison.ways:
            if not way.is_stock:
                way.result["observed"] = self.runs.observe(self.command, way.label,
                                                           self.frames, {})

    def print_text(self):
        runs = self.comparison.best or self.comparison.ways[0]
        print(f"{self.name}: {self.frames} frames, "
              f"{runs.spread('memory_bytes', 1 << 20).middle:.1f} MiB in all, "
              f"Linux {os.uname().release}\n")
        self._print_misses()
        self._print_times()
        self._print_observed()

    def _print_misses(self):
        opt = next(row for row in self.simulated if row["policy"] == "opt")
        print(f"Misses, to the {opt['misses']} of the optimum. Run 2: one recording,"
              " simulated\nwith sampled visibility.\n")
        rows = sorted(self.simulated, key=lambda row: row["misses"])
        cells = [f"{row['policy']:<14}{_ratio(row['misses'], opt['misses']):>7}" for row in rows]
        for i in range(0, len(cells), 3):
            print("  " + "    ".join(cells[i:i + 3]))

    def _print_times(self):
        print(f"\nTime and misses. Run 1: medians of {self.repeats}, by turns, with the same "
              "memory.\n")
        print(f"  {'':<15}{'seconds':>10}{'least':>10}{'most':>10}{'to stock':>10}"
              f"{'misses':>10}{'read MiB':>10}")
        for way in self.comparison.ways:
            times = way.seconds
            ratio = f"{self.comparison.ratio(way).middle:.2f}" if self.comparison.best else "-"
            print(f"  {way.label:<15}{times.middle:>10.3f}{times.least:>10.3f}"
                  f"{times.most:>10.3f}{ratio:>10}{way.spread('misses').middle:>10.0f}"
                  f"{way.spread('read_kb', 1024).middle:>10.1f}")

    def _print_observed(self):
        print("\nFaults, CPU time and memory. Run 3: one of each, whose times are longer.\n")
        print(f"  {'':<15}{'faults':>10}{'p50 us':>10}{'p99 us':>10}{'system s':>10}"
              f"{'daemon s':>10}{'on device':>10}")
        for way in self.comparison.observed():
            seen, faults = way.observed(), way.faults()
            print(f"  {way.label:<15}{faults.total:>10}"
                  f"{faults.percentile(50) / 1000:>10.1f}{faults.percentile(99) / 1000:>10.1f}"
                  f"{seen['system_seconds']:>10.3f}{seen['daemon_seconds']:>10.3f}"
                  f"{seen['run']['share_percent']:>8.1f} %")
        print("\nsystem: of the faults, and of the program's own calls. daemon: of the thread"
              "\nthat evicts pages. to stock: the best of the kernel's own is 1.")

    def write_page(self, path):
        """The same as of an experiment."""
        simulated = []
        for row in sorted(self.simulated, key=lambda row: row["policy"] != "opt"):
            inputs = {key: row[key] for key in ("policy", "parameters", "version")}
            inputs |= {"trace": f"{self.name}, recorded", "frames": str(self.frames)}
            if row["policy"] != "opt":
                inputs |= {"visibility": row["visibility"], "tick": row["tick"]}
            simulated.append({"inputs": inputs, "result": row})
        for cell in self.measured:
            cell["inputs"]["version"] = self.simulated[0]["version"]
        cells = simulated + self.measured
        for cell in cells:
            cell["cell"] = identity(cell["inputs"])
        write_page(path, f"Score of {self.name}", cells)

    def print_json(self):
        ways = [{"name": way.label, "is_stock": way.is_stock, **way.result}
                for way in self.comparison.ways]
        json.dump({"command": self.command, "frames": self.frames,
                   "kernel": os.uname().release, "simulated": self.simulated, "ways": ways},
                  sys.stdout, indent=2)
        print()


def _ratio(misses, of_opt):
    return f"{misses / of_opt:.3f}" if of_opt else "-"


def check_page(path):
    """Before all else takes hours."""
    directory = os.path.dirname(path) or "."
    if not shutil.which("gnuplot"):
        raise Wrong("gnuplot is missing, which draws the page")
    if os.path.isdir(path) or not os.access(directory, os.W_OK):
        raise Wrong(f"{path} cannot be written")


def report(score, options):
    """Each of the two, even if the other one cannot be written."""
    # Words of a command line may have any bytes.
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if "page" in options:
            score.write_page(options["page"])
    finally:
        if "json" in options:
            score.print_json()
        else:
            score.print_text()
        sys.stdout.flush()


def drop_output():
    """What could not be written is not tried again at the end, which would change the status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main():
    options, command = parse(sys.argv[1:])
    catch_signals()
    score = None
    try:
        if "page" in options:
            check_page(options["page"])
        score = Score(command, options)
        score.measure()
        score.simulate()
        score.observe()
        report(score, options)
    except Failed as error:
        say(error.args[0])
        return error.args[1] if FAILED <= error.args[1] <= 127 else FAILED
    except (Wrong, OSError, UnicodeError) as error:
        drop_output()
        say(error)
        return FAILED
    except Stopped as error:
        drop_output()
        if score:
            score.runs.stop()
            score.simulator.stop()
        return 128 + error.args[0]
    return 0


if __name__ == "__main__":
    sys.exit(main())
