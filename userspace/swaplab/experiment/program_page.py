# SPDX-License-Identifier: GPL-2.0
"""The parts of a page about programs."""

from comparison import PERCENTS, comparisons_of
from figures import draw_bars, draw_latency
from markup import count, escape, figure, table

MIB = 1 << 20


def milliseconds(nanoseconds):
    return f"{nanoseconds / 1e6:.3f}"


def _times(comparison):
    rows = []
    for way in comparison.ways:
        rows.append([way.label, way.seconds.text("{:.3f}".format),
                     f"{comparison.ratio(way).middle:.2f}" if comparison.best else "–",
                     way.spread("misses").text(count),
                     *(way.spread(key, 1024).text("{:.1f}".format)
                       for key in ("read_kb", "written_kb")),
                     way.spread("memory_bytes", MIB).text("{:.2f}".format)])
    return table([[("way to page", 1), ("time (s)", 1), ("to the best stock", 1), ("misses", 1),
                   ("read (MiB)", 1), ("written (MiB)", 1), ("memory (MiB)", 1)]], rows)


def _observations(comparison):
    """Of the runs that were looked at."""
    rows = []
    for way in comparison.observed():
        seen, faults = way.observed(), way.faults()
        rows.append([way.label, count(faults.total),
                     *(milliseconds(faults.percentile(p)) for p in PERCENTS),
                     milliseconds(faults.longest), f"{seen['user_seconds']:.3f}",
                     f"{seen['system_seconds']:.3f}", f"{seen['daemon_seconds']:.3f}",
                     f"{seen['run']['share_percent']:.1f} %"])
    return table([[("", 1), ("faults", 1), ("time of a fault (ms)", len(PERCENTS) + 1),
                   ("CPU time (s)", 3), ("memory on", 1)],
                  [("policy", 1), ("", 1), *((f"p{p}", 1) for p in PERCENTS), ("longest", 1),
                   ("user", 1), ("system", 1), ("daemon", 1), ("the device", 1)]], rows)


def _observed_section(comparison, number):
    ways = comparison.observed()
    faults = {way.label: way.faults() for way in ways if way.faults().total}
    parts = ["<h3>Observed runs</h3><p>A further run with each policy, in which the device "
             "measures durations, which takes time itself. System time is the faults', and of the program's own calls; "
             "the daemon evicts pages.</p>", _observations(comparison)]
    if faults:
        parts.append(figure(draw_latency(faults, f"latency{number}"),
                            "Times of faults of all kinds: the further to the left, the better."))
    return parts


def _section(comparison, number):
    inputs, result = comparison.inputs, comparison.ways[0].result
    machine = result["machine"]
    seed = "" if inputs["seed"] is None else f", seed {inputs['seed']}"
    parts = [f"<h2>{escape(comparison.name)}: {escape(inputs['frames'])} of its pages in frames"
             f"{seed}</h2>" if str(inputs["frames"]).endswith("%") else
             f"<h2>{escape(comparison.name)}: {escape(inputs['frames'])} frames{seed}</h2>",
             f"<p><code>{escape(' '.join(inputs['command']))}</code> in "
             f"{count(result['frames'])} frames, on Linux {escape(inputs['release'])}, "
             f"{machine['cpus']} CPUs ({escape(machine['cpu'])}). Runs of each way, by turns and "
             f"with the same memory: {inputs['repeats']}. The bars are medians, with the least "
             "and the most.</p>"]
    parts.append(figure(draw_bars(comparison, f"bars{number}"),
                        "Times: the shorter, the better. Grey is the kernel's own swap."))
    parts.append(_times(comparison))
    return parts + (_observed_section(comparison, number) if comparison.observed() else [])


def program_sections(cells):
    return [part for number, comparison in enumerate(comparisons_of(cells))
            for part in _section(comparison, number)]
