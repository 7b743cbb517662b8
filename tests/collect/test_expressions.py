"""Times as people write them, read as UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.collect.expressions import (
    absent,
    check_zone,
    hex_digest,
    json_path,
    json_strings,
    literal,
    time_expression,
    truth,
    value_at,
)
from haechi.model.errors import SettingsError
from haechi.store.duckdb_engine import memory_engine


def read(values: list[str], zone: str = "", samples: list[str] | None = None) -> list[datetime | None]:
    sql, _ = time_expression("x", values if samples is None else samples, zone)
    listed = ", ".join(f"({i}, {literal(value)})" for i, value in enumerate(values))
    rows = memory_engine().rows(f"SELECT {sql} FROM (VALUES {listed}) AS t(i, x) ORDER BY i")
    return [row[0] for row in rows]


NOON_KST = datetime(2025, 6, 1, 3, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-01T12:00:00+09:00",
        "2025-06-01T12:00:00+0900",
        "2025-06-01 12:00:00+09",
        "2025-06-01 12:00:00 +09:00",
        "2025-06-01 12:00:00.000 KST",
        "2025-06-01T03:00:00Z",
        "2025-06-01 03:00:00,000 UTC",
        "01/Jun/2025:12:00:00 +0900",
        "2025-06-01 05:00:00 CEST",
        "1748746800",
        "1748746800.000",
        "1748746800000",
        "1748746800000000",
        "1748746800000000000",
    ],
)
@pytest.mark.parametrize("zone", ["", "Asia/Seoul", "America/New_York"])
def test_a_time_with_its_zone_is_read_by_it_whatever_the_setting(text: str, zone: str) -> None:
    assert read([text], zone) == [NOON_KST]


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-01T12:00:00",
        "2025-06-01 12:00:00,000",
        "2025/06/01 12:00:00",
        "01/Jun/2025:12:00:00",
        "01/Jun/2025:12:00:00.000",
        "Sun Jun  1 12:00:00 2025",
        "Sun Jun  1 12:00:00.000000 2025",
    ],
)
def test_a_time_without_zone_is_in_the_source_s_zone(text: str) -> None:
    assert read([text], "Asia/Seoul") == [NOON_KST]
    assert read([text]) == [NOON_KST + timedelta(hours=9)]


@pytest.mark.parametrize("text", ["2025-06-01", "20250601", "2025.06.01", "2025. 6. 1.", "2025/6/1"])
def test_plain_dates_are_midnight(text: str) -> None:
    assert read([text]) == [datetime(2025, 6, 1)]
    assert read([text], "Asia/Seoul") == [datetime(2025, 5, 31, 15)]


def test_kinds_mixed_in_one_file_are_all_read() -> None:
    mixed = ["2025-06-01T12:00:00", "2025-06-01T03:00:00Z", "1748746800", "01/Jun/2025:12:00:00 +0900"]
    assert read(mixed, "Asia/Seoul") == [NOON_KST] * 4
    assert read(mixed, "Asia/Seoul", samples=[])[1:] == [NOON_KST] * 3


def test_summer_time_is_read_from_a_winter_sample() -> None:
    sample = ["2025-01-01 12:00:00 CET"]
    assert read(["2025-06-01 05:00:00 CEST"], samples=sample) == [NOON_KST]


@pytest.mark.parametrize("text", ["yesterday", "2025-13-45T00:00:00Z", "", "99/Foo/2025:00:00:00 +0", "--"])
def test_what_is_no_time_gives_null(text: str) -> None:
    samples = ["2025-06-01T12:00:00Z", "01/Jun/2025:12:00:00 +0900", "1748746800"]
    assert read([text], samples=samples) == [None]


def test_the_note_says_how_zones_were_read() -> None:
    assert time_expression("x", ["2025-06-01T00:00:00Z"], "")[1] == "times carry their zone"
    assert time_expression("x", ["2025-06-01 00:00:00"], "Asia/Seoul")[1].endswith("read as Asia/Seoul")
    assert "without one as UTC" in time_expression("x", ["2025-06-01 00:00:00", "1748746800"], "")[1]


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="Mars/Olympus"):
        check_zone("Mars/Olympus")


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)),
    st.integers(min_value=-12 * 60, max_value=14 * 60),
)
def test_any_offset_gives_the_same_instant_as_python(naive: datetime, minutes: int) -> None:
    aware = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    utc = aware.astimezone(UTC).replace(tzinfo=None)
    assert read([aware.isoformat()], "Asia/Seoul") == [utc]
    assert read([aware.strftime("%d/%b/%Y:%H:%M:%S %z")]) == [utc.replace(microsecond=0)]
    micros = int((aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    assert read([str(micros)]) == [utc]


def one(expr: str, value: str) -> object:
    return memory_engine().rows(f"SELECT {expr} FROM (SELECT {literal(value)} AS x)")[0][0]


def test_small_builders() -> None:
    assert one(absent("x"), "-") is None
    assert one(absent("x", "-", "null"), "null") is None
    assert one(absent("x"), "a'b") == "a'b"
    assert [one(truth("x"), v) for v in ("Yes", "0", "maybe")] == [True, False, None]
    assert json_path("a.b") == '$."a"."b"'
    assert json_path('"a.b"') == '$."a.b"'
    assert json_path("a.b", [{"a.b": 1}]) == '$."a.b"'
    strings = json_strings([json_path("a.b"), json_path('"a.b"')], "x")
    assert one(strings, '{"a":{"b":1},"a.b":"two"}') == ["1", "two"]
    assert one(strings, '{"a":') is None


@pytest.mark.parametrize(
    ("key", "record", "value"),
    [
        ("a.b", {"a": {"b": "x"}}, "x"),
        ('"a.b"', {"a.b": "x", "a": {"b": "y"}}, "x"),
        ("a.b", {"a.b": "x", "a": {"b": "y"}}, "x"),
        ("a[1].b", {"a": [0, {"b": "x"}]}, "x"),
        ("a[0][1]", {"a": [["y", "x"]]}, "x"),
        ('say "hi"', {'say "hi"': "x"}, "x"),
        ("a\\b", {"a\\b": "x"}, "x"),
        ("a[x]", {"a[x]": "x"}, "x"),
        ("a.c", {"a": {"b": "x"}}, None),
        ("a[5]", {"a": ["x"]}, None),
    ],
)
def test_the_engine_and_the_sample_find_the_same_value(
    key: str, record: dict[str, object], value: str | None
) -> None:
    assert value_at(record, key) == value
    assert one(json_strings([json_path(key, [record])], "x"), json.dumps(record)) == [value]


def test_a_digest_in_hex_becomes_sixteen_bytes() -> None:
    digest = "ab" * 32
    assert one(hex_digest("x"), digest) == bytes.fromhex("ab" * 16)
    assert one(hex_digest("x"), "SHA256:" + digest.upper()) == bytes.fromhex("ab" * 16)
    assert one(hex_digest("x"), "ab" * 16) == bytes.fromhex("ab" * 16)
    assert [one(hex_digest("x"), bad) for bad in ("", "xyz", "ab" * 15, "ab" * 33)] == [None] * 4
