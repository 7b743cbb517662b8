"""Each target beside what was measured last: held, or not."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.shown import CROWDSEC_TIMES, GOACCESS_TIMES, ratios
from benchmarks.suite.shown import GROWING, MOST_A_DOUBLING, Figure, growth, steps_of

COLLECT_A_SECOND = 400_000
DETECT_A_SECOND = 1_000_000
SEAL_A_SECOND_AND_CORE = 300_000
LOOK_UP_MS = 300


def targets(suite: dict[str, Any], peers: dict[str, Any]) -> str:
    """A Markdown table; figures by the wall clock unless it says otherwise, at the largest size."""
    figures: list[Figure] = suite["figures"]
    collect, detect, seal, look_up = (
        max((one for one in figures if one["step"] == step), key=lambda one: one["records"])
        for step in ("collect", "detect", "seal", "look-up")
    )
    lines = ["| target | measured | |", "| --- | --- | --- |"]
    lines.append(
        _rate(f"collect {COLLECT_A_SECOND:,} nginx JSON lines a second", COLLECT_A_SECOND, collect, "wall")
    )
    lines.append(
        _rate(f"all rules over {DETECT_A_SECOND:,} records a second", DETECT_A_SECOND, detect, "wall")
    )
    aim = f"seal {SEAL_A_SECOND_AND_CORE:,} records a second and core"
    lines.append(_rate(aim, SEAL_A_SECOND_AND_CORE, seal, "cpu"))
    middle, slowest = look_up["wall"] * 1000, look_up["slowest"] * 1000
    lines.append(
        f"| every access to one person in {LOOK_UP_MS} ms | {middle:.0f} ms, the slowest {slowest:.0f} ms, "
        f"out of {look_up['records']:,} | {_held(slowest <= LOOK_UP_MS)} |"
    )
    grown = {step: max((growth(*pair) for pair in steps_of(figures, step)), default=0.0) for step in GROWING}
    most = max(grown, key=lambda step: grown[step])
    if grown[most]:
        lines.append(
            f"| twice the records, at most {MOST_A_DOUBLING} times the CPU | at most {grown[most]:.2f} ({most}) "
            f"| {_held(grown[most] <= MOST_A_DOUBLING)} |"
        )
    return "\n".join(lines + _peers(peers))


def _peers(document: dict[str, Any]) -> list[str]:
    """The best and the worst ratio to each peer, whichever clock and file it came from."""
    lines = []
    for name, ours, aim in (
        ("CrowdSec", "haechi inspect", CROWDSEC_TIMES),
        ("GoAccess", "haechi, reading alone", GOACCESS_TIMES),
    ):
        rows = [row for row in ratios(document) if (row.theirs, row.ours) == (name, ours)] if document else []
        if rows:
            numbers = [number for row in rows for number in (row.wall, row.cpu)]
            held = "held" if min(numbers) >= aim else "**not held** by all" if max(numbers) >= aim else ""
            said = f"{min(numbers):,.1f} to {max(numbers):,.1f}, by file and clock"
            lines.append(f"| {aim} times {name}, {ours} | {said} | {held or '**not held**'} |")
    return lines


def _rate(aim: str, target: int, figure: Figure, clock: str) -> str:
    rate = figure["records"] / figure[clock]
    return f"| {aim} | {rate:,.0f} | {_held(rate >= target)} |"


def _held(is_held: bool) -> str:
    return "held" if is_held else "**not held**"
