"""PostgreSQL in a folder of its own, run by an unprivileged user."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.process import free_port, humble_user, need, process


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL: superuser `owner`, database `postgres`, passwords checked by SCRAM."""

    host: str
    port: int
    password: str = field(repr=False)  # of owner

    @property
    def url(self) -> str:
        """Its address with the superuser's name and password."""
        return self.address("owner", self.password)

    def address(self, user: str, password: str = "") -> str:
        """Its address for another role; without a password, none stands in it."""
        return f"postgresql://{user}{':' + password if password else ''}@{self.host}:{self.port}/postgres"


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parts[-3]))
    return str(versions[-1]) if versions else need(name, install="apt-get install postgresql")


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """An empty PostgreSQL. Its data stands where its user may go, and is removed; its log stays in `folder`."""
    initdb, postgres = _program("initdb"), _program("postgres")
    user = humble_user()
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="haechi-pg-"))
    try:
        if user:
            shutil.chown(home, user)
        secret, data, port = home / "secret", home / "data", free_port()
        secret.write_text("not-a-secret")
        secret.chmod(0o644)
        subprocess.run(
            [initdb, "-D", data, "-U", "owner", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8",
             "--locale", "C", "--no-sync"],
            check=True, user=user, extra_groups=[] if user else None, cwd=home, timeout=120, capture_output=True,
        )  # fmt: skip
        command = [postgres, "-D", data, "-p", str(port), "-k", home, "-c", "listen_addresses=127.0.0.1"]
        command += ["-c", "fsync=off"]
        made = Postgres("127.0.0.1", port, "not-a-secret")
        with process(folder, "postgres", command, lambda: _answers(made), user=user, cwd=home):
            yield made
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _answers(made: Postgres) -> bool:
    import psycopg

    try:
        psycopg.connect(made.url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
