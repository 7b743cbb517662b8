"""Retention arithmetic: what goes, what a hold keeps, what must wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.headers import DAY, YEAR, Books, compaction, header, hold

from haechi.model.settings import RetentionSettings, Settings, SourceSettings
from haechi.model.words import Table
from haechi.store.holds import holding
from haechi.store.retention import newest_of, plan_expiry, rule_for

SETTINGS = Settings(
    sources=[
        SourceSettings("short", ["x"], keep="1y", keep_reason="few persons"),
        SourceSettings("long", ["x"], keep="5y", keep_reason="contracts"),
        SourceSettings("members", ["x"], table="subject"),
        SourceSettings("copies", ["x"], table="subject", keep="30d", keep_reason="a copy"),
    ],
    retention=RetentionSettings("2y", "article 8"),
)


@pytest.mark.parametrize(
    ("source", "table", "years"),
    [("gateway", "access", 2), ("issuance", "issuance", 2), ("short", "access", 1), ("long", "access", 5)],
)
def test_how_long_records_are_kept(source: str, table: Table, years: int) -> None:
    rule = rule_for(source, table, SETTINGS)
    assert rule is not None and rule.micros == years * YEAR
    assert rule.reason == {1: "few persons", 2: "article 8", 5: "contracts"}[years]


def test_registers_are_kept_until_told_otherwise() -> None:
    assert rule_for("members", "subject", SETTINGS) is None
    assert rule_for("nobody", "person", SETTINGS) is None
    copies = rule_for("copies", "subject", SETTINGS)
    assert copies is not None and copies.micros == 30 * DAY


def test_a_file_of_another_table_under_a_register_s_name_is_kept_as_records_are() -> None:
    rule = rule_for("copies", "access", SETTINGS)
    assert rule is not None and rule.keep == "2y"


@pytest.mark.parametrize(("age", "goes"), [(2 * YEAR, False), (2 * YEAR + 1, True)])
def test_to_the_microsecond(age: int, goes: bool) -> None:
    now = 10 * YEAR
    plan = plan_expiry(Books([header(0, 0, now - age)]), Settings(), now)
    assert bool(plan.going) is goes


def test_without_times_it_counts_from_the_collection() -> None:
    now = 10 * YEAR
    batches = [header(0, None, None, collected=now - 3 * YEAR), header(1, None, None, collected=now - YEAR)]
    (part,) = plan_expiry(Books(batches), Settings(), now).going
    assert part.numbers == (0,)


def test_a_sorted_file_goes_as_a_whole() -> None:
    now = 10 * YEAR
    batches = [header(n, 0, now - 2 * YEAR - 1 + n) for n in range(3)]
    books = Books(batches, compactions={7: compaction(7, [0, 1, 2])})
    plan = plan_expiry(books, Settings(), now)
    assert not plan.going and plan.waiting[0].numbers == (0,)
    later = plan_expiry(books, Settings(), now + 9)
    assert later.going[0].numbers == (0, 1, 2) and not later.waiting
    books.holds["H-1"] = hold(first=now - 2 * YEAR + 1, last=None)
    held = plan_expiry(books, Settings(), now + 9)
    assert not held.going and held.held[0].numbers == (0, 1, 2) and held.held[0].holds == ("H-1",)


@st.composite
def books(draw: st.DrawFn) -> Books:
    made = Books()
    for number in range(draw(st.integers(0, 12))):
        first, last = sorted(draw(st.lists(st.integers(0, 8), min_size=2, max_size=2)))
        timeless = draw(st.booleans()) and draw(st.booleans())
        source = draw(st.sampled_from(["gateway", "short", "long", "copies", "members"]))
        table: Table = "subject" if source in ("copies", "members") else "access"
        times = (None, None) if timeless or table == "subject" else (first * YEAR, last * YEAR)
        made.batches.append(header(number, *times, source, table, collected=last * YEAR))
    numbers = [batch.number for batch in made.batches]
    made.expired = set(draw(st.lists(st.sampled_from(numbers), max_size=2))) if numbers else set()
    for source in ("gateway", "short"):
        mine = [b.number for b in made.batches if b.source == source and b.number not in made.expired]
        inside = draw(st.lists(st.sampled_from(mine), unique=True, max_size=4)) if mine else []
        if inside:
            made.compactions[len(made.compactions)] = compaction(len(made.compactions), inside)
    for number in range(draw(st.integers(0, 2))):
        first, last = draw(st.none() | st.integers(0, 8)), draw(st.none() | st.integers(0, 8))
        sources = draw(st.lists(st.sampled_from(["gateway", "short", "copies"]), unique=True, max_size=2))
        name = f"H-{number + 1}"
        made.holds[name] = hold(
            name, None if first is None else first * YEAR, None if last is None else last * YEAR, sources
        )
    return made


@given(books(), st.integers(0, 12))
def test_a_hold_wins_and_nothing_goes_early(made: Books, years: int) -> None:
    now = years * YEAR + 1
    plan = plan_expiry(made, SETTINGS, now)
    by_number = {batch.number: batch for batch in made.batches}
    going = [number for part in plan.going for number in part.numbers]
    held = [number for part in plan.held for number in part.numbers]
    waiting = [number for part in plan.waiting for number in part.numbers]
    touched = [*going, *held, *waiting]
    assert len(touched) == len(set(touched)) and not made.expired & set(touched)
    for number in going:
        batch = by_number[number]
        rule = rule_for(batch.source, batch.table, SETTINGS)
        assert rule is not None and now - newest_of(batch) > rule.micros
        assert not holding(batch, made.holds.values())
    for number in set(by_number) - made.expired - set(touched):
        batch = by_number[number]
        rule = rule_for(batch.source, batch.table, SETTINGS)
        assert rule is None or now - newest_of(batch) <= rule.micros
    for inside in made.compactions.values():
        members = set(range(inside.batches[0][0], inside.batches[-1][1] + 1))
        for one in (going, held):
            kept = {n for low, high in inside.batches for n in range(low, high + 1)} & members
            assert not kept & set(one) or kept <= set(one)
    for part in (*plan.going, *plan.held, *plan.waiting):
        assert part.rows == len(part.numbers) and part.oldest <= part.newest
