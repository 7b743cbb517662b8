"""The truth lies within what is confirmed and what is possible, however records are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from tests.scope.losses import BATCH, Known, Losses, Row, World, known, truth, world
from tests.scope.scope_world import BEGIN, Access, Entry, Member, engine_of

from haechi.model.settings import CoverageSettings, ExposesSettings, Settings
from haechi.model.values import Hole
from haechi.scope.case import scope_case
from haechi.scope.coverage import Survey
from haechi.scope.exposes import Exposed
from haechi.scope.possible import Bounds

SHARES = [0.01, 0.1, 0.3]


def by_time(made: World, random: Random, share: float) -> set[int]:
    end = made.rows[-1].second
    begin = random.uniform(-0.1, 1 - share) * end
    return {n for n, row in enumerate(made.rows) if begin <= row.second <= begin + share * end}


def by_source(made: World, random: Random, share: float) -> set[int]:
    machine = random.choice(sorted({(row.source, row.node) for row in made.rows}))
    whole = random.random() < 0.5
    return {
        n
        for n, row in enumerate(made.rows)
        if (row.source == machine[0] if whole else (row.source, row.node) == machine)
        and (whole or random.random() < share * 3)
    }


def at_random(made: World, random: Random, share: float) -> set[int]:
    return {n for n in range(len(made.rows)) if random.random() < share}


def lose(made: World, random: Random, how: Sequence[str], share: float) -> Losses:
    """Lose a share of the records in each of these ways."""
    lost = Losses()
    for way in how:
        if way in ("time", "source", "random"):
            choose = {"time": by_time, "source": by_source, "random": at_random}[way]
            lost = replace(lost, upstream=lost.upstream | choose(made, random, share))
        elif way in ("missing", "expired"):
            lost = replace(lost, gone={**lost.gone, **gone_batches(made, lost, random, way, share)})
        elif way == "erased":
            person = random.choice(made.rows).subject
            own = {n for n, row in enumerate(made.rows) if row.subject == person}
            lost = replace(lost, erased=frozenset(own))
        else:
            lost = replace(lost, aside=frozenset(at_random(made, random, share)))
    return lost


def gone_batches(made: World, lost: Losses, random: Random, way: str, share: float) -> dict[int, str]:
    chosen = [
        n for n in range(len(made.rows)) if n not in lost.upstream and random.random() < share / BATCH * 3
    ]
    return {n: way for n in chosen if n not in lost.gone}


def within(found: Known, whole: tuple[int, int]) -> None:
    for confirmed, more, true in (
        (found.count.requests, found.possible.requests.at_most, whole[0]),
        (found.count.persons, found.possible.persons.at_most, whole[1]),
    ):
        assert confirmed <= true
        assert more is None or true <= confirmed + more


@settings(max_examples=32, deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(
        st.sampled_from(["time", "source", "random", "missing", "expired", "erased", "aside"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.sampled_from(SHARES),
    st.sampled_from([{"gateway", "admin"}, {"gateway", "admin"}, {"gateway"}, set()]),
    st.sampled_from([0, 40, 60]),
    st.lists(
        st.builds(Entry, st.integers(1, 40).map(str), st.sampled_from(["P-1", "P-2", "P-3", "7", "8"])),
        max_size=4,
    ),
)
def test_the_truth_lies_within_what_is_possible(
    seed: int, how: list[str], share: float, numbered: set[str], registry: int, book: list[Entry]
) -> None:
    random = Random(seed)
    made = replace(world(random, 160), numbered=frozenset(numbered), registry=registry, book=tuple(book))
    lost = lose(made, random, how, share)
    found = known(made, lost)
    if found is None:
        event("nothing of the case is left")
        return
    seen = {row.node for row in found.rows}
    # A bound speaks of machines of which a record is there; one that only lost batches knew is none of them.
    assume(all(row.node in seen for n, row in enumerate(made.rows) if n not in lost.upstream))
    event(f"requests {'bounded' if found.possible.requests.at_most is not None else 'no bound'}")
    within(found, truth(made, lost, found.rows))


SEEDS = st.integers(0, 2**32)


def numbered_world(seed: int, rows: int = 160) -> tuple[World, Random]:
    random = Random(seed)
    return world(random, rows), random


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from(SHARES))
def test_single_losses_of_numbered_machines_are_bounded_by_their_exact_count(seed: int, share: float) -> None:
    made, random = numbered_world(seed)
    lost = Losses(upstream=frozenset(at_random(made, random, share)))
    found = known(made, lost)
    assert found is not None
    spans: dict[str, list[int]] = {}
    for row in found.rows:
        spans.setdefault(row.node, []).append(row.number)
    missing = sum(max(numbers) - min(numbers) + 1 - len(numbers) for numbers in spans.values())
    assert found.possible.requests.at_most == missing
    estimate = found.possible.requests.estimate
    assert estimate is not None
    assert estimate <= missing


def test_without_losses_nothing_more_is_possible() -> None:
    made, _ = numbered_world(1)
    found = known(made, Losses())
    assert found is not None
    assert (found.possible.requests.at_most, found.possible.persons.at_most) == (0, 0)
    assert found.possible.requests.estimate == 0
    assert found.possible.requests.parts == []


def test_records_without_numbers_are_never_bounded_and_say_so() -> None:
    made, _ = numbered_world(2)
    found = known(replace(made, numbered=frozenset({"gateway"}), registry=40), Losses())
    assert found is not None
    (part,) = found.possible.requests.parts
    assert (part.hole.kind, part.hole.source, part.at_most) == ("unnumbered", "admin", None)
    assert found.possible.requests.at_most is None
    assert found.possible.requests.estimate is None
    assert found.possible.persons.at_most == 40 - found.count.accounts
    assert found.possible.persons.basis == "everybody else in the registry"


def test_missing_batches_are_bounded_by_what_the_log_says_of_them() -> None:
    made, _ = numbered_world(3, 200)
    first = next(n for n, row in enumerate(made.rows) if row.source == "admin")
    found = known(replace(made, numbered=frozenset()), Losses(gone={first: "missing"}))
    assert found is not None
    part = next(part for part in found.possible.requests.parts if part.hole.kind == "missing")
    assert (part.hole.missing, part.at_most) == (BATCH, BATCH)
    assert "exact count of missing records" in part.basis
    persons = next(part for part in found.possible.persons.parts if part.hole.kind == "missing")
    assert persons.at_most == BATCH


def test_a_machine_that_ends_within_the_case_has_no_bound() -> None:
    made, _ = numbered_world(4, 300)
    half = made.rows[-1].second / 2
    lost = {n for n, row in enumerate(made.rows) if row.node == "gw-1" and row.second > half}
    found = known(made, Losses(upstream=frozenset(lost)))
    assert found is not None
    assert [part.hole.kind for part in found.possible.requests.parts] == ["ended"]
    assert "gateway (gw-1) began or ended" in found.possible.requests.basis


def test_a_silence_that_the_numbers_explain_hides_nothing_more() -> None:
    made, _ = numbered_world(5, 400)
    begin, end = made.rows[-1].second * 0.35, made.rows[-1].second * 0.75
    quiet = {n for n, row in enumerate(made.rows) if begin < row.second < end}
    bounded = known(made, Losses(upstream=frozenset(quiet)))
    assert bounded is not None
    assert bounded.possible.requests.at_most == len(quiet)
    bare = known(replace(made, numbered=frozenset()), Losses(upstream=frozenset(quiet)))
    assert bare is not None
    assert bare.possible.requests.at_most is None


def test_third_persons_on_the_fullest_page_are_possible_with_each_request() -> None:
    book = (Entry("1", "P-1"), Entry("1", "P-2"), Entry("1", "P-2", "phone"), Entry("2", "P-1"))
    made, random = numbered_world(6)
    lost = Losses(upstream=frozenset(at_random(made, random, 0.1)))
    found = known(replace(made, book=book), lost)
    assert found is not None
    assert found.possible.requests.at_most is not None
    assert found.possible.persons.at_most == 3 * found.possible.requests.at_most
    assert found.possible.persons.basis == "3 persons at most for each missing request"


def test_byte_counts_lower_the_estimate_and_never_the_bound() -> None:
    made, _ = numbered_world(7, 200)
    gateway = [n for n, row in enumerate(made.rows) if row.source == "gateway"]
    gone = set(gateway[BATCH : 2 * BATCH])
    rows = tuple(replace(row, size=30 if n in gone else 900) for n, row in enumerate(made.rows))
    found = known(World(rows, numbered=frozenset()), Losses(gone={gateway[BATCH]: "expired"}))
    assert found is not None
    part = next(part for part in found.possible.requests.parts if part.hole.kind == "expired")
    assert (part.hole.bytes_sent, part.at_most, part.estimate) == (600, BATCH, 0)
    assert "600 bytes hold 0 pages of 900, the smallest seen" in part.basis


def test_holes_outside_the_case_are_counted_with_their_reason() -> None:
    made, _ = numbered_world(8, 200)
    days = tuple(
        Row(
            r.second + (0 if n < 100 else 86_400 * 9),
            r.source,
            r.node,
            r.number,
            r.subject,
            r.bad and n >= 100,
        )
        for n, r in enumerate(made.rows)
    )
    found = known(World(days), Losses(upstream=frozenset({40})))
    assert found is not None
    assert found.possible.requests.at_most == 0
    assert [(one.holes, one.reason) for one in found.possible.excluded] == [
        (1, "more than a day before or after it")
    ]


@pytest.mark.parametrize("way", ["missing", "expired", "erased", "aside"])
def test_what_the_numbers_count_already_is_not_counted_twice(way: str) -> None:
    made, _ = numbered_world(9, 300)
    gateway = [n for n, row in enumerate(made.rows) if row.source == "gateway"]
    chosen = gateway[3 * BATCH : 4 * BATCH]
    lost = {
        "missing": Losses(gone={chosen[0]: "missing"}),
        "expired": Losses(gone={chosen[0]: "expired"}),
        "erased": Losses(erased=frozenset(chosen)),
        "aside": Losses(aside=frozenset(gateway[3 * BATCH + 10 : 4 * BATCH + 10])),
    }[way]
    found = known(made, lost)
    assert found is not None
    assert found.possible.requests.at_most == BATCH
    assert {part.hole.kind for part in found.possible.requests.parts} == {"sequence_gap"}
    (excluded,) = found.possible.excluded
    assert excluded.reason == "whose records the gaps in the machines' own numbers count already"


def test_a_batch_at_the_end_of_the_count_leaves_no_gap_and_is_counted_itself() -> None:
    made, _ = numbered_world(10, 300)
    gateway = [n for n, row in enumerate(made.rows) if row.source == "gateway"]
    last = gateway[len(gateway) // BATCH * BATCH - BATCH :]
    lost = Losses(gone={last[0]: "missing", last[-1]: "missing"})
    found = known(made, lost)
    assert found is not None
    assert found.possible.requests.at_most == len(last)
    assert found.possible.requests.basis == "exact count of missing records"


def test_holes_in_an_issuers_log_hide_no_requests_and_tell_of_credentials() -> None:
    holes = [
        Hole("issuer", "sequence_gap", None, None, 12, "", "issuance", 12),
        Hole("issuer", "silent", None, None, None, "", "issuance"),
        Hole("members", "unreadable", None, None, None, "", "subject"),
    ]
    engine = engine_of([Access(1)])
    case = scope_case(engine, [0], Settings())
    bounds = Bounds(engine, Survey(holes), Exposed([], Path()), CoverageSettings())
    possible = bounds.of(case, BEGIN, BEGIN)
    assert possible.requests.at_most == 0
    assert [(one.holes, one.reason) for one in possible.excluded] == [
        (1, "in a registry or a list of people"),
        (
            2,
            "in an issuer's log, which tells of no requests, "
            "but of 12 or more credentials that may have been issued unseen",
        ),
    ]


def test_pages_that_show_several_persons_leave_the_registry_as_the_only_bound() -> None:
    hole = Hole("gateway", "missing", None, None, 7, "", "access", 7)
    for members, bound in (([], None), ([Member("1"), Member("2"), Member("3")], 2)):
        engine = engine_of([Access(1), Access(2, subject=None, subjects=400)], members)
        case = scope_case(engine, [0], Settings())
        possible = Bounds(engine, Survey([hole]), Exposed([], Path()), CoverageSettings()).of(
            case, BEGIN, BEGIN
        )
        assert possible.requests.at_most == 7
        assert possible.persons.at_most == bound
        assert ("several persons at once" in possible.persons.basis) == (bound is None)


def test_third_persons_that_were_not_asked_for_leave_no_bound() -> None:
    hole = Hole("gateway", "missing", None, None, 7, "", "access", 7)
    exposes = [ExposesSettings("book", "book.parquet", "SELECT 1", ["/elsewhere"])]
    engine = engine_of([Access(1)], [Member("1"), Member("2")])
    exposed = Exposed(exposes, Path())
    case = scope_case(engine, [0], Settings(exposes=exposes), exposed=exposed)
    possible = Bounds(engine, Survey([hole]), exposed, CoverageSettings()).of(case, BEGIN, BEGIN)
    assert possible.requests.at_most == 7
    assert possible.persons.at_most is None
    assert "not every database of [[exposes]] was asked" in possible.persons.basis
