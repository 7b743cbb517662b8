"""People from HR: who left, and when."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from tests.collect.harness import named, read, recognised, source

CSV = (
    "employee_id,login,hire_date,termination_date,department\n"
    "E1,kim,2020-01-02,2024-12-31,Login platform\n"
    "E2,lee,2021-03-04,,Sales\n"
)
ROWS = [
    {
        "employee_id": "E1",
        "login": "kim",
        "hire_date": "2020-01-02",
        "termination_date": "2024-12-31",
        "department": "A",
    },
    {
        "employee_id": "E2",
        "login": "lee",
        "hire_date": "2021-03-04",
        "termination_date": None,
        "department": "B",
    },
]


@pytest.mark.parametrize("shape", ["people", "people-json"])
def test_a_person_and_the_account(shape: str) -> None:
    text = CSV if shape == "people" else "".join(json.dumps(row) + "\n" for row in ROWS)
    found = read(named(shape), text)
    assert [(r["person"], r["account"], r["departed"]) for r in found.records] == [
        ("E1", "kim", datetime(2024, 12, 31)),
        ("E2", "lee", None),
    ]
    assert found.records[0]["joined"] == datetime(2020, 1, 2)
    assert recognised(text) == [shape]


def test_a_date_that_cannot_be_read_is_not_taken_for_no_date() -> None:
    found = read(named("people"), CSV + "E3,park,2020-01-01,soon,IT\nE4,choi,2020-01-01,-,IT\n")
    assert (4, "its date in departed cannot be read") in found.aside
    assert [r["person"] for r in found.records] == ["E1", "E2", "E4"]


def test_several_accounts_in_one_row_are_set_aside() -> None:
    found = read(named("people"), CSV + "E3,park;park-admin,2020-01-01,,IT\n")
    assert found.aside[-1] == (4, "several accounts in one row: give each account a row of its own")


def test_departure_is_in_the_source_s_zone() -> None:
    found = read(named("people"), CSV, source("person", timezone="Asia/Seoul"))
    assert found.records[0]["departed"] == datetime(2024, 12, 30, 15)


def test_an_access_log_that_names_employees_is_no_list_of_people() -> None:
    assert recognised("time,employee_id,ip,path,department\n2025-01-01,E1,192.0.2.1,/a,IT\n") == ["csv"]
