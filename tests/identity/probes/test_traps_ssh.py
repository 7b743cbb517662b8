"""SSH: a public key alone tells; servers that say yes to all, and servers that are another, tell nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
from tests.identity.probes.asking import Folder
from tests.servers.fixtures import sshd  # noqa: F401
from tests.servers.sshd import Sshd

from haechi.identity.ask import Result
from haechi.model.settings import ProbeSettings, SystemSettings


def ask(
    folder: Folder, server: Sshd, key: str, control: str = "stays", account: str = "", **other: str
) -> Result:
    url = other.pop("url", f"ssh://{server.host}:{server.port}")
    host_key = other.pop("host_key", server.host_key)
    system = SystemSettings("box", "ssh", url, options={"host-key": host_key})
    options = {"key": str(server.folder / f"{key}.pub"), "control-account": server.user}
    public = (server.folder / f"{control}.pub").read_text()
    probe = ProbeSettings("p", "box", "ssh-key", account or server.user, control=public, options=options)
    return folder.ask(probe, system)


def test_a_public_key_alone(folder: Folder, sshd: Sshd) -> None:  # noqa: F811
    sshd.key("stays")
    # The private halves are not there to be used.
    sshd.key("kim").unlink()
    alive = ask(folder, sshd, "kim")
    assert (alive.state, alive.control) == ("alive", "alive")
    sshd.forget("kim")
    dead = ask(folder, sshd, "kim")
    assert (dead.state, dead.control) == ("dead", "alive")
    assert ask(folder, sshd, "stays", account="nobody-here").state == "dead"
    assert ask(folder, sshd, "kim", control="kim").state == "unknown"
    logs = "".join(path.read_text() for path in sshd.folder.glob("*.log"))
    assert "Postponed publickey" in logs or "Failed publickey" in logs
    assert "Accepted publickey" not in logs


def test_another_host_key_is_another_server(folder: Folder, sshd: Sshd) -> None:  # noqa: F811
    stranger = sshd.key("stranger", allow=False).with_suffix(".pub").read_text()
    result = ask(folder, sshd, "stranger", control="stranger", host_key=stranger)
    assert result.state == "unknown"
    assert "another host key" in result.evidence


def test_a_server_that_says_yes_to_all(folder: Folder, sshd: Sshd) -> None:  # noqa: F811
    sshd.key("offered", allow=False)
    host = asyncssh.generate_private_key("ssh-ed25519")
    with yes_sayer(host) as port:
        result = ask(
            folder, sshd, "offered", control="offered", url=f"ssh://127.0.0.1:{port}",
            host_key=host.export_public_key().decode(),
        )  # fmt: skip
    assert result.state == "unknown"
    assert "yes to any key" in result.evidence


@contextmanager
def yes_sayer(host: asyncssh.SSHKey) -> Iterator[int]:
    """A server that would take any key."""

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return True

    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        asyncssh.create_server(Server, "127.0.0.1", 0, server_host_keys=[host])
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.get_port()
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
