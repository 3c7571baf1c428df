# SPDX-License-Identifier: GPL-2.0
"""
The cells of an experiment that this machine runs: a program with a policy of a device, or
on the kernel's own swap. "swaplab compare" measures all ways of a program, which take turns
and have the same memory. A further run with each policy is observed: see observe.py.
"""

import os
import shutil

from document import Wrong
from plan import SEED
from results import hash_file, identity
from runs import Failed, Runs

# That are this machine's: they change when another kernel runs.
OF_HOST = ("release", "module", "version")


def read_line(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def is_running(kernel, release):
    """Is 6.1 the kernel of release 6.1.0-44-amd64?"""
    return release == kernel or release.startswith((kernel + ".", kernel + "-"))


def command_of(program, seed):
    return [word.replace(SEED, str(seed)) for word in program.command]


def hash_files(command):
    """The program, and arguments that are files: they make the result."""
    paths = [shutil.which(command[0]), *command[1:]]
    return {path: hash_file(path) for path in paths if path and os.path.isfile(path)}


def without_host(inputs):
    return identity({key: value for key, value in inputs.items() if key not in OF_HOST})


class Measurement:
    """All cells of the programs of a plan."""

    def __init__(self, plan, policies, version, options, results):
        self.plan = plan
        self.policies = [policy for policy in policies if policy.has_frames]
        self.runs = Runs(options)
        self.release = os.uname().release
        self.host = {"release": self.release, "version": version,
                     "module": [read_line("/sys/module/swaplab/version"),
                                read_line("/sys/module/swaplab/srcversion")]}
        self.cells = []
        self.waiting = []       # for another kernel, with the kernel that they wait for
        for program in plan.programs:
            self._add_program(program, results)

    def _add_program(self, program, results):
        if not shutil.which(program.command[0]):
            raise self.plan.wrong(f"{program.command[0]}: there is no such program",
                                  "program", program.index, "command")
        frames = program.frames or self.plan.frames
        if not frames:
            raise self.plan.wrong('how many frames? It needs frames = ["50%"]',
                                  "program", program.index)
        known = {without_host(line["inputs"]): line["inputs"]
                 for line in results.lines.values() if "program" in line["inputs"]}
        for kernel in program.kernels or [None]:
            for seed in program.seeds(self.plan.seeds):
                for size in frames:
                    for inputs in self._ways(program, kernel, seed, size):
                        self._add_cell(inputs, kernel, known)

    def _add_cell(self, inputs, kernel, known):
        if kernel is None or is_running(kernel, self.release):
            self.cells.append({**inputs, **self.host})
        elif without_host(inputs) in known:
            self.cells.append(known[without_host(inputs)])
        else:
            self.waiting.append(kernel)

    def _ways(self, program, kernel, seed, frames):
        command = command_of(program, seed)
        common = {"program": program.name, "command": command, "files": hash_files(command),
                  "frames": frames, "repeats": program.repeats, "seed": seed, "kernel": kernel}
        policies = {identity([p.name, self._parameters(p, seed)]): p for p in self.policies}
        ways = [{**common, "policy": policy.name, "parameters": self._parameters(policy, seed)}
                for policy in policies.values()]
        return ways + [{**common, "stock": way} for way in program.stock]

    def _parameters(self, policy, seed):
        """A policy with a seed has the program's, or the first: that of the file is kept."""
        if "seed" in policy.parameters and policy.has_plan_seed:
            return {**policy.parameters, "seed": self.plan.seeds[0] if seed is None else seed}
        return policy.parameters

    def _is_own(self, inputs):
        return inputs["kernel"] is None or is_running(inputs["kernel"], self.release)

    def missing(self, results):
        """If one way of a comparison is missing, all are: they take turns."""
        lost = {_comparison_of(i) for i in self.cells if self._is_own(i) and not results.has(i)}
        return [i for i in self.cells if _comparison_of(i) in lost]

    def groups(self, cells):
        """A comparison each."""
        groups = {}
        for inputs in cells:
            groups.setdefault(_comparison_of(inputs), []).append(inputs)
        return list(groups.values())

    def weight(self, inputs):
        return inputs["repeats"] + 1

    def name_of(self, inputs):
        return f"{inputs['program']}, {inputs['frames']} frames"

    def stop(self):
        self.runs.stop()

    def run(self, group, _options):
        if os.geteuid():
            raise Wrong("programs need swap, cgroups and policies, which are root's to change: "
                        "use sudo")
        done = {}
        try:
            for part in _parts_of([i for i in group if "policy" in i]):
                done |= self._compare(part, [] if done else [i for i in group if "stock" in i])
        except Failed as error:
            index = next(p.index for p in self.plan.programs if p.name == group[0]["program"])
            raise self.plan.wrong(str(error.args[0]), "program", index, "command") from None
        return [done[identity(inputs)] for inputs in group]

    def _compare(self, policies, stock):
        """The results of one call of swaplab compare, and of the observed runs."""
        parameters = {}
        for inputs in policies:
            parameters |= inputs["parameters"]
        first = policies[0]
        results = self.runs.compare(
            first["command"], [inputs["policy"] for inputs in policies],
            [inputs["stock"] for inputs in stock], first["frames"], first["repeats"], parameters)
        for inputs, result in zip(policies, results):
            result["observed"] = self.runs.observe(inputs["command"], inputs["policy"],
                                                   result["frames"], inputs["parameters"])
        return dict(zip(map(identity, policies + stock), results))


def _comparison_of(inputs):
    """What the ways that take turns have in common."""
    return identity({key: value for key, value in inputs.items()
                     if key not in ("policy", "parameters", "stock", *OF_HOST)})


def _parts_of(policies):
    """A call has each policy once, and one value of each parameter."""
    parts = []
    for inputs in policies:
        for part in parts:
            if all(other["policy"] != inputs["policy"] and
                   all(other["parameters"].get(key, value) == value
                       for key, value in inputs["parameters"].items()) for other in part):
                part.append(inputs)
                break
        else:
            parts.append([inputs])
    return parts
