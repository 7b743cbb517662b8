"""A real PostgreSQL for the third persons, started by the test that needs it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def _programs() -> Path | None:
    """Where initdb and pg_ctl are: the newest of the installed versions, or on the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: float(p.parts[-3]))
    found = [str(path) for path in versions] or [shutil.which("pg_ctl") or ""]
    return Path(found[-1]).parent if found[-1] else None


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty database on the loopback, user `owner`, password `not-a-secret`."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (initdb and pg_ctl are needed)")
    user: str | None = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = next((name for name in ("postgres", "nobody") if name in names), None)
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")
    folder = Path(tempfile.mkdtemp(prefix="haechi-pg-"))
    if user:
        shutil.chown(folder, user)
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, user=user, extra_groups=[] if user else None, cwd=folder, timeout=120,
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip

    secret = folder / "secret"
    secret.write_text("not-a-secret")
    secret.chmod(0o644)
    data = folder / "data"
    try:
        run(
            str(programs / "initdb"), "-D", str(data), "-U", "owner", "-A", "scram-sha-256",
            "--pwfile", str(secret), "-E", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        run(
            str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"
        )
        yield f"postgresql://owner:not-a-secret@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
