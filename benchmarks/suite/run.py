"""Make a world of each size, run every step over it in a process of its own, and keep what each took."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.suite.machine import machine
from benchmarks.suite.spawn import python, spawn

STEPS = ("collect", "collect JSON", "verify", "seal", "inspect", "compact", "look-up", "reconcile")
DRILL = "coupang-2025"
BAD = 232_000_000  # requests of that incident at scale 1, about
MEASURED = ("wall", "cpu", "peak", "slowest", "opening")


def run_suite(sizes: Sequence[int], honest: float, runs: int, folder: Path | None) -> dict[str, Any]:
    """The document of the suite: `machine`, `world`, and `figures`, one for each step and size.

    sizes:  access records, about
    honest: honest requests for each one of the incident
    runs:   how often each step is run; figures are the medians
    folder: where logs and stores go; about 300 bytes a record are needed for a while
    """
    figures: list[dict[str, Any]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="haechi-bench-", dir=folder) as scratch:
            figures += _one_size(Path(scratch), size, honest, runs)
    world = {"drill": DRILL, "honest": honest, "seed": 1}
    return {"machine": machine(), "world": world, "runs": runs, "figures": figures}


def _one_size(scratch: Path, size: int, honest: float, runs: int) -> list[dict[str, Any]]:
    world = scratch / "world"
    scale = max(size / (BAD * (1 + honest)), 0.00001)
    made = ["drill", "make", DRILL, "--scale", f"{scale:.8f}", "--honest", f"{honest:g}", "--out", str(world)]
    _say(f"{size:,} records: making the world")
    spawn(python("haechi.cli.start", *made))
    rounds = [_round(world, scratch / "run") for _ in range(runs)]
    return [_median(figures) | {"size": size} for figures in zip(*rounds, strict=True)]


def _round(world: Path, run: Path) -> list[dict[str, Any]]:
    """Every step once, in a workspace of its own over the world's logs."""
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir()
    for item in (world / "inspect").iterdir():
        (run / item.name).symlink_to(item, target_is_directory=item.is_dir())
    figures: list[dict[str, Any]] = []
    for step in STEPS:
        _say(f"  {step}")
        load = os.getloadavg()[0]
        said = spawn(python("benchmarks.suite.steps", step, str(world), str(run))).said
        figures += [one | {"load": round(load, 1)} for one in json.loads(said)]
    return figures


def _median(figures: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The runs of one step as one: medians of what was measured, the rest as in the first."""
    middle = {key: statistics.median(one[key] for one in figures) for key in MEASURED if key in figures[0]}
    return figures[0] | {key: round(value, 5) for key, value in middle.items()}


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
