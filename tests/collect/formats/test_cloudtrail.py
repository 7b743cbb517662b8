"""CloudTrail events in every layout."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from tests.collect.harness import named, read, recognised


def event(name: str = "GetSecretValue", **more: Any) -> dict[str, Any]:
    return {
        "eventTime": "2025-03-04T05:06:07Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": name,
        "sourceIPAddress": "192.0.2.5",
        "userAgent": "aws-cli/2",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/kim",
            "userName": "kim",
            "accessKeyId": "AKIAEXAMPLE",
        },
    } | more


LAYOUTS = {
    "records": lambda found: json.dumps({"Records": found}),
    "array": lambda found: json.dumps(found, indent=2),
    "lines": lambda found: "".join(json.dumps(item) + "\n" for item in found),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_records_in_any_layout(layout: str) -> None:
    text = LAYOUTS[layout]([event(), event("ListSecrets"), event("DeleteSecret")])
    found = read(named("cloudtrail"), text)
    assert [(r["method"], r["action"]) for r in found.records] == [
        ("GetSecretValue", "view"),
        ("ListSecrets", "list"),
        ("DeleteSecret", "delete"),
    ]
    assert found.aside == []
    assert recognised(text)[0] == ("cloudtrail-lines" if layout == "lines" else "cloudtrail")


def test_every_column_that_an_event_tells() -> None:
    (record,) = read(named("cloudtrail"), json.dumps([event()])).records
    assert record["time"] == datetime(2025, 3, 4, 5, 6, 7)
    assert (record["actor"], record["actor_kind"]) == ("arn:aws:iam::111122223333:user/kim", "staff")
    assert record["credential"] == hashlib.sha256(b"AKIAEXAMPLE").digest()[:16]
    assert (record["client_ip"], record["client"]) == ("192.0.2.5", "aws-cli/2")
    assert (record["host"], record["route"]) == (
        "secretsmanager.amazonaws.com",
        "secretsmanager:GetSecretValue",
    )
    assert (record["outcome"], record["status"], record["subject"]) == ("success", None, None)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"errorCode": "AccessDenied"}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Failure"}}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Success"}}, "success"),
    ],
)
def test_the_outcome_is_the_error_s(more: dict[str, Any], outcome: str) -> None:
    (record,) = read(named("cloudtrail"), json.dumps([event("ConsoleLogin", **more)])).records
    assert (record["action"], record["outcome"]) == ("login", outcome)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("BatchGetSecretValue", "view"),
        ("GetParameters", "view"),
        ("GetPasswordData", "view"),
        ("GetObject", "view"),
        ("ModifySnapshotAttribute", "export"),
        ("ModifyDBSnapshotAttribute", "export"),
        ("ModifyImageAttribute", "export"),
        ("DescribeInstances", "list"),
        ("CreateUser", "create"),
        ("PutUserPolicy", "update"),
        ("AssumeRole", "login"),
        ("Frobnicate", "other"),
    ],
)
def test_what_a_call_does_is_told_by_its_name(name: str, action: str) -> None:
    (record,) = read(named("cloudtrail"), json.dumps([event(name)])).records
    assert record["action"] == action


def test_a_service_s_name_is_no_address() -> None:
    (record,) = read(named("cloudtrail"), json.dumps([event(sourceIPAddress="config.amazonaws.com")])).records
    assert record["client_ip"] is None


def test_an_event_without_its_marks_is_set_aside_with_its_line() -> None:
    text = json.dumps([event(), {"eventName": "x"}], indent=1)
    found = read(named("cloudtrail"), text)
    assert len(found.records) == 1
    assert found.aside == [
        (text[: text.rindex('{\n  "eventName": "x"')].count("\n") + 1, "not a whole CloudTrail event")
    ]


def test_a_file_cut_off_keeps_its_whole_events() -> None:
    text = json.dumps({"Records": [event(), event()]})[:-30]
    found = read(named("cloudtrail"), text)
    assert (len(found.records), [reason for _, reason in found.aside]) == (
        1,
        ["not a whole CloudTrail event"],
    )
