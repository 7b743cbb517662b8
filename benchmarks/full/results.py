"""What runs of the full-size world measured, kept by size, and as tables."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.suite.machine import machine

STEPS = {
    "collect": "collect, from log lines",
    "rules": "rules",
    "cases": "findings to cases",
    "scope": "scope of the case",
    "scope alone": "scope in a process of its own",
    "look-up": "look up one person",
}
GROWING = {step: name for step, name in STEPS.items() if step != "look-up"}  # look-ups are not to grow at all

Figure = dict[str, Any]


def keep(file: Path, figures: Sequence[Figure]) -> None:
    """Put a run's figures in place of those of the same step and number of records."""
    before = json.loads(file.read_text())["figures"] if file.exists() else []
    new = {(one["step"], one["records"]) for one in figures}
    kept = [one for one in before if (one["step"], one["records"]) not in new]
    load = round(os.getloadavg()[0], 1)
    kept += [one | {"load": load} for one in figures]
    order = list(STEPS)
    kept.sort(key=lambda one: (order.index(one["step"]), one["records"]))
    file.write_text(json.dumps({"machine": machine(), "figures": kept}, indent=1) + "\n")


def table(figures: Sequence[Figure]) -> str:
    lines = [
        "| step | records | memory set | wall s | CPU s | CPU µs a record | peak memory | load | counters as true |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for one in figures:
        records, wall, cpu = one["records"], one["wall"], one["cpu"]
        looked = one["step"] == "look-up"
        took = (
            f"{wall:.3f} (slowest {one['slowest']:.3f}) | {cpu:.3f} | -"
            if looked
            else (f"{wall:,.1f} | {cpu:,.1f} | {cpu / records * 1e6:.2f}")
        )
        exact = "-" if "exact" not in one else "yes" if one["exact"] else "**no**"
        lines.append(
            f"| {STEPS[one['step']]} | {records:,} | {one['memory']} | {took} | {one['peak'] / 1000:.2f} GB | "
            f"{one['load']:g} | {exact} |"
        )
    return "\n".join(lines)
