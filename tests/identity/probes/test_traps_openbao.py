"""OpenBao: versions that can come back, accessors that we may not look up, and secrets that are never read."""

from __future__ import annotations

import json

import pytest
from tests.identity.probes.asking import Folder
from tests.servers.fixtures import openbao  # noqa: F401
from tests.servers.openbao import OpenBao

from haechi.identity.ask import Result
from haechi.model.settings import ProbeSettings, SystemSettings

MONITOR = """
path "transit/keys/*" { capabilities = ["read"] }
path "secret/metadata/*" { capabilities = ["read"] }
path "auth/token/lookup-accessor" { capabilities = ["update"] }
"""


def ask(
    folder: Folder, bao: OpenBao, kind: str, target: str, control: str = "", policy: str = MONITOR
) -> Result:
    bao.policy("monitor", policy)
    system = SystemSettings("vault", "openbao", bao.url, folder.secret("token", bao.token("monitor")))
    return folder.ask(ProbeSettings("p", "vault", kind, target, control=control), system)


def test_a_key_s_versions(folder: Folder, openbao: OpenBao) -> None:  # noqa: F811
    key = "transit/keys/login"
    openbao.call("POST", key, {"type": "ecdsa-p256", "exportable": True})
    for _ in range(2):
        openbao.call("POST", f"{key}/rotate")
    assert ask(folder, openbao, "openbao-key", f"{key}:1").state == "alive"
    openbao.call("POST", f"{key}/config", {"min_decryption_version": 2, "min_encryption_version": 2})
    below = ask(folder, openbao, "openbao-key", f"{key}:1")
    assert (below.state, below.control) == ("dead", "alive")
    assert "bring it back" in below.evidence
    openbao.call("POST", f"{key}/trim", {"min_available_version": 2})
    gone = ask(folder, openbao, "openbao-key", f"{key}:1")
    assert (gone.state, "for good" in gone.evidence) == ("dead", True)
    assert ask(folder, openbao, "openbao-key", f"{key}:3").state == "alive"


def test_a_key_that_is_not_there_needs_a_control(folder: Folder, openbao: OpenBao) -> None:  # noqa: F811
    openbao.call("POST", "transit/keys/other", {"type": "ed25519"})
    assert ask(folder, openbao, "openbao-key", "transit/keys/never").state == "unknown"
    result = ask(folder, openbao, "openbao-key", "transit/keys/never", "transit/keys/other:1")
    assert (result.state, result.control) == ("dead", "alive")


def test_a_secret_s_versions_without_reading_it(folder: Folder, openbao: OpenBao) -> None:  # noqa: F811
    for value in ("first", "second", "third"):
        openbao.call("POST", "secret/data/app", {"data": {"password": value}})
    assert ask(folder, openbao, "openbao-key", "secret/data/app:1").state == "alive"
    openbao.call("POST", "secret/delete/app", {"versions": [1]})
    openbao.call("POST", "secret/destroy/app", {"versions": [2]})
    for version, words in (("1", "bring it back"), ("2", "destroyed")):
        result = ask(folder, openbao, "openbao-key", f"secret/data/app:{version}")
        assert (result.state, words in result.evidence) == ("dead", True)
    asked = [json.loads(line)["request"] for line in openbao.audit.read_text().splitlines()]
    assert not [r for r in asked if r["operation"] == "read" and "/data/" in r["path"]]


def test_a_token_by_its_accessor(folder: Folder, openbao: OpenBao) -> None:  # noqa: F811
    openbao.user("kim", "pw-of-kim", "default")
    accessor = openbao.login("kim", "pw-of-kim")["accessor"]
    openbao.call("DELETE", "auth/userpass/users/kim")
    survived = ask(folder, openbao, "openbao-token", accessor)
    assert (survived.state, survived.control) == ("alive", "alive")  # the token outlives the user
    openbao.call("POST", "auth/token/revoke-accessor", {"accessor": accessor})
    revoked = ask(folder, openbao, "openbao-token", accessor)
    assert (revoked.state, revoked.control) == ("dead", "alive")


@pytest.mark.parametrize(
    ("kind", "target"), [("openbao-token", "nonesuch"), ("openbao-key", "transit/keys/hidden:1")]
)
def test_who_may_not_ask_knows_nothing(folder: Folder, openbao: OpenBao, kind: str, target: str) -> None:  # noqa: F811
    result = ask(folder, openbao, kind, target, policy='path "x" { capabilities = ["read"] }')
    assert result.state == "unknown"
    assert "permission denied" in result.evidence


@pytest.mark.parametrize(
    "target", ["transit/export/login:1", "transit/keys/../export/login", "login", "a/keys/b:x"]
)
def test_a_target_that_would_read_a_secret_is_not_asked(
    folder: Folder,
    openbao: OpenBao,  # noqa: F811
    target: str,
) -> None:
    before = len(openbao.audit.read_text().splitlines())
    result = ask(folder, openbao, "openbao-key", target)
    asked = [json.loads(line)["request"] for line in openbao.audit.read_text().splitlines()[before:]]
    assert result.state == "unknown"
    assert {request["path"] for request in asked} <= {"auth/token/create", "sys/policies/acl/monitor"}


def test_an_escape_in_a_target_is_no_way_to_a_secret(folder: Folder, openbao: OpenBao) -> None:  # noqa: F811
    openbao.call("POST", "transit/keys/exportable", {"type": "ed25519", "exportable": True})
    everything = 'path "transit/*" { capabilities = ["read"] }'
    target = "transit/keys/%2e%2e/export/signing-key/exportable:1"
    result = ask(folder, openbao, "openbao-key", target, "transit/keys/exportable", policy=everything)
    assert result.state != "alive"
    asked = [json.loads(line)["request"]["path"] for line in openbao.audit.read_text().splitlines()]
    assert "transit/export/signing-key/exportable" not in asked
