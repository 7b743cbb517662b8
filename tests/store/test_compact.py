"""Compaction changes no answer and no proof."""

from __future__ import annotations

from contextlib import closing

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.store.sealed import check_store
from tests.store.shop import Shop

from haechi.collect import blocks
from haechi.model.settings import StoreSettings
from haechi.model.tables import ACCESS
from haechi.store import compact as module
from haechi.store import layout
from haechi.store.compact import compact
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import connect
from haechi.store.open import open_engine
from haechi.store.sorted_file import write_sorted

SETTINGS = StoreSettings()


def test_answers_and_proofs_stay(shop: Shop) -> None:
    shop.collect([0, 1], ("gateway", "partner"))
    shop.collect([0], lines=130)  # a day's second file: the same day, another batch
    before, aside = shop.table(), shop.table("SELECT * FROM aside ORDER BY source, seq")
    done = compact(shop.store, SETTINGS)
    assert (done.files, done.batches, done.rows, done.left_out) == (4, 5, before.num_rows, [])
    assert shop.table().equals(before) and shop.table("SELECT * FROM aside ORDER BY source, seq").equals(
        aside
    )
    assert shop.files("batches/*/*[0-9].parquet") == []
    assert len(shop.files("compact/*.parquet")) == 4 and len(shop.files("batches/*/*.leaves")) == 5
    assert not any(check_store(shop.store).values())
    again = compact(shop.store, SETTINGS)
    assert again.files == 0 and shop.table().equals(before)


def test_a_sorted_file_is_sorted_by_person_and_time_and_salted(shop: Shop) -> None:
    shop.collect([0])
    compact(shop.store, SETTINGS)
    file = layout.compact_file(shop.path, 0)
    rows = pq.read_table(file)
    assert [(field.name, field.type) for field in rows.schema] == [
        (field.name, field.type) for field in ACCESS
    ]
    order = list(zip(rows["subject"].to_pylist(), rows["time"].to_pylist(), strict=True))
    assert order == sorted(order) and len(order) == 100
    assert len(rows.schema.metadata[b"haechi.salt"]) == 32
    assert (
        layout.compact_file(shop.path, 0).stat().st_mode & 0o077 == 0 or shop.path.stat().st_mode & 0o077 == 0
    )


def test_days_that_are_not_over_wait(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect([0, 1, 2])
    last = shop.store.snapshot().batches[-1].last
    assert last is not None
    noon = (last // module.DAY + 1) * module.DAY + module.DAY // 2  # of the day after the last
    monkeypatch.setattr(module, "now", lambda: noon)
    days = [group.day for group in module.groups(shop.store.snapshot().catalog, noon - module.DAY)]
    assert days == [last // module.DAY - 2, last // module.DAY - 1]
    with pytest.raises(Exception, match="clock"):  # that clock is wrong: nothing is sealed with it
        compact(shop.store, SETTINGS)


def test_all_days(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect([0, 1])
    catalog = shop.store.snapshot().catalog
    first = catalog.batches[0].last
    assert first is not None
    day = first // module.DAY
    assert [group.day for group in module.groups(catalog, (day + 1) * module.DAY)] == [day]
    assert [group.day for group in module.groups(catalog, (day + 2) * module.DAY)] == [day, day + 1]
    assert list(module.groups(catalog, (day + 1) * module.DAY - 1)) == []


def test_large_days_become_several_files(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for lines in (100, 130, 160):
        shop.collect([0], lines=lines)
    monkeypatch.setattr(module, "MOST_ROWS", 130)
    before = shop.table()
    assert compact(shop.store, SETTINGS).files == 3
    assert shop.table().equals(before)


def test_a_reader_keeps_the_files_that_it_sees(shop: Shop) -> None:
    shop.collect([0])
    store = shop.store
    with store.reading():
        engine = open_engine(store.snapshot(), SETTINGS)
        assert compact(shop.store, SETTINGS).files == 1
        assert shop.files("batches/*/*[0-9].parquet") != []
        assert engine.rows("SELECT count(*) FROM access") == [(100,)]
        engine.close()
        assert shop.one("SELECT count(*) FROM access") == 100  # who comes now sees each record once
    with shop.store.writer():
        pass
    assert shop.files("batches/*/*[0-9].parquet") == []


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_altered_records_get_no_new_hash(shop: Shop, damage: str) -> None:
    shop.collect([0, 1])
    file = layout.records_file(shop.path, 0)
    if damage == "missing":
        file.unlink()
    else:
        rows = pq.read_table(file)
        pq.write_table(rows.slice(1), file)
    done = compact(shop.store, SETTINGS)
    assert done.files == 1 and len(done.left_out) == 1 and damage in done.left_out[0]
    assert shop.store.snapshot().catalog.compacted == {1: 0}


def test_a_file_that_no_entry_names_is_removed(shop: Shop) -> None:
    shop.collect([0])
    stray = layout.compact_file(shop.path, 5)
    stray.parent.mkdir()
    stray.write_bytes(b"left by a crash")
    before = shop.table()
    with shop.store.writer():
        pass
    assert not stray.exists() and shop.table().equals(before)


def test_bloom_filters_find_a_credential(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bloom")
    connection = connect("1GB", threads=1)
    columns = ", ".join(
        {
            "credential": "unhex(left(sha256(i::VARCHAR), 32)) AS credential",
            "subject": "'M' || (i % 50_000) AS subject",
            "seq": "i AS seq",
            "time": "make_timestamp(i) AS time",
        }.get(
            field.name, f'NULL::{"VARCHAR" if pa.types.is_string(field.type) else "BIGINT"} AS "{field.name}"'
        )
        for field in ACCESS
    )
    made, target = folder / "made.parquet", folder / "sorted.parquet"
    connection.execute(f"COPY (SELECT {columns} FROM range(300_000) AS r(i)) TO '{made}' (FORMAT parquet)")
    assert write_sorted(DuckDBEngine(connection), "access", [made], target) == 300_000
    groups = pq.read_metadata(target).num_row_groups
    probe = f"SELECT count(*) FILTER (NOT bloom_filter_excludes) FROM parquet_bloom_probe('{target}', $column, $value)"
    value = "SELECT unhex(left(sha256('77777'), 32))"
    (credential,) = connection.execute(value).fetchone() or (b"",)
    for column, wanted in (("credential", credential), ("subject", "M77")):
        (hits,) = connection.execute(probe, {"column": column, "value": wanted}).fetchone() or (0,)
        assert groups == 5 and 1 <= hits < groups, column
    (absent,) = connection.execute(probe, {"column": "subject", "value": "nobody"}).fetchone() or (9,)
    assert absent == 0
    connection.close()


def test_a_full_disk_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect([0])

    class Full:
        def execute(self, *_: object) -> None:
            raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    with pytest.raises(Exception, match="not enough space"):
        write_sorted(Full(), "access", [layout.records_file(shop.path, 0)], shop.root / "x")  # type: ignore[arg-type]


def test_many_small_batches_of_a_growing_log(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As live collection makes them: over several days, a few lines each, read while they are sorted."""
    monkeypatch.setattr(module, "MOST_BATCHES", 40)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 10)  # nine lines
    shop.collect([0, 1, 2], lines=900)
    catalog = shop.store.snapshot().catalog
    assert len(catalog.batches) > 250
    before, aside = shop.table(), shop.table("SELECT * FROM aside ORDER BY source, seq")
    store = shop.store
    with store.reading(), closing(open_engine(store.snapshot(), SETTINGS)) as reader:
        asked: list[int] = []

        def look(source: str, rows: int) -> None:
            ((count,),) = reader.rows("SELECT count(*) FROM access")  # who came before sees what stood there
            asked.append(count)
            assert shop.one("SELECT count(*) FROM access") == before.num_rows  # who comes now, too

        done = compact(shop.store, SETTINGS, progress=look)
        assert set(asked) == {before.num_rows} and len(asked) == done.files
    assert (done.batches, done.rows, done.left_out) == (len(catalog.batches), before.num_rows, [])
    with shop.store.writer():
        pass  # nobody reads any more: what was superseded goes
    assert shop.files("batches/*/*[0-9].parquet") == []
    assert shop.table().equals(before)
    assert shop.table("SELECT * FROM aside ORDER BY source, seq").equals(aside)
    assert not any(check_store(shop.store).values())
    for leaf in shop.store.snapshot().catalog.live_compactions():
        rows = pq.read_table(layout.compact_file(shop.path, leaf.number), columns=["subject", "time"])
        assert rows.num_rows == leaf.rows and rows.equals(
            rows.sort_by([("subject", "ascending"), ("time", "ascending")])
        )
        assert len({moment.date() for moment in rows["time"].to_pylist()}) == 1  # a file holds one day
