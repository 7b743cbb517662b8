"""`haechi.evidence.signer` and `heads`: keys in files, statements, the last signed head."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.heads import Heads
from haechi.evidence.note import verify
from haechi.evidence.signer import FileSigner, make_key, open_key, public_file, sign_bytes, verify_bytes
from haechi.evidence.vkey import COSIGNATURE, Vkey
from haechi.model.errors import EvidenceError

NAME = "example.org/log"
POINT = Checkpoint(NAME, 7, bytes(32))


def test_a_key_is_made_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "haechi.key"
    made = make_key(path, NAME)
    found = open_key(path)
    assert found.vkey == made.vkey == public_file(path).read_text().strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == ["haechi.key", "haechi.key.pub"]
    assert verify(POINT.body, [found.sign(POINT.body)], Vkey.parse(made.vkey))


def test_a_witness_key_signs_with_the_time(tmp_path: Path) -> None:
    signer = make_key(tmp_path / "w.key", "witness.example", COSIGNATURE)
    again = open_key(tmp_path / "w.key")
    assert again.key == signer.key and again.key.kind == COSIGNATURE
    signed = verify(POINT.body, [again.sign(POINT.body)], signer.key)
    assert signed is not None and signed.time is not None and signed.time > 1_700_000_000


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "haechi.key"
    first = make_key(path, NAME)
    before = path.read_bytes(), public_file(path).read_bytes()
    with pytest.raises(EvidenceError, match="there is a key already"):
        make_key(path, NAME)
    assert (path.read_bytes(), public_file(path).read_bytes()) == before
    assert open_key(path).vkey == first.vkey
    assert len(list(tmp_path.iterdir())) == 2


def test_of_several_at_once_one_makes_the_key(tmp_path: Path) -> None:
    path, made, start = tmp_path / "haechi.key", [], threading.Barrier(8)

    def run() -> None:
        start.wait()
        try:
            made.append(make_key(path, NAME).vkey)
        except EvidenceError:
            return

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [open_key(path).vkey] == [public_file(path).read_text().strip()]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "haechi.key"
    make_key(path, NAME)
    path.chmod(mode)
    with pytest.raises(EvidenceError, match="others may read the signing key"):
        open_key(path)


def test_no_key_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no signing key"):
        open_key(tmp_path / "none")
    with pytest.raises(EvidenceError, match="cannot be read"):
        open_key(tmp_path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(EvidenceError, match="not a file"):
        open_key(tmp_path / "pipe")
    with pytest.raises(EvidenceError, match="public key cannot be read"):
        make_key(tmp_path / "key", "two words")
    (tmp_path / "file").touch()
    with pytest.raises(EvidenceError, match="cannot be written"):
        make_key(tmp_path / "file" / "key", NAME)


def test_any_key_made_can_be_read(tmp_path: Path) -> None:
    for number in range(100):  # base64 is made of all sorts of letters
        path = tmp_path / str(number)
        assert make_key(path, NAME).vkey == open_key(path).vkey


@given(st.binary(max_size=300))
def test_a_damaged_key_is_said_and_not_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("key") / "haechi.key"
    make_key(path, NAME)
    secret = path.read_bytes()
    for content in (data, secret[: len(secret) // 2], secret.replace(b"org", b"com"), secret[:-4] + data[:4]):
        if content == secret:
            continue
        path.write_bytes(content)
        with pytest.raises(EvidenceError) as caught:
            open_key(path)
        assert secret.decode().split("+", 4)[4].strip()[2:22] not in caught.value.diagnostics()


def test_the_public_key_comes_back_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "haechi.key"
    made = make_key(path, NAME)
    public_file(path).unlink()
    open_key(path)
    assert public_file(path).read_text().strip() == made.vkey


def test_statements(tmp_path: Path) -> None:
    signer, other = make_key(tmp_path / "a", NAME), make_key(tmp_path / "b", NAME)
    signature = sign_bytes(signer, b"data")
    assert verify_bytes(signer.vkey, b"data", signature)
    assert not verify_bytes(signer.vkey, b"Data", signature)
    assert not verify_bytes(other.vkey, b"data", signature)
    assert not verify_bytes("rubbish", b"data", signature)


def test_a_witness_key_makes_no_statements(tmp_path: Path) -> None:
    witness = make_key(tmp_path / "w", "witness.example", COSIGNATURE)
    assert not verify_bytes(witness.vkey, b"data", sign_bytes(witness, b"data"))


@given(st.text(st.characters()), st.text(st.characters()))
def test_rubbish_is_no_statement(tmp_path_factory: pytest.TempPathFactory, key: str, signature: str) -> None:
    signer: FileSigner = make_key(tmp_path_factory.mktemp("key") / "k", NAME)
    assert not verify_bytes(signer.vkey, b"data", signature)
    assert not verify_bytes(key, b"data", sign_bytes(signer, b"data"))


def test_heads(tmp_path: Path) -> None:
    heads = Heads(tmp_path / "haechi.key")
    assert heads.last() is None and heads.next() is None
    heads.settle()
    heads.withdraw()
    heads.announce(POINT.text())
    assert heads.last() is None and heads.next() == POINT
    heads.settle()
    heads.settle()
    assert heads.last() == POINT and heads.next() is None
    later = Checkpoint(NAME, 9, bytes(32))
    heads.announce(later.text())
    heads.withdraw()
    assert heads.last() == POINT and heads.next() is None


@given(st.binary(max_size=200))
def test_a_damaged_head_is_said(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    heads = Heads(tmp_path_factory.mktemp("key") / "haechi.key")
    heads.announce(POINT.text())
    heads._next.write_bytes(data)
    with pytest.raises(EvidenceError, match="newest signed head"):
        heads.next()
