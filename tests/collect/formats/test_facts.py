"""Facts about access: as JSON lines, and as lists that people keep."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from tests.collect.harness import named, read, recognised, source

WHOLE: dict[str, str] = {
    "time": "2025-03-04T05:06:07.000089Z", "kind": "exposure", "system": "vault", "person": "E1", "account": "kim",
    "object": "transit/keys/login", "version": "2", "state": "alive", "first": "2025-01-01T00:00:00Z",
    "last": "2025-02-01T00:00:00Z", "how": "exported", "evidence": "audit entry 1",
}  # fmt: skip


def lines(*rows: dict[str, str]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def told(text: str, form: str = "facts-csv", **settings: Any) -> list[tuple[Any, ...]]:
    found = read(named(form), text, source("fact", **settings)).records
    return [(row["kind"], row["account"], row["object"], row["state"], row["time"]) for row in found]


def test_what_was_written_is_read_back_whole() -> None:
    (row,) = read(named("facts"), lines(WHOLE)).records
    times = {
        name: datetime.fromisoformat(WHOLE[name]).replace(tzinfo=None) for name in ("time", "first", "last")
    }
    assert {name: row[name] for name in WHOLE} == WHOLE | times
    assert recognised(lines(WHOLE)) == ["facts"]


def test_keys_that_the_first_lines_lack_are_read_further_down() -> None:
    bare = {key: WHOLE[key] for key in ("time", "kind", "system", "object", "account", "state")}
    found = read(named("facts"), lines(*[bare] * 400, WHOLE)).records
    assert found[-1]["person"] == "E1" and found[-1]["first"] == datetime(2025, 1, 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "rumour"}, "its kind is none of account, grant, session, secret, exposure, listing, probe"),
        ({"state": "asleep"}, "its state is none of alive, dead, unknown"),
        ({"system": ""}, "it names no system"),
        ({"object": ""}, "it names no secret"),
        ({"person": "", "account": ""}, "it does not say whose it is"),
        ({"last": "soon"}, "its date in last cannot be read"),
        ({"time": "soon"}, "its date in time cannot be read"),
    ],
)
def test_what_says_nothing_is_set_aside(changed: dict[str, str], reason: str) -> None:
    assert read(named("facts"), lines(WHOLE, WHOLE | changed)).aside == [(2, reason)]


def test_a_list_of_secrets_that_people_had() -> None:
    text = "system,person,account,secret,version,from,to\npayroll,E1,kim,db-password,3,2024-02-01,\n"
    assert recognised(text) == ["facts-csv"]
    assert told(text) == [("exposure", "kim", "db-password", "alive", datetime(2024, 2, 1))]


def test_an_exposure_is_never_over() -> None:
    header = "system,person,account,secret,version,from,to,state\n"
    text = (
        header
        + "payroll,E1,kim,db-password,3,2024-02-01,2024-05-01,\npayroll,E1,kim,x,1,2024-02-01,,revoked\n"
    )
    assert [(row[0], row[3]) for row in told(text)] == [("exposure", "alive")] * 2


def test_what_ends_in_time_to_come_is_not_dead_yet() -> None:
    text = "system,login,as_of,to\nmail,kim,2025-03-01,2027-12-31\nmail,lee,2025-03-01,2025-02-01\n"
    assert [(row[1], row[3]) for row in told(text)] == [("kim", "alive"), ("lee", "dead")]


def test_a_list_of_rights_in_korean() -> None:
    header = "시스템,사번,계정,역할,부여일,회수일\n"
    text = header + "급여,E1,kim,관리자,2024-02-01,2024-05-01\n급여,E2,lee,조회,2024-02-01,\n"
    assert told(text) == [
        ("grant", "kim", "관리자", "dead", datetime(2024, 5, 1)),
        ("grant", "lee", "조회", "alive", datetime(2024, 2, 1)),
    ]


def test_a_list_of_accounts_with_the_day_it_speaks_of() -> None:
    text = "system,login,status,as_of\nmail,kim,Disabled,2025-03-01\nmail,lee,active,2025-03-01\n"
    assert [(row[0], row[3]) for row in told(text)] == [("account", "dead"), ("account", "alive")]


def test_a_row_without_any_time_is_set_aside() -> None:
    found = read(named("facts-csv"), "system,account,state\nmail,kim,active\n", source("fact"))
    assert (2, "its time cannot be read") in found.aside


@pytest.mark.parametrize(
    "text",
    [
        "time,system,account,action,client_ip\n2025-01-01,a,kim,view,192.0.2.1\n",
        "ticket,opened,closed,agent,member_id\n1,2025-01-01,2025-01-02,kim,7\n",
        "employee_id,login,hire_date,termination_date,department\nE1,kim,2020-01-02,,Sales\n",
    ],
)
def test_other_tables_are_left_alone(text: str) -> None:
    assert "facts-csv" not in recognised(text)
