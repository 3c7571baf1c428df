# SPDX-License-Identifier: GPL-2.0
"""Results of programs, sorted into comparisons of ways that took turns."""

from series import Spread, label_of, variants_of

FAULTS = "zero", "resident", "disk", "frame_wait", "write_wait", "copy"
PERCENTS = 50, 90, 99, 99.9


class Histogram:
    """Durations of some causes together, counted by powers of two."""

    def __init__(self, latency, causes):
        self.counts = {}
        self.longest = 0
        for cause in causes:
            self.longest = max(self.longest, latency[cause]["max_ns"])
            for bucket in latency[cause]["buckets"]:
                below = bucket["below_ns"]
                self.counts[below] = self.counts.get(below, 0) + bucket["count"]
        self.total = sum(self.counts.values())

    def percentile(self, percent):
        """The least power of two that so many do not exceed, or the longest if that is less."""
        seen = 0
        for below, count in sorted(self.counts.items()):
            seen += count
            if seen >= self.total * percent / 100:
                return min(below, self.longest)
        return self.longest

    def tail(self):
        """Microseconds, and the share of durations that are longer."""
        seen, rows = 0, []
        for below, count in sorted(self.counts.items()):
            seen += count
            if seen < self.total:
                rows.append((below / 1000, 1 - seen / self.total))
        return rows or [(self.longest / 1000, 1)]


class Way:
    """A policy, or a way of the kernel's own."""

    def __init__(self, label, cell):
        self.label = label
        self.is_stock = "stock" in cell["inputs"]
        self.result = cell["result"]
        self.seconds = self.spread("seconds")

    def spread(self, key, unit=1):
        return Spread([run[key] / unit for run in self.result["runs"]])

    def observed(self):
        return self.result.get("observed")

    def faults(self):
        return Histogram(self.observed()["latency"], FAULTS)


class Comparison:
    def __init__(self, inputs):
        self.inputs = inputs
        self.name = inputs["program"]
        self.ways = []
        self.best = None        # of the kernel's own

    def add(self, way):
        self.ways.append(way)
        if way.is_stock and (not self.best or way.seconds.middle < self.best.seconds.middle):
            self.best = way

    def ratio(self, way):
        """Of the times; to seconds if the kernel's own was not measured."""
        whole = self.best.seconds.middle if self.best else 1
        return Spread([seconds / whole for seconds in way.seconds.values])

    def unit(self):
        return "time (best of the kernel's own = 1)" if self.best else "time (s)"

    def observed(self):
        return [way for way in self.ways if way.observed()]


def comparisons_of(cells):
    """A comparison for each program, size, seed and kernel, in the order of the results."""
    variants = variants_of([cell for cell in cells if "policy" in cell["inputs"]])
    comparisons = {}
    for cell in cells:
        inputs = cell["inputs"]
        key = tuple(str(inputs[name]) for name in ("program", "frames", "seed", "release"))
        comparison = comparisons.setdefault(key, Comparison(inputs))
        label = f"stock {inputs['stock']}" if "stock" in inputs else label_of(inputs, variants)
        comparison.add(Way(label, cell))
    return list(comparisons.values())
