"""The comparison as Markdown: what each program took, the ratios that were aimed at, and who found whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.suite.shown import is_busy

Figure = dict[str, Any]
CROWDSEC_TIMES, GOACCESS_TIMES = 100, 5
AIMS = (
    ("CrowdSec", "haechi inspect", CROWDSEC_TIMES),
    ("GoAccess", "haechi, reading alone", GOACCESS_TIMES),
    ("GoAccess", "haechi collect", GOACCESS_TIMES),
)


def peers_table(document: dict[str, Any]) -> str:
    names = {
        "GoAccess": f"GoAccess {_upstream(document, 'goaccess')}",
        "CrowdSec": f"CrowdSec {_upstream(document, 'crowdsec')}",
    }
    lines = [
        "| program, from its start to its exit | lines | wall s | CPU s | lines/s | lines/s and core | peak memory |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for figure in document["figures"]:
        count, wall, cpu = figure["lines"], figure["wall"], figure["cpu"]
        lines.append(
            f"| {names.get(figure['what'], figure['what'])} | {count:,} | {wall:.2f} | {cpu:.2f} | {count / wall:,.0f} "
            f"| {count / cpu:,.0f} | {figure['peak']:,} MB |"
        )
    return "\n".join(lines)


@dataclass(frozen=True)
class Ratio:
    """How many times faster ours was, by both clocks. `lines`: of which file, or "each further one"."""

    ours: str
    theirs: str
    aim: int
    lines: str
    wall: float
    cpu: float
    busy: bool  # the wall clock does not count

    @property
    def clocks(self) -> tuple[float, ...]:
        """The ratios that count."""
        return (self.cpu,) if self.busy else (self.wall, self.cpu)

    @property
    def held(self) -> str:
        if min(self.clocks) >= self.aim:
            return "held"
        return "by one of them" if max(self.clocks) >= self.aim else "**missed**"


def ratios(document: dict[str, Any]) -> list[Ratio]:
    """Over whole commands on each file that both read, and for each further line."""
    found, busy = [], is_busy(document)
    for theirs, ours, aim in AIMS:
        for other in (one for one in document["figures"] if one["what"] == theirs):
            own = _of(document, ours, other["lines"])
            wall, cpu = other["wall"] / own["wall"], other["cpu"] / own["cpu"]
            found.append(Ratio(ours, theirs, aim, f"{other['lines']:,}", wall, cpu, busy))
        if further := _further(document, theirs, ours):
            found.append(Ratio(ours, theirs, aim, "each further one", *further, busy))
    return found


def ratios_table(document: dict[str, Any]) -> str:
    if not document["peers"]:
        return str(document["skipped"])
    lines = [
        "| target | ours | lines | times, by wall clock | times, by CPU | |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    for one in ratios(document):
        times = f"{'-' if one.busy else f'{one.wall:,.1f}'} | {one.cpu:,.1f}"
        lines.append(f"| {one.aim} times {one.theirs} | {one.ours} | {one.lines} | {times} | {one.held} |")
    return "\n".join(lines)


def _further(document: dict[str, Any], theirs: str, ours: str) -> tuple[float, float] | None:
    """The ratio without what starting costs: of the cost of each line more, from the least to the largest file.

    A program that was run on one file only (CrowdSec) counts as if it started at once, which favours it.
    """
    own, other = (
        sorted((one for one in document["figures"] if one["what"] == what), key=lambda one: one["lines"])
        for what in (ours, theirs)
    )
    if len(own) < 2 or not other:
        return None
    mine = [(own[-1][key] - own[0][key]) / (own[-1]["lines"] - own[0]["lines"]) for key in ("wall", "cpu")]
    if len(other) > 1:
        span = other[-1]["lines"] - other[0]["lines"]
        their = [(other[-1][key] - other[0][key]) / span for key in ("wall", "cpu")]
    else:
        their = [other[0][key] / other[0]["lines"] for key in ("wall", "cpu")]
    if min(mine) <= 0:
        return None
    return their[0] / mine[0], their[1] / mine[1]


def who_table(document: dict[str, Any]) -> str:
    """Which program named an address of which actor, over the largest file that all of them read."""
    programs = list(document["who"])
    size = max(set.intersection(*({int(lines) for lines in document["who"][name]} for name in programs)))
    lines = [
        f"| in {size:,} lines | what they do | " + " | ".join(programs) + " |",
        "| --- | --- |" + " --- |" * len(programs),
    ]
    for actor in document["actors"]:
        cells = [_cell(actor, set(document["who"][name][str(size)])) for name in programs]
        lines.append(f"| {actor['name']} | {actor['does']} | " + " | ".join(cells) + " |")
    theirs = {address for actor in document["actors"] for address in actor["addresses"]}
    strangers = [str(len(set(document["who"][name][str(size)]) - theirs)) for name in programs]
    lines.append("| honest visitors | | " + " | ".join(f"{count} named" for count in strangers) + " |")
    return "\n".join(lines)


def scenarios(document: dict[str, Any]) -> str:
    """By which of its scenarios CrowdSec found whom."""
    found: dict[str, set[str]] = {}
    names = {address: actor["name"] for actor in document["actors"] for address in actor["addresses"]}
    for figure in document["figures"]:
        for alert in figure.get("alerts", []):
            found.setdefault(names.get(alert["address"], "an honest visitor"), set()).add(alert["scenario"])
    return "; ".join(f"{name}: {', '.join(sorted(by))}" for name, by in found.items()) or "no alert"


def _cell(actor: dict[str, Any], named: set[str]) -> str:
    seen = sum(address in named for address in actor["addresses"])
    of = len(actor["addresses"])
    return "no" if not seen else "found" if seen == of else f"{seen} of {of} addresses"


def _of(document: dict[str, Any], what: str, lines: int) -> Figure:
    return next(one for one in document["figures"] if (one["what"], one["lines"]) == (what, lines))


def _upstream(document: dict[str, Any], name: str) -> str:
    version = document["peers"].get(name, "")
    return str(version).partition(":")[2] or str(version)
