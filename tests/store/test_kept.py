"""What rules keep of a large store lies in files of its own folder, and goes even where the engine was killed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.store.shop import Shop

from haechi.model.settings import StoreSettings
from haechi.store import layout
from haechi.store import open as module
from haechi.store.open import open_engine


def test_a_large_store_keeps_rows_as_files(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect([0])
    spill = layout.spill_folder(shop.store.root)
    with closing(open_engine(shop.store.snapshot(), StoreSettings())) as engine:
        engine.keep("few", "SELECT seq FROM access")
        few = engine.rows("SELECT count(*), sum(seq) FROM few")
        assert not spill.exists() or not [*spill.glob("kept-*")]
    monkeypatch.setattr(module, "MANY", 1)
    with closing(open_engine(shop.store.snapshot(), StoreSettings())) as engine:
        engine.keep("few", "SELECT seq FROM access")
        assert engine.rows("SELECT count(*), sum(seq) FROM few") == few
        (folder,) = spill.glob("kept-*")
        assert len([*folder.iterdir()]) == 1
    assert not folder.exists()


def test_where_nothing_can_be_written_rows_stay_in_memory(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.collect([0])
    monkeypatch.setattr(module, "MANY", 1)
    monkeypatch.setattr(layout, "spill_folder", lambda root: Path("/proc/nobody/writes/here"))
    with closing(open_engine(shop.store.snapshot(), StoreSettings())) as engine:
        engine.keep("few", "SELECT seq FROM access")
        assert engine.rows("SELECT count(*) FROM few") == engine.rows("SELECT count(*) FROM access")


def test_the_next_writer_removes_what_a_killed_engine_left(shop: Shop) -> None:
    shop.collect([0])
    left = layout.spill_folder(shop.store.root) / "kept-of-the-dead"
    left.mkdir(parents=True)
    (left / "rule_rows.parquet").write_bytes(b"rows")
    with shop.store.reading():
        shop.collect([1])
        assert left.exists()  # it may be this reader's
    shop.collect([2])
    assert not left.exists()
