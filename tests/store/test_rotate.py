"""`haechi.store.rotate`: replacing the signing key, and being interrupted at any step of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from haechi.evidence import durable
from haechi.evidence.note import verify
from haechi.evidence.signer import open_key, public_file, verify_bytes
from haechi.evidence.vkey import Vkey
from haechi.model.errors import EvidenceError, StoreError
from haechi.store import locks
from haechi.store.leaves import CustodyLeaf, signed_part
from haechi.store.rotate import rotate
from haechi.store.store import Store, make_store_key, now


class Killed(BaseException):
    """Stands for the death of the process: no handler of errors catches it."""


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_store_key(tmp_path / "haechi.key")
    look(tmp_path / "haechi.key")
    return tmp_path / "haechi.key"


def look(key: Path) -> None:
    """Add an entry with whatever key is in the file."""
    Store.open(key.parent / "store", open_key(key)).note([CustodyLeaf(now(), "uid 1", "case show", {})])


def test_a_key_is_replaced(key: Path) -> None:
    old = open_key(key)
    new, kept = rotate(key.parent / "store", key)
    assert new.vkey != old.vkey and new.key.name == old.key.name
    assert open_key(key).vkey == new.vkey == public_file(key).read_text().strip()
    assert open_key(kept).vkey == old.vkey and kept.name.startswith("haechi.key.old-")
    assert not list(key.parent.glob("*.next*"))

    snapshot = Store.open(key.parent / "store", new).snapshot()
    (leaf,) = snapshot.catalog.rotations
    assert (leaf.vkey, leaf.replaces) == (new.vkey, old.vkey) and snapshot.catalog.vkey == new.vkey
    assert verify_bytes(old.vkey, signed_part(leaf), leaf.signature)
    for signer in (old, new):
        assert verify(snapshot.head.body, snapshot.head.signatures, Vkey.parse(signer.vkey))

    look(key)
    head = Store.open(key.parent / "store").snapshot().head
    assert verify(head.body, head.signatures, new.key) and verify(head.body, head.signatures, old.key) is None


def test_the_old_key_adds_nothing_more(key: Path) -> None:
    _, kept = rotate(key.parent / "store", key)
    with pytest.raises(StoreError, match="not its key"):
        look(kept)


def test_twice_on_one_day(key: Path) -> None:
    first = open_key(key)
    second, kept = rotate(key.parent / "store", key)
    third, kept_too = rotate(key.parent / "store", key)
    assert kept != kept_too and [open_key(kept).vkey, open_key(kept_too).vkey] == [first.vkey, second.vkey]
    look(key)
    catalog = Store.open(key.parent / "store").snapshot().catalog
    assert [leaf.vkey for leaf in catalog.rotations] == [second.vkey, third.vkey]


def test_not_while_another_process_writes(key: Path) -> None:
    before = sorted(key.parent.iterdir())
    with locks.writing(key.parent / "store"), pytest.raises(StoreError, match="another process"):
        rotate(key.parent / "store", key)
    assert sorted(key.parent.iterdir()) == before


def test_keys_that_do_not_fit(key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_store_key(other / "haechi.key")
    with pytest.raises(StoreError, match="another store's"):
        rotate(key.parent / "store", other / "haechi.key")
    with pytest.raises(EvidenceError, match="no signing key"):
        rotate(key.parent / "store", tmp_path / "none")
    os.link(key, key.with_name("haechi.key.next"))
    with pytest.raises(EvidenceError, match="holds the present one"):
        rotate(key.parent / "store", key)


def test_a_log_begun_unsigned_stays_so(tmp_path: Path) -> None:
    Store.open(tmp_path / "store").note([CustodyLeaf(now(), "uid 1", "case show", {})])
    key = tmp_path / "haechi.key"
    make_store_key(key)
    (tmp_path / "store" / "origin").write_text(open_key(key).key.name + "\n")
    with pytest.raises(StoreError):
        rotate(tmp_path / "store", key)


def test_interrupted_anywhere_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die before each step that changes the disk, then rotate again: every entry is there, and the key works."""
    steps = [(os, "link"), (Path, "replace"), (Path, "unlink"), (durable, "sync_directory")]
    died = 0
    for fatal in range(200):
        folder = tmp_path / str(fatal)
        key = folder / "haechi.key"
        make_store_key(key)
        look(key)
        first = open_key(key).vkey
        with monkeypatch.context() as patched:
            count = [0]
            for owner, name in steps:
                patched.setattr(owner, name, dying(getattr(owner, name), count, fatal))
            try:
                rotate(folder / "store", key)
            except Killed:
                died += 1
            else:
                break
        assert open_key(key).vkey  # there is a whole key at every moment
        rotate(folder / "store", key)
        look(key)
        snapshot = Store.open(folder / "store", open_key(key)).snapshot()
        chain = [leaf.replaces for leaf in snapshot.catalog.rotations] + [open_key(key).vkey]
        assert chain[0] == first and len(chain) in (2, 3), f"died before step {fatal}"
        assert snapshot.catalog.vkey == chain[-1]
        assert any(open_key(path).vkey == first for path in folder.glob("haechi.key.old-*[0-9]"))
    assert died > 10


def dying(real: Callable[..., Any], count: list[int], fatal: int) -> Callable[..., Any]:
    def step(*arguments: Any, **named: Any) -> Any:
        count[0] += 1
        if count[0] > fatal:
            raise Killed
        return real(*arguments, **named)

    return step
