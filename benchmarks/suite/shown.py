"""The figures as Markdown: what each step took at each size, how it grew, and what stands on the disk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

MOST_A_DOUBLING = 2.2
GROWING = (
    "collect",
    "collect JSON",
    "verify",
    "seal",
    "detect",
    "scope",
    "compact",
    "reconcile",
)  # look-ups are not to grow at all
TITLES = {
    "collect": "collect, sealed and committed",
    "collect JSON": "collect, plain nginx JSON alone",
    "verify": "verify the whole store",
    "seal": "seal alone, one thread",
    "detect": "detect, all rules over everything",
    "scope": "cases and their scopes",
    "compact": "compact",
    "look-up": "look up one person (median)",
    "reconcile": "reconcile credentials",
}

STATES = {"collect": "as collected", "collect JSON": "plain nginx JSON alone", "compact": "compacted"}

NAMED = {step: step for step in GROWING}

Figure = dict[str, Any]


def circumstances(document: dict[str, Any], loads_shown: bool = False) -> str:
    """One paragraph: machine, versions, load, and the world with its rule mix and hit rate.

    loads_shown: the table below has the load of each row.
    """
    at, world = document["machine"], document.get("world")
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    load = [figure["load"] for figure in document["figures"] if "load" in figure]
    busy = (
        f"load {min(load):.1f} to {max(load):.1f} as a step began or ended" if load else f"load {at['load']}"
    )
    hardware = f"{at['cores']} cores {at['processor']}, {at['memory_gb']:g} GB, {at['system']}"
    said = f"{hardware}; {versions}; {busy}; {at['day']}."
    if is_busy(document):
        where = (
            f"Rows with a load above {2 * at['cores']} were taken beside"
            if loads_shown
            else "The machine was busy with"
        )
        said += f" **{where} other work: the wall clock says nothing, and CPU seconds are too many.**"
    if world:
        detect = [figure for figure in document["figures"] if figure["step"] == "detect"][-1]
        rate = detect["flagged"] / detect["records"]
        said += (
            f" The world is the drill `{world['drill']}` with {world['honest']:g} honest requests for each bad one; "
            f"{detect['rules']} rules ran ({detect['not_run']} found nothing collected that they need) and flagged "
            f"{rate:.1%} of the accesses. Runs of each step: {document['runs']}."
        )
    # Written into the JSON by hand, where a run was out of the ordinary; the next run leaves it out.
    return " ".join(filter(None, (said, document.get("quiet"), document.get("note"))))


def is_busy(document: dict[str, Any]) -> bool:
    """Whether so much else went on that the wall clock says nothing.

    The load lags behind by a minute: where it was that of something that had ended, `quiet` says so, written by hand.
    """
    if document.get("quiet"):
        return False
    at = document["machine"]
    loads = [figure["load"] for figure in document["figures"] if "load" in figure]
    return bool(max([*loads, at["load"]]) > 2 * at["cores"])


def steps_table(figures: Sequence[Figure]) -> str:
    head = (
        "| step | records | wall s | CPU s | records/s | records/s and core | CPU µs a record | peak memory |"
    )
    lines = [head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for step, title in TITLES.items():
        for figure in (one for one in figures if one["step"] == step):
            lines.append(_look_up(figure, title) if step == "look-up" else _step(figure, title))
    return "\n".join(lines)


def _step(figure: Figure, title: str) -> str:
    records, wall, cpu = figure["records"], figure["wall"], figure["cpu"]
    rates = f"{records / wall:,.0f} | {records / cpu:,.0f} | {cpu / records * 1e6:.2f}"
    return f"| {title} | {records:,} | {wall:.2f} | {cpu:.2f} | {rates} | {_memory(figure['peak'])} |"


def _look_up(figure: Figure, title: str) -> str:
    wall, cpu = f"{figure['wall']:.3f} (slowest {figure['slowest']:.3f})", f"{figure['cpu']:.3f}"
    return f"| {title} | {figure['records']:,} | {wall} | {cpu} | - | - | - | {_memory(figure['peak'])} |"


def growth_table(figures: Sequence[Figure], steps: Mapping[str, str] = NAMED) -> str:
    """Each step's processor time as a factor for each doubling of the records, between its successive sizes.

    Where there are more than two, the last row is over all of them: single runs of a step differ by a tenth or more
    from one to the next, which a single doubling cannot tell from growth. `steps`: which, each with its name.
    """
    lines = [
        "| step | from | to | times the CPU, each doubling | at most 2.2 |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for step, name in steps.items():
        pairs = steps_of(figures, step)
        over_all = [(pairs[0][0], pairs[-1][1])] if len(pairs) > 1 else []
        for n, (before, after) in enumerate(pairs + over_all):
            grown = growth(before, after)
            held = "held" if grown <= MOST_A_DOUBLING else "**not held**"
            which = f"{name}, over all" if n == len(pairs) else name
            lines.append(f"| {which} | {before['records']:,} | {after['records']:,} | {grown:.2f} | {held} |")
    return "\n".join(lines)


def span(figures: Sequence[Figure], step: str) -> float:
    """A step's growth for each doubling from its smallest to its largest size; 0 where there is one only."""
    pairs = steps_of(figures, step)
    return growth(pairs[0][0], pairs[-1][1]) if pairs else 0.0


def steps_of(figures: Sequence[Figure], step: str) -> list[tuple[Figure, Figure]]:
    """Successive sizes of a step. Sizes that are nearly the same (seal has a largest one) tell nothing."""
    mine = sorted((one for one in figures if one["step"] == step), key=lambda one: one["records"])
    return [(one, other) for one, other in pairwise(mine) if other["records"] > 1.2 * one["records"]]


def growth(before: Figure, after: Figure) -> float:
    doublings = math.log2(after["records"] / before["records"])
    return float((after["cpu"] / before["cpu"]) ** (1 / doublings))


def disk_table(figures: Sequence[Figure]) -> str:
    """MB on the disk for a million records, as collected and compacted."""
    lines = [
        "| records | state | records' files | raw lines | leaf hashes | log, keys, rest | in all, MB a million |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for figure in figures:
        if "disk" in figure:
            sizes = million(figure)
            state = STATES[figure["step"]]
            parts = " | ".join(f"{sizes[kind]:.1f}" for kind in ("records", "raw", "leaves", "other"))
            lines.append(f"| {figure['records']:,} | {state} | {parts} | {sum(sizes.values()):.1f} |")
    return "\n".join(lines)


def million(figure: Figure) -> dict[str, float]:
    """MB for a million records: `records` (compacted or not), `raw`, `leaves`, `other`."""
    each = {kind: size / figure["records"] for kind, size in figure["disk"].items()}
    return {
        "records": each["records"] + each["compact"],
        **{kind: each[kind] for kind in ("raw", "leaves", "other")},
    }


def exactness(figures: Sequence[Figure]) -> str:
    """What the inspections found, against the truth."""
    said = []
    for figure in (one for one in figures if one["step"] == "scope"):
        persons, person_right, requests, request_right = figure["score"]
        said.append(
            f"{figure['records']:,} records: {figure['persons']:,} persons, recall {persons:.4f} and precision "
            f"{person_right:.4f}; of requests {requests:.4f} and {request_right:.4f}"
        )
    return "; ".join(said) + "."


def _memory(megabytes: float) -> str:
    return f"{megabytes / 1000:.2f} GB"
