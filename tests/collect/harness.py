"""Read bytes with one format, as the pipeline does: frame, project, normalise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from haechi.collect.formats import FORMATS
from haechi.collect.interface import Format, Framing, Sample
from haechi.collect.normalise import REASON, UNIT, compile_query
from haechi.collect.recognise import recognise
from haechi.model.settings import SourceSettings
from haechi.model.words import Table
from haechi.store.lending import connect


@dataclass(frozen=True)
class Read:
    """What one format made of some bytes: records in order, and (line, reason) of every other unit."""

    records: list[dict[str, Any]]
    aside: list[tuple[int, str]]
    notes: tuple[str, ...]


def source(table: Table = "access", **settings: Any) -> SourceSettings:
    return SourceSettings(name="test", paths=["-"], table=table, **settings)


def read(form: Format, text: str | bytes, settings: SourceSettings | None = None) -> Read:
    data = text.encode() if isinstance(text, str) else text
    settings = settings or source(form.table)
    sample = Sample(data[: 1 << 18], len(data) <= 1 << 18)
    projection = form.projection(sample, settings)
    framed = form.framing(data, True)
    assert framed.consumed == len(data)
    connection = connect("512MB", threads=1)
    connection.register("units", pa.table({UNIT: pa.array(np.arange(len(framed.text))), "line": framed.text}))
    query = compile_query(form.table, projection, None)
    found = connection.sql(f"SELECT * FROM ({query.text()}) ORDER BY {UNIT}").to_arrow_table()
    table = query.whole(found, settings.name, 1)
    connection.close()
    rows = table.to_pylist()
    lines = framed.lines.to_pylist()
    assert len(rows) == len(framed.text)
    return Read(
        [row for row in rows if row[REASON] is None],
        [(lines[row[UNIT]] + 1, row[REASON]) for row in rows if row[REASON] is not None],
        projection.notes,
    )


def recognised(text: str | bytes, settings: SourceSettings | None = None) -> list[str]:
    """The names of the formats that would be tried on a file like this."""
    data = text.encode() if isinstance(text, str) else text
    return [form.name for form in recognise(Sample(data, True), settings).formats]


def named(name: str) -> Format:
    return next(form for form in FORMATS if form.name == name)


def units_in_pieces(framing: Framing, data: bytes, piece: int) -> list[str]:
    """The units when the bytes arrive piece by piece, as they do from a file that grows."""
    units: list[str] = []
    rest, at = b"", 0
    while at < len(data):
        rest += data[at : at + piece]
        at += piece
        framed = framing(rest, False)
        units += framed.text.to_pylist()
        rest = rest[framed.consumed :]
    return units + framing(rest, True).text.to_pylist()
