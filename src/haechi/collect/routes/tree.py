"""From many templates to one nested CASE that compares each request with few of them.

A request is known by its segments `route_s1, route_s2, ...` (NULL behind its end), their number `route_n`
and its method `route_method`. Templates are tried in the order given; the expression answers the number of
the first that fits, or NULL. The tree splits on the segment that tells the most templates apart, then on the
next. A template with a parameter there goes into every branch, so a split that would copy too much is not
made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haechi.collect.routes.template import Segment, Template
from haechi.store.sql import literal as literal

_LEAF = 3  # so few templates are compared one after the other
_GROWTH = 1.5  # most copies that one split may make
_FEW = 8  # more values than this are halved first: comparisons grow with the logarithm


@dataclass(frozen=True)
class Numbered:
    """A template to tell apart, with the method it wants ("*": any) and the number that stands for it."""

    number: int
    method: str
    template: Template

    def text_at(self, position: int) -> str | None:
        """The text wanted at a position, or None where anything, or a parameter, may stand."""
        fixed = self.template.fixed
        if position >= len(fixed) or not fixed[position].static:
            return None
        return fixed[position].prefix


def segment(position: int) -> str:
    """The name of the column that holds the segment at a position (from 0)."""
    return f"route_s{position + 1}"


def decide(routes: Sequence[Numbered]) -> str:
    """The expression that answers the number of the first template that fits, NULL where none does."""
    return _branch(list(routes), {}, frozenset()) if routes else "NULL::INTEGER"


def _branch(routes: list[Numbered], known: Mapping[int, str], settled: frozenset[str]) -> str:
    """One part of the tree.

    `known` holds the positions that earlier splits looked at, with the text found, "" where it was none of
    those looked for; `settled` holds the terms that are true on the way to this branch.
    """
    # What all templates here want is asked once for all of them.
    wanted = [_terms(route, known, settled) for route in routes]
    shared = [term for term in wanted[0] if all(term in terms for terms in wanted)]
    if len(routes) > 1 and shared:
        inner = _branch(routes, known, settled | set(shared))
        return f"CASE WHEN {' AND '.join(shared)} THEN {inner} END"
    position = _best_split(routes, known) if len(routes) > _LEAF else None
    if position is None:
        return _one_by_one(routes, wanted)
    groups = _groups(routes, position)
    values = sorted(value for value in groups if value is not None)
    rest = _branch(groups[None], {**known, position: ""}, settled) if groups[None] else "NULL"
    arms = [(value, _branch(groups[value], {**known, position: value}, settled)) for value in values]
    return _switch(segment(position), arms, rest)


def _groups(routes: Sequence[Numbered], position: int) -> dict[str | None, list[Numbered]]:
    """The templates that can still fit, by the text found at a position; under None where it is another
    text.
    """
    values = {route.text_at(position) for route in routes} - {None}
    groups: dict[str | None, list[Numbered]] = {value: [] for value in values}
    groups[None] = []
    for route in routes:
        wanted = route.text_at(position)
        if wanted is not None:
            groups[wanted].append(route)
            continue
        groups[None].append(route)
        for value in values:
            if value is not None and _may_hold(route, position, value):
                groups[value].append(route)
    return groups


def _may_hold(route: Numbered, position: int, text: str) -> bool:
    fixed = route.template.fixed
    return fixed[position].matches(text) if position < len(fixed) else route.template.open


def _best_split(routes: Sequence[Numbered], known: Mapping[int, str]) -> int | None:
    """The unsettled position at which the largest branch is smallest, or None where no split pays."""
    best: tuple[int, int] | None = None
    for position in range(max(len(route.template.fixed) for route in routes)):
        if position in known:
            continue
        sizes = [len(group) for group in _groups(routes, position).values()]
        if (
            max(sizes) < len(routes)
            and sum(sizes) <= _GROWTH * len(routes) + 4
            and (best is None or max(sizes) < best[0])
        ):
            best = (max(sizes), position)
    return best[1] if best else None


def _switch(column: str, arms: Sequence[tuple[str, str]], rest: str) -> str:
    """A CASE over text values, with `rest` for any other."""
    if len(arms) <= _FEW:
        return f"CASE {column} {_when(arms)} ELSE {rest} END"
    # Where a branch found nothing, `rest` finds nothing either: its templates stood in the branch as well.
    halves = _halved(column, arms)
    return halves if rest == "NULL" else f"coalesce({halves}, {rest})"


def _halved(column: str, arms: Sequence[tuple[str, str]]) -> str:
    if len(arms) <= _FEW:
        return f"CASE {column} {_when(arms)} END"
    middle = len(arms) // 2
    low, high = _halved(column, arms[:middle]), _halved(column, arms[middle:])
    return f"CASE WHEN {column} < {literal(arms[middle][0])} THEN {low} ELSE {high} END"


def _when(arms: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"WHEN {literal(value)} THEN {result}" for value, result in arms)


def _one_by_one(routes: Sequence[Numbered], wanted: Sequence[Sequence[str]]) -> str:
    cases = ""
    for route, terms in zip(routes, wanted, strict=True):
        if not terms:  # it fits for certain, and those behind it are never asked
            return f"CASE {cases}ELSE {route.number} END" if cases else str(route.number)
        cases += f"WHEN {' AND '.join(terms)} THEN {route.number} "
    return f"CASE {cases}END"


def _terms(route: Numbered, known: Mapping[int, str], settled: frozenset[str]) -> list[str]:
    """What is not yet settled about whether a template fits."""
    fixed = route.template.fixed
    terms = [f"route_n >= {len(fixed)}" if route.template.open else f"route_n = {len(fixed)}"]
    terms += [f"route_method = {literal(route.method)}"] if route.method != "*" else []
    for position, piece in enumerate(fixed):
        if not known.get(position):  # else equal to the branch's text, or matched against it
            terms += _segment_terms(piece, segment(position))
    return [term for term in terms if term not in settled]


def _segment_terms(piece: Segment, column: str) -> list[str]:
    if piece.static:
        return [f"{column} = {literal(piece.prefix)}"]
    if not piece.prefix and not piece.suffix:
        return []  # any text: the count of segments has settled that it is there
    terms = [f"length({column}) > {len(piece.prefix) + len(piece.suffix)}"]
    terms += [f"starts_with({column}, {literal(piece.prefix)})"] if piece.prefix else []
    terms += [f"ends_with({column}, {literal(piece.suffix)})"] if piece.suffix else []
    return terms
