"""What may be missing from a case, in words: beside the confirmed counters, never added to them."""

from __future__ import annotations

import io
from datetime import UTC

import msgspec
from rich.console import Console
from tests.report.inspections import HOLE, SCOPE, case, part, possible

from haechi.model.values import Excluded, Hole, Possible, PossibleCount
from haechi.report.terminal_case import print_case
from haechi.report.terminal_possible import possible_lines

GAP = Hole("gateway", "sequence_gap", HOLE.first, HOLE.last, 1204, "1,204 records of gateway are missing.")
BARE = Hole("audit", "unnumbered", None, None, None, "The records of audit carry no gap-free numbers.")


def said(value: Possible) -> str:
    out = io.StringIO()
    Console(file=out, width=100, markup=False, highlight=False).print(possible_lines(value))
    return " ".join(out.getvalue().split())


def test_a_counted_hole_is_a_bound_with_its_basis() -> None:
    value = possible(part(1204, 380, GAP), persons=1204)
    assert said(value) == (
        "Possible: up to 1,204 more requests (exact count of missing records), up to 1,204 more persons "
        "(everybody else in the registry); at the case's own share about 380 requests."
    )


def test_a_silence_has_no_bound_and_says_what_the_pace_would_give() -> None:
    text = said(possible(part(None, 4100)))
    assert text.startswith("Possible: how many more there may be has no bound.")
    assert "no bound: gateway was silent for 9 days 21 hours" in text
    assert "At the case's own pace about 4,100 requests." in text


def test_bounded_and_unbounded_parts_stand_apart() -> None:
    text = said(possible(part(1204, None, GAP), part(None, 4100), persons=500))
    assert text.startswith(
        "Possible: up to 1,204 more requests (exact count of missing records), and beyond these:"
    )
    assert "5,304" not in text
    assert "whatever was lost, up to 500 more persons (everybody else in the registry)" in text


def test_records_without_numbers_alone_alarm_nobody_with_the_whole_registry() -> None:
    text = said(possible(part(None, None, BARE), persons=33_000_000))
    assert "The records of audit carry no gap-free numbers." in text
    assert "33,000,000" not in text


def test_nothing_missing_and_nothing_looked_at_are_different() -> None:
    whole = PossibleCount(0, 0, "no hole in its time, and its machines number their records")
    assert said(Possible(whole, whole)).startswith("Possible: no more than that")
    assert said(Possible()) == "Possible: what holes may hide was not looked at."


def test_holes_that_add_nothing_are_counted_with_their_reasons() -> None:
    one = [Excluded(1, "more than a day before or after it")]
    assert "1 more hole adds nothing: more than a day before or after it" in said(
        possible(part(1, None, GAP), excluded=one)
    )
    two = [*one, Excluded(2, "in an issuer's log, which tells of no requests")]
    assert (
        "3 more holes add nothing: 1 more than a day before or after it; "
        "2 in an issuer's log, which tells of no requests"
    ) in said(possible(part(1, None, GAP), excluded=two))


def test_many_holes_without_a_bound_are_few_lines() -> None:
    text = said(possible(*(part(None, n) for n in range(7))))
    assert text.count("no bound: gateway was silent") == 3
    assert "no bound: 4 more holes" in text


def test_confirmed_and_possible_are_never_added_up_in_a_case() -> None:
    scope = msgspec.structs.replace(SCOPE, possible=possible(part(1204, 380, GAP), persons=1204))
    out = io.StringIO()
    print_case(case(scope=scope), Console(file=out, width=100, markup=False, highlight=False), UTC)
    text = " ".join(out.getvalue().split())
    assert "Requests 182,201 of which" in text
    assert "Possible: up to 1,204 more requests" in text
    assert "183,405" not in text


def test_hostile_names_are_inert() -> None:
    evil = "\x1b[2J\u202e[bold]x"
    hole = Hole(evil, "silent", None, None, None, evil)
    text = said(possible(part(None, None, hole)))
    assert "\x1b" not in text
    assert "\u202e" not in text
