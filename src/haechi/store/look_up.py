"""Few rows out of many files: a person's, out of the years of a store."""

from __future__ import annotations

from collections.abc import Sequence

from haechi.store.interface import Engine
from haechi.store.sql import literal


def looked_up(engine: Engine, table: str, conditions: Sequence[str]) -> str:
    """A query for the rows of a table that meet one of the conditions; no row may meet two.

    Each condition should be on a column itself: files that are sorted by it are then passed over.
    """
    held = engine.holding(table, *conditions)
    each = zip(held, conditions, strict=True)
    return " UNION ALL ".join(f"SELECT * FROM {rows} WHERE {condition}" for rows, condition in each)


def of_person(columns: Sequence[str], person: str) -> list[str]:
    """The conditions for rows of a person: the first of the columns that names somebody names them."""
    return [
        "".join(f"{before} IS NULL AND " for before in columns[:at]) + f"{column} = {literal(person)}"
        for at, column in enumerate(columns)
    ]
