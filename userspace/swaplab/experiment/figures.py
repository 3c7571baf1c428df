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
KEY = "set key outside right top Left reverse samplen 3 width 1"
KEY_LINE = 24
TIC_WIDTH = 70
BAR_HEIGHT = 28


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


def draw_bars(comparison, name):
    """Times of the ways of a program, by the best of the kernel's own."""
    rows = []
    for index, way in enumerate(comparison.ways):
        ratio = comparison.ratio(way)
        rows.append([index, way.label, ratio.middle, ratio.least, ratio.most,
                     f"{ratio.middle:.2f}", 0x7f7f7f if way.is_stock else 0x0072b2])
    script = [data_block("bars", rows), "set style fill solid 0.7", "set grid x",
              f"set xrange [0:{max(row[4] for row in rows) * 1.12}]",
              f"set yrange [{len(rows) - 0.4}:-0.6]",
              "set ylabel 'way to page (policy, or stock)'",
              f"set xlabel {quote(comparison.unit())}", "set ytics noenhanced",
              "plot $bars using (0):1:(0):3:($1-0.3):($1+0.3):7:ytic(2) "
              "with boxxyerror lc rgb variable notitle, "
              "'' using 3:1:4:5 with xerrorbars lc rgb '#000000' lw 1.5 pt 0 notitle, "
              "'' using 5:1:6 with labels left offset 1,0 notitle"]
    if comparison.best:
        script.insert(-1, "set arrow from first 1, graph 0 to first 1, graph 1 nohead lw 1.5")
    return draw(script, max(320, BAR_HEIGHT * len(rows) + 110), name, comparison.name)


def draw_latency(histograms, name):
    """Which part of the faults takes longer than a time. Durations are powers of two."""
    script = ["set logscale xy", "set format y '%g'", "set format x '%g'",
              "set xlabel 'time of a fault (µs, logarithmic)'",
              "set ylabel 'faults that take longer (share, logarithmic)'",
              f"{KEY} maxcols 1", "set grid"]
    plots = []
    for index, (label, histogram) in enumerate(histograms.items()):
        script.append(data_block(f"faults{index}", histogram.tail()))
        plots.append(f"$faults{index} using 1:2 {style_of(label, index)} "
                     f"title {quote(label)} noenhanced")
    height = max(420, KEY_LINE * len(plots) + 120)
    return draw([*script, "plot " + ", ".join(plots)], height, name, "latencies")


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
              f"{KEY} invert maxcols 1", "set grid", "set bmargin 4"]
    plots = []
    for index, (label, points) in enumerate(curves):
        script.append(data_block(f"curve{index}", points))
        plots.append(f"$curve{index} using 1:2 {style_of(label, index)} "
                     f"title {quote(label)} noenhanced")
    # The optimum, which is first, and LRU are drawn last, above the others.
    order = sorted(range(len(plots)), key=lambda i: curves[i][0] == "lru", reverse=True)
    order.sort(key=lambda i: curves[i][0] == "opt", reverse=True)
    plots = [plots[i] for i in reversed(order)]
    height = max(440, KEY_LINE * len(curves) + 120)
    return draw([*script, "plot " + ", ".join(plots)], height, name, chart.trace)
