# SPDX-License-Identifier: GPL-2.0
"""
The cells of an experiment that the simulator runs: a policy on a trace, with its
parameters, in so many frames. A call of the simulator does several, as it reads the trace,
and finds the optimum, once.
"""

import dataclasses
import os

from document import Wrong, nearest
from results import hash_file
from simulator import sim_options

OPT = "opt"
# What the inputs of a cell have already, or what differs from run to run.
LEFT_OUT = ("trace", "policy", "parameters", "visibility", "version", "seconds",
            "miss_ratio", "opt_ratio")


@dataclasses.dataclass
class SimPolicy:
    name: str
    parameters: dict        # all that it has
    has_frames: bool
    has_plan_seed: bool     # its seed is one of the plan's seeds


def _suffix(trace):
    """Of the file: the simulator takes the format from it unless the plan names one."""
    return None if trace.format else os.path.basename(trace.path).partition(".")[2]


def _row_of(rows, name):
    return next(row for row in rows if row["policy"] == name)


class Simulation:
    """All cells of the traces of a plan."""

    def __init__(self, plan, simulator):
        self.plan = plan
        self.simulator = simulator
        self.policies = self._policies()
        self._check_values()
        self.cells = self._cells()

    def _try(self, place, policies, frames, parameters, **rest):
        """The message of the simulator, at the place in the file."""
        try:
            return self.simulator.trial(policies, frames, parameters, **rest)
        except Wrong as error:
            text = str(error).removeprefix(f"{place[2]} ").removeprefix("param ")
            raise self.plan.wrong(text, *place) from None

    def _policies(self):
        policies = []
        for policy in self.plan.policies:
            place = (None, 0, "policies", policy.name)
            if policy.index is not None:
                place = ("policy", policy.index, "name")
            rows = self._try(place, [policy.name], ["16"], {}) \
                if not self._is_frameless(policy.name) else \
                self._try(place, [policy.name], None, {})
            names = [policy.name]
            if policy.name == "all":
                names = [row["policy"] for row in rows]
            policies += [p for name in names for p in self._variants(policy, name, rows)
                         if p not in policies]
        return [policy for policy in policies if policy.name != OPT]

    def _is_frameless(self, name):
        """Those have no --frames, and the simulator says so."""
        try:
            self.simulator.trial([name], ["16"], {})
        except Wrong as error:
            return "has no number of frames" in str(error)
        return False

    def _variants(self, policy, name, rows):
        """The policy with all its parameters, for each seed if it has one."""
        row = _row_of(rows, name)
        for key in policy.parameters:
            if key not in row["parameters"]:
                raise self.plan.wrong(f"policy {name} has no such parameter"
                                      + nearest(key, row["parameters"]),
                                      "policy", policy.index, key)
        for key, value in policy.parameters.items():
            self._try(("policy", policy.index, key), [name],
                      ["16"] if "frames" in row else None, {key: value})
        parameters = {**row["parameters"], **policy.parameters}
        has_plan_seed = "seed" in parameters and "seed" not in policy.parameters
        for seed in self.plan.seeds if has_plan_seed else [None]:
            given = {"seed": seed} if has_plan_seed else {}
            yield SimPolicy(name, {**parameters, **given}, "frames" in row, has_plan_seed)

    def _check_values(self):
        plan = self.plan
        for value in plan.frames:
            self._try((None, 0, "frames", value), ["fifo"], [value], {})
        for program in plan.programs:
            for value in program.frames or []:
                self._try(("program", program.index, "frames", value), ["fifo"], [value], {})
        for value in plan.visibility:
            self._try((None, 0, "visibility", value), ["fifo"], ["16"], {}, visibility=value)
        for value in plan.ticks:
            self._try((None, 0, "tick", value), ["fifo"], ["16"], {}, tick=value)
        for value in plan.warm_up:
            self._try_value((None, 0, "warm-up", value), "not ")
        if plan.traces and not plan.frames and any(p.has_frames for p in self.policies):
            raise plan.wrong('how many? It needs frames = ["50%"]')
        for trace in plan.traces:
            if trace.format:
                self._try_value(("trace", trace.index, "format", trace.format), "there is no ")

    def _try_value(self, place, fault):
        """A value that fits the traces need not fit the one that it is tried with."""
        key, value = place[2:]
        try:
            self._try(place, ["fifo"], ["16"], {}, **{key: value})
        except Wrong as error:
            if f"{value}: {fault}" in str(error):
                raise

    def _cells(self):
        cells = []
        for trace in self.plan.traces:
            common = {"trace": trace.name, "sha256": hash_file(trace.path),
                      "format": trace.format, "suffix": _suffix(trace),
                      "warm_up": self.plan.warm_up[0],
                      "version": self.simulator.version, "simulator": self.simulator.hash}
            for frames in self.plan.frames:
                cells += self._of_size(common, frames)
            cells += [{**common, "policy": policy.name, "parameters": policy.parameters}
                      for policy in self.policies if not policy.has_frames]
        return cells

    def _of_size(self, common, frames):
        """The optimum comes first; others are compared with it."""
        if not any(policy.has_frames for policy in self.policies):
            return []
        of_size = {**common, "frames": frames}
        cells = [{**of_size, "policy": OPT, "parameters": {}}]
        for policy in self.policies:
            if not policy.has_frames:
                continue
            for visibility in self.plan.visibility:
                for tick in self.plan.ticks:
                    cells.append({**of_size, "policy": policy.name, "visibility": visibility,
                                  "tick": tick, "parameters": policy.parameters})
        return cells

    def missing(self, results):
        return [inputs for inputs in self.cells if not results.has(inputs)]

    def weight(self, inputs):
        """For the time that is left: a long trace takes longer."""
        return os.path.getsize(self._trace_of(inputs).path)

    def _trace_of(self, inputs):
        return next(t for t in self.plan.traces if t.name == inputs["trace"])

    def groups(self, cells):
        """Cells that one call does: each policy is in it once, with one set of parameters."""
        groups = []
        for inputs in cells:
            group = next((g for g in groups if _fits(g, inputs)), None)
            if group:
                group.append(inputs)
            else:
                groups.append([inputs])
        return groups

    def name_of(self, inputs):
        return f"{inputs['trace']}, {inputs.get('frames', 'no')} frames"

    def stop(self):
        self.simulator.stop()

    def run(self, group, options):
        """The results of a group, in its order."""
        trace = self._trace_of(group[0])
        parameters = {}
        for inputs in group:
            parameters |= inputs["parameters"]
        seen = next((i for i in group if "visibility" in i), {})
        rest = {"visibility": seen.get("visibility"), "tick": seen.get("tick"),
                "warm-up": group[0]["warm_up"], "format": trace.format,
                "jobs": options.get("jobs")}
        frames = group[0].get("frames")
        words = sim_options([inputs["policy"] for inputs in group], frames and [frames],
                            parameters, rest)
        try:
            rows = self.simulator.call(trace.path, words)
        except Wrong as error:
            raise self.plan.wrong(str(error), "trace", trace.index, "file") from None
        return [_result(_row_of(rows, inputs["policy"])) for inputs in group]


def _fits(group, inputs):
    """The optimum has no visibility, and fits each."""
    conditions = [i for i in group if "visibility" in i][:1] or [group[0]]
    for key in "trace", "frames":
        if inputs.get(key) != group[0].get(key):
            return False
    if "visibility" in inputs and "visibility" in conditions[0] and \
            any(inputs[key] != conditions[0][key] for key in ("visibility", "tick")):
        return False
    for other in group:
        if other["policy"] == inputs["policy"]:
            return False
        if any(other["parameters"].get(key, value) != value
               for key, value in inputs["parameters"].items()):
            return False
    return True


def _result(row):
    return {key: value for key, value in row.items() if key not in LEFT_OUT}
