"""Which accesses at work are explained, by what, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from tests.detect.worlds import accesses, engine_of

from haechi.detect.explained import explained_share
from haechi.detect.prepare import Shared, settings_tables
from haechi.detect.runner import run_rules
from haechi.model.settings import PurposeSettings, ReasonsSettings, Settings, WorkspaceSettings
from haechi.store.interface import Engine
from haechi.workspace.check_reasons import DAY, check_reasons, minutes

T = datetime(2025, 5, 1, 9)
HOUR = timedelta(hours=1)
SEOUL = WorkspaceSettings(timezone="Asia/Seoul")
DESK = [{"person": f"E{n}", "account": f"desk-{n}", "role": "desk"} for n in (1, 2)]
DESK.append({"person": "E3", "account": "dev", "role": "developer"})


def opened(engine: Engine, settings: Settings) -> Shared:
    for name, table in settings_tables(settings).items():
        engine.register(name, table)
    return Shared(engine, settings)


def explained(
    access: Sequence[dict[str, Any]],
    reason: Sequence[dict[str, Any]] = (),
    settings: Settings | None = None,
    person: Sequence[dict[str, Any]] = tuple(DESK),
) -> list[tuple[int, str, str, str]]:
    """`seq, kind, reference, words` of the explained accesses."""
    engine = engine_of(access, reason=reason, person=person)
    opened(engine, settings or Settings()).provide("explained")
    rows = engine.rows("SELECT seq, kind, reference, words FROM explained ORDER BY seq, kind")
    engine.close()
    assert len({row[0] for row in rows}) == len(rows)  # one reason an access
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def look(actor: str = "desk-1", at: datetime = T, **columns: Any) -> dict[str, Any]:
    return {"time": at, "actor": actor, "actor_kind": "staff", "subject": "m1", "fields": "name", **columns}


def ticket(actor: str | None = "desk-1", **columns: Any) -> dict[str, Any]:
    return {
        "kind": "ticket",
        "actor": actor,
        "subject": "m1",
        "first": T,
        "last": T + HOUR,
        "reference": "T1",
    } | columns


def test_the_reason_is_told_in_words_and_in_the_workspace_s_time() -> None:
    [(_, kind, reference, words)] = explained(
        [look()], [ticket(text="Where is it?")], Settings(workspace=SEOUL)
    )
    assert (kind, reference) == ("ticket", "T1")
    assert words == "ticket T1, assigned to desk-1, from 2025-05-01 18:00, to 2025-05-01 19:00, Where is it?"


def test_grace_before_and_after() -> None:
    times = [T - 2 * HOUR, T - HOUR, T + 24 * HOUR, T + 26 * HOUR]
    found = explained([look(at=at) for at in times], [ticket()])
    assert [row[0] for row in found] == [2, 3]
    strict = Settings(reasons=ReasonsSettings(grace_before="0s", grace_after="0s"))
    assert explained([look(at=at) for at in times], [ticket()], strict) == []


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"actor": "E1"}, True),  # the employee's id instead of the account
        ({"actor": None}, True),  # waits for whoever is free
        ({"actor": "desk-2"}, True),  # a colleague's
        ({"actor": "dev"}, False),  # of another team
        ({"subject": "m2"}, False),
        ({"kind": "shift"}, False),
        ({"kind": "approval", "subject": None}, True),
        ({"kind": "approval", "subject": None, "actor": "desk-2"}, False),  # approvals are personal
        ({"kind": "approval", "subject": None, "actor": None, "role": "Desk"}, True),
        ({"kind": "approval", "subject": None, "actor": None, "role": "developer"}, False),
        ({"kind": "ticket", "subject": None}, False),  # a ticket about nobody is no reason to see anybody
        ({"fields": "email,name"}, True),
        ({"fields": "email"}, False),
        ({"route": "/a"}, True),
        ({"route": "/b"}, False),
        ({"last": None}, True),
        ({"first": T - timedelta(days=89), "last": None}, True),
        ({"first": T - timedelta(days=92), "last": None}, False),
        ({"kind": "relation", "text": "physician", "first": None, "last": None}, True),
        ({"kind": "relation", "text": "Spouse", "first": None, "last": None}, False),
    ],
    ids=str,
)
def test_what_a_reason_covers(change: dict[str, Any], holds: bool) -> None:
    at_work = [look(actor, subject="m9", at=T - timedelta(days=400)) for actor in ("desk-1", "desk-2", "dev")]
    found = explained([look(route="/a"), *at_work], [ticket(**change)])
    assert [row[0] for row in found] == ([1] if holds else [])


def test_unknown_fields_are_not_covered_and_none_are() -> None:
    found = explained([look(fields=None), look(fields="")], [ticket(fields="name")])
    assert [row[0] for row in found] == [2]


def test_the_page_of_the_ticket_itself() -> None:
    page = look(subject=None, path="/desk/tickets/T1/notes?x=T1")
    assert [row[1] for row in explained([page], [ticket(subject=None)])] == ["ticket"]
    assert explained([look(subject=None, path="/desk/tickets/T12")], [ticket(subject=None)]) == []


def test_a_list_exported_again_closes_what_it_showed_open() -> None:
    rows = [ticket(last=None), ticket()]
    assert explained([look(at=T + 40 * HOUR)], rows) == []
    assert len(explained([look(at=T + 40 * HOUR)], rows[:1])) == 1


def test_members_are_not_at_work() -> None:
    assert explained([look("desk-1", actor_kind="member")], [ticket()]) == []


def purpose(**columns: Any) -> Settings:
    declared = PurposeSettings("billing", "svc", "Statements", **columns)
    return Settings(workspace=SEOUL, purposes=[declared])


@pytest.mark.parametrize(
    ("columns", "local", "holds"),
    [
        ({}, "2025-05-01 12:00", True),
        ({"window": "02:00-05:00"}, "2025-05-01 02:00", True),
        ({"window": "02:00-05:00"}, "2025-05-01 05:00", False),
        ({"window": "22:00-03:00"}, "2025-05-01 23:30", True),
        ({"window": "22:00-03:00"}, "2025-05-01 02:59", True),
        ({"window": "22:00-03:00"}, "2025-05-01 03:00", False),
        ({"days": ["thu"]}, "2025-05-01 12:00", True),
        ({"days": ["fri"]}, "2025-05-01 12:00", False),
        ({"days": ["1"]}, "2025-05-01 12:00", True),
        ({"days": ["last"]}, "2025-04-30 12:00", True),
        ({"days": ["last"]}, "2025-05-01 12:00", False),
        # A night belongs to the day on which it began.
        ({"window": "22:00-03:00", "days": ["last"]}, "2025-05-01 01:00", True),
        ({"window": "22:00-03:00", "days": ["last"]}, "2025-04-30 01:00", False),
        ({"routes": ["/a"]}, "2025-05-01 12:00", True),
        ({"routes": ["/b"]}, "2025-05-01 12:00", False),
        ({"fields": ["name", "email"]}, "2025-05-01 12:00", True),
        ({"fields": ["email"]}, "2025-05-01 12:00", False),
    ],
)
def test_a_declared_purpose(columns: dict[str, Any], local: str, holds: bool) -> None:
    at = datetime.fromisoformat(local) - timedelta(hours=9)
    found = explained([look("svc", at, route="/a", actor_kind="service")], settings=purpose(**columns))
    assert [row[1:3] for row in found] == ([("purpose", "billing")] if holds else [])


@trials(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["desk-1", "dev"]), st.sampled_from(["m1", "m2"]), st.integers(0, 99)),
        min_size=1,
        max_size=12,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["desk-1", "E1", "dev"]),
            st.sampled_from(["m1", "m2"]),
            st.integers(0, 60),
            st.integers(0, 40),
        ),
        max_size=8,
    ),
)
def test_an_access_is_explained_if_and_only_if_a_ticket_spans_it(
    looks: list[tuple[str, str, int]], tickets: list[tuple[str, str, int, int]]
) -> None:
    rows = [
        ticket(actor, subject=subject, first=T + first * HOUR, last=T + (first + length) * HOUR)
        for actor, subject, first, length in tickets
    ]
    found = explained([look(actor, T + at * HOUR, subject=subject) for actor, subject, at in looks], rows)
    account = {"E1": "desk-1"}
    # An hour of grace before, a day after.
    expected = [
        seq
        for seq, (actor, subject, at) in enumerate(looks, 1)
        if any(
            account.get(who, who) == actor and whose == subject and first - 1 <= at <= first + length + 24
            for who, whose, first, length in tickets
        )
    ]
    assert [row[0] for row in found] == expected


def test_the_share_counts_staff_and_services_apart_and_says_what_is_unknown() -> None:
    engine = engine_of(
        accesses(6, actor="desk-1", actor_kind="staff", subject="m{n}", fields="name", status=200),
        accesses(2, actor="desk-1", actor_kind="staff", subject="m{n}", fields="name", status=404),
        accesses(4, actor="dev", actor_kind="staff", subject="m{n}", fields="name", status=200),
        accesses(5, actor="svc", actor_kind="service", subject="m{n}", fields="name", status=200),
        accesses(5, actor="m1", actor_kind="member", subject="m1", fields="name", status=200),
        reason=[ticket(subject=f"m{n}") for n in range(1, 6)],
        person=DESK,
    )
    settings = Settings(purposes=[PurposeSettings("billing", "svc", "Statements")])
    share = explained_share(engine, opened(engine, settings))
    assert (share.staff_accesses, share.explained, share.by_kind) == (10, 5, {"ticket": 5})
    assert (share.unknown, share.service_accesses, share.services_explained) == (4, 5, 5)
    engine.close()


def test_an_inspection_tells_the_share_even_where_nothing_was_collected() -> None:
    engine = engine_of()
    share = run_rules(engine, Settings()).explained
    engine.close()
    assert share is not None and (share.staff_accesses, share.explained, share.by_kind) == (0, 0, {})


@given(st.integers(0, DAY - 1), st.integers(0, DAY))
def test_a_window_is_shorter_than_a_day_and_begins_where_it_says(begin: int, end: int) -> None:
    text = f"{begin // 60}:{begin % 60:02d}-{end // 60}:{end % 60:02d}"
    if begin == end:
        with pytest.raises(ValueError, match="window"):
            minutes(text)
        return
    first, until = minutes(text)
    assert (first, until % DAY) == (begin, end % DAY) and 0 < until - first <= DAY


def test_purposes_that_mean_nothing_are_named_with_their_key() -> None:
    said: list[str] = []
    wrong = PurposeSettings(
        "p", "", "why", routes=["/x", "s3:GetObject"], window="25:00-26:00", days=["mon", "05", "32", "last"]
    )
    check_reasons(
        ReasonsSettings(grace_before="soon"),
        [wrong, None, PurposeSettings("p", "svc", "why")],
        ["/y"],
        lambda path, what: said.append(f"{'.'.join(map(str, path))} {what}"),
    )
    assert [line.split()[0] for line in said] == [
        "reasons.grace-before", "purpose.0.actor", "purpose.0.window", "purpose.0.days", "purpose.0.days",
        "purpose.0.routes", "purpose.2.name",
    ]  # fmt: skip
