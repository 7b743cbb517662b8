"""Shared results over very many records: made a slice of their keys at a time, or the other way round.

A join of a hundred million credentials with sixty million others is larger than memory, and an engine that spills such
joins still wants all of both at once. Rows whose key falls into different slices never meet, so each slice is a join
of its own. In the SQL of what can be cut stands `/* slice: COLUMN */` behind a condition: a further condition where
there are slices, a comment where one slice holds all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from haechi.detect.queries import query
from haechi.store.interface import Engine

# By the rows of which table a result is cut: what its join holds at once.
HELD: Final = {
    "vouched_credential": "presented_credential",
    "unvouched_signed": "vouched_credential",
    "holder_use": "vouched_credential",
}
ROW: Final = 100  # bytes of a row in a join
SHARE: Final = 0.3  # of the memory, for one join's rows

_SLICE = re.compile(r"/\* slice: ([\w.]+) \*/")


def keep_sliced(engine: Engine, name: str, sql: str) -> None:
    """Keep what the SQL answers under this name, in as many slices as memory asks for."""
    slices = 1
    if name in HELD and _SLICE.search(sql):
        ((rows,),) = engine.rows(f"SELECT count(*) FROM {HELD[name]}")
        slices = slices_of(int(rows), engine.memory)
    engine.keep(name, *(cut(sql, slices, n) for n in range(slices)))


def slices_of(rows: int, memory: int) -> int:
    """Into how many slices a join that holds so many rows is cut, with so many bytes of memory."""
    return 1 + int(rows * ROW / (memory * SHARE))


def cut(sql: str, slices: int, number: int) -> str:
    """The SQL of one slice."""
    return sql if slices == 1 else _SLICE.sub(rf"AND hash(\1) % {slices} = {number}", sql)


def unvouched_signed(engine: Engine, provide: Callable[[str], None]) -> None:
    """Keep the accesses whose credential nobody vouches for, as `unvouched_signed`: by what is fewer, these or others.

    Args:
        provide: makes the shared results that a text names.
    """
    mostly = query("mostly_unvouched")
    provide(mostly)
    ((many,),) = engine.rows(mostly)
    sql = query("unvouched_many" if many else "unvouched_few")
    provide(sql)
    keep_sliced(engine, "unvouched_signed", sql)
