"""Erasure: one person's rows go, everybody else's stay, and every other proof holds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.sealed import check_store
from tests.store.shop import MEMBERS, Shop, line

from haechi.evidence.blind import PeriodKeys, person_hashes
from haechi.model.errors import StoreError
from haechi.model.settings import StoreSettings
from haechi.store import erase as module
from haechi.store import layout, raw_file, swap
from haechi.store.compact import compact
from haechi.store.erase import erase, find
from haechi.store.holds import add_hold
from haechi.store.raw_file import RawFile
from haechi.store.rewrite import without_units
from haechi.store.store import Writer

SETTINGS = StoreSettings()
OTHERS = "SELECT * FROM access WHERE subject <> 'M7' ORDER BY source, seq"


def bytes_of_store(shop: Shop) -> bytes:
    """All raw lines and all record files, unpacked as far as they are packed."""
    parts = []
    for file in sorted(shop.path.rglob("*.raw.zst")):
        parts += [data for _, data, _ in RawFile.open(file).stretches()]
    return b"".join(parts)


@pytest.mark.parametrize("sorted_first", [False, True])
def test_the_rows_go_and_nothing_else(shop: Shop, sorted_first: bool) -> None:
    shop.collect([0, 1], ("gateway", "partner"))
    if sorted_first:
        compact(shop.store, SETTINGS)
        shop.collect([2])
    others, mine = shop.table(OTHERS), shop.one("SELECT count(*) FROM access WHERE subject = 'M7'")
    assert b"/members/M7 " in bytes_of_store(shop)
    found = erase(shop.store, SETTINGS, "M7", "asked for it")
    assert found.rows == {"access": mine} and not found.held and len(found.batches) == 4 + sorted_first
    assert shop.table(OTHERS).equals(others)
    assert shop.one("SELECT count(*) FROM access WHERE subject = 'M7'") == 0
    assert b"/members/M7 " not in bytes_of_store(shop) and b"/members/M8 " in bytes_of_store(shop)
    gone = check_store(shop.store)
    assert sum(map(len, gone.values())) == mine == shop.one("SELECT sum(erased) FROM batch")
    assert shop.files("next/*") == []
    assert find(shop.store, SETTINGS, "M7").batches == {}


def test_the_key_is_destroyed_and_the_neighbours_keep_theirs(shop: Shop) -> None:
    shop.collect([0])
    (period,) = shop.store.snapshot().catalog.period_keys
    before = shop.store.keys.period(period)
    people = [f"M{number}" for number in range(MEMBERS)] + [""]
    hashes = person_hashes(pa.array(people))
    erase(shop.store, SETTINGS, "M7", "asked for it")
    now = shop.store.keys.period(period)
    same = (before.person_keys(hashes) == now.person_keys(hashes)).all(axis=1)
    assert [person for person, kept in zip(people, same, strict=True) if not kept] == ["M7"]
    mine = hashlib.sha256(b"M7").digest()
    assert before.person_keys(np.frombuffer(mine, np.uint8).reshape(1, 32)).tobytes() not in now.data


def test_a_store_that_was_open_before_seals_with_the_new_keys(shop: Shop) -> None:
    shop.collect([0])
    store = shop.store
    (period,) = store.snapshot().catalog.period_keys
    store.keys.period(period)
    erase(shop.store, SETTINGS, "M7", "asked for it")
    with store.writer() as writer:
        assert writer.keys.period(period).sha256 == writer.catalog.period_keys[period]


def test_a_second_erasure_in_the_same_period(shop: Shop) -> None:
    shop.collect([0])
    for person in ("M7", "M8"):
        erase(shop.store, SETTINGS, person, "asked for it")
    shop.collect([1])  # sealed with what keys there are now
    assert shop.one("SELECT count(*) FROM access WHERE subject = 'M7'") == 3
    erase(shop.store, SETTINGS, "M7", "asked for it again")
    assert shop.one("SELECT count(*) FROM access WHERE subject IN ('M7', 'M8')") == 3
    check_store(shop.store)
    compact(shop.store, SETTINGS)
    check_store(shop.store)


def test_neighbours_of_the_bucket_in_every_table_and_file(shop: Shop) -> None:
    """Persons whose keys come from the same bucket, one in a sorted file and one in a batch of its own."""
    mine = hashlib.sha256(b"M7").hexdigest()[:3]
    near = [
        f"N{number}"
        for number in range(60_000)
        if hashlib.sha256(f"N{number}".encode()).hexdigest()[:3] == mine
    ]
    assert len(near) >= 2
    for day, person in enumerate(near[:2]):
        file = shop.log(day)
        file.write_text(file.read_text().replace("/members/M1 ", f"/members/{person} "))
        shop.collect_files([file])
        if day == 0:
            compact(shop.store, SETTINGS)
    erase(shop.store, SETTINGS, "M7", "asked for it")
    check_store(shop.store)
    (period,) = shop.store.snapshot().catalog.period_keys
    assert len(layout.period_file(shop.path, period).read_bytes()) == 14 + 4096 * 32 + 64 * 2


def test_the_same_file_brings_nothing_back(shop: Shop) -> None:
    shop.collect([0])
    erase(shop.store, SETTINGS, "M7", "asked for it")
    shop.collect([0])
    assert shop.one("SELECT count(*) FROM access") == 97
    file = shop.root / "gateway-0.log"
    with file.open("a") as log:
        log.write(line(7, 1))
    shop.collect_files([file])
    assert shop.one("SELECT count(*) FROM access") == 98  # what is new is new
    check_store(shop.store)


def test_a_person_of_whom_nothing_stands(shop: Shop) -> None:
    shop.collect([0])
    size = shop.store.snapshot().head.size
    assert erase(shop.store, SETTINGS, "nobody", "asked for it").batches == {}
    assert erase(shop.store, SETTINGS, "M7", "asked for it", period="1999-01").batches == {}
    assert shop.store.snapshot().head.size == size


def test_a_hold_refuses_it(shop: Shop) -> None:
    shop.collect([0, 1])
    before = bytes_of_store(shop)
    last = shop.store.snapshot().batches[1]
    add_hold(shop.store, "order 1", first=last.first, last=last.last)
    assert find(shop.store, SETTINGS, "M7").held == ("H-1",)
    with pytest.raises(StoreError, match="legal hold: H-1"):
        erase(shop.store, SETTINGS, "M7", "asked for it")
    assert bytes_of_store(shop) == before and shop.store.snapshot().catalog.erasures == []


def test_a_hold_laid_while_files_were_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect([0])
    rewrite = module.Rewriter.rewrite

    def slowly(self: module.Rewriter, *given: object) -> object:
        made = rewrite(self, *given)  # type: ignore[arg-type]
        add_hold(shop.store, "order 1")
        return made

    monkeypatch.setattr(module.Rewriter, "rewrite", slowly)
    with pytest.raises(StoreError, match="legal hold: H-1"):
        erase(shop.store, SETTINGS, "M7", "asked for it")
    with shop.store.writer():
        pass
    assert shop.one("SELECT count(*) FROM access WHERE subject = 'M7'") == 3
    check_store(shop.store)


@pytest.mark.parametrize("kind", ["records", "raw", "keys", "sorted"])
def test_what_was_altered_gets_no_new_hash(shop: Shop, kind: str) -> None:
    shop.collect([0])
    if kind == "sorted":
        compact(shop.store, SETTINGS)
    (period,) = shop.store.snapshot().catalog.period_keys
    file = {
        "keys": layout.period_file(shop.path, period),
        "sorted": layout.compact_file(shop.path, 0),
    }.get(kind) or layout.batch_files(shop.path, 0)[kind]
    data = bytearray(file.read_bytes())
    data[-100 if kind == "keys" else 20] ^= 1  # the salt of a packed file, which any reader passes over
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"altered|cannot be read|damaged"):
        erase(shop.store, SETTINGS, "M7", "asked for it")
    assert shop.store.snapshot().catalog.erasures == []
    with shop.store.writer():
        pass
    assert shop.files("next/*") == []


def test_it_waits_for_those_who_read(shop: Shop) -> None:
    shop.collect([0])
    with shop.store.reading(), pytest.raises(StoreError, match="somebody reads"):
        erase(shop.store, SETTINGS, "M7", "asked for it", wait=0.1)
    assert shop.one("SELECT count(*) FROM access WHERE subject = 'M7'") == 3


def test_rows_in_files_that_a_reader_kept_go_too(shop: Shop) -> None:
    shop.collect([0])
    with shop.store.reading():
        compact(shop.store, SETTINGS)
    assert shop.files("batches/*/*[0-9].parquet") != []
    erase(shop.store, SETTINGS, "M7", "asked for it")
    assert shop.files("batches/*/*[0-9].parquet") == []
    check_store(shop.store)


@pytest.mark.parametrize("sorted_first", [False, True])
@pytest.mark.parametrize("taken", [None, 0, 1, 2])
def test_a_crash_before_or_after_the_entry(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, taken: int | None, sorted_first: bool
) -> None:
    """Stopped before the entry, or after it with so many files in their places."""
    shop.collect([0, 1])
    if sorted_first:
        compact(shop.store, SETTINGS)
    before = shop.table()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        if taken is None:
            patched.setattr(Writer, "append_held", _interrupt)
        else:
            patched.setattr(module, "take_places", lambda root, files: _some(root, files, taken))
        erase(shop.store, SETTINGS, "M7", "asked for it")
    with shop.store.writer():
        pass
    check_store(shop.store)
    if taken is None:
        assert shop.table().equals(before)
    else:
        assert shop.table().equals(before.filter(pa.compute.not_equal(before["subject"], "M7")))
    shop.collect([2])
    check_store(shop.store)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _some(root: Path, files: list[Path], count: int) -> None:
    swap.take_places(root, files[:count])
    raise KeyboardInterrupt


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=30), st.data())
def test_units_are_cut_out_of_raw_bytes(
    tmp_path_factory: pytest.TempPathFactory, units: list[bytes], data: st.DataObject
) -> None:
    gone = sorted(data.draw(st.sets(st.integers(0, len(units) - 1))))
    file = tmp_path_factory.mktemp("raw") / "raw"
    ends = np.cumsum([0, *map(len, units)])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(raw_file, "FRAME", 16)
        file.write_bytes(raw_file.content(b"".join(units), ends))
        file.write_bytes(without_units(RawFile.open(file), np.array(gone, np.int64)))
    left = RawFile.open(file)
    wanted = [b"" if number in gone else unit for number, unit in enumerate(units)]
    assert left.units(range(len(units))) == wanted


@given(st.integers(0, 4095), st.integers(2, 6))
def test_destroying_keys_one_after_the_other(bucket: int, count: int) -> None:
    """Whatever the order, exactly the destroyed ones change."""
    hashes = np.random.default_rng(bucket).integers(0, 256, (count, 32), np.uint8)
    hashes[:, 0], hashes[:, 1] = bucket >> 4, (bucket & 15) << 4 | hashes[:, 1] & 15
    first = PeriodKeys.make()
    now = first
    for index in range(count - 1):
        now = PeriodKeys.read(now.destroy(hashes[index].tobytes(), hashes[index + 1 :]).data)
        same = (first.person_keys(hashes) == now.person_keys(hashes)).all(axis=1)
        assert same.tolist() == [False] * (index + 1) + [True] * (count - index - 1)
