# SPDX-License-Identifier: GPL-2.0
"""Pieces of HTML."""

import html


def escape(text):
    return html.escape(str(text))


def count(number):
    """With thin spaces between thousands."""
    return f"{number:,.0f}".replace(",", "\u2009")


def table(heads, rows, best=()):
    """Cells are text; those at (row, column) in best are bold. Heads are rows of
    (text, columns)."""
    parts = ["<div class='wide'><table><thead>"]
    for head in heads:
        parts.append("<tr>" + "".join(
            f"<th colspan='{columns}'>{escape(text)}</th>" for text, columns in head) + "</tr>")
    parts.append("</thead><tbody>")
    for y, row in enumerate(rows):
        parts.append("<tr>" + "".join(
            f"<td{' class=best' if (y, x) in best else ''}>{escape(text)}</td>"
            for x, text in enumerate(row)) + "</tr>")
    return "\n".join([*parts, "</tbody></table></div>"])


def figure(svg, caption):
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
