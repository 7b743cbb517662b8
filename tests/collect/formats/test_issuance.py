"""Issuance records of an OpenID Connect provider."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from tests.collect.harness import named, read, recognised

DIGEST = hashlib.sha256(b"token").hexdigest()


def event(name: str = "access_token.issued", **more: Any) -> str:
    found = {"time": "2025-03-04T05:06:07Z", "event": name, "iss": "https://login.example", "jti": "j-1",
             "kid": "k-1", "sub": "42", "exp": 1741068367, "node": "login-1", "seq": 9,
             "token_sha256": DIGEST}  # fmt: skip
    return json.dumps(found | more) + "\n"


def test_every_column_that_an_event_tells() -> None:
    (record,) = read(named("issuance"), event()).records
    assert record["time"] == datetime(2025, 3, 4, 5, 6, 7)
    assert record["expires"] == datetime(2025, 3, 4, 6, 6, 7)
    assert (record["issuer"], record["token_id"], record["key"]) == ("https://login.example", "j-1", "k-1")
    assert (record["actor"], record["node"], record["node_seq"]) == ("42", "login-1", 9)
    assert record["credential"] == bytes.fromhex(DIGEST)[:16]
    assert (record["event"], record["bound"]) == ("access_token.issued", None)


def test_other_names_of_the_same_keys() -> None:
    line = json.dumps({"ts": 1741064767, "type": "access_token.saved", "issuer": "i", "token_id": "t",
                       "key": "k", "accountId": "42", "expires": "2025-03-04T06:06:07Z",
                       "credential_sha256": DIGEST})  # fmt: skip
    (record,) = read(named("issuance"), line).records
    assert (record["time"], record["actor"]) == (datetime(2025, 3, 4, 5, 6, 7), "42")
    assert (record["token_id"], record["expires"]) == ("t", datetime(2025, 3, 4, 6, 6, 7))


@pytest.mark.parametrize(
    ("more", "bound"), [({"cnf": {"jkt": "x"}}, True), ({"bound": True}, True), ({"bound": False}, False)]
)
def test_whether_it_is_bound_to_its_sender(more: dict[str, Any], bound: bool) -> None:
    assert read(named("issuance"), event(**more)).records[0]["bound"] is bound


@pytest.mark.parametrize(
    "name",
    ["access_token.issued", "access_token.saved", "refresh_token.saved", "grant.success", "token_issued"],
)
def test_it_is_recognised_by_its_event_names(name: str) -> None:
    assert recognised(event(name) * 3)[0] == "issuance"


def test_an_access_log_with_token_ids_is_access() -> None:
    line = '{"time": "2025-03-04T05:06:07Z", "path": "/token", "method": "POST", "jti": "j", "status": 200}\n'
    assert "issuance" not in recognised(line * 3)


def test_what_names_neither_token_nor_account_is_set_aside() -> None:
    found = read(named("issuance"), event() + '{"time": "2025-03-04T05:06:07Z", "event": "x"}\n{"broken\n')
    assert [line for line, _ in found.aside] == [2, 3]


def test_an_end_that_cannot_be_read_is_not_taken_for_none() -> None:
    assert read(named("issuance"), event() + event(exp="later")).aside == [
        (2, "its date in expires cannot be read")
    ]


def test_a_long_file_is_recognised_too() -> None:
    assert recognised(event() * 800)[0] == "issuance"
