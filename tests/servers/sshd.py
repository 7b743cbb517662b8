"""OpenSSH's sshd with its own host key and configuration; one account, ours, with the keys of one file."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, listens, need, process

CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
MaxStartups 100
LogLevel VERBOSE
"""


@dataclass(frozen=True)
class Sshd:
    """A running sshd."""

    host: str
    port: int
    user: str  # the one account that may come in
    authorized_keys: Path
    host_key: str  # "ssh-ed25519 AAAA..."
    folder: Path

    def key(self, name: str, allow: bool = True, comment: str = "") -> Path:
        """Make a key pair; the path of the private key, the public one beside it as `.pub`."""
        path = self.folder / name
        _keygen(path, comment or name)
        if allow:
            with self.authorized_keys.open("a") as file:
                file.write(path.with_suffix(".pub").read_text())
        return path

    def forget(self, name: str) -> None:
        """Take a key that was made here out of the authorized keys."""
        gone = (self.folder / name).with_suffix(".pub").read_text()
        lines = self.authorized_keys.read_text().splitlines(keepends=True)
        self.authorized_keys.write_text("".join(line for line in lines if line != gone))


def _keygen(path: Path, comment: str) -> None:
    program = need("ssh-keygen", install="apt-get install openssh-client")
    command = [program, "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@contextmanager
def running(folder: Path) -> Iterator[Sshd]:
    """An sshd that lets nobody in until a key is allowed."""
    program = need("sshd", install="apt-get install openssh-server")
    folder.mkdir(parents=True, exist_ok=True)
    port, config, keys = free_port(), folder / "sshd_config", folder / "authorized_keys"
    config.write_text(CONFIG.format(port=port, folder=folder))
    keys.touch(mode=0o600)
    _keygen(folder / "host_key", "host")
    if os.geteuid() == 0:  # where its unprivileged half is locked in; without root there is none
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    host_key = " ".join((folder / "host_key.pub").read_text().split()[:2])
    with process(folder, "sshd", [program, "-D", "-e", "-f", config], lambda: listens(port)):
        yield Sshd("127.0.0.1", port, getpass.getuser(), keys, host_key, folder)
