"""Authorized keys, against what a real sshd lets in."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.servers.fixtures import sshd  # noqa: F401
from tests.servers.sshd import Sshd as Server

from haechi.identity.interface import Fact
from haechi.identity.sources.authorized_keys import parse
from haechi.identity.sources.ssh import Ssh
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0AwMDHGQAiv6yOk0C1fqnZCpXHIQnkU8m+gCPtq5Qy"

# How a line may be written around a key, and whether it lets in (`{key}`: type and blob).
LINES = [
    ("{key}\n", True),
    ("{key} kim@laptop\r\n", True),
    ("{key}\r\n", True),
    ("  \t{key} kim\n", True),
    ("#{key}\n", False),
    ('restrict,from="127.0.0.1,::1" {key}\n', True),
    ('command="echo \\"hi there\\"",no-pty {key} kim\n', True),
    ('FROM="127.0.0.1" {key}\n', True),
    ('expiry-time="20200101" {key}\n', False),
    ('expiry-time="20990101Z" {key}\n', True),
    ('from="127.0.0.1 {key}\n', False),
    ("from=127.0.0.1 {key}\n", False),
    ('command="a b"restrict {key}\n', False),
    ("restrict, {key}\n", True),
    ("ssh-rsa {blob}\n", False),
    ("{type}\n", False),
    ("{type} {blob}x!\n", False),
]


def _facts(folder: Path, paths: str, **options: str) -> list[Fact]:
    system = SystemSettings(name="hosts", kind="ssh", options={"paths": paths, **options})
    return gather(Ssh(), system, asking(folder))


def _let_in(server: Server, key: Path) -> bool:
    command = ["ssh", "-F", "none", "-p", str(server.port), "-i", str(key), "-o", "IdentitiesOnly=yes"]
    command += ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    done = subprocess.run(
        [*command, f"{server.user}@{server.host}", "true"], capture_output=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return b"Permission denied" not in done.stderr and done.returncode != 255


@pytest.mark.skipif(
    shutil.which("ssh") is None, reason="ssh is not installed; apt-get install openssh-client"
)
@pytest.mark.parametrize(("line", "accepted"), LINES)
def test_a_line_lets_in_as_sshd_does(sshd: Server, tmp_path: Path, line: str, accepted: bool) -> None:  # noqa: F811
    name = f"key-{LINES.index((line, accepted))}"
    key = sshd.key(name, allow=False)
    kind, blob = key.with_suffix(".pub").read_text().split()[:2]
    sshd.authorized_keys.write_bytes(line.format(key=f"{kind} {blob}", type=kind, blob=blob).encode())
    facts = _facts(tmp_path, str(sshd.authorized_keys), account=sshd.user)
    ours = "alive" in states(facts, "secret").values()
    assert (ours, _let_in(sshd, key)) == (accepted, accepted)


def test_accounts_fingerprints_and_persons(tmp_path: Path) -> None:
    for account, text in (("deploy", f"{KEY} kim@laptop\n"), ("lee", "# nothing\n")):
        file = tmp_path / "homes" / account / ".ssh" / "authorized_keys"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    (tmp_path / "key.pub").write_text(f"{KEY} x\n")
    told = subprocess.run(["ssh-keygen", "-l", "-f", tmp_path / "key.pub"], capture_output=True, check=True)
    fingerprint = told.stdout.split()[1].decode()

    facts = _facts(tmp_path, "homes/{account}/.ssh/authorized_keys", person="comment")
    assert states(facts, "grant") == {("deploy", fingerprint, ""): "alive"}
    (exposure,) = of(facts, "exposure")
    assert (exposure.account, exposure.object, exposure.how) == ("kim", fingerprint, "holds")
    (exposure,) = of(_facts(tmp_path, "homes/*/.ssh/authorized_keys", person="comment-id"), "exposure")
    assert (exposure.person, exposure.account) == ("kim", "")
    with pytest.raises(IdentityError, match="must be account"):
        _facts(tmp_path, "homes/*/.ssh/authorized_keys", person="name")
    assert "deploy/.ssh/authorized_keys:1: ssh-ed25519" in of(facts, "grant")[0].evidence
    assert listed(facts) == {"grant", "secret"}
    assert "2 files with 1 key" in of(facts, "listing")[0].evidence


def test_a_time_without_zone_is_over_when_it_is_over_everywhere() -> None:
    (key,), _ = parse(f'expiry-time="202611221200" {KEY}'.encode())
    assert key.expires == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    (key,), _ = parse(f'expiry-time="20261122120001Z" {KEY}'.encode())
    assert key.expires == datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)
    (key,), _ = parse(f'cert-authority,principals="kim,lee" {KEY}'.encode())
    assert key.authority and key.options["principals"] == "kim,lee"


def test_a_restriction_stands_in_the_evidence(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f'from="10.0.0.1",command="backup" {KEY} kim\n')
    (grant,) = of(_facts(tmp_path, "keys", account="root"), "grant")
    assert '(from="10.0.0.1", command)' in grant.evidence and grant.account == "root"


def test_no_file_is_no_empty_list(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="nothing is known"):
        _facts(tmp_path, "mounted/{account}/authorized_keys")
    with pytest.raises(IdentityError, match="no `paths`"):
        _facts(tmp_path, "")


def test_a_file_that_is_no_file(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "keys")
    with pytest.raises(IdentityError, match="cannot be read"):
        _facts(tmp_path, "keys")


@given(st.binary(max_size=200) | st.text(alphabet='ssh-rsa AAAA",=\\\n\r#').map(str.encode))
def test_every_line_is_accounted_for(data: bytes) -> None:
    keys, unread = parse(data + f"\n{KEY}\n".encode())
    assert keys[-1].fingerprint == parse(KEY.encode())[0][0].fingerprint
    lines = [line.rstrip(b"\r").lstrip(b" \t") for line in data.split(b"\n")]
    assert len(keys) + unread == 1 + sum(1 for line in lines if line and not line.startswith(b"#"))


def test_the_comment_tells_whose_key_a_fingerprint_is(tmp_path: Path) -> None:
    (tmp_path / "kim").write_text(f"{KEY} kim@laptop\n{KEY} \nrestrict {KEY} {'x' * 300}\n")
    told = [fact.evidence.partition(": ")[2] for fact in of(_facts(tmp_path, "{account}"), "grant")]
    assert told == [
        'ssh-ed25519 "kim@laptop"',
        "ssh-ed25519",
        f'ssh-ed25519 "{"x" * 100}" (restrict)',
    ]
