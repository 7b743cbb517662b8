"""Texts made by columns are those that the engine's `to_json` gives, byte for byte, whatever a column looks like."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.test_canonical import hashed_form, records

from haechi.model.tables import ACCESS, SCHEMAS
from haechi.store import columnar
from haechi.store.prepare import REPEATING

_ODD = ["\\", '"', "\n", "\x00", "\x1f", "\x7f", "\u2028", "한", "\U0001f600", "\\u00", "", "a"]


def made(schema: pa.Schema, rows: list[dict[str, Any]], chunk: int = 3) -> list[bytes]:
    """The texts of rows that come in small chunks, folded as a batch's are."""
    whole = pa.Table.from_pylist(rows, schema=schema)
    parts = [whole.slice(at, chunk) for at in range(0, len(rows), chunk)]
    table = columnar.folded(pa.concat_tables(parts), REPEATING)
    texts: list[str] = columnar.texts(table).to_pylist()
    return [text.encode() for text in texts]


@settings(max_examples=80, deadline=None)
@given(st.lists(records(ACCESS), min_size=1, max_size=12))
def test_any_records(rows: list[dict[str, Any]]) -> None:
    assert made(ACCESS, rows) == hashed_form("access", ACCESS, rows)


@settings(max_examples=80, deadline=None)
@given(records(ACCESS), st.sets(st.sampled_from(ACCESS.names)), st.data())
def test_columns_of_one_value(row: dict[str, Any], vary: set[str], data: st.DataObject) -> None:
    """Most columns of a real block hold one value, or one value and nothing."""
    others = data.draw(st.lists(records(ACCESS), min_size=0, max_size=9))
    rows = [row, *({**row, **{name: other[name] for name in vary}} for other in others)]
    assert made(ACCESS, rows) == hashed_form("access", ACCESS, rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(_ODD), max_size=4).map("".join), min_size=1, max_size=30))
def test_escapes(values: list[str]) -> None:
    empty = {field.name: None for field in ACCESS}
    rows = [{**empty, "path": value, "client": value, "host": values[0]} for value in values]
    assert made(ACCESS, rows, chunk=7) == hashed_form("access", ACCESS, rows)


@pytest.mark.parametrize("table", sorted(SCHEMAS))
def test_every_table(table: Any) -> None:
    schema = SCHEMAS[table]
    values = {pa.string(): 'x"\x01', pa.binary(): b"\x00\xff", pa.bool_(): True}
    filled = {field.name: values.get(field.type, 7) for field in schema}
    rows = [filled, {**filled, **dict.fromkeys(schema.names[3:])}]
    whole = pa.Table.from_pylist(
        [{k: pa.scalar(v).cast(schema.field(k).type).as_py() for k, v in row.items()} for row in rows],
        schema=schema,
    )
    assert made(schema, whole.to_pylist()) == hashed_form(table, schema, whole.to_pylist())


def test_more_than_one_slice() -> None:
    count = columnar._SLICE * 2 + 5
    empty = {field.name: None for field in ACCESS}
    rows = [{**empty, "seq": at, "path": f"/{at}", "client": "a" if at % 2 else 'b"'} for at in range(count)]
    whole = pa.Table.from_pylist(rows, schema=ACCESS)
    found = columnar.texts(columnar.folded(whole, REPEATING))
    assert [text.encode() for text in found.to_pylist()] == hashed_form("access", ACCESS, rows)


def test_a_column_is_folded_only_if_it_holds_one_value() -> None:
    def column(values: list[str | None]) -> pa.ChunkedArray:
        return pa.chunked_array([values[:3], values[3:]], pa.string())

    for values in (["a"] * 6, ["한"] * 6, [""] * 6):
        found = columnar.single(column(list(values)))
        assert found is not None and found.to_pylist() == values[:1]
    for other in (
        ["a", "a", "b", "a", "a", "a"],
        ["ab", "a", "bab", "ab", "ab", "ab"],
        ["a"] * 5 + [None],
        [None] * 6,
    ):
        assert columnar.single(column(list(other))) is None
    assert columnar.single(pa.chunked_array([], pa.string())) is None
