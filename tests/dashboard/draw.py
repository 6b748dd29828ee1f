"""Draws the dashboard of a template as a page: draw.py TEMPLATE LINES PAGE.

LINES are metric lines in the embedded format; without such a file, every chart is empty. Prints the
page's size for a screenshot on standard output, and on standard error what has no data.
"""

import json
import math
import re
import sys
from html import escape
from pathlib import Path

import yaml

from series import Recorded, series_of

CELL = (66, 52)
GAP = 6
COLOURS = [
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f",
    "#bcbd22", "#17becf", "#3b5998", "#f2a900", "#00897b", "#ad1457", "#6d4c41", "#5e35b1",
    "#c0ca33", "#455a64",
]
STYLE = """
body { margin: 0; background: #f2f3f3; font: 12px/1.3 sans-serif; color: #16191f; }
header { padding: 10px 12px 4px; } h1 { font-size: 18px; margin: 0 0 4px; }
main { position: relative; } section { position: absolute; background: #fff; overflow: hidden;
  border: 1px solid #d5dbdb; border-radius: 4px; box-sizing: border-box; padding: 6px 8px; }
section.heading { background: none; border: none; } h2 { font-size: 16px; margin: 6px 0 0; }
h2 small { font-weight: normal; font-size: 12px; color: #545b64; }
h3 { font-size: 12px; margin: 0 0 2px; } svg { display: block; }
ul { list-style: none; margin: 2px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 10px;
  font-size: 10px; line-height: 13px; }
i { display: inline-block; width: 8px; height: 8px; border-radius: 2px; margin-right: 3px; }
.none { color: #b00020; font-weight: bold; } .foreign { color: #687078; }
.alarms li { border: 1px solid #1d8102; border-radius: 3px; padding: 3px 8px; margin: 3px 0;
  font-size: 12px; }
text { font: 9px sans-serif; fill: #687078; }
"""


def dashboard_of(template, namespace):
    """The dashboard's JSON, with what CloudFormation would put in for its names."""
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    prefix = namespace.split("/", 1)[1] if namespace else "tandem"
    known = {"SecretPrefix": prefix, "AWS::Region": "us-east-1"}

    def put_in(found):
        name = found[1]
        return f"${{{name[1:]}}}" if name.startswith("!") else known.get(name, name)

    return json.loads(re.sub(r"\$\{([^}]+)\}", put_in, body))


def number(value):
    for unit, of in (("M", 1e6), ("k", 1e3)):
        if value >= of:
            return f"{value / of:.3g}{unit}"
    return f"{value:.1e}" if 0 < value < 0.01 else f"{value:.3g}"


def chart(series, stacked, periods, width, height):
    """The lines or areas of a widget as SVG; the right axis has a scale of its own."""
    left, right, top, bottom = 44, 44, 8, 14
    inside = (width - left - right, height - top - bottom)
    sides = [[one for one in series if one.right == side] for side in (False, True)]
    parts, colour = [], iter(COLOURS * 2)
    colours = {id(one): next(colour) for one in series}

    def x(n):
        return left + inside[0] * (n / max(periods - 1, 1))

    for side, of_side in enumerate(sides):
        sums = [sum(one.points.get(n, 0) for one in of_side) for n in range(periods)]
        values = [value for one in of_side for value in one.points.values()]
        most = max(sums if stacked else values, default=0)
        if not most:
            continue

        def y(value):
            return top + inside[1] * (1 - value / most)

        at, anchor = (width - right + 4, "start") if side else (left - 4, "end")
        for value in (0, most / 2, most):
            parts.append(f'<text x="{at}" y="{y(value) + 3}" text-anchor="{anchor}">{number(value)}</text>')
            parts.append(f'<path d="M{left} {y(value)}H{width - right}" stroke="#eaeded"/>')
        below = [0.0] * periods
        for one in of_side:
            if stacked:
                above = [low + one.points.get(n, 0) for n, low in enumerate(below)]
                edge = [(x(n), y(value)) for n, value in enumerate(above)]
                edge += [(x(n), y(below[n])) for n in reversed(range(periods))]
                points = " ".join(f"{at:.1f},{to:.1f}" for at, to in edge)
                parts.append(f'<polygon points="{points}" fill="{colours[id(one)]}" opacity="0.75"/>')
                below = above
                continue
            edge = [(x(n), y(value)) for n, value in sorted(one.points.items())]
            points = " ".join(f"{at:.1f},{to:.1f}" for at, to in edge)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[id(one)]}"/>')
            for at, to in edge:
                parts.append(f'<circle cx="{at:.1f}" cy="{to:.1f}" r="1.6" fill="{colours[id(one)]}"/>')
    return f'<svg width="{width}" height="{height}">{"".join(parts)}</svg>', colours


def legend(series, colours):
    parts, foreign = [], [one.label for one in series if one.foreign and one.visible]
    for one in series:
        if id(one) in colours:
            parts.append(f'<li><i style="background:{colours[id(one)]}"></i>{escape(one.label)}</li>')
        elif not one.foreign:
            parts.append(f'<li class="none">no data: {escape(one.label)}</li>')
    if foreign:
        parts.append(f'<li class="foreign">AWS measures: {escape("; ".join(foreign))}</li>')
    return f"<ul>{''.join(parts)}</ul>"


def legend_height(labels, width):
    """About how much room a legend takes: ten pixels for the colour and five for each letter."""
    return 13 * math.ceil(sum(24 + 5.5 * len(label) for label in labels) / (width * 0.85)) + 6


def metric_widget(properties, recorded, size, without):
    seconds = properties["period"]
    series = series_of(properties["metrics"], seconds, recorded)
    title = properties["title"]
    # What is hidden is a part of a sum: that it is there is seen by the sum.
    without += [f"{title}: {one.label}" for one in series if not one.foreign and not one.points]
    drawn = [one for one in series if one.visible and one.points]
    periods = len(recorded.periods(seconds))
    shown = [one for one in series if one.visible or not (one.points or one.foreign)]
    legends = legend_height([one.label for one in shown], size[0] - 18)
    titles = 32 if len(title) > 48 else 16
    room = (size[0] - 18, max(size[1] - 14 - titles - legends, 80))
    svg, colours = chart(drawn, properties["stacked"], periods, *room)
    return f"<h3>{escape(title)}</h3>{svg}{legend(shown, colours)}"


def alarm_widget(properties, template):
    parts = []
    for arn in properties["alarms"]:
        alarm = template["Resources"][arn.removesuffix(".Arn")]["Properties"]
        name = alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        parts.append(f'<li title="{escape(alarm["AlarmDescription"])}">{escape(name)}</li>')
    return f'<h3>{escape(properties["title"])}</h3><ul class="alarms">{"".join(parts)}</ul>'


def heading(properties):
    title, _, rest = properties["markdown"].removeprefix("## ").partition(":")
    return f"<h2>{escape(title)} <small>{escape(rest.strip())}</small></h2>"


def page(template, recorded):
    dashboard = dashboard_of(template, recorded.namespace)
    sections, without, bottom = [], [], 0
    for widget in dashboard["widgets"]:
        at = [widget["x"] * CELL[0] + GAP, widget["y"] * CELL[1] + GAP]
        size = [widget["width"] * CELL[0] - GAP, widget["height"] * CELL[1] - GAP]
        bottom = max(bottom, at[1] + size[1] + GAP)
        properties, kind = widget["properties"], widget["type"]
        if kind == "metric":
            inside = metric_widget(properties, recorded, size, without)
        elif kind == "alarm":
            inside = alarm_widget(properties, template)
        else:
            inside = heading(properties)
        place = f"left:{at[0]}px;top:{at[1]}px;width:{size[0]}px;height:{size[1]}px"
        named = "heading" if kind == "text" else kind
        sections.append(f'<section class="{named}" style="{place}">{inside}</section>')
    said = f"{len(recorded.times)} points in time, {len(recorded.values)} metrics. "
    said += "Without data in this run: " + ("; ".join(without) or "none") + "."
    top = 96
    body = f"<header><h1>Dashboard</h1><p>{escape(said)}</p></header>"
    body += f'<main style="height:{bottom}px">{"".join(sections)}</main>'
    html = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard</title><style>{STYLE}</style>{body}</html>'
    return html, (24 * CELL[0] + 2 * GAP, bottom + top), said


def main():
    source, lines, target = map(Path, sys.argv[1:])
    template = yaml.safe_load(source.read_text())
    text = lines.read_text().splitlines() if lines.exists() else []
    html, size, said = page(template, Recorded(text))
    target.write_text(html)
    print(said, file=sys.stderr)
    print(f"{size[0]},{size[1]}")


main()
