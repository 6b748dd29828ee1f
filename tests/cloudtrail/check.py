"""Holds the rules' patterns against records, and the records against the patterns.

The matcher is moto's. Where it differs from EventBridge's own (https://github.com/aws/event-ruler), this
program does not rely on it:

- EventBridge looks into each object of a list (`resources[].ARN`), moto into none: so a record with such
  a list is matched once with each of its objects in the list's place.
- moto takes a filter that it does not know for one that matches: so only those of `KNOWN` are let pass.
"""

import argparse
import copy
import json
import sys
from collections.abc import Iterator

from moto.events.models import EventPattern

from deployment import Deployment
from records import Record, read

# AWS allows this much in an account that has not asked for more:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LONGEST_PATTERN = 2048
KNOWN = {"prefix", "suffix", "exists", "anything-but", "wildcard"}


def single(event: object) -> list[object]:
    """The event, once for each choice of one object from each list of objects."""
    if isinstance(event, dict):
        variants: list[dict] = [{}]
        for name, value in event.items():
            variants = [it | {name: one} for it in variants for one in single(value)]
        return variants
    if isinstance(event, list) and event and all(isinstance(it, dict) for it in event):
        return [one for it in event for one in single(it)]
    return [event]


def matches(pattern: dict, event: dict) -> bool:
    return any(EventPattern(None, pattern).matches_event(one) for one in single(event))


def wrong(patterns: dict[str, dict], records: list[Record]) -> list[str]:
    """What is matched otherwise than it must be."""
    found = []
    for record in records:
        rings = {name for name, pattern in patterns.items() if matches(pattern, record.event)}
        found += [f"{rule} misses {record.name}" for rule in sorted(record.rings - rings)]
        found += [f"{rule} takes {record.name}" for rule in sorted(rings - record.rings)]
    return found


def unknown_filters(pattern: object) -> Iterator[str]:
    """Filters that are not known to mean the same to both matchers."""
    if isinstance(pattern, dict):
        for name, value in pattern.items():
            if isinstance(value, list) and name != "$or":
                filters = [it for it in value if isinstance(it, dict)]
                yield from (next(iter(it)) for it in filters if set(it) - KNOWN)
                yield from (f"an empty list for {name}" for _ in [0] if not value)
            else:
                yield from unknown_filters(value)
    elif isinstance(pattern, list):
        for it in pattern:
            yield from unknown_filters(it)


def weakened(pattern: object, path: str = "") -> Iterator[tuple[str, object]]:
    """The pattern without one of its conditions, alternatives or values, for each of them."""
    if isinstance(pattern, dict):
        for name, value in pattern.items():
            yield f"{path}.{name}", {it: pattern[it] for it in pattern if it != name}
            for where, less in weakened(value, f"{path}.{name}"):
                yield where, pattern | {name: less}
    elif isinstance(pattern, list):
        for number, value in enumerate(pattern):
            where = f"{path}[{json.dumps(value) if isinstance(value, str) else number}]"
            # Nothing matches an empty list: that is what dropping the only value comes to.
            yield where, pattern[:number] + pattern[number + 1 :]
            if isinstance(value, dict) and not set(value) <= KNOWN:
                for deeper, less in weakened(value, where):
                    yield deeper, pattern[:number] + [less] + pattern[number + 1 :]
            elif isinstance(value, dict) and isinstance(value.get("anything-but"), list):
                for deeper, less in weakened(value["anything-but"], f"{where}.anything-but"):
                    yield deeper, pattern[:number] + [{"anything-but": less}] + pattern[number + 1 :]


def untested(patterns: dict[str, dict], records: list[Record]) -> tuple[int, list[str]]:
    """How many conditions there are, and those without which every record is matched as before."""
    count, found = 0, []
    for rule, pattern in patterns.items():
        for where, less in weakened(pattern):
            count += 1
            if not any(matches(less, it.event) != (rule in it.rings) for it in records):
                found.append(f"{rule}: nothing changes without {where}")
    return count, found


def too_long() -> list[str]:
    """Patterns that an account takes only after it asked for more, with the longest names."""
    found = []
    for rule, pattern in Deployment(longest=True).patterns().items():
        length = len(json.dumps(pattern, separators=(",", ":")))
        if length > LONGEST_PATTERN:
            found.append(f"{rule}: the pattern has {length} characters")
    return found


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--list", action="store_true")
    asked = arguments.parse_args()
    deployment = Deployment()
    patterns, records = deployment.patterns(), read(deployment)
    if asked.list:
        for record in records:
            print(f"{', '.join(sorted(record.rings)) or '-':>32}  {record.name}")
        return 0
    found = wrong(patterns, records) + too_long()
    for some in (patterns, Deployment(conditions=False).patterns()):
        found += [f"{rule}: {it}" for rule, one in some.items() for it in unknown_filters(one)]
    conditions, loose = untested(copy.deepcopy(patterns), records)
    found += loose
    bad = sum(1 for record in records if record.rings)
    print("\n".join(found) or f"cloudtrail: {len(patterns)} rules tell of {bad} records and of none of "
          f"{len(records) - bad} others; each of their {conditions} conditions matters")
    return 1 if found else 0


sys.exit(main())
