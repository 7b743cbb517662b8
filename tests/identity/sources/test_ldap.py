"""What a real slapd tells of accounts, locks and groups, and its access log of what came and went."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.identity.sources.certificates import certificate
from tests.servers.fixtures import slapd  # noqa: F401
from tests.servers.slapd import Slapd as Server

from haechi.identity.interface import Fact
from haechi.identity.probes.ldap import Directory
from haechi.identity.sources.ldap import Ldap
from haechi.identity.sources.ldap_names import below, key, when
from haechi.identity.sources.ldap_pages import PAGE, Pages
from haechi.identity.sources.making import Maker
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings


def _system(server: Server, **options: str) -> SystemSettings:
    told = {"base": server.base, "bind": server.admin, **options}
    return SystemSettings(
        name="directory", kind="ldap", url=server.url, credential="env:PASSWORD", options=told
    )


def _facts(server: Server, folder: Path, **options: str) -> list[Fact]:
    system = _system(server, **options)
    facts = list(Ldap().gather(system, asking(folder, {"PASSWORD": server.password})))
    assert set(system.options) <= Ldap.options
    return facts


def _group(server: Server, name: str, *members: str) -> str:
    dn = f"cn={name},ou=groups,{server.base}"
    lines = "".join(f"member: {member}\n" for member in members)
    server.modify(f"dn: {dn}\nobjectClass: groupOfNames\ncn: {name}\n{lines}")
    return dn


@pytest.fixture(scope="module")
def server(slapd: Server) -> Iterator[Server]:  # noqa: F811
    people = [
        f"dn: {slapd.dn(f'user{number:03}')}\nobjectClass: inetOrgPerson\ncn: u\nsn: u\nuid: user{number:03}\n\n"
        for number in range(PAGE + 5)
    ]
    slapd.modify("".join(people))
    slapd.person("kim", "pw")
    slapd.modify(f"dn: {slapd.dn('kim')}\nchangetype: modify\nreplace: employeeNumber\nemployeeNumber: E-7\n")
    inner = _group(slapd, "inner", f"UID=kim, ou=people,{slapd.base}")
    _group(slapd, "outer", inner)
    slapd.modify(
        f"dn: cn=unix,ou=groups,{slapd.base}\nobjectClass: posixGroup\ncn: unix\ngidNumber: 7\nmemberUid: kim\n"
    )
    yield slapd


def test_accounts_on_many_pages_and_groups_in_groups(server: Server, tmp_path: Path) -> None:
    system = _system(server, person="employeeNumber")
    facts = gather(Ldap(), system, asking(tmp_path, {"PASSWORD": server.password}))
    assert len([fact for fact in of(facts, "account") if fact.account.startswith("user")]) == PAGE + 5
    kim = next(fact for fact in of(facts, "account") if fact.account == "kim")
    assert (kim.state, kim.person, kim.object) == ("alive", "E-7", key(server.dn("kim")))
    assert kim.first is not None and abs(datetime.now(UTC) - kim.first) < timedelta(hours=1)
    assert {right for who, right, _ in states(facts, "grant") if who == "kim"} == {
        f"group/cn={name},ou=groups,{server.base}" for name in ("inner", "outer", "unix")
    }
    assert listed(facts) == {"account", "grant"}


def test_locks_hold_where_a_policy_says_so(server: Server, tmp_path: Path) -> None:
    server.person("gone", "pw")
    server.lock("gone")
    server.person("expired", "pw")
    server.modify(
        f"dn: {server.dn('expired')}\nchangetype: modify\nadd: objectClass\nobjectClass: shadowAccount\n-\n"
        "add: shadowExpire\nshadowExpire: 1\n"
    )
    policy = f"cn=default,{server.base}"
    with_policy = {
        fact.account: fact.state for fact in of(_facts(server, tmp_path, policy=policy), "account")
    }
    without = {fact.account: fact.state for fact in of(_facts(server, tmp_path), "account")}
    assert (with_policy["gone"], with_policy["expired"], with_policy["kim"]) == ("dead", "unknown", "alive")
    assert without["gone"] == "unknown"


def test_the_access_log_tells_when(server: Server, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    server.person("brief", "pw")
    group = f"cn=inner,ou=groups,{server.base}"
    for operation in ("add", "delete"):
        server.modify(f"dn: {group}\nchangetype: modify\n{operation}: member\nmember: {server.dn('brief')}\n")
    server.modify(f"dn: {server.dn('brief')}\nchangetype: delete\n")
    after = datetime.now(UTC)
    past = [fact for fact in _facts(server, tmp_path, accesslog="cn=accesslog") if fact.account == "brief"]
    assert [(fact.kind, fact.state, fact.object) for fact in past] == [
        ("account", "alive", key(server.dn("brief"))), ("grant", "alive", f"group/{group}"),
        ("grant", "dead", f"group/{group}"), ("account", "dead", key(server.dn("brief"))),
    ]  # fmt: skip
    assert all(before - timedelta(seconds=2) <= fact.time <= after for fact in past)
    assert past[-1].last == past[-1].time and server.admin in past[-1].evidence
    assert not [fact for fact in _facts(server, tmp_path) if fact.account == "brief"]


def test_half_a_list_is_an_error(server: Server, tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="does not list all"):
        _facts(server, tmp_path, base="dc=elsewhere,dc=org")
    with pytest.raises(IdentityError, match="no `base`"):
        _facts(server, tmp_path, base="")


def test_a_list_without_accounts_is_an_error(server: Server, tmp_path: Path) -> None:
    """So looks a directory, too, that hides them from us since yesterday: nobody has died of that."""
    with pytest.raises(IdentityError, match="no account at all"):
        _facts(server, tmp_path, base=f"ou=groups,{server.base}")


def test_a_wrong_password_is_not_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(IdentityError) as caught:
        gather(Ldap(), _system(server), asking(tmp_path, {"PASSWORD": "hunter2"}))
    assert "hunter2" not in caught.value.diagnostics()


def test_a_directory_that_drips(tmp_path: Path) -> None:
    """It lets us in and then tells a byte of a long answer from time to time."""
    stop = threading.Event()

    def serve(listener: socket.socket) -> None:
        asker, _ = listener.accept()
        with asker:
            number = asker.recv(4096)[4:5]  # of the question
            asker.sendall(b"\x30\x0c\x02\x01" + number + bytes.fromhex("61070a010004000400"))  # let in
            asker.recv(4096)
            asker.sendall(bytes.fromhex("308400ffffff"))  # the beginning of 16 MiB
            while not stop.wait(0.1):
                try:
                    asker.sendall(b"\x02")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        url = f"ldap://127.0.0.1:{listener.getsockname()[1]}"
        system = SystemSettings(name="slow", kind="ldap", url=url, options={"base": "dc=a", "bind": "cn=a"},
                                credential="env:PASSWORD")  # fmt: skip
        with pytest.raises(IdentityError, match="longer than 1 seconds"):
            gather(Ldap(), system, asking(tmp_path, {"PASSWORD": "x"}, wait=1))
        stop.set()
        thread.join(5)


def test_names_and_times() -> None:
    assert key("UID=Kim , OU=people,dc=Example") == "uid=kim,ou=people,dc=example"
    assert key(r"cn=a\,b,dc=c") == r"cn=a\,b,dc=c"
    assert below("uid=kim,dc=c", "DC=C") and not below("uid=kim,dc=cc", "dc=c")
    assert when("20261122120000.25Z") == datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
    assert when("20261122120000Z") == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert [
        when(text) for text in ("", "2026", "20261322120000Z", "20261122120000+0900", "20261122120000.xZ")
    ] == [None] * 5


class _Ranged:
    """A connection as to an Active Directory, which tells at most three values of a member list at once."""

    MEMBERS = tuple(f"cn=u{number},dc=a".encode() for number in range(8))

    def __init__(self, forgetful: bool) -> None:
        self.socket, self._other = socket.socketpair()
        self._forgetful = forgetful

    def search(self, base: str, where: str, scope: object, attributes: list[str], **_: object) -> None:
        start = next((int(name.split("=")[1].split("-")[0]) for name in attributes if "range" in name), 0)
        if start and self._forgetful:
            raw = {}
        else:
            end = min(start + 3, len(self.MEMBERS))
            name = f"member;range={start}-{'*' if end == len(self.MEMBERS) else end - 1}"
            raw = (
                {"member": [], name: list(self.MEMBERS[start:end])}
                if start == 0
                else {name: list(self.MEMBERS[start:end])}
            )
        self.result = {"result": 0}
        self.response = [{"type": "searchResEntry", "dn": "cn=all,dc=a", "raw_attributes": raw}]


@pytest.mark.parametrize("forgetful", [False, True])
def test_a_long_list_of_members_comes_in_ranges(tmp_path: Path, forgetful: bool) -> None:
    system, asked = SystemSettings(name="ad", kind="ldap"), asking(tmp_path)
    pages = Pages(Directory("ad", "", _Ranged(forgetful), asked), Maker(system, asked))
    if forgetful:
        with pytest.raises(IdentityError, match="part of a group's members"):
            list(pages.search("dc=a", "(objectClass=group)", ["member"]))
    else:
        (group,) = pages.search("dc=a", "(objectClass=group)", ["member"])
        assert list(group.all("member")) == [name.decode() for name in _Ranged.MEMBERS]


def test_a_certificate_of_somebody_else_gets_no_password(tmp_path: Path) -> None:
    theirs, other = certificate(tmp_path, "theirs"), certificate(tmp_path, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(theirs)
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        asker, _ = listener.accept()
        with asker, contextlib.suppress(OSError), context.wrap_socket(asker, server_side=True) as safe:
            heard.append(safe.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        url = f"ldaps://127.0.0.1:{listener.getsockname()[1]}"
        system = SystemSettings(name="d", kind="ldap", url=url, credential="env:PASSWORD", ca=other.name,
                                options={"base": "dc=a", "bind": "cn=a"})  # fmt: skip
        with pytest.raises(IdentityError):
            gather(Ldap(), system, asking(tmp_path, {"PASSWORD": "hunter2"}, wait=3))
        thread.join(5)
    assert not any(heard)
