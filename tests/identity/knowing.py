"""Small engines of facts and people, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from haechi.model.tables import FACT, PERSON
from haechi.store.duckdb_engine import DuckDBEngine, memory_engine

START = datetime(2026, 1, 1)


def day(number: float) -> datetime:
    """A day of these tests, from 0."""
    return START + timedelta(days=number)


def fact(number: float, kind: str, state: str = "alive", **more: Any) -> dict[str, Any]:
    """A fact as told on a day. Its place is given by `engine_of`."""
    return {
        "time": day(number),
        "kind": kind,
        "state": state,
        "system": "S",
        "evidence": f"day {number:g}",
    } | more


def listing(number: float, kind: str, **more: Any) -> dict[str, Any]:
    """That all of a kind were listed whole on a day."""
    return fact(number, "listing", object=kind, evidence=f"list of day {number:g}", **more)


def engine_of(facts: Iterable[Mapping[str, Any]], people: Iterable[Mapping[str, Any]] = ()) -> DuckDBEngine:
    """An engine over these facts and people."""
    tables = {"fact": (facts, FACT), "person": (people, PERSON)}
    made = {}
    for name, (rows, schema) in tables.items():
        placed = [{"source": name, "seq": seq, **row} for seq, row in enumerate(rows, 1)]
        made[name] = pa.Table.from_pylist([{c: row.get(c) for c in schema.names} for row in placed], schema)
    return memory_engine(made)
