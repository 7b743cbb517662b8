"""Keycloak's events in its three shapes, as access and as issuance."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from tests.collect.harness import named, read, recognised, source

TEXT = (
    "2025-03-04 05:06:07,089 INFO  [org.keycloak.events] (executor-thread-1) type={q}{kind}{q}, "
    "realmId={q}shop{q}, clientId={q}web{q}, userId={q}8c1f{q}, ipAddress={q}192.0.2.6{q}{more}\n"
)


def text(kind: str = "LOGIN", quote: str = '"', **more: str) -> str:
    listed = "".join(f", {key}={quote}{value}{quote}" for key, value in more.items())
    return TEXT.format(kind=kind, q=quote, more=listed)


def event(kind: str = "LOGIN", **more: Any) -> str:
    found = {
        "time": 1741064767089,
        "type": kind,
        "realmId": "shop",
        "clientId": "web",
        "userId": "8c1f",
        "ipAddress": "192.0.2.6",
    }
    return json.dumps(found | more) + "\n"


def wrapped(kind: str = "LOGIN", **more: str) -> str:
    message = text(kind, **more).split("(executor-thread-1) ")[1].strip()
    found = {"timestamp": "2025-03-04T05:06:07.089Z", "loggerName": "org.keycloak.events", "message": message}
    return json.dumps(found) + "\n"


SHAPES = {
    "quoted": text(username="kim"),
    "bare": text(quote="", username="kim"),
    "json": event(details={"username": "kim"}),
    "json log": wrapped(username="kim"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_login_in_every_shape(shape: str) -> None:
    found = read(named("keycloak"), SHAPES[shape])
    (record,) = found.records
    assert record["time"] == datetime(2025, 3, 4, 5, 6, 7, 89000)
    assert (record["actor"], record["client_ip"], record["client"]) == ("kim", "192.0.2.6", "web")
    assert (record["host"], record["method"]) == ("shop", "LOGIN")
    assert (record["action"], record["outcome"]) == ("login", "success")


@pytest.mark.parametrize(
    ("kind", "action", "outcome"),
    [
        ("LOGIN_ERROR", "login", "failure"),
        ("LOGOUT", "logout", "success"),
        ("REFRESH_TOKEN", "refresh", "success"),
        ("REFRESH_TOKEN_ERROR", "refresh", "failure"),
        ("CODE_TO_TOKEN", "login", "success"),
        ("UPDATE_PASSWORD", "update", "success"),
        ("REGISTER", "create", "success"),
    ],
)
def test_what_an_event_does(kind: str, action: str, outcome: str) -> None:
    for line in (text(kind), event(kind)):
        (record,) = read(named("keycloak"), line).records
        assert (record["action"], record["outcome"], record["actor"]) == (action, outcome, "8c1f")


def test_an_administrator_s_change_names_whose_account_it_was() -> None:
    line = json.dumps(
        {
            "time": 1741064767089,
            "realmId": "shop",
            "operationType": "UPDATE",
            "resourceType": "USER",
            "resourcePath": "users/77aa/reset-password",
            "authDetails": {"userId": "admin-1", "ipAddress": "192.0.2.8", "clientId": "console"},
        }
    )
    (record,) = read(named("keycloak"), line).records
    assert (record["actor"], record["subject"], record["action"]) == ("admin-1", "77aa", "update")
    assert record["client_ip"] == "192.0.2.8"


def test_values_that_are_null_are_no_values() -> None:
    (record,) = read(named("keycloak"), text("LOGIN_ERROR", quote="").replace("8c1f", "null")).records
    assert record["actor"] is None


def test_issuance_takes_only_what_made_a_token() -> None:
    lines = (
        text("LOGIN") + text("CODE_TO_TOKEN", token_id="t-1", refresh_token_id="r-1") + text("LOGIN_ERROR")
    )
    lines += event("REFRESH_TOKEN", details={"token_id": "t-2"}) + text("LOGOUT")
    found = read(named("keycloak-issuance"), lines)
    assert [(r["event"], r["token_id"], r["actor"], r["issuer"]) for r in found.records] == [
        ("LOGIN", None, "8c1f", "shop"),
        ("CODE_TO_TOKEN", "t-1", "8c1f", "shop"),
        ("REFRESH_TOKEN", "t-2", "8c1f", "shop"),
    ]
    assert found.aside == [(n, "not a Keycloak event that makes a token") for n in (3, 5)]


def test_without_a_table_access_wins_and_with_one_it_is_heeded() -> None:
    assert recognised(text() * 3) == ["keycloak"]
    assert recognised(event() * 3)[0] == "keycloak"
    assert recognised(text() * 3, source("issuance")) == ["keycloak-issuance"]


def test_other_lines_are_set_aside() -> None:
    assert read(named("keycloak"), "2025-03-04 05:06:07,089 INFO  [io.quarkus] (main) started\n").aside == [
        (1, "not a Keycloak event")
    ]
