"""The canonical form of a record: what is hashed into a batch's Merkle tree.

It is the record as a JSON object in RFC 8785 form: every column of its table, names sorted, NULL as null, times as
integer microseconds since 1970 UTC, bytes as lower-case hex. Anyone with the row and a JSON library can make it again.

DuckDB's `to_json` writes exactly that for these types, one thing apart: RFC 8785 wants `\\u001f` where DuckDB writes
`\\u001F`. Rows that hold a control character are therefore written again here; they are rare and cost nothing else.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from haechi.evidence import jcs
from haechi.model.tables import ASIDE, SCHEMAS

_ESCAPED = "\\u00"


def schema_of(table: str) -> pa.Schema:
    return ASIDE if table == "aside" else SCHEMAS[table]  # type: ignore[index]


def canonical_expression(table: str) -> str:
    """A SQL expression over the table's columns that gives the canonical text of a row."""
    fields = sorted(schema_of(table), key=lambda field: field.name)
    members = ", ".join(f"{_name(field)} := {_as_json(field)}" for field in fields)
    return f"to_json(struct_pack({members}))::VARCHAR"


def _name(field: pa.Field) -> str:
    return f'"{field.name}"'


def _as_json(field: pa.Field) -> str:
    if pa.types.is_timestamp(field.type):
        return f"epoch_us({_name(field)})"
    if pa.types.is_binary(field.type):
        return f"lower(hex({_name(field)}))"
    return _name(field)


def with_canonical(table: str, inner: str, keep: str = "") -> str:
    """A query that adds `canonical` and `canonical_odd` to `inner`; with `keep`, NULL where that condition fails."""
    made = canonical_expression(table)
    made = f"CASE WHEN {keep} THEN {made} END" if keep else made
    odd = f"contains(canonical, '{_ESCAPED}') AS canonical_odd"
    return f"SELECT *, {odd} FROM (SELECT *, {made} AS canonical FROM {inner})"


def texts(result: pa.Table, rows: pa.Table) -> pa.ChunkedArray:
    """The canonical texts of a result of `with_canonical`, those rewritten whose escapes DuckDB writes in its own way.

    `rows` holds the table's own columns of the same rows.
    """
    found, odd = result["canonical"], result["canonical_odd"]
    if not pc.any(odd).as_py():
        return found
    mended = pa.array([_by_hand(rows, int(i)) for i in pc.indices_nonzero(odd).to_pylist()], found.type)
    return pa.chunked_array(
        [pc.replace_with_mask(found.combine_chunks(), odd.combine_chunks(), mended)], found.type
    )


def _by_hand(rows: pa.Table, index: int) -> str:
    record = {name: _plain(rows[name][index]) for name in rows.column_names}
    return jcs.canonical(record).decode()


def _plain(scalar: pa.Scalar) -> Any:
    if pa.types.is_timestamp(scalar.type):
        return scalar.value if scalar.is_valid else None
    value = scalar.as_py()
    return value.hex() if isinstance(value, bytes) else value
