"""The engine interface: every query of Haechi goes through it, whichever engine stands behind.

An engine is opened over one checkpoint and sees exactly the batches that the checkpoint covers, as the views
`access`, `issuance`, `subject`, `person`, `reason` (columns: `haechi.model.tables`) and `batch` (one row a committed
batch).
SQL is in DuckDB's dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa


class Engine(Protocol):
    """Not shared between threads."""

    checkpoint: str  # "ORIGIN SIZE ROOT" of the snapshot that is seen
    memory: int  # bytes that queries may hold before they spill
    bit_sets: bool  # whether it knows BIT strings (bitstring_agg, get_bit): detect/blocks.py

    @property
    def folder(self) -> Path | None:
        """Where files stand that its queries write for its queries to read; None: anywhere."""
        ...

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one query and fetch its rows. `params` are `$name` in the SQL."""
        ...

    def arrow(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Run one query and fetch its rows as Arrow."""
        ...

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run one statement for its effect in this engine (a temporary table, a view, COPY to a file)."""
        ...

    def keep(self, name: str, *sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Give the rows that a query, or one after another, answers now a name, replacing what bore it.

        They become a table, or files where they may be too many for memory.
        """
        ...

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table visible under a name, replacing what bore it."""
        ...

    def columns(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
        """The names and types a query would return, without running it."""
        ...

    def holding(self, table: str, *conditions: str) -> list[str]:
        """What to read in place of a table for each condition, as SQL: all rows that meet it, and perhaps others.

        It may always be `table` itself. To ask first where any such row stands pays off where few files hold one.
        """
        ...

    def close(self) -> None: ...
