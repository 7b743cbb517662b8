"""Holes: outages are found, ordinary nights and weekends are not, and a restarted counter loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import haechi.collect
from haechi.model.settings import CoverageSettings, Settings
from haechi.model.tables import ASIDE
from haechi.model.values import Hole, ReadReport, SourceRead
from haechi.model.words import NO_RECORD
from haechi.scope import say, sequence
from haechi.scope.coverage import find_holes, overlapping
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine, memory_engine

BEGIN = datetime(2025, 5, 5)  # a Monday
NOW = datetime(2026, 1, 1)
DAY = 86_400.0
Floats = npt.NDArray[np.float64]


def engine_of(
    seconds: Sequence[float] | Floats,
    numbers: Sequence[int] | npt.NDArray[np.int64] | None = None,
    node: str = "gw-1",
    table: str = "access",
    source: str = "gateway",
) -> DuckDBEngine:
    offsets = (np.asarray(seconds, dtype="f8") * 1e6).astype("i8")
    rows = len(offsets)
    columns = {
        "time": pa.array(np.datetime64(BEGIN, "us").astype("i8") + offsets, pa.timestamp("us")),
        "source": pa.array([source] * rows, pa.string()),
        "seq": pa.array(range(1, rows + 1), pa.int64()),
    }
    if numbers is not None:
        columns["node"] = pa.array([node] * rows, pa.string())
        columns["node_seq"] = pa.array(numbers, pa.int64())
    return memory_engine({table: pa.table(columns)})


def holes_of(engine: DuckDBEngine, silent_at_least: str = "1h") -> list[Hole]:
    return find_holes(engine, Settings(coverage=CoverageSettings(silent_at_least=silent_at_least)), now=NOW)


def arrivals(days: float, per_day: int, seed: int = 1) -> Floats:
    return np.sort(np.random.default_rng(seed).uniform(0, days * DAY, round(days * per_day)))


def by_day(seconds: Floats, open_from: float, open_to: float, weekend: bool = True) -> Floats:
    hour, day = seconds / 3600 % 24, seconds // DAY % 7
    return seconds[(hour >= open_from) & (hour < open_to) & (weekend | (day < 5))]


def without(seconds: Floats, first: float, last: float) -> Floats:
    return seconds[(seconds < first) | (seconds > last)]


def test_the_outage_of_a_busy_source_is_found_with_its_bounds() -> None:
    seconds = without(arrivals(60, 3000), 18 * DAY + 7860, 28 * DAY)
    (hole,) = holes_of(engine_of(seconds))
    assert (hole.kind, hole.source, hole.missing) == ("silent", "gateway", None)
    assert hole.first is not None and hole.last is not None
    begin = (BEGIN + timedelta(days=18, hours=2, minutes=11)).replace(tzinfo=UTC)
    assert timedelta() <= begin - hole.first < timedelta(minutes=10)
    assert timedelta() <= hole.last - begin.replace(day=2, month=6, hour=0, minute=0) < timedelta(minutes=10)
    assert hole.sentence.startswith("gateway was silent from 2025-05-23 02:")
    assert "(9 days 2" in hole.sentence
    assert "other weeks" in hole.sentence


@pytest.mark.parametrize("days", [2.5, 6.0, 13.0, 40.0])
def test_nights_are_no_holes(days: float) -> None:
    assert holes_of(engine_of(by_day(arrivals(days, 2000), 7, 22))) == []


@pytest.mark.parametrize("days", [22.0, 26.0, 60.0])
def test_weekends_are_no_holes_once_there_are_weeks(days: float) -> None:
    assert holes_of(engine_of(by_day(arrivals(days, 2000), 8, 19, weekend=False))) == []


def test_an_outage_by_day_is_found_in_an_office_system() -> None:
    seconds = by_day(arrivals(40, 2000), 8, 19, weekend=False)
    (hole,) = holes_of(engine_of(without(seconds, 15 * DAY + 10 * 3600, 15 * DAY + 15 * 3600)))
    assert hole.first is not None and hole.first.day == (BEGIN + timedelta(days=15)).day


def test_a_few_records_are_no_rhythm() -> None:
    assert holes_of(engine_of([0, 1, 2, 3, 40 * DAY])) == []
    assert holes_of(engine_of(np.concatenate([np.arange(19.0), 40 * DAY + np.arange(19.0)]))) == []
    assert holes_of(engine_of([])) == []


def test_sparse_irregular_records_are_no_holes() -> None:
    assert holes_of(engine_of(arrivals(90, 3))) == []


def sessions(days: float, per_day: int, seed: int = 4) -> Floats:
    """People who come for a dozen pages each, most of them by day, few of them by night."""
    rng = np.random.default_rng(seed)
    begun = arrivals(days, per_day, seed)
    begun = begun[rng.uniform(size=len(begun)) < np.where(begun / 3600 % 24 < 6, 0.15, 1.0)]
    return np.sort((begun[:, None] + np.cumsum(rng.exponential(20, (len(begun), 12)), axis=1)).ravel())


def test_few_people_at_night_are_no_hole_and_a_day_without_them_is() -> None:
    seconds = sessions(120, 80)
    assert holes_of(engine_of(seconds)) == []
    assert len(holes_of(engine_of(without(seconds, 50 * DAY, 51.5 * DAY)))) == 1


def test_quiet_nights_before_a_busy_season_are_no_holes() -> None:
    season = arrivals(60, 2000) + 60 * DAY
    assert holes_of(engine_of(np.concatenate([sessions(60, 80), season]))) == []


def test_nightly_batches_are_no_holes_but_a_night_that_was_left_out_is() -> None:
    rng = np.random.default_rng(2)
    nights = [n * DAY + 7200 + rng.uniform(0, 3000) + np.arange(0, 60, 0.02) for n in range(30)]
    assert holes_of(engine_of(np.concatenate(nights))) == []
    (hole,) = holes_of(engine_of(np.concatenate(nights[:12] + nights[13:])))
    assert "1 day 23:" in hole.sentence or "2 days 00:" in hole.sentence


def test_one_day_of_records_is_judged_with_a_word_of_caution() -> None:
    (hole,) = holes_of(engine_of(without(arrivals(0.9, 20_000), 30_000, 40_000)))
    assert "cannot be told from a hole" in hole.sentence


def test_silence_shorter_than_the_settings_is_none() -> None:
    seconds = without(arrivals(20, 5000), 5 * DAY, 5 * DAY + 3000)
    assert holes_of(engine_of(seconds)) == []
    assert len(holes_of(engine_of(seconds), "30m")) == 1


def test_strays_far_away_hide_no_outage() -> None:
    seconds = np.concatenate([[-4000 * DAY, -3000 * DAY], without(arrivals(30, 3000), 10 * DAY, 12 * DAY)])
    (hole,) = holes_of(engine_of(seconds))
    assert "from 2025-05-14 23:" in hole.sentence or "from 2025-05-15 00:" in hole.sentence


def test_clocks_that_cannot_be_right() -> None:
    epoch = (datetime(1970, 1, 1) - BEGIN).total_seconds()
    future = (NOW - BEGIN).total_seconds() + 2 * DAY
    seconds = np.concatenate([arrivals(10, 1000), [epoch, epoch + 1, future]])
    (hole,) = holes_of(engine_of(seconds))
    assert hole.kind == "clock"
    assert "3 records of gateway" in hole.sentence
    assert "1970-01-01 to 2026-01-03" in hole.sentence
    assert overlapping([hole], BEGIN, BEGIN) == [hole]


def test_records_without_a_time_are_not_called_wrong() -> None:
    seconds = np.concatenate([arrivals(10, 1000), [(datetime(1970, 1, 1) - BEGIN).total_seconds()]])
    engine = engine_of(seconds)
    rows = engine.arrow("SELECT * REPLACE (if(seq <= 2, NULL, time) AS time) FROM access")
    wrong, timeless = sorted(holes_of(memory_engine({"access": rows})), key=lambda hole: hole.first is None)
    assert "1 record of gateway with a time that cannot be right" in wrong.sentence
    assert timeless.sentence == "2 records of gateway carry no time: when they happened is not known."
    assert (timeless.kind, timeless.missing) == ("clock", None)


def test_gaps_in_the_count_of_a_node() -> None:
    numbers = np.delete(np.arange(10_000) + 5_000_000_000, [3, *range(1000, 1500)])
    first, second = holes_of(engine_of((numbers - 5_000_000_000).astype("f8"), numbers))
    assert (first.missing, second.missing) == (1, 500)
    assert "number 5,000,000,003" in first.sentence
    assert "500 records of gateway (gw-1) are missing, 2025-05-05 00:16 to 00:25 UTC" in second.sentence
    assert "5,000,001,000 to 5,000,001,499" in second.sentence
    assert first.first == (BEGIN + timedelta(seconds=2)).replace(tzinfo=UTC)
    assert first.last == (BEGIN + timedelta(seconds=4)).replace(tzinfo=UTC)


def test_issuance_counts_too_and_nodes_are_apart() -> None:
    (hole,) = holes_of(engine_of([0, 1, 2], [1, 2, 4], node="idp-1", table="issuance", source="issuer"))
    assert (hole.source, hole.missing) == ("issuer", 1)
    engines = [engine_of([0, 1], [1, 2], node="a"), engine_of([0, 1], [8, 9], node="b")]
    both = pa.concat_tables([engine.arrow("SELECT * FROM access") for engine in engines])
    assert holes_of(memory_engine({"access": both})) == []


def test_records_out_of_order_are_not_missing() -> None:
    numbers = np.arange(5000)
    shuffled = numbers + np.random.default_rng(3).uniform(0, 300, 5000)  # written when a request ends
    assert holes_of(engine_of(shuffled, numbers)) == []


@pytest.mark.parametrize("base", [0, 1, 1_000_000])
def test_a_count_that_begins_again_is_not_a_loss_of_billions(base: int) -> None:
    numbers = np.concatenate([np.arange(20_000) + 5_000_000_000, np.arange(20_000) + base])
    (hole,) = holes_of(engine_of(np.arange(40_000) * 1.0, numbers))
    assert hole.missing is None
    assert "began its own count again" in hole.sentence


def test_a_count_that_jumps_ahead_is_unknown_and_not_billions() -> None:
    numbers = np.concatenate([np.arange(2000), np.arange(2000) + 5_000_000_000])
    (hole,) = holes_of(engine_of(np.arange(4000) * 1.0, numbers))
    assert hole.missing is None
    assert "how many cannot be told" in hole.sentence


def test_gaps_are_found_on_both_sides_of_a_restart() -> None:
    before, after = np.delete(np.arange(20_000), 500) + 10_000_000, np.delete(np.arange(20_000), 700)
    numbers = np.concatenate([before, after])
    found = holes_of(engine_of(np.arange(len(numbers)) * 1.0, numbers))
    assert sorted(hole.missing or 0 for hole in found) == [0, 1, 1]


def test_numbers_that_occur_twice_are_told_and_nothing_is_missing() -> None:
    (hole,) = holes_of(engine_of([0, 1, 2, 2], [1, 2, 3, 3]))
    assert hole.missing == 0
    assert hole.sentence.startswith("1 record carries")


def test_many_gaps_are_told_in_one_sentence_and_lose_none() -> None:
    numbers = np.arange(0, 4000, 2)
    found = holes_of(engine_of(numbers.astype("f8"), numbers))
    assert len(found) == sequence.LISTED + 1
    assert sum(hole.missing or 0 for hole in found) == 1999
    assert any("in 1,979 smaller gaps" in hole.sentence for hole in found)


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.integers(0, 400), min_size=1),
    st.lists(st.integers(0, 30), max_size=5),
    st.sampled_from([0, 59, 5_000_000_000]),
    st.randoms(use_true_random=False),
)
def test_every_missing_number_is_counted_once(
    numbers: set[int], twice: list[int], base: int, order: Random
) -> None:
    there = sorted(numbers)
    again = [there[index % len(there)] for index in twice]
    rows = [base + number for number in [*there, *again]]
    order.shuffle(rows)
    found = holes_of(engine_of([number - base for number in rows], rows))
    assert sum(hole.missing or 0 for hole in found) == there[-1] - there[0] + 1 - len(there)
    assert any("another one has" in hole.sentence for hole in found) == bool(again)
    for hole in found:
        assert hole.first is not None and hole.last is not None
        assert BEGIN.replace(tzinfo=UTC) <= hole.first <= hole.last


def test_lines_set_aside_and_files_not_read_are_holes() -> None:
    engine = memory_engine()
    batch = {
        "source": "gateway",
        "set_aside": 3,
        "seq_from": 1,
        "seq_to": 9,
        "first_time": BEGIN,
        "last_time": BEGIN + timedelta(hours=1),
    }
    row = {name: batch.get(name) for name in BATCH_VIEW.names}
    engine.register("batch", pa.Table.from_pylist([row, {**row, "set_aside": 0}], BATCH_VIEW))
    reasons = ["its time cannot be read", "not a JSON object", *NO_RECORD]
    aside = [{"source": "gateway", "seq": seq, "reason": why} for seq, why in enumerate(reasons, 1)]
    engine.register("aside", pa.Table.from_pylist(aside, ASIDE))
    broken = SourceRead("b.gz", "gateway", "access", "", 0, 0, 0, None, None, 0, [], "the archive ends early")
    whole = SourceRead("a.gz", "gateway", "access", "", 0, 0, 0, None, None, 0)
    found = find_holes(engine, Settings(), ReadReport(0, 0, 0, [broken, whole]), now=NOW)
    assert {(hole.kind, hole.missing) for hole in found} == {("set_aside", 2), ("unreadable", None)}
    assert found[1].first == BEGIN.replace(tzinfo=UTC)
    assert overlapping(found, BEGIN + timedelta(days=9), BEGIN + timedelta(days=9)) == [found[0]]


def test_reasons_without_a_record_are_those_that_formats_give() -> None:
    told = "".join(
        path.read_text(encoding="utf-8") for path in Path(haechi.collect.__path__[0]).rglob("*.py")
    )
    assert [reason for reason in NO_RECORD if f'"{reason}"' not in told and f"'{reason}'" not in told] == []


def test_overlap_has_a_day_of_margin() -> None:
    at = BEGIN.replace(tzinfo=UTC)
    hole = Hole("gateway", "silent", at, at + timedelta(hours=2), None, "")
    assert overlapping([hole], BEGIN + timedelta(hours=25), BEGIN + timedelta(days=9)) == [hole]
    assert overlapping([hole], BEGIN + timedelta(hours=27), BEGIN + timedelta(days=9)) == []
    assert overlapping([hole], BEGIN - timedelta(days=9), BEGIN - timedelta(hours=25)) == []


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0.0002, "every 0.0002 s"),
        (1e-6, "many times each millisecond"),
        (0.2, "every 0.2 s"),
        (12, "every 12 s"),
        (180, "every 3 min"),
        (7200, "every 2 h"),
    ],
)
def test_usual_gaps_in_words(seconds: float, says: str) -> None:
    assert say.every(seconds) == says


def test_spans_and_lengths_in_words() -> None:
    first = datetime(2025, 5, 23, 2, 11)
    assert say.span(first, datetime(2025, 6, 2)) == "2025-05-23 02:11 to 06-02 00:00 UTC"
    assert say.span(first, datetime(2026, 6, 2)) == "2025-05-23 02:11 to 2026-06-02 00:00 UTC"
    assert say.span(first, first + timedelta(seconds=1)) == "2025-05-23 02:11:00 to 02:11:01 UTC"
    assert say.length(datetime(2025, 6, 2) - first) == "9 days 21:49"
    assert say.length(timedelta(minutes=312)) == "5 h 12 min"
    assert say.length(timedelta(minutes=59, seconds=59)) == "1 h 0 min"
