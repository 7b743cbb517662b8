"""The registry of data subjects."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from tests.collect.harness import named, read, recognised

CSV = (
    "member_id,created_at,withdrawn_at,status,canary\n"
    "1,2019-05-06T07:08:09Z,,active,\n"
    "2,2019-05-06T07:08:09Z,2024-01-01T00:00:00Z,active,\n"
    '"3",2020-01-01,,guest,yes\n'
)


def as_json(text: str) -> str:
    names, *rows = [line.replace('"', "").split(",") for line in text.splitlines()]
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)


@pytest.mark.parametrize("shape", ["registry", "registry-json"])
def test_members_withdrawn_members_and_canaries(shape: str) -> None:
    text = CSV if shape == "registry" else as_json(CSV)
    found = read(named(shape), text)
    assert [(r["subject"], r["kind"], r["canary"]) for r in found.records] == [
        ("1", "member", None),
        ("2", "withdrawn", None),
        ("3", "non_member", True),
    ]
    assert found.records[0]["since"] == datetime(2019, 5, 6, 7, 8, 9)
    assert found.records[1]["withdrawn"] == datetime(2024, 1, 1)
    assert recognised(text) == [shape]


def test_a_number_in_json_is_the_same_subject_as_in_csv() -> None:
    text = json.dumps({"member_id": 7, "since": "2020-01-01"}) + "\n"
    assert read(named("registry-json"), text).records[0]["subject"] == "7"


def test_a_row_without_a_subject_or_with_an_odd_date_is_set_aside() -> None:
    found = read(named("registry"), CSV + ",2020-01-01,,active,\n5,2020-01-01,never,active,\n")
    assert found.aside == [
        (1, "the header line"),
        (5, "it has no subject"),
        (6, "its date in withdrawn cannot be read"),
    ]


def test_an_access_log_is_no_registry() -> None:
    assert recognised("created_at,member_id,ip,path\n2025-01-01,7,192.0.2.1,/a\n") == ["csv"]
    assert "registry-json" not in recognised(
        '{"id": 1, "created_at": "2025-01-01", "path": "/a", "ip": "192.0.2.1"}\n'
    )


def test_a_list_of_what_members_hold_is_no_registry() -> None:
    orders = "member_id,created_at,kind\n" + "".join(f"{n % 3},2025-01-0{n},order\n" for n in range(1, 9))
    assert recognised(orders) == []
    assert recognised("subject,person,fields,since\n1,P-1,name,2020-01-01\n2,P-2,name,2020-01-01\n") == []
