"""Carried state is what the records say, however the store grew, and holds nothing of what has gone."""

from __future__ import annotations

import multiprocessing
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.shop import START, Shop

from haechi.detect.state.check import check, compare, rebuild
from haechi.detect.state.keep import TABLES, Made, State, provide_state
from haechi.model.errors import StoreError
from haechi.model.settings import RetentionSettings, WorkspaceSettings
from haechi.store import layout
from haechi.store.compact import compact
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.erase import erase
from haechi.store.expire import expire
from haechi.store.open import open_engine
from haechi.store.state import LARGEST, Block, blocks
from haechi.store.store import Snapshot

ZONE = "Asia/Seoul"
YEAR = RetentionSettings("1y", "fewer than 50,000 persons")
# What the state must say, asked of the records themselves, one kind for all.
PERSONS = """
SELECT DISTINCT 'client_ip' AS entity_kind, client_ip AS entity,
    timezone('Asia/Seoul', timezone('UTC', date_trunc('hour', time)))::DATE AS day, subject
FROM access WHERE client_ip IS NOT NULL AND subject IS NOT NULL AND fields <> '' AND status NOT IN (401, 403)
ORDER BY ALL
"""

USED = """
SELECT client_ip, client, key, actor, day, requests::HUGEINT AS requests, personal::HUGEINT AS personal,
    someone, coalesce(someone_else, someone) AS last, hours
FROM use_day ORDER BY ALL
"""
USES = """
SELECT
    client_ip, client, key, actor, timezone('Asia/Seoul', timezone('UTC', time))::DATE AS day,
    count(*)::HUGEINT AS requests, count(*) FILTER (fields <> '' AND status NOT IN (401, 403))::HUGEINT AS personal,
    min(subject) AS someone, max(subject) AS last,
    sum(DISTINCT 1 << hour(timezone('Asia/Seoul', timezone('UTC', time)))::INTEGER)::INTEGER AS hours
FROM access GROUP BY ALL ORDER BY ALL
"""


@contextmanager
def opened(shop: Shop) -> Iterator[tuple[DuckDBEngine, Snapshot]]:
    store = shop.store
    with store.reading():
        snapshot = store.snapshot()
        with closing(open_engine(snapshot, shop.settings.store)) as engine:
            yield engine, snapshot


def make(shop: Shop) -> tuple[Made, dict[str, pa.Table]]:
    """Make the state; what was done, and the rows of every table."""
    with opened(shop) as (engine, snapshot):
        state = State(snapshot, ZONE)
        made = state.make(engine)
        state.bind(engine)
        tables = {t: engine.arrow(f"SELECT * FROM {t} ORDER BY {order}") for t, order in TABLES.items()}
        mine = engine.arrow("SELECT * FROM person_day WHERE entity_kind = 'client_ip' ORDER BY ALL")
        assert mine.equals(engine.arrow(PERSONS))
        assert engine.arrow(USED).equals(engine.arrow(USES))
        asked = engine.rows("SELECT sum(requests) FROM entity_day WHERE entity_kind = 'client_ip'")[0][0] or 0
        assert asked == engine.rows("SELECT count(*) FROM access")[0][0]
    return made, tables


def tidy(shop: Shop) -> None:
    with shop.store.writer():
        pass


def again(shop: Shop) -> dict[str, pa.Table]:
    """The state made from nothing."""
    shutil.rmtree(layout.state_folder(shop.path))
    return make(shop)[1]


@settings(deadline=None)
@given(st.integers(0, 5000))
def test_blocks_cover_each_batch_once(upto: int) -> None:
    found = blocks(upto)
    assert [n for block in found for n in range(block.first, block.end)] == list(range(upto))
    assert all(block.first % block.count == 0 for block in found)
    assert len(found) <= upto // LARGEST + 30


def test_a_block_is_its_parts() -> None:
    assert Block(256, 1).parts() == []
    parts = Block(256, 256).parts()
    assert [parts[0], parts[-1]] == [Block(256, 16), Block(496, 16)] and len(parts) == 16


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(list(range(17))), stops=st.sets(st.integers(0, 17), max_size=4), late=st.booleans()
)
def test_growing_and_making_again_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], stops: set[int], late: bool
) -> None:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    for n, day in enumerate(order):
        # Late records come in a file of their own, of another source, for a day that was looked at before.
        shop.collect([day], ("gateway", "partner") if late and n % 3 == 0 else ("gateway",), lines=40)
        if n in stops:
            make(shop)
    _, grown = make(shop)
    with opened(shop) as (engine, snapshot):
        checked = compare(engine, State(snapshot, ZONE), State(snapshot, ZONE, shop.root / "work"))
    assert not checked.differing and not checked.missing and checked.alike + checked.reread
    fresh = again(shop)
    assert all(grown[table].equals(fresh[table]) for table in TABLES)


def test_a_day_costs_its_own_batches(shop: Shop) -> None:
    shop.collect(range(15))
    assert make(shop)[0] == Made(read=15)
    shop.collect([15])
    assert make(shop)[0] == Made(merged=1)
    shop.collect([16])
    assert make(shop)[0] == Made(kept=1, read=1)
    tidy(shop)
    names = {file.name[:21] for file in layout.state_folder(shop.path).glob("*/*")}
    assert names == {"0000000000-0000000016", "0000000016-0000000001"}


def test_a_day_without_an_inspection_costs_no_more(shop: Shop) -> None:
    shop.collect(range(12))
    make(shop)
    shop.collect(range(12, 16))
    shop.collect([16])  # tidies, when the first sixteen are whole and nobody has merged them
    assert make(shop)[0] == Made(merged=1, read=1)


def test_compaction_changes_nothing(shop: Shop) -> None:
    shop.collect(range(5), ("gateway", "partner"))
    _, before = make(shop)
    compact(shop.store, shop.settings.store)
    made, after = make(shop)
    assert made == Made(kept=10) and all(before[t].equals(after[t]) for t in TABLES)
    fresh = again(shop)
    assert all(before[t].equals(fresh[t]) for t in TABLES)
    shop.collect([6])
    make(shop)


@pytest.mark.parametrize("sorted_first", [False, True])
def test_an_erased_person_is_in_no_state(shop: Shop, sorted_first: bool) -> None:
    shop.collect(range(17))
    if sorted_first:
        compact(shop.store, shop.settings.store)
    _, before = make(shop)
    assert "M7" in before["person_day"]["subject"].to_pylist()
    erase(shop.store, shop.settings.store, "M7", "asked for it")
    # At once, not at the next inspection.
    left = [pq.read_table(f) for f in layout.state_folder(shop.path).glob("*/*.person_day.parquet")]
    assert not any("M7" in table["subject"].to_pylist() for table in left)
    _, after = make(shop)
    assert "M7" not in after["person_day"]["subject"].to_pylist()
    assert "M8" in after["person_day"]["subject"].to_pylist()


def test_what_expired_is_in_no_state(shop: Shop) -> None:
    shop.collect([0, 1, 400])
    make(shop)
    yearly = msgspec.structs.replace(shop.settings, retention=YEAR)
    expire(shop.store, yearly, clock_is_right=True)
    # At once, not at the next inspection.
    assert len(list(layout.state_folder(shop.path).glob("*/*.person_day.parquet"))) == 1
    _, tables = make(shop)
    assert min(tables["person_day"]["day"].to_pylist()) > START.date() + timedelta(days=300)


def test_missing_records_are_in_no_state(shop: Shop) -> None:
    shop.collect(range(3))
    make(shop)
    layout.records_file(shop.path, 1).unlink()
    make(shop)  # compares with the records that there are
    tidy(shop)
    make(shop)


def test_half_written_and_superseded_files_go(shop: Shop) -> None:
    shop.collect([0])
    make(shop)
    folder = State(shop.store.snapshot(), ZONE).folder
    (folder / "0000000000-0000000001-x.person_day.parquet.99.tmp").write_bytes(b"half")
    with shop.store.reading():
        tidy(shop)
        assert len(list(folder.iterdir())) == len(TABLES) + 1  # somebody reads
    tidy(shop)
    assert len(list(folder.iterdir())) == len(TABLES)


def test_a_damaged_file_is_told(shop: Shop) -> None:
    shop.collect([0, 1])
    make(shop)
    with opened(shop) as (engine, snapshot):
        file = State(snapshot, ZONE).files("entity_day")[1]
        rows = engine.arrow(f"SELECT * REPLACE (requests + 1 AS requests) FROM '{file}'")
        pq.write_table(rows, file)
        other = State(snapshot, ZONE).files("person_day")[0]
        pq.write_table(pq.read_table(other), other)
        checked = compare(engine, State(snapshot, ZONE), State(snapshot, ZONE, shop.root / "work"))
    assert (
        checked.differing == [file.name]
        and checked.alike + checked.reread == 2 * len(TABLES) - 1
        and checked.reread >= 1
    )
    asked = msgspec.structs.replace(shop.settings, workspace=WorkspaceSettings(timezone=ZONE))
    assert check(shop.store, asked).differing == [file.name]
    assert rebuild(shop.store, asked) == Made(read=2)
    assert check(shop.store, asked).differing == []
    assert not list(layout.spill_folder(shop.path).iterdir())


def test_state_is_not_thrown_away_under_a_reader(shop: Shop) -> None:
    shop.collect([0])
    make(shop)
    with shop.store.reading(), pytest.raises(StoreError, match="reads"):
        rebuild(shop.store, shop.settings)
    assert shop.files("state/*/*")


def test_a_store_that_cannot_be_written_is_answered_all_the_same(shop: Shop) -> None:
    shop.collect([0, 1])
    _, kept = make(shop)
    shutil.rmtree(layout.state_folder(shop.path))
    layout.state_folder(shop.path).write_bytes(b"in the way")
    with opened(shop) as (engine, snapshot):
        assert provide_state(engine, snapshot, ZONE) is None
        rows = engine.arrow(f"SELECT * FROM person_day ORDER BY {TABLES['person_day']}")
    assert rows.equals(kept["person_day"])


def test_two_at_once_and_one_killed(shop: Shop) -> None:
    shop.collect(range(6))
    forks = multiprocessing.get_context("spawn")
    workers = [forks.Process(target=_make_there, args=(shop.root,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    first = workers.pop()
    folder = layout.state_folder(shop.path)
    while first.is_alive() and not list(folder.glob("*/*.parquet")):
        time.sleep(0.002)
    first.kill()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    first.join()
    _, tables = make(shop)
    fresh = again(shop)
    assert all(tables[table].equals(fresh[table]) for table in TABLES)
    tidy(shop)
    assert len(list(folder.glob("*/*"))) == 6 * len(TABLES)


def _make_there(root: Path) -> None:
    make(Shop(root))
