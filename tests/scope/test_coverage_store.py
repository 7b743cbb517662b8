"""Holes that the store tells of, and clocks that were set back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.model.settings import CoverageSettings, Settings, SourceSettings
from haechi.model.tables import ASIDE
from haechi.model.values import Hole
from haechi.scope.coverage import find_holes, overlapping
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine, memory_engine

BEGIN = datetime(2025, 5, 5)
NOW = datetime(2026, 1, 1)
HOUR = 3600.0
DAY = 24 * HOUR
Floats = npt.NDArray[np.float64]


def batch(number: int, **changed: Any) -> dict[str, Any]:
    """One of a row of batches: 100 records and an hour each."""
    values = {
        "id": f"{number:010d}",
        "table_name": "access",
        "source": "gateway",
        "path": "gateway.log",
        "rows": 100,
        "set_aside": 0,
        "seq_from": number * 100 + 1,
        "seq_to": number * 100 + 100,
        "first_time": BEGIN + timedelta(hours=number),
        "last_time": BEGIN + timedelta(hours=number, minutes=59),
        "collected": NOW,
        "problem": "",
        "gone": "",
        "erased": 0,
        "bytes_sent": 5000,
    }
    return values | changed


def holes_of(
    batches: Sequence[dict[str, Any]], engine: DuckDBEngine | None = None, **given: Any
) -> list[Hole]:
    engine = engine or memory_engine()
    engine.register("batch", pa.Table.from_pylist(list(batches), BATCH_VIEW))
    return find_holes(engine, given.get("settings", Settings()), now=NOW)


def utc(hours: float) -> datetime:
    return (BEGIN + timedelta(hours=hours)).replace(tzinfo=UTC)


def test_neighbouring_batches_that_are_gone_are_one_hole() -> None:
    kinds = ["", "expired", "expired", "", "missing", "missing", "expired", ""]
    found = holes_of([batch(n, gone=kind) for n, kind in enumerate(kinds)])
    assert [(h.kind, h.missing, h.at_most, h.bytes_sent) for h in found] == [
        ("expired", 200, 200, 10_000),
        ("missing", 200, 200, 10_000),
        ("expired", 100, 100, 5000),
    ]
    assert (found[0].first, found[0].last) == (utc(1), utc(2 + 59 / 60))
    assert found[0].sentence == (
        "The retention of 2 batches of gateway ended: 200 records, 2025-05-05 01:00 to 02:59 UTC."
    )
    assert found[1].sentence.startswith(
        "2 batches of gateway are not in the store, though the log says that they were written: 200 records"
    )


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["", "expired", "missing"])), max_size=12)
)
def test_every_record_of_a_batch_that_is_gone_is_counted_once(made: list[tuple[str, str]]) -> None:
    numbers = {"a": 0, "b": 0}
    batches = []
    for source, gone in made:
        n = numbers[source]
        batches.append(batch(n, source=source, gone=gone, rows=n + 1, seq_from=n + 1, seq_to=n + 1))
        numbers[source] += 1
    found = holes_of(batches)
    for kind in ("expired", "missing"):
        told = sum(hole.missing or 0 for hole in found if hole.kind == kind)
        assert told == sum(row["rows"] for row in batches if row["gone"] == kind)
    changes = sum(
        row["gone"] != "" and (n == 0 or own[n - 1]["gone"] != row["gone"])
        for source in "ab"
        for own in [[b for b in batches if b["source"] == source]]
        for n, row in enumerate(own)
    )
    assert len(found) == changes


def test_lines_that_a_gone_batch_set_aside_may_have_been_records() -> None:
    (hole,) = holes_of([batch(0, gone="missing", rows=97, set_aside=3)])
    assert (hole.missing, hole.at_most) == (97, 100)
    assert "and 3 lines that could not be read" in hole.sentence


def test_erased_rows_are_told_by_source_and_not_twice() -> None:
    found = holes_of([batch(0, erased=2), batch(1, erased=3), batch(2, gone="expired", erased=4)])
    assert [(hole.kind, hole.missing) for hole in found] == [("erased", 5), ("expired", 100)]
    assert found[0].sentence == (
        "5 records of gateway were removed with the key of the person, "
        "from batches of 2025-05-05 00:00 to 01:59 UTC."
    )


def test_a_number_in_no_batch_of_the_log_is_missing() -> None:
    found = holes_of([batch(0), batch(2), batch(3, table_name="issuance")])
    (hole,) = found
    assert (hole.kind, hole.missing, hole.first, hole.last) == ("missing", 100, utc(59 / 60), utc(2))
    assert hole.sentence == (
        "100 lines of gateway that were read, numbers 101 to 200, are in no batch of the log, "
        "2025-05-05 00:59 to 02:00 UTC."
    )
    (first,) = holes_of([batch(1)])
    assert (first.missing, first.first) == (100, None)


def test_a_source_that_is_named_and_was_never_collected_is_a_hole() -> None:
    sources = [SourceSettings("gateway", ["*.log"]), SourceSettings("gateway-2", ["*.log"])]
    registry = SourceSettings("members", ["*.csv"], "subject")
    (hole,) = holes_of([batch(0)], settings=Settings(sources=[*sources, registry]))
    assert (hole.kind, hole.source, hole.missing, hole.first) == ("silent", "gateway-2", None, None)
    assert holes_of([], settings=Settings(sources=sources)) == []


def test_a_long_stretch_set_aside_has_no_bound() -> None:
    engine = memory_engine()
    rows = [{"source": "gateway", "seq": n, "reason": "not JSON", "length": n * 5000} for n in (1, 2)]
    engine.register("aside", pa.Table.from_pylist(rows[:1], ASIDE))
    (hole,) = holes_of([batch(0, rows=98, set_aside=2)], engine)
    assert (hole.missing, hole.at_most) == (1, 1)
    engine.register("aside", pa.Table.from_pylist(rows, ASIDE))
    (hole,) = holes_of([batch(0, rows=98, set_aside=2)], engine)
    assert (hole.missing, hole.at_most) == (2, None)


def test_silence_where_batches_are_gone_has_its_reason_already() -> None:
    seconds = np.sort(np.random.default_rng(1).uniform(0, 20 * DAY, 20_000))
    quiet = (seconds > 5 * DAY) & (seconds < 8 * DAY)
    engine = access(seconds[~quiet])
    gone = batch(
        0,
        gone="expired",
        first_time=BEGIN + timedelta(days=5),
        last_time=BEGIN + timedelta(days=7),
        seq_to=20_000,
    )
    found = holes_of([gone], engine)
    assert sorted(hole.kind for hole in found) == ["expired", "silent"]
    silent = next(hole for hole in found if hole.kind == "silent")
    assert silent.first == utc(7 * 24)
    assert holes_of([{**gone, "last_time": BEGIN + timedelta(days=8)}], engine)[0].kind == "expired"
    assert len(holes_of([{**gone, "last_time": BEGIN + timedelta(days=8)}], engine)) == 1


def access(
    seconds: Floats, nodes: Sequence[str | None] | None = None, source: str = "gateway"
) -> DuckDBEngine:
    """Accesses in the order of the file, which need not be that of their times."""
    offsets = (np.asarray(seconds, "f8") * 1e6).astype("i8")
    rows = len(offsets)
    return memory_engine(
        {
            "access": pa.table(
                {
                    "time": pa.array(np.datetime64(BEGIN, "us").astype("i8") + offsets, pa.timestamp("us")),
                    "source": pa.array([source] * rows, pa.string()),
                    "seq": pa.array(range(1, rows + 1), pa.int64()),
                    "node": pa.array(nodes or [None] * rows, pa.string()),
                }
            )
        }
    )


def jumps(engine: DuckDBEngine, batches: Sequence[dict[str, Any]] = ()) -> list[Hole]:
    # Silences are another test's: here only clocks are looked at.
    quiet = Settings(coverage=CoverageSettings(silent_at_least="365d"))
    return [hole for hole in holes_of(batches, engine, settings=quiet) if hole.kind == "clock"]


def set_back(at: float, by: float, rows: int = 20_000, days: float = 4) -> Floats:
    seconds = np.sort(np.random.default_rng(5).uniform(0, days * DAY, rows))
    return np.where(seconds < at, seconds, seconds - by)


@pytest.mark.parametrize("rows", [300, 20_000, 200_000])
def test_a_clock_set_back_is_told_once_with_its_size(rows: int) -> None:
    (hole,) = jumps(access(set_back(2 * DAY, 5 * HOUR, rows)))
    assert (hole.kind, hole.missing, hole.at_most) == ("clock", 0, 0)
    assert "The clock of gateway runs back by 4 h" in hole.sentence or "back by 5 h 0 min" in hole.sentence
    assert hole.first is not None and hole.last is not None
    assert utc(42) < hole.first < hole.last < utc(48.1)
    assert overlapping([hole], BEGIN + timedelta(days=30), BEGIN + timedelta(days=30)) == []


def test_summer_time_and_seconds_out_of_order_are_no_jumps() -> None:
    assert jumps(access(set_back(2 * DAY, 1 * HOUR))) == []
    late = set_back(0, 0) + np.random.default_rng(6).uniform(0, 60, 20_000)
    assert jumps(access(late)) == []


def test_one_late_record_is_no_jump() -> None:
    seconds = set_back(0, 0)
    seconds[10_000] -= 7 * HOUR  # a request of many hours, written when it ended with the time when it began
    assert jumps(access(seconds)) == []


def test_files_joined_or_in_another_order_are_no_jumps() -> None:
    seconds = set_back(0, 0)
    assert jumps(access(np.concatenate([seconds, seconds + 7]))) == []  # two machines' logs in one file
    assert jumps(access(seconds[::-1])) == []  # the newest first
    assert jumps(access(seconds[::-1][::400])) == []
    assert jumps(access(np.random.default_rng(7).permutation(seconds))) == []  # by another column


def test_rotated_files_are_read_in_any_order() -> None:
    seconds = set_back(0, 0)
    rotated = np.concatenate([seconds[10_000:], seconds[:10_000]])
    batches = [
        batch(0, path="access.log", seq_from=1, seq_to=10_000, first_time=BEGIN + timedelta(days=2)),
        batch(1, path="access.log.1", seq_from=10_001, seq_to=20_000, first_time=BEGIN),
    ]
    assert jumps(access(rotated), batches) == []


def test_machines_are_looked_at_apart() -> None:
    own, other = set_back(0, 0, 4000), set_back(2 * DAY, 3 * HOUR, 4000)
    mixed = np.column_stack([own, other]).ravel()
    nodes: list[str | None] = ["gw-1", "gw-2"] * 4000
    (hole,) = jumps(access(mixed, nodes))
    assert "gateway (gw-2)" in hole.sentence
    shifted = np.column_stack([own, own - 5 * HOUR]).ravel()
    assert jumps(access(shifted, nodes)) == []


def test_a_gap_of_an_issuer_counts_by_node() -> None:
    rows = {
        "time": [BEGIN + timedelta(seconds=n) for n in range(6)],
        "source": ["issuer"] * 6,
        "seq": list(range(1, 7)),
        "node": ["idp-1", "idp-2"] * 3,
        "node_seq": [1, 11, 2, 12, 5, 13],
    }
    types = {"time": pa.timestamp("us"), "seq": pa.int64(), "node_seq": pa.int64()}
    table = pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in rows.items()})
    (hole,) = holes_of([], memory_engine({"issuance": table}))
    assert (hole.kind, hole.table, hole.missing, hole.at_most) == ("sequence_gap", "issuance", 2, 2)
    assert "issuer (idp-1)" in hole.sentence
