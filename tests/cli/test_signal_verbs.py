"""`haechi signal`: what is told, what is heard, and what the exit codes say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.conftest import Said

from haechi.cli import main
from haechi.identity.interface import Asking
from haechi.identity.references import secret_reader
from haechi.identity.signals.server import SignalServer
from haechi.workspace.load import load

Haechi = Callable[..., Said]
STREAM = """
[[system]]
name = "{name}"
kind = "signals"
url = "{url}"
credential = "file:secret"
options = {{ way = "{way}", us = "urn:{us}", them = "urn:{them}", jwks = "{jwks}" }}
"""


@pytest.fixture
def signal(haechi: Haechi, monkeypatch: pytest.MonkeyPatch) -> Haechi:
    # In the order in which help lists them, whether it is among them or not.
    monkeypatch.setattr(main, "VERBS", tuple(dict.fromkeys((*main.VERBS, "signal"))))

    def call(*arguments: str, workspace: Path) -> Said:
        return haechi("signal", *arguments, "--workspace", workspace)

    return call


def place(folder: Path, *streams: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text("stream-not-a-secret")
    (folder / "haechi.toml").write_text("".join(STREAM.format(**stream) for stream in streams))
    return folder


def test_told_and_fetched(signal: Haechi, tmp_path: Path) -> None:
    polled = {"name": "b", "way": "polled", "url": "", "us": "a", "them": "b", "jwks": ""}
    here = place(tmp_path / "a", polled)
    said = signal("session", "kim", "--reason", "left", workspace=here)
    assert (said.code, said.out) == (0, "b: waits until it is fetched\n")
    said = signal("credential", "kim", "--type", "password", "--json", workspace=here)
    assert said.document == {"told": ["b"], "delivered": []}
    found = load(here)
    server = SignalServer(
        found,
        lambda: Asking(secret_reader(here), here, 5.0, datetime.now(UTC)),
        "127.0.0.1",
        0,
        lambda told: None,
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        jwks = f"{url}/jwks.json"
        there = {
            "name": "a",
            "way": "poll",
            "url": f"{url}/streams/b/poll",
            "us": "b",
            "them": "a",
            "jwks": jwks,
        }
        other = place(tmp_path / "b", there)
        said = signal("fetch", "--json", workspace=other)
        assert said.document == {"streams": [{"stream": "a", "taken": 2, "refused": 0, "facts": 2}]}
        assert signal("fetch", workspace=other).out == "a: 0 taken, 0 refused\n"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    said = signal("fetch", workspace=other)
    assert said.code == 3 and "cannot be reached" in said.out


def test_a_receiver_that_is_down_is_said(signal: Haechi, tmp_path: Path) -> None:
    down = {"name": "b", "way": "push", "url": "http://127.0.0.1:9/", "us": "a", "them": "b", "jwks": ""}
    here = place(tmp_path / "a", down)
    said = signal("session", "kim", workspace=here)
    assert said.code == 3
    assert said.out.startswith("b: 0 taken; waiting: 1 signal (")
    assert "stream-not-a-secret" not in said.out + said.err
    assert signal("deliver", "--json", workspace=here).document["delivered"][0]["waiting"] == 1


def test_wrong_use(signal: Haechi, tmp_path: Path) -> None:
    here = place(tmp_path / "a")
    said = signal("session", "kim", workspace=here)
    assert said.code == 3 and "nobody is told" in said.err
    said = signal("credential", "kim", "--type", "password", "--change", "lost", workspace=here)
    assert said.code == 2 and "create, revoke, update, delete" in said.err
    said = signal("session", "kim", "--to", "x", workspace=here)
    assert said.code == 3 and "no outgoing stream called x" in said.err
