"""Every kind of probe: a server that is down, that hangs up, that hangs, that talks something else, is UNKNOWN."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
import pytest
from tests.identity.probes.asking import Folder

from haechi.identity.ask import Manners
from haechi.identity.probes.registry import PROBES
from haechi.model.settings import ProbeSettings, SystemSettings

SCHEMES = {"postgresql": "postgresql://m@{}/x", "ldap": "ldap://{}", "ssh": "ssh://{}"}
OPTIONS = {
    "oidc": {"client-id": "m", "introspection": "ask"},
    "gateway": {"path": "/me"},
    "ldap": {"bind": "cn=m"},
}
TARGETS = {"openbao-key": "transit/keys/login:1", "ldap-account": "cn=kim", "ldap-bind": "cn=kim"}
BABBLE = b"220 mail.example ESMTP\r\n\r\n" * 50
KINDS = [(name, kind) for name, probe in PROBES.items() for kind in sorted(probe.systems)]


def questions(folder: Folder, name: str, kind: str, port: int) -> tuple[ProbeSettings, SystemSettings]:
    url = SCHEMES.get(kind, "http://{}").format(f"127.0.0.1:{port}")
    options = dict(OPTIONS.get(kind, {}))
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    if kind == "ssh":
        options["host-key"] = key
    word = "AKIAX:secret-word" if kind == "aws" else "secret-word"
    secret = folder.secret("secret", word)
    system = SystemSettings("there", kind, url, secret, options=options)
    reference = name in ("introspection", "refresh", "gateway")
    control = (
        secret if reference else {"ssh-key": key, "ldap-account": "cn=park", "scim": "park"}.get(name, "")
    )
    more = {"key": key} if name == "ssh-key" else {"user": "kim"} if name == "aws-key" else {}
    target = TARGETS.get(name, "kim")
    return ProbeSettings("p", "there", name, target, secret, control, options=more), system


@contextmanager
def serving(say: bytes | None, hang_up: bool) -> Iterator[int]:
    """Accepts every connection, says something, and hangs up or waits."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                try:
                    connection.sendall(say or b"")
                except OSError:
                    hang_up_now = True
                else:
                    hang_up_now = hang_up
                if hang_up_now:
                    connection.close()
                else:
                    held.append(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()
    thread.join(5)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_nobody_listens(folder: Folder, name: str, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = folder.ask(*questions(folder, name, kind, port))
    assert (result.state, result.bug) == ("unknown", ""), result.evidence


@pytest.mark.parametrize(("name", "kind"), KINDS)
@pytest.mark.parametrize(("say", "hang_up"), [(b"", True), (BABBLE, True), (BABBLE, False), (b"", False)])
def test_somebody_else_listens(folder: Folder, name: str, kind: str, say: bytes, hang_up: bool) -> None:
    with serving(say, hang_up) as port:
        result = folder.ask(*questions(folder, name, kind, port), Manners(pause=0, wait=0.3))
    assert (result.state, result.bug) == ("unknown", ""), result.evidence
    assert "secret-word" not in repr(result)
