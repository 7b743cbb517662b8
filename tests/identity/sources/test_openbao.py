"""What a real OpenBao tells: accounts, tokens, key versions, and who may read them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.servers.fixtures import openbao  # noqa: F401
from tests.servers.openbao import OpenBao as Server

from haechi.identity.interface import Fact
from haechi.identity.sources.openbao import OpenBao
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

KEY = "transit/keys/login"

DEVELOPER = """
path "transit/export/signing-key/login" { capabilities = ["read"] }
path "transit/export/signing-key/shut" { capabilities = ["read"] }  # it is not exportable
path "secret/data/{{identity.entity.metadata.team}}/*" { capabilities = ["read"] }
"""

PAGE = Path(__file__).parents[3] / "docs" / "systems.md"


def _facts(bao: Server, folder: Path, token: str = "", **options: str) -> list[Fact]:
    system = SystemSettings(
        name="vault", kind="openbao", url=bao.url, credential="env:TOKEN", options=options
    )
    return gather(OpenBao(), system, asking(folder, {"TOKEN": token or bao.root}))


@pytest.fixture(scope="module")
def bao(openbao: Server) -> Server:  # noqa: F811
    """A developer who may export a key of two versions and read secrets of a team, and a guest who may not."""
    openbao.call("POST", KEY, {"type": "ecdsa-p256", "exportable": True})
    openbao.call("POST", f"{KEY}/rotate")
    openbao.call("POST", "transit/keys/shut", {"type": "ed25519"})
    for path in ("shop/db", "shop/deep/er/api key", "bank/db"):
        openbao.call("POST", f"secret/data/{path}", {"data": {"password": "x"}})
    openbao.policy("developer", DEVELOPER)
    openbao.user("kim", "pw", "developer")
    openbao.user("guest", "pw")
    openbao.call("POST", "sys/auth/approle", {"type": "approle"})
    openbao.call("POST", "auth/approle/role/build", {"token_policies": ["developer"]})
    openbao.call("POST", "auth/approle/role/build/secret-id")
    entity = openbao.login("kim", "pw")["entity_id"]
    openbao.call("POST", f"identity/entity/id/{entity}", {"metadata": {"team": "shop", "employee": "E-7"}})
    return openbao


def test_accounts_sessions_and_grants(bao: Server, tmp_path: Path) -> None:
    login = bao.login("kim", "pw")
    facts = _facts(bao, tmp_path, person="metadata.employee")
    accounts = {fact.account: fact for fact in of(facts, "account")}
    assert set(accounts) == {"kim", "guest", "build"}
    assert accounts["kim"].person == "E-7" and accounts["kim"].object == "auth/userpass/kim"
    session = next(fact for fact in of(facts, "session") if fact.object == login["accessor"])
    assert (session.account, session.state) == ("kim", "alive")
    assert session.first is not None and session.last is not None and session.first < session.last
    assert [fact.how for fact in of(facts, "session") if fact.account == "build"] == ["secret-id"]
    assert ("kim", "policy/developer", "") in states(facts, "grant")
    assert listed(facts) == {"account", "grant", "session", "secret", "exposure"}
    assert not any(login["client_token"] in str(fact) or bao.root in str(fact) for fact in facts)

    bao.call("POST", "auth/token/revoke-accessor", {"accessor": login["accessor"]})
    assert login["accessor"] not in {fact.object for fact in of(_facts(bao, tmp_path), "session")}


def test_who_may_read_what(bao: Server, tmp_path: Path) -> None:
    facts = _facts(bao, tmp_path)
    exposed = {(fact.account, fact.object, fact.version) for fact in of(facts, "exposure")}
    of_kim = {(what, version) for who, what, version in exposed if who == "kim"}
    assert of_kim == {
        (KEY, "1"), (KEY, "2"), ("secret/data/shop/db", "1"), ("secret/data/shop/deep/er/api key", "1")
    }  # fmt: skip
    assert not any(who == "guest" for who, _, _ in exposed)
    # Nobody knows which entity a role will be: its templates may come to be anything.
    assert ("build", "secret/data/bank/db", "1") in exposed
    assert {fact.how for fact in of(facts, "exposure")} == {"may-read"}
    assert 'policy developer, path "transit/export/signing-key/login"' in next(
        fact.evidence for fact in of(facts, "exposure") if fact.account == "kim" and fact.object == KEY
    )
    assert "shut" not in {what for _, what, _ in exposed}
    assert {fact.object: fact.how for fact in of(facts, "secret")}[KEY] == "exportable"


def test_a_version_below_the_least_is_dead(bao: Server, tmp_path: Path) -> None:
    bao.call("POST", "transit/keys/old", {"type": "rsa-2048", "exportable": True})
    bao.call("POST", "transit/keys/old/rotate")
    bao.call("POST", "transit/keys/old/config", {"min_decryption_version": 2})
    bao.call("POST", "transit/keys/sealed", {"type": "aes256-gcm96"})
    found = states(_facts(bao, tmp_path), "secret")
    assert found["", "transit/keys/sealed", "1"] == "alive"
    assert {version: state for (_, name, version), state in found.items() if name == "transit/keys/old"} in (
        {"1": "dead", "2": "alive"},
        {"2": "alive"},  # an archived version is not listed, and so is dead by the listing
    )


def test_what_a_vault_forgets_may_still_open_doors(bao: Server, tmp_path: Path) -> None:
    for _ in range(2):
        bao.call("POST", "secret/data/kept", {"data": {"password": "x"}})
    bao.call("POST", "secret/destroy/kept", {"versions": [1]})
    found = states(_facts(bao, tmp_path), "secret")
    assert (found["", "secret/data/kept", "1"], found["", "secret/data/kept", "2"]) == ("unknown", "alive")


def test_a_disabled_entity(bao: Server, tmp_path: Path) -> None:
    bao.user("lee", "pw", "developer")
    login = bao.login("lee", "pw")
    bao.call("POST", f"identity/entity/id/{login['entity_id']}", {"disabled": True})
    facts = _facts(bao, tmp_path)
    assert states(facts, "account")["lee", "auth/userpass/lee", ""] == "dead"
    assert states(facts, "session")["lee", login["accessor"], ""] == "dead"
    assert not [fact for fact in of(facts, "exposure") if fact.account == "lee"]


def test_some_engines_only_say_nothing_of_others(bao: Server, tmp_path: Path) -> None:
    facts = _facts(bao, tmp_path, mounts="transit")
    assert all(fact.object.startswith("transit/") for fact in of(facts, "secret"))
    assert listed(facts) == {"account", "grant", "session"}
    with pytest.raises(IdentityError, match="no such engine"):
        _facts(bao, tmp_path, mounts="elsewhere")


def test_a_token_that_may_not_list_is_an_error_not_a_short_list(bao: Server, tmp_path: Path) -> None:
    token = bao.token("default")
    with pytest.raises(IdentityError, match="may not read") as caught:
        _facts(bao, tmp_path, token)
    assert token not in caught.value.diagnostics()


def test_the_policy_of_the_page_is_enough_and_reads_no_secret(bao: Server, tmp_path: Path) -> None:
    found = re.search(r"```hcl\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    bao.policy("inspector", found[1])
    token = bao.token("inspector")
    facts = _facts(bao, tmp_path, token, mounts="transit secret")
    assert {"kim", "build"} <= {fact.account for fact in of(facts, "exposure")}
    mine = [fact for fact in of(_facts(bao, tmp_path, token), "exposure") if "inspector" in fact.evidence]
    assert mine == []
    with pytest.raises(httpx.HTTPStatusError):
        bao.call("GET", "secret/data/shop/db", token=token)


def test_an_entity_of_another_way_in_has_what_its_groups_have(bao: Server, tmp_path: Path) -> None:
    bao.call("POST", "sys/auth/cert", {"type": "cert"})
    accessor = bao.call("GET", "sys/auth")["data"]["cert/"]["accessor"]
    entity = bao.call("POST", "identity/entity", {"name": "choi", "metadata": {"team": "none"}})["data"]["id"]
    alias = {"name": "choi.example.org", "canonical_id": entity, "mount_accessor": accessor}
    bao.call("POST", "identity/entity-alias", alias)
    inner = {"name": "inner", "member_entity_ids": [entity]}
    inner_id = bao.call("POST", "identity/group", inner)["data"]["id"]
    outer = {"name": "outer", "policies": ["developer"], "member_group_ids": [inner_id]}
    bao.call("POST", "identity/group", outer)

    facts = _facts(bao, tmp_path)
    assert states(facts, "account")["choi.example.org", "auth/cert/choi.example.org", ""] == "alive"
    assert states(facts, "grant")["choi.example.org", "policy/developer", ""] == "alive"
    of_choi = {
        (fact.object, fact.version) for fact in of(facts, "exposure") if fact.account == "choi.example.org"
    }
    assert of_choi == {(KEY, "1"), (KEY, "2")}  # its team has no secrets


def test_a_token_of_no_entity_is_named_as_the_audit_log_names_it(bao: Server, tmp_path: Path) -> None:
    told = {"policies": ["developer"], "no_parent": True, "display_name": "night job", "ttl": "1h"}
    made = bao.call("POST", "auth/token/create", told)["auth"]
    facts = _facts(bao, tmp_path)
    session = next(fact for fact in of(facts, "session") if fact.object == made["accessor"])
    assert session.account == "token-night-job"
    assert ("token-night-job", KEY, "2") in {(f.account, f.object, f.version) for f in of(facts, "exposure")}
    name = f'"display_name":"{session.account}"'
    bao.call("GET", "transit/export/signing-key/login", token=made["client_token"])
    assert name in bao.audit.read_text()
