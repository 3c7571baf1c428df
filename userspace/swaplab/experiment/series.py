# SPDX-License-Identifier: GPL-2.0
"""Results, sorted into what is compared with each other: curves of simulated cells."""

import statistics

OPT = "opt"


def label_of(inputs, variants):
    """The policy, with those parameters in which its variants differ."""
    name = inputs["policy"]
    parts = [f"{key}={value}" for key, value in inputs["parameters"].items()
             if key != "seed" and len({v.get(key) for v in variants[name]}) > 1]
    return " ".join([name, *parts])


def variants_of(cells):
    """The sets of parameters that each policy has."""
    variants = {}
    for cell in cells:
        variants.setdefault(cell["inputs"]["policy"], []).append(cell["inputs"]["parameters"])
    return variants


class Spread:
    """The results of several seeds or repeats."""

    def __init__(self, values):
        self.values = sorted(values)
        self.least = self.values[0]
        self.most = self.values[-1]
        self.middle = statistics.median(self.values)

    def text(self, form):
        middle = form(self.middle)
        if self.least == self.most:
            return middle
        return f"{middle}\n({form(self.least)}–{form(self.most)})"


class Curve:
    """A policy on a trace, in several sizes of memory."""

    def __init__(self, label):
        self.label = label
        self.cells = {}     # of each size; a policy without frames has a size of its own

    def add(self, size, result):
        self.cells.setdefault(size, []).append(result)

    def misses(self, size):
        return Spread([result["misses"] for result in self.cells[size]])

    def points(self):
        """Pages in memory, and the miss ratio."""
        for results in self.cells.values():
            pages = [r.get("mean_resident", r.get("frames")) for r in results]
            ratios = [r["misses"] / r["references"] for r in results if r["references"]]
            if ratios:
                yield statistics.median(pages), statistics.median(ratios)


class Chart:
    """The curves of a trace, as policies see it in one way."""

    def __init__(self, trace, view):
        self.trace = trace
        self.view = view
        self.curves = {}

    def curve(self, label):
        return self.curves.setdefault(label, Curve(label))

    def sizes(self):
        """Of the memory, as the file has them, in their order."""
        found = {}
        for curve in self.curves.values():
            for size, results in curve.cells.items():
                if isinstance(size, str):
                    found.setdefault(size, results[0]["frames"])
        return found


def _view_of(inputs):
    return inputs["visibility"], inputs["tick"]


def charts_of(cells):
    """A chart for each trace, visibility and tick. All have the optimum."""
    variants = variants_of(cells)
    charts = {}
    for trace in dict.fromkeys(cell["inputs"]["trace"] for cell in cells):
        own = [cell for cell in cells if cell["inputs"]["trace"] == trace]
        seen = [c["inputs"] for c in own if "visibility" in c["inputs"]] or [None]
        for view in dict.fromkeys(_view_of(i) if i else None for i in seen):
            chart = charts[trace, view] = Chart(trace, view)
            for cell in own:
                inputs = cell["inputs"]
                if "visibility" in inputs and _view_of(inputs) != view:
                    continue
                size = inputs.get("frames")
                curve = chart.curve(label_of(inputs, variants if size else {
                    inputs["policy"]: [inputs["parameters"]]}))
                curve.add(size if size else tuple(inputs["parameters"].items()),
                          cell["result"])
    return list(charts.values())
