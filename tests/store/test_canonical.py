"""The canonical form is RFC 8785, whatever a log holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.evidence import jcs
from haechi.model.tables import ACCESS, ASIDE
from haechi.store import canonical
from haechi.store.lending import connect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_VALUES: dict[Any, st.SearchStrategy[Any]] = {
    pa.string(): st.text(max_size=12),
    pa.int64(): st.integers(-(2**53) + 1, 2**53 - 1),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.binary(): st.binary(min_size=16, max_size=16),
    pa.timestamp("us"): st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)),
}


def records(schema: pa.Schema) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({field.name: st.none() | _VALUES[field.type] for field in schema})


def expected(record: dict[str, Any]) -> bytes:
    """The form by the standard's own words, one value at a time."""
    plain = {}
    for name, value in record.items():
        if isinstance(value, bytes):
            value = value.hex()
        elif isinstance(value, datetime):
            value = (value.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
        plain[name] = value
    return jcs.canonical(plain)


def hashed_form(table: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> list[bytes]:
    connection = connect("256MB", threads=1)
    given = pa.Table.from_pylist(rows, schema=schema)
    connection.register("given", given)
    result = connection.sql(canonical.with_canonical(table, "given")).to_arrow_table()
    connection.close()
    return [text.encode() for text in canonical.texts(result, given).to_pylist()]


@settings(max_examples=60, deadline=None)
@given(st.lists(records(ACCESS), min_size=1, max_size=8))
def test_access_records(rows: list[dict[str, Any]]) -> None:
    assert hashed_form("access", ACCESS, rows) == [expected(row) for row in rows]


@settings(max_examples=30, deadline=None)
@given(st.lists(records(ASIDE), min_size=1, max_size=8))
def test_set_aside_lines(rows: list[dict[str, Any]]) -> None:
    assert hashed_form("aside", ASIDE, rows) == [expected(row) for row in rows]


def test_every_control_character_and_the_escapes_themselves() -> None:
    texts = [chr(code) for code in range(32)] + [
        "\\u00",
        "\\",
        '"',
        "\x7f",
        "\u2028",
        "한국어",
        "\U0001f600",
        "\\u001F",
    ]
    rows = [{"path": f"/{text}", "client": text} for text in texts]
    filled = [{field.name: row.get(field.name) for field in ACCESS} for row in rows]
    assert hashed_form("access", ACCESS, filled) == [expected(row) for row in filled]
