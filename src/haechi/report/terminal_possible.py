"""What the holes may hide of a case, on a terminal: beside the confirmed counters, never added to them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from haechi.model.values import Possible, PossibleCount, PossiblePart
from haechi.report.figures import count
from haechi.report.safe import inert

OPEN_SHOWN = 3  # holes without a bound that are told one by one
_LIMITS = ("unnumbered", "ended")


def possible_lines(possible: Possible) -> RenderableType:
    """What may be missing: the counted part with its basis, then each part without a bound, then what is ruled out."""
    parts = possible.requests.parts
    counted = [part for part in parts if part.at_most is not None]
    uncounted = [part for part in parts if part.at_most is None]
    lines = [_headline(possible, counted, uncounted)]
    lines += [_open(part) for part in _widest(uncounted)[:OPEN_SHOWN]]
    if len(uncounted) > OPEN_SHOWN:
        lines.append(Text(f"no bound: {count(len(uncounted) - OPEN_SHOWN, 'more hole')}"))
    if uncounted and (counted or _holes(uncounted)) and possible.persons.at_most is not None:
        most = count(possible.persons.at_most, "more person")
        lines.append(Text(f"whatever was lost, up to {most} ({possible.persons.basis})"))
    if possible.excluded:
        lines.append(_excluded(possible))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines[1:]:
        table.add_row("  -", line)
    return Group(lines[0], table) if len(lines) > 1 else lines[0]


def _headline(possible: Possible, counted: Sequence[PossiblePart], uncounted: Sequence[PossiblePart]) -> Text:
    if not possible.requests.parts:
        if possible.requests.at_most == 0:
            return Text(
                "Possible: no more than that; no hole lies in its time, and every record is numbered."
            )
        return Text("Possible: what holes may hide was not looked at.")
    if not counted:
        said = "how many more there may be has no bound"
        return Text(f"Possible: {said}.", style="yellow" if _holes(uncounted) else "")
    at_most = sum(part.at_most or 0 for part in counted)
    bases = sorted({part.basis.partition(";")[0] for part in counted})
    text = f"Possible: up to {count(at_most, 'more request')} ({', '.join(bases)})"
    text += _persons(possible.persons, counted, bool(uncounted))
    estimates = [part.estimate for part in counted if part.estimate is not None]
    if len(estimates) == len(counted) and sum(estimates) < at_most:
        text += f"; at the case's own share about {count(sum(estimates), 'request')}"
    return Text(text + (", and beyond these:" if uncounted else "."), style="yellow")


def _persons(persons: PossibleCount, counted: Sequence[PossiblePart], more: bool) -> str:
    """The persons behind the counted part; where all of it is counted, the total with its own basis."""
    if not more:
        if persons.at_most is None:
            return f", persons: {persons.basis}"
        return f", up to {count(persons.at_most, 'more person')} ({persons.basis})"
    behind = [part.at_most for part in persons.parts if part.hole in [one.hole for one in counted]]
    known = [bound for bound in behind if bound is not None]
    total = sum(known)
    if len(known) < len(counted) or (persons.at_most is not None and persons.at_most <= total):
        return ""  # what bounds all of them is told below
    return f", up to {count(total, 'more person')}"


def _open(part: PossiblePart) -> Text:
    text = Text.assemble("no bound: ", inert(part.hole.sentence.partition("; tried: ")[0]))
    if part.estimate is not None:
        text.append(f" At the case's own pace about {count(part.estimate, 'request')}.")
    return text


def _excluded(possible: Possible) -> Text:
    holes = sum(one.holes for one in possible.excluded)
    told = [
        one.reason if len(possible.excluded) == 1 else f"{one.holes:,} {one.reason}"
        for one in possible.excluded
    ]
    more = "more " if possible.requests.parts else ""
    noun = f"{more}hole{'s' if holes > 1 else ''}"
    return Text.assemble(
        f"{holes:,} {noun} {'add' if holes > 1 else 'adds'} nothing: ", inert("; ".join(told))
    )


def _holes(parts: Sequence[PossiblePart]) -> bool:
    return any(part.hole.kind not in _LIMITS for part in parts)


def _widest(parts: Sequence[PossiblePart]) -> list[PossiblePart]:
    """Holes before limits; the largest estimate first, then the longest time."""

    def rank(part: PossiblePart) -> tuple[bool, int, float]:
        hole = part.hole
        length = (hole.last - hole.first).total_seconds() if hole.first and hole.last else 0.0
        return hole.kind in _LIMITS, -(part.estimate or 0), -length

    return sorted(parts, key=rank)
