"""`haechi.evidence.timestamp`: RFC 3161, against an authority of `openssl ts`."""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.authority import Authority

from haechi.evidence import timestamp
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.der import certificates, with_certificates
from haechi.model.errors import EvidenceError

POINT = Checkpoint("example.org/log", 7, bytes(range(32)))
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return Authority(tmp_path_factory.mktemp("clock") / "own")


@pytest.fixture(scope="module")
def tsr(authority: Authority) -> bytes:
    """A timestamp of POINT as it is stored."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    with authority.serving() as url:
        return timestamp.pruned(timestamp.request(url, POINT.body), authority.roots)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def test_a_checkpoint_is_stamped(authority: Authority, store: Path) -> None:
    with authority.serving() as url:
        made = timestamp.stamp(store, POINT, url, authority.roots)
    kept = timestamp.file(store, 7).read_bytes()
    assert made == timestamp.verify(kept, POINT.body, authority.roots, datetime.now(UTC))
    assert made.authority == "CN=Example Clock"
    assert abs(made.time - datetime.now(UTC)) < timedelta(minutes=1) < made.expires - made.time


def test_openssl_verifies_what_is_stored(authority: Authority, store: Path) -> None:
    with authority.serving() as url:
        timestamp.stamp(store, POINT, url, authority.roots)
    (store / "body").write_text(POINT.body)
    command = ["openssl", "ts", "-verify", "-data", store / "body", "-in", timestamp.file(store, 7)]
    said = subprocess.run(
        [*command, "-CAfile", authority.folder / "root.pem"], capture_output=True, text=True
    )
    assert "Verification: OK" in said.stdout + said.stderr


def test_of_another_checkpoint(authority: Authority, tsr: bytes) -> None:
    for other in [
        Checkpoint("example.org/log", 8, POINT.root),
        Checkpoint("example.org/other", 7, POINT.root),
    ]:
        with pytest.raises(EvidenceError, match="of another checkpoint"):
            timestamp.verify(tsr, other.body, authority.roots)


def test_an_authority_that_is_not_trusted(authority: Authority, tsr: bytes, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(EvidenceError, match="not rest on a certificate that is trusted"):
        timestamp.verify(tsr, POINT.body, stranger.roots)
    for several in (stranger.roots + authority.roots, authority.roots + stranger.roots):  # of one name
        assert timestamp.verify(tsr, POINT.body, several)


def test_roots_that_are_none(tsr: bytes) -> None:
    for roots in [b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]:
        with pytest.raises(EvidenceError, match="not PEM"):
            timestamp.verify(tsr, POINT.body, roots)


def test_a_certificate_that_had_expired_when_it_signed(store: Path, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    expired = Authority(tmp_path / "expired", -60, -30)
    with expired.serving() as url, pytest.raises(EvidenceError, match="was not valid when it was made"):
        timestamp.stamp(store, POINT, url, expired.roots)
    assert not timestamp.file(store, 7).exists()


def test_a_certificate_that_has_expired_since(authority: Authority, tsr: bytes) -> None:
    with pytest.raises(EvidenceError, match="certificate expired on"):
        timestamp.verify(tsr, POINT.body, authority.roots, NOW + timedelta(days=31))
    assert timestamp.verify(tsr, POINT.body, authority.roots, NOW + timedelta(days=29))
    assert timestamp.verify(tsr, POINT.body, authority.roots)


def test_a_time_that_has_not_come(authority: Authority, tsr: bytes) -> None:
    with pytest.raises(EvidenceError, match="has not come yet"):
        timestamp.verify(tsr, POINT.body, authority.roots, NOW - timedelta(days=1))


def test_an_authority_out_of_order(authority: Authority, store: Path, tmp_path: Path) -> None:
    broken = Authority(tmp_path / "broken")
    (broken.folder / "tsa.cnf").write_text("rubbish")
    with broken.serving() as url, pytest.raises(EvidenceError, match="no usable answer"):
        timestamp.stamp(store, POINT, url, broken.roots)


def test_an_answer_to_another_request(
    authority: Authority, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with authority.serving() as url:
        earlier = timestamp.request(url, POINT.body)
        monkeypatch.setattr(authority, "reply", lambda query: earlier)
        with pytest.raises(EvidenceError, match="answers another request"):
            timestamp.stamp(store, POINT, url, authority.roots)
        monkeypatch.setattr(authority, "reply", lambda query: b"<html>not here</html>")
        with pytest.raises(EvidenceError, match="cannot be read"):
            timestamp.stamp(store, POINT, url, authority.roots)
    with pytest.raises(EvidenceError, match="nobody answers"):
        timestamp.stamp(store, POINT, url, authority.roots)
    assert not timestamp.file(store, 7).exists()


def test_a_refusal(authority: Authority) -> None:
    refused = authority.reply(b"not a request")
    with pytest.raises(EvidenceError, match=r"authority refused|cannot be read"):
        timestamp.verify(refused, POINT.body, authority.roots)


def test_certificates_that_lead_nowhere_are_left_out(
    authority: Authority, tsr: bytes, tmp_path: Path
) -> None:
    """Authorities send cross-signed certificates along whose issuer nobody here knows."""
    stranger = Authority(tmp_path / "stranger")
    with stranger.serving() as url:
        (own,) = [
            found
            for found in certificates(timestamp.request(url, POINT.body)) or []
            if b"Example Clock" in found
        ]
    padded = with_certificates(tsr, [*(certificates(tsr) or []), own])
    with pytest.raises(EvidenceError, match="altered"):
        timestamp.verify(padded, POINT.body, authority.roots)
    assert timestamp.pruned(padded, authority.roots) == tsr


def test_every_flipped_byte_is_noticed(authority: Authority, tsr: bytes) -> None:
    missed = []
    for at in range(len(tsr)):
        flipped = tsr[:at] + bytes([tsr[at] ^ 0x10]) + tsr[at + 1 :]
        try:
            timestamp.verify(flipped, POINT.body, authority.roots)
            missed.append(at)
        except EvidenceError:
            continue
    assert missed == []


def test_a_cut_timestamp_is_noticed(authority: Authority, tsr: bytes) -> None:
    for changed in [tsr[:cut] for cut in range(0, len(tsr), 7)] + [tsr + b"\x00", tsr + tsr]:
        with pytest.raises(EvidenceError):
            timestamp.verify(changed, POINT.body, authority.roots)


@given(st.binary(max_size=300))
def test_rubbish_is_no_timestamp(authority: Authority, tsr: bytes, data: bytes) -> None:
    for content in (data, tsr[:20] + data, tsr[: len(tsr) // 2] + data + tsr[len(tsr) // 2 :]):
        if content == tsr:
            continue
        with pytest.raises(EvidenceError):
            timestamp.verify(content, POINT.body, authority.roots)
