"""Findings that flag records by the million: a bit a record in place of a row.

A set of rows of two thirds of a large store is larger than memory, and every question about it a join by record. As
blocks of 8,192 bits it is some megabytes, whether a record is in it is one look, and sets unite bit by bit. Engines
that have no such sets keep rows, and bear that.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from haechi.detect.queries import query, statements
from haechi.store.interface import Engine

DENSE: Final = 1_000_000  # accesses of a finding that are worth it
FULL: Final = 64  # of the 8,192 records of a block, on average; fewer take less room as rows


def flag_blocks(engine: Engine, base: int) -> None:
    """Flag the rule's accesses (`rule_rows`) of those findings from `base` on that are worth it, as bits.

    Leaves `flagged_dense(finding)`: which these are.
    """
    dense: list[int] = []
    if engine.bit_sets and int(engine.rows("SELECT count(*) FROM rule_rows")[0][0]) >= DENSE:
        rows = engine.rows(query("flag_dense"), {"base": base, "least": DENSE, "full": FULL})
        dense = sorted(int(row[0]) for row in rows)
    engine.register("flagged_dense", pa.table({"finding": pa.array(dense, pa.int32())}))
    if dense:
        for statement in statements("flag_block_tables"):
            engine.execute(statement)
        engine.execute(query("flag_blocks"))


def has_blocks(engine: Engine) -> bool:
    """Whether any finding of this engine is kept as bits."""
    return engine.bit_sets and bool(
        engine.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'flagged_block' LIMIT 1")
    )


def flags_of(engine: Engine, base: int) -> int:
    """How many accesses the findings from `base` on flag, all together."""
    count = "SELECT count(*) FROM flagged_row WHERE finding >= $base"
    if has_blocks(engine):
        count += " UNION ALL SELECT sum(bit_count(bits)) FROM flagged_block WHERE finding >= $base"
    return sum(int(row[0] or 0) for row in engine.rows(count, {"base": base}))
