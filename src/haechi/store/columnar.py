"""Canonical texts of many records, made by columns: the same texts as `canonical`, at a third of the cost.

What stands between two values is the same in every record, so whole columns are joined and no record is written by
itself. Columns of one single value become part of what stands between. Only columns that hold a quote, a backslash
or a control character are written again before, and only for the characters that they hold.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SLICE: Final = 8_192  # records at a time: their values and texts stay in the processor's cache
_SHORT: Final = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}
# RFC 8785, section 3.2.2.2. The backslash first, since the others bring new ones.
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"'} | {chr(c): _SHORT.get(c, f"\\u{c:04x}") for c in range(32)}
_HEX: Final = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)
_NULL: Final = "null"

_Piece = Any  # a text that every record has, or a column of texts


def texts(rows: pa.Table) -> pa.ChunkedArray[Any]:
    """The canonical text of each row. Integers must be ones that JSON holds exactly."""
    slices = rows.to_batches(max_chunksize=_SLICE)
    return pa.chunked_array([_texts(part) for part in slices], pa.string())


def single(column: pa.ChunkedArray[Any]) -> pa.Array[Any] | None:
    """The one value that a whole column of strings consists of, as an array of length 1; None where it varies."""
    if column.null_count or not len(column):
        return None
    first = column[0].as_py()
    if first != column[-1].as_py() or first != column[len(column) // 2].as_py():
        return None
    wanted = first.encode()
    for chunk in column.chunks:
        offsets = _offsets(chunk)
        if (np.diff(offsets) != len(wanted)).any() or _data(chunk, offsets) != wanted * len(chunk):
            return None
    return pa.array([first], column.type)


def folded(rows: pa.Table, names: frozenset[str]) -> pa.Table:
    """The same rows, in which those of the named string columns that hold one single value hold it once."""
    for at, field in enumerate(list(rows.schema)):
        if field.name not in names or not pa.types.is_string(field.type):
            continue
        value = single(rows.column(at))
        if value is not None:
            places = [pa.array(np.zeros(len(chunk), np.int8)) for chunk in rows.column(at).chunks]
            once = [pa.DictionaryArray.from_arrays(place, value) for place in places]
            rows = rows.set_column(at, field.name, pa.chunked_array(once))
    return rows


def _texts(part: pa.RecordBatch) -> pa.Array[Any]:
    pieces: list[_Piece] = []
    for before, name in enumerate(sorted(part.schema.names)):
        pieces += [f'{"," if before else "{"}"{name}":', *_value(part.column(name))]
    joined: list[_Piece] = []
    for piece in [*pieces, "}"]:
        if joined and isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    if len(joined) == 1:
        return pa.repeat(pa.scalar(joined[0], pa.string()), len(part))
    arguments = [pa.scalar(piece, pa.string()) if isinstance(piece, str) else piece for piece in joined]
    return pc.binary_join_element_wise(*arguments, "")


def _value(column: pa.Array[Any]) -> list[_Piece]:
    """The JSON of a column's values, in pieces to be joined."""
    if column.null_count == len(column):
        return [_NULL]
    if pa.types.is_dictionary(column.type):  # `folded`: one value, and no null
        return [piece if isinstance(piece, str) else piece[0].as_py() for piece in _value(column.dictionary)]
    if pa.types.is_string(column.type):
        return _quoted(_escaped(column))
    if pa.types.is_binary(column.type):
        return _quoted(_hex(column))
    if pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    least, most = pc.min_max(column).values()
    if not column.null_count and least == most:
        return [least.cast(pa.string()).as_py()]
    text = column.cast(pa.string())
    return [text.fill_null(_NULL) if text.null_count else text]


def _quoted(text: pa.Array[Any]) -> list[_Piece]:
    if not text.null_count:
        return ['"', text, '"']
    return [pc.binary_join_element_wise('"', text, '"', "").fill_null(_NULL)]


def _escaped(column: pa.Array[Any]) -> pa.Array[Any]:
    data = _data(column, _offsets(column))
    if b'"' not in data and b"\\" not in data and np.frombuffer(data, np.uint8).min(initial=32) >= 32:
        return column
    for character, escape in _ESCAPES.items():
        if character.encode() in data:
            column = pc.replace_substring(column, character, escape)
    return column


def _hex(column: pa.Array[Any]) -> pa.Array[Any]:
    offsets = _offsets(column)
    digits = _HEX[np.frombuffer(_data(column, offsets), np.uint8)]
    places = ((offsets - offsets[0]) * 2).astype(np.int32)
    made = pa.Array.from_buffers(pa.string(), len(column), [None, pa.py_buffer(places), pa.py_buffer(digits)])
    return pc.if_else(column.is_valid(), made, pa.scalar(None, pa.string())) if column.null_count else made


def _offsets(column: pa.Array[Any]) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Where the values of a string or binary column begin in its data, and where the last one ends."""
    places = np.frombuffer(column.buffers()[1], np.int32)
    return places[column.offset : column.offset + len(column) + 1]


def _data(column: pa.Array[Any], offsets: np.ndarray[Any, np.dtype[np.int32]]) -> bytes:
    """The bytes of all values of a string or binary column, one after the other."""
    data = column.buffers()[2]
    return data.slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes() if data else b""
