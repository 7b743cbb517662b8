"""LDAP: locks that hold and locks that nobody heeds; binds that would be counted are not tried."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from tests.identity.probes.asking import Folder
from tests.servers import slapd as starter
from tests.servers.fixtures import or_skip, slapd  # noqa: F401
from tests.servers.slapd import Slapd

from haechi.identity.ask import Result
from haechi.identity.probes.ldap import _split
from haechi.model.settings import ProbeSettings, SystemSettings

POLICY = "cn=default,dc=example,dc=org"


def ask(folder: Folder, server: Slapd, kind: str, target: str, **more: str) -> Result:
    folder.secret("monitor", server.password)
    policy = more.pop("policy", POLICY)
    system = SystemSettings("people", "ldap", server.url, "file:monitor", options={"bind": server.admin})
    options = {"policy": policy} if kind == "ldap-account" and policy else {}
    return folder.ask(ProbeSettings("p", "people", kind, target, options=options, **more), system)


def test_an_account_is_locked(folder: Folder, slapd: Slapd) -> None:  # noqa: F811
    for uid in ("kim", "park"):
        slapd.person(uid, f"word-of-{uid}")
    kim, park = slapd.dn("kim"), slapd.dn("park")
    assert ask(folder, slapd, "ldap-account", kim, control=park).state == "alive"
    slapd.lock("kim")
    locked = ask(folder, slapd, "ldap-account", kim, control=park)
    assert (locked.state, locked.control) == ("dead", "alive")
    # A lock that no policy heeds is a word only.
    assert ask(folder, slapd, "ldap-account", kim, control=park, policy="").state == "unknown"
    change = f"dn: {kim}\nchangetype: modify\nreplace: pwdAccountLockedTime\n"
    slapd.modify(f"{change}pwdAccountLockedTime: 20260101000000Z\n")
    assert ask(folder, slapd, "ldap-account", kim, control=park).state == "unknown"
    slapd.modify(f"dn: {kim}\nchangetype: delete\n")
    gone = ask(folder, slapd, "ldap-account", kim, control=park)
    assert (gone.state, gone.control) == ("dead", "alive")
    assert ask(folder, slapd, "ldap-account", kim, control=slapd.dn("nobody")).state == "unknown"


def test_an_entry_that_is_not_shown_may_be_elsewhere(folder: Folder, slapd: Slapd) -> None:  # noqa: F811
    slapd.person("moon", "word-of-moon")
    slapd.person("ryu", "word-of-ryu")
    moon, ryu = slapd.dn("moon"), slapd.dn("ryu")
    slapd.modify(f"dn: {moon}\nchangetype: modrdn\nnewrdn: uid=moon\ndeleteoldrdn: 0\nnewsuperior: "
                 f"ou=groups,{slapd.base}\n")  # fmt: skip
    moved = ask(folder, slapd, "ldap-account", moon, control=ryu)
    assert (moved.state, moved.control) == ("unknown", "alive")
    assert f"uid=moon,ou=groups,{slapd.base}" in moved.evidence
    never = slapd.dn("never")
    # Our rights may end at a container: what is seen in another one tells nothing of it.
    other = ask(folder, slapd, "ldap-account", never, control=f"uid=moon,ou=groups,{slapd.base}")
    assert (other.state, other.control) == ("unknown", "alive")
    beside = ask(folder, slapd, "ldap-account", never, control=ryu.upper())
    assert (beside.state, beside.control) == ("dead", "alive")


def test_names_are_searched_for_as_they_are() -> None:
    assert _split("CN=Doe\\, J\\C3\\A9 (x)+sn=b,OU=People,dc=z") == (
        "(&(CN=Doe, Jé \\28x\\29)(sn=b))",
        [("ou", "people"), ("dc", "z")],
    )


def test_a_bind_that_would_be_counted_is_not_tried(folder: Folder, slapd: Slapd) -> None:  # noqa: F811
    slapd.person("lee", "word-of-lee")
    log = next(slapd.config.parent.glob("*.log"))
    before = log.read_text().count(slapd.dn("lee"))
    result = ask(folder, slapd, "ldap-bind", slapd.dn("lee"), credential=folder.secret("old", "word-of-lee"))
    assert result.state == "unknown"
    assert "would change the account" in result.evidence
    assert log.read_text().count(slapd.dn("lee")) == before


def test_a_bind_that_nobody_counts_is_tried(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = re.sub(r"(?m)^.*ppolicy.*\n", "", starter.CONFIG)
    monkeypatch.setattr(starter, "CONFIG", without)
    monkeypatch.setattr(starter, "TREE", starter.TREE.partition("dn: cn=default")[0])
    with or_skip(starter.running(tmp_path / "plain")) as server:
        server.person("choi", "word-of-choi")
        old, wrong = folder.secret("old", "word-of-choi"), folder.secret("wrong", "another-word")
        accepted = ask(folder, server, "ldap-bind", server.dn("choi"), credential=old)
        refused = ask(folder, server, "ldap-bind", server.dn("choi"), credential=wrong)
    assert (accepted.state, refused.state, refused.control) == ("alive", "dead", "alive")
    assert "another-word" not in refused.evidence


@pytest.mark.parametrize("url", ["ldap://ldap.example", "ldap://u:pw@127.0.0.1", "http://127.0.0.1"])
def test_a_password_goes_only_where_it_is_safe(folder: Folder, url: str) -> None:
    folder.secret("monitor", "pw-of-ours")
    system = SystemSettings("people", "ldap", url, "file:monitor", options={"bind": "cn=m"})
    result = folder.ask(ProbeSettings("p", "people", "ldap-account", "cn=x", control="cn=y"), system)
    assert result.state == "unknown"
    assert "pw-of-ours" not in result.evidence


def test_a_wrong_password_of_ours_is_unknown(folder: Folder, slapd: Slapd) -> None:  # noqa: F811
    folder.secret("wrong", "wrong-word")
    system = SystemSettings("people", "ldap", slapd.url, "file:wrong", options={"bind": slapd.admin})
    probe = ProbeSettings("p", "people", "ldap-account", slapd.dn("x"), control=slapd.dn("y"))
    assert folder.ask(probe, system).state == "unknown"


def test_a_referral_gets_no_password(folder: Folder, slapd: Slapd) -> None:  # noqa: F811
    slapd.person("yoon", "word-of-yoon")
    with socket.create_server(("127.0.0.1", 0)) as thief:
        thief.settimeout(0.2)
        elsewhere = f"ldap://127.0.0.1:{thief.getsockname()[1]}/{slapd.dn('moved')}"
        slapd.modify(
            f"dn: {slapd.dn('moved')}\nobjectClass: referral\nobjectClass: extensibleObject\n"
            f"uid: moved\nref: {elsewhere}\n"
        )
        result = ask(folder, slapd, "ldap-account", slapd.dn("moved"), control=slapd.dn("yoon"))
        with pytest.raises(TimeoutError):
            thief.accept()
    assert (result.state, result.control) == ("unknown", "alive")
