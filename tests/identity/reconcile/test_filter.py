"""A filter denies nobody who is in it, and lets few strangers by."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.identity.reconcile.filter import Filter, Kind, Written, write
from haechi.identity.reconcile.keys import Halves
from haechi.model.errors import InputError

KEY = st.one_of(
    st.binary(min_size=16, max_size=16), st.sampled_from([bytes(16), b"\xff" * 16, b"\x80" + bytes(15)])
)


def halves(keys: list[bytes]) -> Halves:
    return np.frombuffer(b"".join(keys), "<u8").reshape(-1, 2)


def made(
    folder: Path, keys: list[bytes], rest: int = 2, kind: Kind = "credentials"
) -> tuple[Written, Filter]:
    written = write(folder / "filter", kind, halves(keys), 1_750_000_000_000_000, rest)
    return written, Filter(folder / "filter")


@settings(max_examples=150, deadline=None)
@given(st.lists(KEY, max_size=300), st.integers(1, 4))
def test_no_false_negative(tmp_path_factory: pytest.TempPathFactory, keys: list[bytes], rest: int) -> None:
    written, found = made(tmp_path_factory.mktemp("f"), keys, rest)
    assert all(key in found for key in keys)
    assert written.entries == found.entries <= len(set(keys))


def test_strangers(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    keys = [row.tobytes() for row in random.integers(0, 256, (20_000, 16), np.uint8)]
    strangers = [row.tobytes() for row in random.integers(0, 256, (60_000, 16), np.uint8)]
    for rest in (1, 2):
        written, found = made(tmp_path, keys, rest)
        wrong = sum(key in found for key in strangers)
        expected = written.wrong * len(strangers)
        assert 2 ** (8 * rest) * written.wrong <= 8
        assert abs(wrong - expected) <= 6 * expected**0.5 + 3
    assert written.bytes / len(keys) < 3.1


def test_tokens_and_ids(tmp_path: Path) -> None:
    tokens = [b"token %d" % n for n in range(50)]
    keys = [hashlib.sha256(token).digest()[:16] for token in tokens]
    _, found = made(tmp_path, keys, 4, "members")
    assert all(found.may_hold(token) for token in tokens) and not found.may_hold(b"forged")
    assert (found.kind, found.until) == ("members", 1_750_000_000_000_000)


def test_bytes_are_as_the_page_says(tmp_path: Path) -> None:
    """One key, read by hand."""
    key = bytes.fromhex("8102030405060708") + bytes(8)
    made(tmp_path, [key], 2)
    data = (tmp_path / "filter").read_bytes()
    assert data[:8] == b"haechi\x00\x01" and data[8:16] == bytes([0, 0, 2, 0, 0, 0, 0, 0])
    assert data[16:24] == (1).to_bytes(8, "little")
    assert data[24:32] == (1_750_000_000_000_000).to_bytes(8, "little")
    assert data[32:40] == bytes(4) + (1).to_bytes(4, "little")
    assert data[40:42] == bytes.fromhex("8102")
    assert data[42:] == hashlib.sha256(data[:42]).digest()


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other"])
def test_damage_is_seen(tmp_path: Path, damage: str) -> None:
    made(tmp_path, [bytes([n]) * 16 for n in range(40)])
    file = tmp_path / "filter"
    data = bytearray(file.read_bytes())
    data[50] ^= 1
    file.write_bytes({"cut": data[:-5], "flipped": data, "empty": b"", "other": b"x" * 400}[damage])
    with pytest.raises(InputError):
        Filter(file)
