"""The same records through Spark as the checkpoint names, where the store is and where a copy of its files is."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.servers.spark import LOCAL
from tests.store.shop import Shop

from haechi.model.errors import EngineError
from haechi.store.spark.open import open_spark

pytestmark = [pytest.mark.xdist_group("spark"), pytest.mark.usefixtures("spark_memory")]

ALL = "SELECT source, seq, time, subject, status FROM access ORDER BY source, seq"


@pytest.fixture
def sold(tmp_path: Path) -> Shop:
    """Two days of a shop, its store in a folder whose name Spark would take for a pattern."""
    shop = Shop(tmp_path)
    shop.path = tmp_path / "a [b] {c}*" / "store"
    shop.collect([0, 1], lines=20)
    return shop


def _rows(shop: Shop, **settings: str) -> list[tuple[Any, ...]]:
    with closing(open_spark(shop.store.snapshot(), msgspec.structs.replace(LOCAL, **settings))) as engine:
        return engine.rows(ALL)


def _wanted(shop: Shop) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in shop.table(ALL).to_pylist()]


def test_a_store_is_read_where_it_is(sold: Shop) -> None:
    wanted = _wanted(sold)
    assert len(wanted) == 40
    assert _rows(sold) == wanted
    assert not sold.files("**/spark-*/**")


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}", "file://{}/"])
def test_files_may_stand_elsewhere(sold: Shop, tmp_path: Path, form: str) -> None:
    wanted = _wanted(sold)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(sold.path / "batches", elsewhere / "batches")
    for file in sold.path.glob("batches/**/*.parquet"):  # were they read here, it would be an error
        file.write_bytes(b"not a file of records")
    assert _rows(sold, files=form.format(elsewhere)) == wanted


def test_a_file_that_was_not_copied_is_an_error(sold: Shop, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(sold.path / "batches", elsewhere / "batches")
    next(elsewhere.glob("batches/**/*.parquet")).unlink()
    with pytest.raises(EngineError):
        _rows(sold, files=str(elsewhere))


def test_a_file_too_many_is_not_looked_at(sold: Shop, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(sold.path / "batches", elsewhere / "batches")
    some = next(elsewhere.glob("batches/**/*.parquet"))
    shutil.copy(some, some.with_name(f"0{some.name}"))
    assert _rows(sold, files=str(elsewhere)) == _wanted(sold)


def test_the_working_folder_is_left_as_it_was(sold: Shop, tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert _rows(sold, work=str(work)) == _wanted(sold)
    assert list(work.iterdir()) == []


def test_a_working_folder_that_cannot_be_made_is_named(sold: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="working folder cannot be made") as caught:
        _rows(sold, work=str(tmp_path / "file" / "work"))
    assert "[engine] work" in caught.value.diagnostics()
