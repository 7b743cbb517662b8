"""Each target beside what was measured last: held, or not."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.shown import AIMS, ratios
from benchmarks.suite.shown import GROWING, MOST_A_DOUBLING, Figure, growth, is_busy, span, steps_of

COLLECT = 400_000  # lines a second
DETECT = 1_000_000  # records a second
SEAL = 300_000  # records a second and core
LOOK_UP_MS = 300
UNKNOWN = "not known: busy machine"


def targets(suite: dict[str, Any], peers: dict[str, Any]) -> str:
    """A Markdown table, at the largest size.

    By the wall clock where the machine was quiet. On a busy one, rates are what all cores would do by their processor
    time: at best, so that it shows what cannot be held, and says nothing of the rest.
    """
    figures: list[Figure] = suite["figures"]
    cores = int(suite["machine"]["cores"]) if is_busy(suite) else 0
    collect, detect, seal, look_up = (
        max((one for one in figures if one["step"] == step), key=lambda one: one["records"])
        for step in ("collect JSON", "detect", "seal", "look-up")
    )
    lines = ["| target | measured | |", "| --- | --- | --- |"]
    lines.append(_rate(f"collect {COLLECT:,} nginx JSON lines a second", COLLECT, collect, cores))
    lines.append(_rate(f"all rules over {DETECT:,} records a second", DETECT, detect, cores))
    rate = seal["records"] / seal["cpu"]
    aim = f"seal {SEAL:,} records a second and core"
    lines.append(f"| {aim} | {rate:,.0f} | {_held(rate >= SEAL)} |")
    middle, slowest = look_up["wall"] * 1000, look_up["slowest"] * 1000
    known = _held(slowest <= LOOK_UP_MS) if slowest <= LOOK_UP_MS or not cores else UNKNOWN
    lines.append(
        f"| every access to one person in {LOOK_UP_MS} ms | {middle:.0f} ms, the slowest {slowest:.0f} ms, "
        f"out of {look_up['records']:,} | {known} |"
    )
    grown = {step: max((growth(*pair) for pair in steps_of(figures, step)), default=0.0) for step in GROWING}
    over_all = {step: span(figures, step) for step in GROWING}
    most, longest = (max(of, key=lambda step: of[step]) for of in (grown, over_all))
    if grown[most]:
        held = _held(over_all[longest] <= MOST_A_DOUBLING)
        if over_all[longest] <= MOST_A_DOUBLING < grown[most]:
            held = "held over all sizes, not by every single doubling"
        lines.append(
            f"| twice the records, at most {MOST_A_DOUBLING} times the CPU | at most {over_all[longest]:.2f} over all "
            f"sizes ({longest}), {grown[most]:.2f} in a single doubling ({most}) | {held} |"
        )
    return "\n".join(lines + _peers(peers))


def _peers(document: dict[str, Any]) -> list[str]:
    """The best and the worst ratio to each peer, whichever clock and file it came from."""
    lines = []
    for name, ours, aim in AIMS[:2]:
        rows = [row for row in ratios(document) if (row.theirs, row.ours) == (name, ours)] if document else []
        if rows:
            numbers = [number for row in rows for number in row.clocks]
            held = "held" if min(numbers) >= aim else "**not held**"
            if min(numbers) < aim <= max(numbers):
                held = "**not held** by all"
            said = f"{min(numbers):,.1f} to {max(numbers):,.1f}, by file and clock"
            lines.append(f"| {aim} times {name}, {ours} | {said} | {held} |")
    return lines


def _rate(aim: str, target: int, figure: Figure, cores: int) -> str:
    """`cores`: how many there are where the wall clock does not count; else 0."""
    if not cores:
        rate = figure["records"] / figure["wall"]
        return f"| {aim} | {rate:,.0f} | {_held(rate >= target)} |"
    best = cores * figure["records"] / figure["cpu"]
    return f"| {aim} | at best {best:,.0f}, by CPU time | {UNKNOWN if best >= target else _held(False)} |"


def _held(is_held: bool) -> str:
    return "held" if is_held else "**not held**"
