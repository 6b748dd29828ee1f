"""The numbers behind a dashboard's widgets, out of metric lines in CloudWatch's embedded format."""

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field

SEARCH = re.compile(r"""SEARCH\('\{"?([^",]+)"?,([\w,]+)\} MetricName="(\w+)".*?', '(\w+)', \d+\)""")


@dataclass
class Series:
    """One line of a chart: what it is called, and its values by the number of the period."""

    label: str
    right: bool = False
    visible: bool = True
    foreign: bool = False
    points: dict[int, float] = field(default_factory=dict)


def statistic(name, values):
    if name == "Sum":
        return sum(values)
    if name == "Maximum":
        return max(values)
    if name == "Average":
        return sum(values) / len(values)
    if re.fullmatch(r"p\d+", name):
        return sorted(values)[math.ceil(len(values) * int(name[1:]) / 100) - 1]
    raise ValueError(f"no statistic: {name}")


class Recorded:
    """The metrics of a run: each value with its time, by namespace, name and dimensions."""

    def __init__(self, lines):
        self.values = defaultdict(list)
        for line in map(json.loads, lines):
            about = line["_aws"]
            for directive in about["CloudWatchMetrics"]:
                for of in directive["Dimensions"]:
                    dimensions = tuple((name, line[name]) for name in of)
                    for metric in directive["Metrics"]:
                        key = (directive["Namespace"], metric["Name"], dimensions)
                        self.values[key].append((about["Timestamp"], line[metric["Name"]]))
        self.namespace = next((key[0] for key in self.values), None)
        self.times = sorted({at for values in self.values.values() for at, _ in values})

    def periods(self, seconds):
        """The periods in which anything was written, in order; those between take no room."""
        return {at: n for n, at in enumerate(sorted({at // (seconds * 1000) for at in self.times}))}

    def points(self, key, stat, seconds):
        periods = self.periods(seconds)
        by_period = defaultdict(list)
        for at, value in self.values.get(key, []):
            by_period[periods[at // (seconds * 1000)]].append(value)
        return {n: statistic(stat, values) for n, values in sorted(by_period.items())}

    def search(self, namespace, names, metric):
        """The keys that a search finds: of exactly these dimensions."""
        return sorted(
            key
            for key in self.values
            if key[:2] == (namespace, metric) and [name for name, _ in key[2]] == names
        )


def series_of(rows, seconds, recorded):
    """The series of a widget's rows, in their order."""
    found, by_id = [], {}
    for row in rows:
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            of_row = of_expression(options, seconds, recorded, by_id)
        else:
            names = row[:-1] if options else row
            dimensions = tuple(zip(names[2::2], names[3::2]))
            series = Series(options.get("label") or " ".join(names[1:]))
            series.foreign = names[0].startswith("AWS/")
            key = (names[0], names[1], dimensions)
            series.points = recorded.points(key, options.get("stat", "Average"), seconds)
            of_row = [series]
        for series in of_row:
            series.right = options.get("yAxis") == "right"
            series.visible = options.get("visible", True)
        if "id" in options:
            by_id[options["id"]] = of_row[0]
        found += of_row
    return found


def of_expression(options, seconds, recorded, by_id):
    expression, label = options["expression"], options.get("label", options["expression"])
    search = SEARCH.search(expression)
    if search is None:
        return [reckoned(expression, label, by_id)]
    namespace, names, metric, stat = search.groups()
    names = names.split(",")
    if namespace.startswith("AWS/"):
        return [Series(label, foreign=True)]
    found = []
    for key in recorded.search(namespace, names, metric):
        value = dict(key[2])
        named = re.sub(r"\$\{PROP\('Dim\.(\w+)'\)\}", lambda of: value[of[1]], label)
        found.append(Series(named, points=recorded.points(key, stat, seconds)))
    return found or [Series(f"{metric} by {', '.join(names)}")]


def reckoned(expression, label, by_id):
    """An expression over what stands beside it; unknown names are an error."""
    ids = set(re.findall(r"\b[a-z]\w*", expression))
    series = Series(label, foreign=any(by_id[name].foreign for name in ids))
    if series.foreign:
        return series

    def fill(value, default):
        if isinstance(value, list):
            return [fill(one, default) for one in value]
        return default if value is None else value

    for n in sorted({n for name in ids for n in by_id[name].points}):
        names = {name: by_id[name].points.get(n) for name in ids}
        names |= {"FILL": fill, "SUM": sum, "__builtins__": {}}
        series.points[n] = eval(expression, names)  # of template.yaml, which is ours
    return series
