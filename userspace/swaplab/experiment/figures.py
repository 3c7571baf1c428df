# SPDX-License-Identifier: GPL-2.0
"""Pictures, which gnuplot draws as SVG for a page."""

import math
import re
import subprocess

from document import Wrong

WIDTH = 1120
# That can be told apart without red and green; black is the optimum's, orange is LRU's.
COLOURS = ["#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#a6761d", "#7f7f7f", "#5e3c99"]
POINTS = [4, 6, 8, 10, 12, 2, 1, 3, 5, 7, 9]
KEY_LINE = 20
TIC_WIDTH = 70


def quote(text):
    """Between single quotes gnuplot runs no commands; a control character would end it."""
    text = "".join(c if c >= " " else "?" for c in str(text))
    return "'" + text.replace("'", "''") + "'"


def style_of(label, index):
    """The optimum is a black line without points, and LRU a broken orange one."""
    if label == "opt":
        return "with lines lw 3 dt 1 lc rgb '#000000'"
    if label == "lru":
        return "with linespoints lw 3 dt (10,5) pt 7 ps 0.7 lc rgb '#e66101'"
    colour = COLOURS[index % len(COLOURS)]
    return f"with linespoints lw 1.6 pt {POINTS[index % len(POINTS)]} lc rgb '{colour}'"


def data_block(name, rows):
    lines = [f"${name} << end_of_data"]
    lines += ["\t".join(str(value) for value in row) for row in rows]
    return "\n".join([*lines, "end_of_data"])


def draw(script, height, name, title):
    """Names in the picture are unique in a page that has several."""
    head = [f"set terminal svg size {WIDTH},{height} font 'sans,14' name '{name}'",
            "set datafile separator '\\t'", "set encoding utf8"]
    try:
        done = subprocess.run(["gnuplot"], input="\n".join([*head, *script]), text=True,
                              capture_output=True, check=False)
    except FileNotFoundError:
        raise Wrong("gnuplot is missing: apt-get install gnuplot-nox") from None
    if done.returncode or "</svg>" not in done.stdout:
        raise Wrong(f"gnuplot could not draw {title}: {done.stderr.strip()}")
    svg = done.stdout[done.stdout.index("<svg"):]
    svg = re.sub(r"""\b(id=|href=|url\()(['"]?)(#?)([A-Za-z])""", rf"\1\2\3{name}_\4", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)


def tics_of(values, low, high):
    """Numbers on a logarithmic axis, those left out that would not have room."""
    tics, last = [], None
    scale = (WIDTH - 320) / max(math.log(high / low), 1e-9)
    for value in sorted(set(values)):
        place = scale * math.log(value / low)
        if last is None or place - last >= TIC_WIDTH:
            tics.append(f"'{value:g}' {value}")
            last = place
    return ", ".join(tics)


def draw_curves(chart, name):
    """Miss ratios by the size of the memory; None if there are no two sizes."""
    curves = [(c.label, sorted(c.points())) for c in chart.curves.values()]
    pages = [x for _, points in curves for x, _ in points if x > 0]
    if len(set(pages)) < 2:
        return None
    low, high = min(pages) / 1.1, max(pages) * 1.1
    script = ["set logscale x", f"set xrange [{low}:{high}]", "set yrange [0:*]", "set offsets 0, 0, graph 0.05, 0",
              "set xlabel 'memory (pages of 4 KiB, logarithmic)'",
              "set ylabel 'miss ratio (misses per reference)'",
              f"set xtics ({tics_of(chart.sizes().values() or pages, low, high)})",
              "set key outside right top Left reverse samplen 3 width 1", "set grid",
              "set bmargin 4"]
    plots = []
    for index, (label, points) in enumerate(curves):
        script.append(data_block(f"curve{index}", points))
        plots.append(f"$curve{index} using 1:2 {style_of(label, index)} "
                     f"title {quote(label)} noenhanced")
    height = max(440, KEY_LINE * len(curves) + 120)
    return draw([*script, "plot " + ", ".join(plots)], height, name, chart.trace)
