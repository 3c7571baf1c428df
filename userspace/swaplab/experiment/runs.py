# SPDX-License-Identifier: GPL-2.0
"""Runs of a program on this machine, by the command's verbs, which put its settings back."""

import csv
import json
import os
import subprocess
import tempfile

NUMBERS = ("seconds", "misses", "reads", "writes", "read_kb", "written_kb", "memory_bytes")
OBSERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "observe.py")


class Failed(Exception):
    """A verb has said why; its status is told."""


def machine():
    """For the reader: results of another machine differ."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"cpu": names[0] if names else None, "cpus": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")}


class Runs:
    """With the device and disks of a command line."""

    def __init__(self, options):
        self.options = options
        self.child = None
        self.written = set()    # the disks that have content of ours

    def stop(self):
        """The child puts the machine's settings back."""
        if self.child:
            self.child.terminate()
            self.child.wait()

    def call(self, words):
        self.child = subprocess.Popen([os.environ["SWAPLAB_COMMAND"], *words],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        status, self.child = self.child.wait(), None
        if status:
            raise Failed(f"swaplab {words[0]} ended with status {status}", status)

    def _given(self, *names):
        return [f"--{name}={self.options[name]}" if self.options[name] else f"--{name}"
                for name in names if name in self.options]

    def _overwrite(self, *disks):
        """If the user says so, or all of these disks have content of ours."""
        given = [disk for disk in disks if disk in self.options]
        is_ours = given and self.written.issuperset(given)
        return ["--overwrite"] if "overwrite" in self.options or is_ours else []

    def set_up(self, *words):
        """Runs a command with a device that is set up."""
        self.call(["with", *self._given("device", "disk"), *self._overwrite("disk"), *words])

    def compare(self, command, policies, stock, frames, repeats, parameters):
        """The results of each way, which took turns: the policies, then the kernel's own."""
        disks = ["disk", "stock-disk"] if stock else ["disk"]
        with tempfile.NamedTemporaryFile() as table:
            words = ["compare", *self._given("device", *disks), *self._overwrite(*disks),
                     "--policy", ",".join(policies), "--stock", ",".join(stock) or "none",
                     "--frames", str(frames), "--repeats", str(repeats), "--csv", table.name]
            for name, value in parameters.items():
                words += ["--param", f"{name}={value}"]
            self.call([*words, "--", *command])
            self.written.update(disks)
            with open(table.name, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        # A policy and a way of the kernel's own may both be called lru.
        repeats = int(repeats)
        return [_result(rows[i:i + repeats]) for i in range(0, len(rows), repeats)]

    def observe(self, command, policy, frames, parameters):
        """What a run of its own shows: see observe.py."""
        with tempfile.NamedTemporaryFile() as seen:
            words = ["--policy", policy, "--frames", str(frames), "--set", "measure_latency=1"]
            for name, value in parameters.items():
                words += ["--set", f"policy_params/{name}={value}"]
            self.set_up(*words, "--", OBSERVER, seen.name, *command)
            return json.load(seen)


def _result(rows):
    return {"frames": int(rows[0]["frames"]), "machine": machine(),
            "runs": [{key: float(row[key]) if key == "seconds" else int(row[key])
                      for key in NUMBERS} for row in rows]}
