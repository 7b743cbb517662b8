"""Two organisations tell each other that sessions and credentials ended: pushed, and fetched."""

from __future__ import annotations

import errno
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from haechi.identity.interface import Asking
from haechi.identity.references import secret_reader
from haechi.identity.signals.event import Signal
from haechi.identity.signals.outbox import Outbox
from haechi.identity.signals.receive import fetch
from haechi.identity.signals.send import announce, deliver
from haechi.identity.signals.server import SignalServer
from haechi.identity.signals.stream import streams
from haechi.identity.signals.token import KEY_FILE, public_keys, sign, signing_key
from haechi.model.errors import IdentityError
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace, load

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SESSION = Signal("kim", WHEN, session="s-1", reason="left")
PASSWORD = Signal("kim", WHEN, credential="password", change="revoke")
TOML = """
[[system]]
name = "{name}"
kind = "signals"
url = "{url}"
credential = "file:secret"
options = {{ way = "{way}", us = "{us}", them = "{them}", jwks = "{jwks}" }}
"""


def place(folder: Path, **options: str) -> Workspace:
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text("stream-not-a-secret")
    (folder / "haechi.toml").write_text(TOML.format(**options))
    return load(folder)


def asking(workspace: Workspace) -> Asking:
    return Asking(secret_reader(workspace.root), workspace.root, 5.0, datetime.now(UTC))


@contextmanager
def serving(workspace: Workspace, said: list[str] | None = None) -> Iterator[str]:
    told: list[str] = [] if said is None else said
    server = SignalServer(workspace, lambda: asking(workspace), "127.0.0.1", 0, told.append)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def facts(workspace: Workspace) -> list[tuple[Any, ...]]:
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        return engine.rows("SELECT time, kind, system, account, object, state, how FROM fact ORDER BY kind")
    finally:
        engine.close()


HEARD = [
    (WHEN.replace(tzinfo=None), "secret", "them", "kim", "password of kim", "dead", "credential-revoke"),
    (WHEN.replace(tzinfo=None), "session", "them", "kim", "s-1", "dead", "session-revoked"),
]


@pytest.fixture
def listener(tmp_path: Path) -> Workspace:
    """Somebody to whom signals are pushed; the sender's key comes in a file."""
    return place(tmp_path / "b", name="them", way="pushed", url="", us="urn:b", them="urn:a", jwks="a.json")


def known_to(listener: Workspace, sender: Workspace) -> None:
    import json

    (listener.root / "a.json").write_text(json.dumps(public_keys(signing_key(sender.root))))


def test_pushed_signals_become_facts(tmp_path: Path, listener: Workspace) -> None:
    with serving(listener) as url:
        sender = place(
            tmp_path / "a", name="b", way="push", url=f"{url}/streams/them/events", us="urn:a", them="urn:b", jwks=""
        )  # fmt: skip
        known_to(listener, sender)
        for signal in (SESSION, PASSWORD):
            assert [stream.name for stream in announce(sender, signal, asking(sender))] == ["b"]
        assert [(sent.taken, sent.waiting, sent.problem) for sent in deliver(sender, asking(sender))] == [
            (2, 0, "")
        ]
    assert facts(listener) == HEARD
    assert stat.S_IMODE((sender.root / KEY_FILE).stat().st_mode) == 0o600


def test_fetched_signals_become_facts_and_are_forgotten(tmp_path: Path) -> None:
    sender = place(tmp_path / "a", name="b", way="polled", url="", us="urn:a", them="urn:b", jwks="")
    for signal in (SESSION, PASSWORD):
        announce(sender, signal, asking(sender))
    with serving(sender) as url:
        jwks = f"{url}/jwks.json"
        listener = place(
            tmp_path / "b", name="them", way="poll", url=f"{url}/streams/b/poll", us="urn:b", them="urn:a", jwks=jwks
        )  # fmt: skip
        stream = streams(listener)["them"]
        taken = fetch(listener, stream, asking(listener))
        assert (taken.taken, taken.refused, taken.facts) == (2, 0, 2)
        assert Outbox(sender.root, "b").waiting() == []
        assert fetch(listener, stream, asking(listener)).taken == 0
    assert facts(listener) == HEARD


def test_keys_do_not_come_unencrypted_over_a_network(tmp_path: Path) -> None:
    listener = place(
        tmp_path / "b", name="them", way="poll", url="https://127.0.0.1:9/", us="urn:b", them="urn:a",
        jwks="http://192.0.2.1/jwks.json",
    )  # fmt: skip
    with pytest.raises(IdentityError, match="unencrypted"):
        streams(listener)["them"].keys(asking(listener))


def test_what_is_not_for_us_is_refused_and_told(tmp_path: Path) -> None:
    sender = place(tmp_path / "a", name="b", way="polled", url="", us="urn:a", them="urn:c", jwks="")
    announce(sender, SESSION, asking(sender))
    said: list[str] = []
    with serving(sender, said) as url:
        listener = place(
            tmp_path / "b", name="them", way="poll", url=f"{url}/streams/b/poll", us="urn:b", them="urn:a",
            jwks=f"{url}/jwks.json",
        )  # fmt: skip
        taken = fetch(listener, streams(listener)["them"], asking(listener))
    assert (taken.taken, taken.refused) == (0, 1)
    assert "b: 1 of our signals were refused" in said
    assert not (listener.root / "store").exists() or facts(listener) == []


def test_a_receiver_that_is_down_gets_them_later(tmp_path: Path, listener: Workspace) -> None:
    nowhere = "http://127.0.0.1:9/streams/them/events"
    sender = place(tmp_path / "a", name="b", way="push", url=nowhere, us="urn:a", them="urn:b", jwks="")
    known_to(listener, sender)
    announce(sender, SESSION, asking(sender))
    (sent,) = deliver(sender, asking(sender))
    assert (sent.taken, sent.waiting) == (0, 1) and sent.problem
    with serving(listener) as url:
        there = f"{url}/streams/them/events"
        sender = place(tmp_path / "a", name="b", way="push", url=there, us="urn:a", them="urn:b", jwks="")
        assert [(sent.taken, sent.waiting) for sent in deliver(sender, asking(sender))] == [(1, 0)]
    assert len(facts(listener)) == 1


def test_the_server_lets_nobody_else_in(tmp_path: Path, listener: Workspace) -> None:
    sender = place(tmp_path / "a", name="b", way="polled", url="", us="urn:a", them="urn:b", jwks="")
    known_to(listener, sender)
    key = signing_key(sender.root)
    _, token = sign(SESSION, key, "urn:a", "urn:b", "", datetime.now(UTC))
    good = {"Authorization": "Bearer stream-not-a-secret", "Content-Type": "application/secevent+jwt"}
    with serving(listener) as url, httpx.Client(trust_env=False) as client:
        where = f"{url}/streams/them/events"

        def post(content: str, **headers: str) -> tuple[int, str]:
            answer = client.post(where, content=content, headers={**good, **headers})
            return answer.status_code, answer.json()["err"] if answer.content else ""

        assert post(token, Authorization="Bearer wrong") == (401, "authentication_failed")
        assert post(token, **{"Content-Type": "application/json"}) == (400, "invalid_request")
        assert post(token[:-4] + "AAAA") == (400, "invalid_key")
        assert post("x" * 70_000) == (413, "")
        other = sign(SESSION, key, "urn:a", "urn:else", "", datetime.now(UTC))[1]
        assert post(other) == (400, "invalid_audience")
        assert client.post(f"{url}/streams/them/poll", headers=good).status_code == 404
        assert client.post(f"{url}/streams/nobody/events", headers=good).status_code == 404
        assert post(token) == (202, "")
        assert client.get(f"{url}/jwks.json").json()["keys"][0].keys().isdisjoint({"d", "p", "q"})
    assert len(facts(listener)) == 1


def test_a_signal_that_cannot_be_kept_is_not_taken(
    tmp_path: Path, listener: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    with serving(listener) as url:
        there = f"{url}/streams/them/events"
        sender = place(tmp_path / "a", name="b", way="push", url=there, us="urn:a", them="urn:b", jwks="")
        known_to(listener, sender)
        announce(sender, SESSION, asking(sender))
        with monkeypatch.context() as broken:
            broken.setattr("haechi.identity.facts.durable.replace", full)
            assert [(sent.taken, sent.waiting) for sent in deliver(sender, asking(sender))] == [(0, 1)]
        assert [(sent.taken, sent.waiting) for sent in deliver(sender, asking(sender))] == [(1, 0)]
    assert len(facts(listener)) == 1


def test_a_stream_that_misses_something_says_so(tmp_path: Path) -> None:
    workspace = place(tmp_path / "a", name="b", way="nowhere", url="", us="", them="", jwks="")
    with pytest.raises(IdentityError, match="`way` must be one of"):
        streams(workspace)
    workspace = place(tmp_path / "a", name="b", way="pushed", url="", us="urn:a", them="urn:b", jwks="")
    with pytest.raises(IdentityError, match="needs the option jwks"):
        streams(workspace)
