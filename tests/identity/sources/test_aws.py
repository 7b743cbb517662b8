"""What IAM tells of users and keys, asked through boto3, from a small IAM that checks signatures and turns pages."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.identity.sources.hostile import answering, send
from tests.servers.aws import Aws as Server
from tests.servers.aws import running

from haechi.identity.interface import Fact
from haechi.identity.sources.aws import Aws
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

pytest.importorskip("boto3", reason="boto3 is not installed; pip install boto3")
ADMINS = "arn:aws:iam::aws:policy/AdministratorAccess"


def _facts(server: Server, folder: Path, secret: str = "") -> list[Fact]:
    own = server.users["admin"].keys[0]
    system = SystemSettings(
        name="cloud", kind="aws", url=server.url, credential="env:KEY", options={"person": "account"}
    )
    return gather(Aws(), system, asking(folder, {"KEY": f"{own.id}:{secret or own.secret}"}))


def test_users_keys_and_policies(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(tmp_path) as server:
        for name in ("kim", "lee", "park", "choi"):  # more than one page
            server.user(name)
        server.groups["ops"] = [ADMINS]
        kim = server.users["kim"]
        kim.groups, kim.policies, kim.inline, kim.password = (
            ["ops"],
            ["arn:aws:iam::aws:policy/ReadOnly"],
            ["own"],
            True,
        )
        old, new, third = server.key("kim"), server.key("kim"), server.key("kim")
        old.status = "Inactive"
        facts = _facts(server, tmp_path)
        assert {fact.account for fact in of(facts, "account")} == {"admin", "kim", "lee", "park", "choi"}
        assert {fact.person for fact in of(facts, "account")} == {"admin", "kim", "lee", "park", "choi"}
        found = states(facts, "secret")
        assert [found["", f"access-key/{key.id}", ""] for key in (old, new, third)] == [
            "dead",
            "alive",
            "alive",
        ]
        assert found["", "password/kim", ""] == "alive"
        held = {fact.object for fact in of(facts, "exposure") if fact.account == "kim"}
        assert held == {f"access-key/{key.id}" for key in (old, new, third)} | {"password/kim"}
        rights = {
            right: fact.evidence
            for fact in of(facts, "grant")
            if (right := fact.object) and fact.account == "kim"
        }
        assert set(rights) == {"policy/arn:aws:iam::aws:policy/ReadOnly", "inline/user/kim/own", "group/ops",
                               f"policy/{ADMINS}"}  # fmt: skip
        assert rights[f"policy/{ADMINS}"] == "IAM: of group ops"
        assert listed(facts) == {"account", "grant", "secret"}
        assert all(action.startswith(("List", "Get")) for action in server.asked)
        own = server.users["admin"].keys[0]
        assert own.secret not in caplog.text and own.secret not in str(facts)


def test_a_key_that_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with pytest.raises(IdentityError, match="SignatureDoesNotMatch") as caught:
            _facts(server, tmp_path, secret="hunter2hunter2")
        assert "hunter2" not in caught.value.diagnostics()
        server.users["admin"].keys[0].status = "Inactive"
        with pytest.raises(IdentityError, match="InvalidClientTokenId"):
            _facts(server, tmp_path)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b"\xff", b'<!DOCTYPE a [<!ENTITY b "c">]><ListUsersResponse/>',
     b"<ListUsersResponse><ListUsersResult><Users><member></member></Users></ListUsersResult></ListUsersResponse>",
     b"<ListUsersResponse><ListUsersResult><IsTruncated>true</IsTruncated><Marker>a</Marker></ListUsersResult>"
     b"</ListUsersResponse>"],
)  # fmt: skip
def test_answers_that_are_none(tmp_path: Path, body: bytes) -> None:
    with answering(lambda request: send(request, body)) as url:
        system = SystemSettings(name="cloud", kind="aws", url=url, credential="env:KEY")
        with pytest.raises(IdentityError):
            gather(Aws(), system, asking(tmp_path, {"KEY": "AKIA:secret"}))
