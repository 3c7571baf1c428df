# SPDX-License-Identifier: GPL-2.0
"""The page of an experiment: HTML in one file, with its pictures in it."""

import json

from figures import draw_curves
from markup import count, escape, figure, table
from program_page import program_sections
from replacement import replacing
from series import OPT, charts_of

STYLE = """
body { font: 16px/1.45 sans-serif; color: #1a1a1a; background: #fff; max-width: 1120px;
       margin: 0 auto; padding: 20px }
h1 { font-size: 28px } h2 { font-size: 22px; margin-top: 40px; border-top: 1px solid #ccc;
padding-top: 20px } h3 { font-size: 17px }
div.wide { overflow-x: auto }
table { border-collapse: collapse; margin: 12px 0; font-size: 14px }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid #ddd; white-space: pre;
         vertical-align: top }
th:first-child, td:first-child { text-align: left }
thead th { border-bottom: 2px solid #555 }
td.best { font-weight: bold }
figure { margin: 16px 0 } figure svg { max-width: 100%; height: auto }
figcaption, p.note { color: #444; font-size: 14px }
summary { cursor: pointer; margin: 12px 0 }
@media print { h2 { break-before: page } details { display: none } }
"""


def _ratio_text(curve, opt, size):
    """Misses to those of the optimum, which may have none."""
    of_opt = opt.misses(size).middle if opt and size in opt.cells else 0
    return f"{curve.misses(size).middle / of_opt:.3f}" if of_opt else "–"


def _sizes_table(chart):
    """Policies by the sizes of memory, with the fewest misses of each size in bold."""
    sizes = chart.sizes()
    opt = chart.curves.get(OPT)
    curves = [c for c in chart.curves.values() if set(c.cells) & set(sizes)]
    others = [c for c in curves if c is not opt]
    rows, best = [], set()
    for y, curve in enumerate(curves):
        row = [curve.label]
        for x, size in enumerate(sizes):
            if size not in curve.cells:
                row += ["–", "–"]
                continue
            row += [curve.misses(size).text(count), _ratio_text(curve, opt, size)]
            if curve in others and curve.misses(size).middle == min(
                    c.misses(size).middle for c in others if size in c.cells):
                best |= {(y, 1 + 2 * x), (y, 2 + 2 * x)}
        rows.append(row)
    heads = [[("", 1)] + [(f"{size}: {count(frames)} frames" if size != str(frames)
                           else f"{count(frames)} frames", 2)
                          for size, frames in sizes.items()],
             [("policy", 1)] + [("misses", 1), ("to opt", 1)] * len(sizes)]
    return table(heads, rows, best)


def _space_table(chart):
    """Policies that have no frames, by their parameters."""
    rows = []
    for curve in chart.curves.values():
        for size, results in curve.cells.items():
            if isinstance(size, tuple):
                result = results[0]
                rows.append([" ".join([curve.label, *(f"{k}={v}" for k, v in size)]),
                             count(result["misses"]), f"{result['mean_resident']:.1f}",
                             count(result["max_resident"]), count(result["space_time"])])
    if not rows:
        return ""
    return table([[("policy", 1), ("misses", 1), ("mean pages", 1), ("most pages", 1),
                   ("space-time (page-references)", 1)]], rows)


def _bound_text(cells):
    """Where the optimum is a bound, and where not."""
    if any(cell["inputs"].get("warm_up") for cell in cells):
        return ("opt is Belady's optimum for all references, with those of the warm-up, which do "
                "not count: a policy can be below it.")
    return "No policy with frames can be below opt, Belady's optimum."


def _chart_section(chart, number, bound):
    title = "" if chart.view is None else \
        f"<h3>Visibility {escape(chart.view[0])}, tick {escape(chart.view[1])}</h3>"
    parts = [title]
    svg = draw_curves(chart, f"curves{number}")
    if svg:
        parts.append(figure(svg, f"Miss ratios of {chart.trace}: the lower, the better. "
                                 f"{bound}"))
    if chart.sizes():
        parts.append(_sizes_table(chart))
    parts.append(_space_table(chart))
    return "\n".join(parts)


def _trace_sections(cells):
    parts, trace = [], None
    for number, chart in enumerate(charts_of(cells)):
        if chart.trace != trace:
            trace = chart.trace
            results = next(iter(chart.curves.values())).cells
            references = next(iter(results.values()))[0]["references"]
            parts.append(f"<h2>{escape(trace)}</h2><p>A trace of {count(references)} "
                         "references that count. Misses are the median of the seeds, with "
                         "the least and the most where they differ.</p>")
        parts.append(_chart_section(chart, number, _bound_text(cells)))
    return parts


def _how_made(cells):
    """All that made each result, for those who want to repeat it."""
    rows = []
    for cell in cells:
        inputs, result = cell["inputs"], cell["result"]
        rows.append([cell["cell"], *(json.dumps(thing, ensure_ascii=False) for thing in
                                     (inputs, result))])
    return ("<h2>How it was made</h2><details><summary>All inputs and results of "
            f"{len(cells)} cells</summary>"
            + table([[("cell", 1), ("inputs", 1), ("result", 1)]], rows) + "</details>")


def _number(things, name):
    """"2 traces", or nothing."""
    return f"{len(things)} {name}{'s' if len(things) > 1 else ''}" if things else ""


def _summary(cells):
    versions = sorted({cell["inputs"]["version"] for cell in cells})
    traces, programs = ({cell["inputs"][kind] for cell in cells if kind in cell["inputs"]}
                        for kind in ("trace", "program"))
    parts = [_number(cells, "result"), _number(traces, "trace"), _number(programs, "program"),
             "swaplab " + ", ".join(versions)]
    return "<p>" + "; ".join(part for part in parts if part) + ".</p>"


def write_page(path, title, cells):
    simulated = [cell for cell in cells if "trace" in cell["inputs"]]
    measured = [cell for cell in cells if "program" in cell["inputs"]]
    body = [f"<h1>{escape(title)}</h1>", _summary(cells), *_trace_sections(simulated),
            *program_sections(measured), _how_made(cells)]
    text = ("<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width'>"
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
            + "\n".join(body) + "\n</body></html>\n")
    with replacing(path) as file:
        file.write(text)
