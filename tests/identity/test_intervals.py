"""Stretches of life from what was said at single times, and from lists that name a thing no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.knowing import day, engine_of, fact, listing

from haechi.identity.intervals import make_intervals

LATE = day(1000)


def lived(facts: Sequence[dict[str, Any]], at: datetime = LATE) -> list[dict[str, Any]]:
    engine = engine_of(facts)
    make_intervals(engine, at)
    found: list[dict[str, Any]] = engine.arrow(
        "SELECT * FROM lived ORDER BY kind, account, object, version, seen"
    ).to_pylist()
    engine.close()
    return found


def spans(facts: Sequence[dict[str, Any]], at: datetime = LATE) -> list[tuple[Any, ...]]:
    return [(row["since"], row["seen"], row["gone"], row["state"], row["asked"]) for row in lived(facts, at)]


def test_a_life_that_a_list_ends() -> None:
    found = [
        fact(1, "account", account="kim"), listing(1, "account"),
        fact(2, "account", account="kim"), listing(2, "account"),
        listing(3, "account"), listing(4, "account"),
    ]  # fmt: skip
    assert spans(found) == [(day(1), day(2), day(3), "dead", day(4))]
    (row,) = lived(found)
    assert (row["evidence"], row["end_evidence"]) == ("day 1", "not listed any more: list of day 3")
    assert (row["seq"], row["end_seq"]) == (1, 5)


def test_what_was_not_known_yet_is_not_told() -> None:
    found = [fact(1, "account", account="kim"), fact(5, "account", "dead", account="kim")]
    assert spans(found, day(3)) == [(day(1), day(1), None, "alive", day(1))]


def test_a_thing_that_comes_back_has_two_lives() -> None:
    states = ["alive", "dead", "alive"]
    found = [fact(n, "account", state, account="kim") for n, state in enumerate(states)]
    assert [(row["since"], row["gone"], row["last"]) for row in lived(found)] == [
        (day(0), day(1), False),
        (day(2), None, True),
    ]


def test_the_system_knows_better_when_it_began_and_ended() -> None:
    found = [
        fact(5, "account", account="kim", first=day(0)),
        fact(9, "account", "dead", account="kim", last=day(7)),
    ]
    assert spans(found) == [(day(0), day(5), day(7), "dead", day(9))]


def test_an_end_told_for_a_time_when_it_was_seen_alive_is_not_believed() -> None:
    found = [fact(5, "account", account="kim"), fact(9, "account", "dead", account="kim", last=day(3))]
    assert spans(found)[0][2] == day(9)


def test_unknown_neither_ends_a_life_nor_is_lost() -> None:
    found = [fact(1, "secret", object="k"), fact(2, "secret", "unknown", object="k")]
    assert spans(found) == [(day(1), day(1), None, "unknown", day(2))]
    assert spans([*found, fact(3, "secret", "dead", object="k")])[0][2:4] == (day(3), "dead")


def test_what_was_never_seen_alive_is_told_as_well() -> None:
    assert spans([fact(4, "account", "dead", account="kim")]) == [(None, None, day(4), "dead", day(4))]


def test_two_voices_at_one_time_alive_outweighs_dead() -> None:
    found = [fact(1, "account", "dead", account="kim"), fact(1, "account", account="kim")]
    assert spans(found)[0][3] == "alive"


def test_a_list_of_another_system_or_kind_says_nothing() -> None:
    found = [fact(1, "account", account="kim"), listing(2, "grant"), listing(2, "account", system="T")]
    assert spans(found)[0][3] == "alive"


def test_versions_told_together_live_apart() -> None:
    found = [fact(1, "secret", object="k", version="1,2"), fact(2, "secret", "dead", object="k", version="1")]
    assert [(row["version"], row["state"]) for row in lived(found)] == [("1", "dead"), ("2", "alive")]


SAID = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["alive", "dead", "unknown", "list", "list-with"])),
    max_size=14,
)


@given(SAID)
@settings(max_examples=120, deadline=None)
def test_the_arithmetic_is_that_of_a_plain_model(said: list[tuple[int, str]]) -> None:
    facts = []
    for number, what in said:
        if what.startswith("list"):
            facts.append(listing(number, "account"))
        if what != "list":
            facts.append(fact(number, "account", "alive" if what == "list-with" else what, account="kim"))
    assert sorted(spans(facts), key=repr) == sorted(model(said), key=repr)


def model(said: list[tuple[int, str]]) -> list[tuple[Any, ...]]:
    """The same by walking through the days one by one."""
    order = {"alive": 0, "unknown": 1, "dead": 2}
    told: dict[int, str] = {}
    lists = {number for number, what in said if what.startswith("list")}
    for number, what in said:
        state = {"list": "", "list-with": "alive"}.get(what, what)
        if state and (number not in told or order[state] < order[told[number]]):
            told[number] = state
    states: dict[int, str] = {}
    for number in sorted({*told, *lists}):
        # A whole list that does not name it: dead, where something was said of it before.
        if number in told:
            states[number] = told[number]
        elif states and list(states.values())[-1] != "dead":
            states[number] = "dead"
    if not states:
        return []
    final = states[max(states)]
    asked = max(states)
    if final == "dead":
        asked = max([asked, *lists])
    lives: list[list[int | None]] = []
    for number, state in states.items():
        if state == "alive" and (not lives or lives[-1][2] is not None):
            lives.append([number, number, None])
        elif state == "alive":
            lives[-1][1] = number
        elif state == "dead" and lives and lives[-1][2] is None:
            lives[-1][2] = number
    if not lives:
        deaths = [number for number, state in states.items() if state == "dead"]
        return [(None, None, day(min(deaths)) if deaths else None, final, day(asked))]
    return [
        (day(first or 0), day(seen or 0), None if gone is None else day(gone), final, day(asked))
        for first, seen, gone in lives
    ]


def exposures(
    facts: Sequence[dict[str, Any]], people: Sequence[dict[str, Any]] = ()
) -> list[tuple[Any, ...]]:
    engine = engine_of(facts, people)
    make_intervals(engine, LATE)
    found = engine.rows(
        "SELECT person, account, object, version, how, since, seen FROM exposure ORDER BY ALL"
    )
    engine.close()
    return found


KIM = {"person": "E1", "account": "kim"}


def test_an_exposure_is_the_persons_and_never_ends() -> None:
    told = {"account": "kim", "object": "k", "version": "1", "how": "may-read"}
    found = exposures(
        [fact(1, "exposure", **told), fact(3, "exposure", **told), fact(9, "exposure", "dead", **told)], [KIM]
    )
    assert found == [("E1", "kim", "k", "1", "may-read", day(1), day(3))]


def test_whoever_took_all_versions_took_those_that_there_were() -> None:
    facts = [
        fact(1, "secret", object="k", version="1,2"),
        fact(9, "secret", object="k", version="3"),
        fact(5, "exposure", account="kim", object="k", how="exported"),
    ]
    assert [(row[3], row[4]) for row in exposures(facts, [KIM])] == [("1", "exported"), ("2", "exported")]


@pytest.mark.parametrize(("system", "person"), [("S", "E7"), ("T", None)])
def test_an_account_is_whose_the_system_says_in_that_system_alone(system: str, person: str | None) -> None:
    facts = [
        fact(1, "account", account="svc", person="E7"),
        fact(2, "exposure", account="svc", object="k", version="1", how="read", system=system),
    ]
    assert [row[0] for row in exposures(facts)] == [person]
