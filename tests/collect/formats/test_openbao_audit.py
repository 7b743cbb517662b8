"""The audit log of OpenBao and Vault: who could read which secret, told by the answers alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.collect.harness import named, read, recognised, source

HMAC = "hmac-sha256:" + "ab" * 32


def entry(path: str, operation: str = "read", *, data: Any = None, of: str = "response", **more: Any) -> str:
    mount = path.split("/")[0]
    kind = {"secret": "kv", "old": "kv"}.get(mount, mount)
    request = {
        "id": "r-1", "operation": operation, "path": path, "mount_point": f"{mount}/", "mount_type": kind,
        "namespace": {"id": "root"}, "data": more.pop("asked", None),
    }  # fmt: skip
    line = {
        "time": "2025-03-04T05:06:07.089715553Z", "type": of,
        "auth": {"display_name": "userpass-kim", "metadata": {"username": "kim"}, "client_token": HMAC},
        "request": request,
    }  # fmt: skip
    if of == "response":
        line["response"] = {"data": data} if data is not None else {}
    return json.dumps(line | more) + "\n"


def facts(text: str) -> list[tuple[Any, ...]]:
    found = read(named("openbao-audit"), text, source("fact")).records
    names = ("kind", "account", "object", "version", "state", "how")
    return [tuple(row[name] for name in names) for row in found]


KEYS = {"keys": {"1": HMAC, "2": HMAC}, "name": HMAC}
LEASE = {"data": {"username": HMAC}, "secret": {"lease_id": "l-1"}}
VERSION_2 = {"data": {"password": HMAC}, "metadata": {"version": 2}}


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        (entry("transit/export/signing-key/login", data=KEYS), ("keys/login", "1,2", "exported")),
        (entry("transit/export/signing-key/login/1", data={"keys": {"1": HMAC}}), ("keys/login", "1", "exported")),
        (entry("transit/backup/login", data={"backup": HMAC}), ("keys/login", None, "exported")),
        (entry("transit/sign/login/sha2-256", "update", data={"key_version": 2}), ("keys/login", "2", "signed")),
        (entry("transit/keys/login/import", "update"), ("keys/login", None, "written")),
        (entry("secret/data/a/b", data=VERSION_2), ("data/a/b", "2", "read")),
        (entry("secret/data/a/b", "create", data={"version": 1}), ("data/a/b", "1", "written")),
        (entry("old/plain", data={"password": HMAC}), ("plain", None, "read")),
        (
            entry("database/creds/app", response=LEASE),
            ("creds/app", "l-1", "read"),
        ),
        # A wrapped answer holds no data: whoever unwraps it has it.
        (entry("secret/data/a", response={"wrap_info": {"accessor": HMAC}}), ("data/a", None, "read")),
    ],
)  # fmt: skip
def test_who_had_which_version(line: str, fact: tuple[str, str | None, str]) -> None:
    mount = json.loads(line)["request"]["mount_point"]
    assert facts(line) == [("exposure", "kim", mount + fact[0], fact[1], "alive", fact[2])]


@pytest.mark.parametrize(
    ("line", "about", "version"),
    [
        (entry("transit/keys/login", "delete"), "transit/keys/login", None),
        (entry("secret/metadata/a", "delete"), "secret/data/a", None),
        (entry("secret/destroy/a", "update", asked={"versions": [1, 2]}), "secret/data/a", "1,2"),
    ],
)
def test_deletions_are_deaths_of_the_secret(line: str, about: str, version: str | None) -> None:
    assert facts(line) == [("secret", None, about, version, "dead", "deleted")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (entry("secret/data/a", of="request"), "an audit entry of a request: the entry of its answer tells"),
        (entry("secret/data/a"), "refused or failed: nothing was read"),
        (
            entry("secret/data/a", data=VERSION_2, error="permission denied"),
            "refused or failed: nothing was read",
        ),
        (entry("transit/keys/login", data=KEYS), "not a use of a secret"),
        (entry("transit/export/public-key/login", data=KEYS), "not a use of a secret"),
        (entry("secret/metadata/a", data={"current_version": 2}), "not a use of a secret"),
        (entry("secret/data/a", "list", data=VERSION_2), "not a use of a secret"),
        (entry("sys/health", data={}), "not a use of a secret"),
        (entry("secret/data/a", data=VERSION_2, auth={}), "it does not say who it was"),
        ("not JSON\n", "not an audit entry of OpenBao"),
        ('{"type":"response"}\n', "not an audit entry of OpenBao"),
    ],
)
def test_the_rest_is_set_aside_with_its_reason(line: str, reason: str) -> None:
    assert read(named("openbao-audit"), line, source("fact")).aside == [(1, reason)]


def test_the_account_is_the_user_s_name_or_what_the_vault_calls_it() -> None:
    role = entry(
        "secret/data/a", data=VERSION_2, auth={"display_name": "approle", "metadata": {"role_name": "web"}}
    )
    root = entry("secret/data/a", data=VERSION_2, auth={"display_name": "root"})
    assert [fact[1] for fact in facts(role + root)] == ["web", "root"]


def test_an_older_log_without_mounts_is_read_by_its_usual_names() -> None:
    line = json.loads(entry("transit/export/signing-key/login", data=KEYS))
    del line["request"]["mount_point"], line["request"]["mount_type"]
    assert facts(json.dumps(line) + "\n") == [
        ("exposure", "kim", "transit/keys/login", "1,2", "alive", "exported")
    ]


def test_a_namespace_is_part_of_the_name_and_the_source_names_the_system() -> None:
    line = json.loads(entry("secret/data/a", data=VERSION_2))
    line["request"]["namespace"] = {"id": "x1", "path": "shop/"}
    (row,) = read(named("openbao-audit"), json.dumps(line) + "\n", source("fact")).records
    assert (row["object"], row["system"]) == ("shop/secret/data/a", "test")
    assert row["evidence"] == "audit entry r-1: read secret/data/a"


def test_it_is_recognised() -> None:
    assert recognised(entry("sys/health", data={})) == ["openbao-audit"]
