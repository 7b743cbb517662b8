"""Starting, waiting for and stopping one server process. Its output stands in `<folder>/<name>.log`."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

READY_SECONDS = 60.0  # a busy machine starts servers slowly
STOP_SECONDS = 15.0


# Making a client reads the machine's certificates each time; the servers here need none. Connections are not kept:
# the server at a port may be another one by the next request.
HTTP = httpx.Client(
    timeout=30, verify=False, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)


class NotInstalled(RuntimeError):
    """A server's program is not on this machine; the message says what to install."""


def need(*names: str, install: str) -> str:
    """The path of the first program of these that exists, `/usr/sbin` included.

    Raises:
        NotInstalled: none of them exists.
    """
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise NotInstalled(f"{names[0]} is not installed; {install}")


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of the loopback."""
    with socket.socket() as asked:
        asked.settimeout(1)
        return asked.connect_ex(("127.0.0.1", port)) == 0


def humble_user() -> str | None:
    """Whom a server that refuses root should run as; None: as whoever we are.

    Raises:
        NotInstalled: we are root, and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise NotInstalled("this server does not run as root, and there is no user postgres or nobody")


@contextmanager
def process(
    folder: Path,
    name: str,
    command: Sequence[str | Path],
    ready: Callable[[], bool],
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs while the context is open, from the moment that `ready` says so.

    Raises:
        RuntimeError: it ended or was not ready in time; with the end of its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("ab") as out:
        running = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            cwd=cwd or folder, env={**os.environ, "LC_ALL": "C", **(env or {})},
            user=user, extra_groups=[] if user else None,
        )  # fmt: skip
    try:
        _wait(running, name, log, ready)
        yield running
    finally:
        stop(running)


def stop(running: subprocess.Popen[bytes]) -> None:
    """End a process that we started: asked first, then made to."""
    if running.poll() is None:
        running.terminate()
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], name: str, log: Path, ready: Callable[[], bool]) -> None:
    end = time.monotonic() + READY_SECONDS
    while not ready():
        if running.poll() is not None:
            raise RuntimeError(f"{name} ended with {running.returncode}:\n{tail(log)}")
        if time.monotonic() > end:
            raise RuntimeError(f"{name} was not ready in {READY_SECONDS:.0f} s:\n{tail(log)}")
        time.sleep(0.05)


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
