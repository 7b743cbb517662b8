"""The four counters: by hand, and against a model that counts one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scope.scope_world import Access, Entry, Member, book_file, engine_of, hour, model

from haechi.model.errors import ScopeError
from haechi.model.settings import Settings
from haechi.scope import count
from haechi.scope.case import CaseScope, scope_case

IDS = ["1", "2", "3", "4", "P-1", "P-2"]
FIELDS = [None, "", "name", "name,phone", "address,name", "entrance_code"]


def scoped(accesses: Sequence[Access], members: Sequence[Member] = ()) -> CaseScope:
    return scope_case(engine_of(accesses, members), [0], Settings())


def test_requests_accounts_and_persons_are_different_numbers() -> None:
    case = scoped(
        [
            Access(1),
            Access(2),
            Access(3, subject="2"),
            Access(4, subject="3", outcome="failure"),
            Access(5, subject="9"),
        ],
        [Member("1"), Member("2"), Member("3")],
    )
    assert (case.count.requests, case.count.requests_shown) == (5, 3)
    assert (case.count.accounts, case.count.persons, case.count.ghosts) == (2, 2, 1)


def test_withdrawn_at_the_time_of_access_is_withdrawn() -> None:
    members = [Member("1", withdrawn=5), Member("2", withdrawn=7), Member("3", kind="withdrawn")]
    case = scoped([Access(1, 6), Access(2, 6, subject="2"), Access(3, 6, subject="3")], members)
    assert (case.count.members, case.count.withdrawn, case.count.accounts) == (1, 2, 3)


def test_unknown_outcome_is_shown_unless_nothing_was_sent() -> None:
    unknown = [Access(1, outcome=None), Access(2, outcome=None, bytes=9, subject="2")]
    nothing = Access(3, outcome=None, bytes=0, subject="3")
    case = scoped([*unknown, nothing])
    assert (case.count.requests_shown, case.count.persons) == (2, 2)


def test_without_registry_everybody_exists_and_nobody_is_a_ghost() -> None:
    case = scoped([Access(1), Access(2, subject="2")])
    assert (case.count.members, case.count.ghosts) == (2, 0)


def test_a_page_that_shows_nothing_shows_nobody() -> None:
    assert scoped([Access(1, fields="")]).count.persons == 0


def test_a_success_for_somebody_who_never_existed_shows_nobody() -> None:
    case = scoped([Access(1, subject="9")], [Member("1")])
    assert (case.count.requests_shown, case.count.persons, case.count.ghosts) == (0, 0, 1)


def test_accesses_that_name_nobody_are_told_and_add_no_person() -> None:
    case = scoped([Access(1, subject=None, subjects=400), Access(2, subject=None), Access(3)])
    assert (case.count.requests, case.count.persons) == (3, 1)
    assert len(case.notes) == 1
    assert "2 requests" in case.notes[0]
    assert "400 entries" in case.notes[0]


def test_only_the_flags_of_the_findings_count_and_each_access_once() -> None:
    flags = [(0, "gateway", 1), (1, "gateway", 1), (1, "gateway", 2), (2, "gateway", 3), (1, "other", 3)]
    engine = engine_of([Access(n, subject=str(n)) for n in (1, 2, 3)], flags=flags)
    assert scope_case(engine, [0, 1], Settings()).count.requests == 2
    assert scope_case(engine, [2], Settings()).count.requests == 1
    assert scope_case(engine, [], Settings()).count.persons == 0


def test_seen_and_exported_fields_stay_apart() -> None:
    case = scoped([Access(1, 3, fields="phone, name"), Access(2, 1, fields="address,name", action="export")])
    assert case.rows().to_pylist() == [
        {
            "person": "1",
            "kind": "member",
            "through": None,
            "first": hour(1),
            "last": hour(3),
            "times": 2,
            "fields": "name,phone",
            "fields_exported": "address,name",
        }
    ]
    assert case.count.fields == {"address": 1, "name": 1, "phone": 1}


def test_more_fields_than_can_be_told_apart_is_an_error() -> None:
    with pytest.raises(ScopeError, match="126"):
        scoped([Access(1, fields=",".join(f"f{n}" for n in range(127)))])
    most = ",".join(f"f{n}" for n in range(126))
    assert set(scoped([Access(1, fields=most)]).count.fields.values()) == {1}


def test_a_case_keeps_its_people_when_another_one_is_scoped() -> None:
    engine = engine_of([Access(1), Access(2, subject="2")], flags=[(0, "gateway", 1), (1, "gateway", 2)])
    first, second = (scope_case(engine, [number], Settings()) for number in (0, 1))
    assert first.persons()["person"].to_pylist() == ["1"]
    assert second.persons()["person"].to_pylist() == ["2"]
    assert first.requests()["seq"].to_pylist() == [1]


accesses = st.lists(
    st.builds(
        Access,
        seq=st.just(0),
        hour=st.integers(0, 6),
        subject=st.sampled_from([None, *IDS]),
        fields=st.sampled_from(FIELDS),
        outcome=st.sampled_from([None, "success", "success", "failure"]),
        bytes=st.sampled_from([None, 0, 10]),
        action=st.sampled_from([None, "view", "export"]),
        route=st.sampled_from([None, "/profile", "/book", "/friends"]),
        source=st.sampled_from(["gateway", "other"]),
    ),
    max_size=14,
).map(lambda found: [Access(**{**vars(access), "seq": seq}) for seq, access in enumerate(found, 1)])
members = st.lists(
    st.builds(
        Member,
        subject=st.sampled_from(IDS),
        withdrawn=st.none() | st.integers(0, 6),
        kind=st.sampled_from([None, "member", "withdrawn", "non_member"]),
    ),
    max_size=5,
    unique_by=lambda member: member.subject,
)
entries = st.lists(
    st.builds(
        Entry,
        subject=st.sampled_from([None, *IDS]),
        person=st.sampled_from([None, *IDS]),
        fields=st.sampled_from(FIELDS),
        since=st.none() | st.integers(0, 6),
        until=st.none() | st.integers(0, 6),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(accesses, members, entries, entries, st.booleans())
def test_agrees_with_counting_one_by_one(
    found: list[Access], registry: list[Member], book: list[Entry], friends: list[Entry], tight: bool
) -> None:
    books = [(["/book"], book), (["/book", "/friends"], friends)]
    expected, people = model(found, registry, books)
    # `tight` cuts the work into the most slices: the plan must not change the answer.
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(count, "ROW", 1 << 40 if tight else count.ROW),
    ):
        exposes = [book_file(Path(folder), f"b{n}", e, routes) for n, (routes, e) in enumerate(books)]
        case = scope_case(engine_of(found, registry), [0], Settings(exposes=exposes), Path(folder))
        rows = case.rows().to_pylist()
    assert case.count == expected
    assert [row["person"] for row in rows] == sorted(people)
    for row in rows:
        shown = people[row["person"]]
        assert row["kind"] == shown.kind
        assert row["times"] == len(shown.times)
        assert row["through"] == (len(shown.through) or None)
        assert (row["first"], row["last"]) == (hour(min(shown.hours)), hour(max(shown.hours)))
        assert row["fields"] == (",".join(sorted(shown.seen)) or None)
        assert row["fields_exported"] == (",".join(sorted(shown.exported)) or None)
