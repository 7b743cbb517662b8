"""What holes may hide of a case: bounds where something counts the missing records, else an estimate, else nothing.

A bound is never a guess: what really happened in the case's time lies between what is confirmed and what is
confirmed plus the bound (docs/scope.md, "Possible").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from haechi.model.settings import CoverageSettings
from haechi.model.times import micros
from haechi.model.values import Excluded, Hole, Possible, PossibleCount, PossiblePart
from haechi.scope.case import CaseScope
from haechi.scope.count import Habits
from haechi.scope.coverage import MARGIN, Survey, overlapping
from haechi.scope.exposes import Exposed
from haechi.scope.limits import limits, numbered_through
from haechi.scope.machines import Pace
from haechi.scope.queries import query
from haechi.scope.say import utc
from haechi.store.interface import Engine

LIMITS = ("unnumbered", "ended")  # kinds that are no holes: nothing is known to be missing there
_STORE = ("missing", "expired", "erased", "set_aside")  # what of a source was read once, and is not there
_COUNTED = "whose records the gaps in the machines' own numbers count already"
_ISSUER = "in an issuer's log, which tells of no requests"
_EXACT = "exact count of missing records"
_BASIS = {
    "set_aside": "exact count of lines that could not be read",
    "clock": "exact count of records whose time is not known",
}


class Bounds:
    """Bounds for the cases of one engine. What the store as a whole allows is asked once."""

    def __init__(self, engine: Engine, survey: Survey, exposed: Exposed, settings: CoverageSettings) -> None:
        self._engine, self._survey, self._exposed, self._settings = engine, survey, exposed, settings
        self._reach: tuple[int, int] | None = None

    def of(self, case: CaseScope, first: datetime, last: datetime) -> Possible:
        """What may be missing from a case whose confirmed accesses lie between `first` and `last` (UTC)."""
        first, last = utc(first), utc(last)
        near, reasons = self._sort(first, last)
        left = self._counted_once(near)
        reasons[_COUNTED] += sum(left[id(hole)] == 0 for hole in near)
        parts = [
            _part(hole, left[id(hole)], case.habits, self._survey.paces)
            for hole in near
            if left[id(hole)] != 0
        ]
        parts += [
            PossiblePart(hole, None, None, "no bound")
            for hole in limits(self._survey.machines, self._settings, first, last, MARGIN)
        ]
        requests = _total(parts)
        excluded = [Excluded(number, reason) for reason, number in sorted(reasons.items()) if number]
        return Possible(requests, self._persons(case, requests), excluded)

    def _sort(self, first: datetime, last: datetime) -> tuple[list[Hole], Counter[str]]:
        """The holes that may hide requests of the case, and why the others cannot."""
        inside = {id(hole) for hole in overlapping(self._survey.holes, first, last)}
        near, reasons, issuance = [], Counter[str](), list[int | None]()
        for hole in self._survey.holes:
            reason = self._cannot_hide(hole) if id(hole) in inside else "more than a day before or after it"
            if reason == _ISSUER:
                issuance.append(hole.at_most)
            elif reason:
                reasons[reason] += 1
            else:
                near.append(hole)
        if issuance:
            reasons[_ISSUER + _unseen(issuance)] += len(issuance)
        return near, reasons

    def _counted_once(self, holes: Sequence[Hole]) -> dict[int, int | None]:
        """What each hole (by its `id`) can hide beyond what the gaps in its machines' own numbers count already.

        Where all machines of a source number their records and go on after a batch, every record that the batch lost
        is a gap too. More than the gaps around it hold was of no machine that is there, and is counted itself.
        """
        room = {id(hole): hole.at_most or 0 for hole in holes if hole.kind == "sequence_gap"}
        left = {id(hole): hole.at_most for hole in holes}
        for hole in sorted(holes, key=lambda one: -(one.at_most or 0)):
            if hole.kind not in _STORE or hole.at_most is None or not self._numbered(hole):
                continue
            for gap in holes:
                if gap.kind == "sequence_gap" and gap.source == hole.source and _meet(gap, hole):
                    taken = min(room[id(gap)], left[id(hole)] or 0)
                    room[id(gap)] -= taken
                    left[id(hole)] = (left[id(hole)] or 0) - taken
        return left

    def _numbered(self, hole: Hole) -> bool:
        """Whether what is missing in the time of a hole leaves gaps in its machines' own numbers."""
        if hole.first is None or hole.last is None:
            return False
        return numbered_through(self._survey.machines, self._settings, hole.source, hole.first, hole.last)

    def _cannot_hide(self, hole: Hole) -> str:
        if hole.table == "issuance":
            return _ISSUER
        if hole.table in ("subject", "person", "reason", "fact"):
            return "in a registry or a list of people"
        if hole.at_most == 0:
            return "behind which no record is missing"
        return _COUNTED if hole.kind == "silent" and self._numbered(hole) else ""

    def _persons(self, case: CaseScope, requests: PossibleCount) -> PossibleCount:
        """Every missing request shows one person at most, and whoever stands on that person's page.

        Where the case's own pages showed several at once, or no number bounds the requests, only the registry
        is left: nobody can be shown who does not exist.
        """
        if requests.at_most == 0:
            return PossibleCount(0, 0, requests.basis)
        reach = self._reachable()
        each = None if reach is None or case.habits.several else 1 + reach[0]
        share = case.count.persons / case.count.requests if case.count.requests else None
        parts = [_persons_part(part, each, share) for part in requests.parts]
        estimate = None if requests.estimate is None or share is None else round(requests.estimate * share)
        bounds: list[tuple[int, str]] = []
        if requests.at_most is not None and each is not None:
            person = "one person" if each == 1 else f"{each:,} persons at most"
            bounds.append((requests.at_most * each, f"{person} for each missing request"))
        if reach and reach[1]:
            also = " and all third persons" if self._exposed.exposes else ""
            others = max(0, reach[1] - case.count.persons)
            bounds.append((others, f"everybody else in the registry{also}"))
        if not bounds:
            return PossibleCount(None, estimate, self._unbounded(case, reach), parts)
        at_most, basis = min(bounds)
        return PossibleCount(at_most, None if estimate is None else min(estimate, at_most), basis, parts)

    def _unbounded(self, case: CaseScope, reach: tuple[int, int] | None) -> str:
        if reach is None:
            return "no bound: not every database of [[exposes]] was asked for third persons, or one did not answer"
        if case.habits.several:
            return "no bound: pages of the case showed several persons at once"
        return "no bound: neither the requests are bounded nor was a registry collected"

    def _reachable(self) -> tuple[int, int] | None:
        """Third persons on the fullest page; and everybody (0: no registry was collected, so nobody can tell).

        None where the third persons are not known: a database of [[exposes]] that no case touched is not asked.
        """
        if self._exposed.exposes and not self._exposed.whole:
            return None
        if self._reach is None:
            registered = self._engine.rows("SELECT count(DISTINCT subject) FROM subject")[0][0]
            if self._exposed.exposes:
                fullest, everybody = self._engine.rows(query("reachable"))[0]
                self._reach = int(fullest), int(everybody) if registered else 0
            else:
                self._reach = 0, int(registered)
        return self._reach


def _part(hole: Hole, at_most: int | None, habits: Habits, paces: dict[str, Pace]) -> PossiblePart:
    estimate = _estimate(hole, at_most, habits.paces.get(hole.source), paces.get(hole.source))
    if at_most is None:
        pace = "; estimated by the case's own pace around it" if estimate is not None else ""
        return PossiblePart(hole, None, estimate, f"no bound{pace}")
    basis = _BASIS.get(hole.kind, _EXACT)
    if estimate is not None:
        basis += "; estimated by the case's share of the records around it"
    if hole.bytes_sent and habits.smallest:
        pages = hole.bytes_sent // habits.smallest
        if pages < (at_most if estimate is None else estimate):
            # Not a bound: nobody knows that no page was smaller than the smallest seen.
            estimate = pages
            basis += f"; their {hole.bytes_sent:,} bytes hold {pages:,} pages of {habits.smallest:,}, the smallest seen"
    return PossiblePart(hole, at_most, estimate, basis)


def _estimate(hole: Hole, at_most: int | None, case: Pace | None, source: Pace | None) -> int | None:
    """By as long a time on both sides of the hole: the case's pace, or its share where the missing are counted."""
    if hole.first is None or hole.last is None or source is None:
        return None
    if hole.kind == "sequence_gap" and at_most is None:
        return None  # a count that was set anew: nothing tells how long it takes
    first, last = micros(hole.first), micros(hole.last)
    length = max(last - first, source.width)
    low, high = max(first - length, source.span[0]), min(last + length, source.span[1])
    if high <= low:
        return None
    of_case = case.between(low, high) if case else 0
    if at_most is not None:
        records = source.between(low, high)
        return round(at_most * min(1.0, of_case / records)) if records else None
    seen = (high - low) - (min(last, high) - max(first, low))
    return round(of_case * (last - first) / seen) if seen > 0 else None


def _persons_part(part: PossiblePart, each: int | None, share: float | None) -> PossiblePart:
    at_most = None if part.at_most is None or each is None else part.at_most * each
    estimate = None if part.estimate is None or share is None else round(part.estimate * share)
    if at_most is not None and estimate is not None:
        estimate = min(estimate, at_most)
    return msgspec.structs.replace(part, at_most=at_most, estimate=estimate)


def _total(parts: Sequence[PossiblePart]) -> PossibleCount:
    holes = [part for part in parts if part.hole.kind not in LIMITS]
    if not parts:
        return PossibleCount(0, 0, "no hole in its time, and its machines number their records")
    estimates = [part.estimate for part in holes]
    told = [estimate for estimate in estimates if estimate is not None]
    estimate = sum(told) if holes and len(told) == len(estimates) else None
    bounds = [part.at_most for part in parts]
    known = [bound for bound in bounds if bound is not None]
    if len(known) == len(bounds):
        bases = sorted({part.basis.partition(";")[0] for part in parts})
        return PossibleCount(sum(known), estimate, " and ".join(bases), list(parts))
    return PossibleCount(None, estimate, _no_bound(parts), list(parts))


def _no_bound(parts: Sequence[PossiblePart]) -> str:
    open_holes = [p.hole for p in parts if p.at_most is None and p.hole.kind not in LIMITS]
    if len(open_holes) == 1:
        return f"no bound: {open_holes[0].sentence}"
    if open_holes:
        return f"no bound: nothing counts what is missing in {len(open_holes):,} holes"
    return "no bound: " + next(p.hole.sentence for p in parts if p.at_most is None)


def _unseen(issuance: Sequence[int | None]) -> str:
    """How many credentials may have been issued in the holes of the issuers' logs."""
    total = sum(missing or 0 for missing in issuance)
    more = " or more" if None in issuance else ""
    return f", but of {total:,}{more} credentials that may have been issued unseen" if total else ""


def _meet(one: Hole, other: Hole) -> bool:
    """Whether two holes share a time."""
    if not (one.first and one.last and other.first and other.last):
        return False
    return one.first <= other.last and one.last >= other.first
