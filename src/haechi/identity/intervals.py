"""Facts as intervals with evidence: person-account, account-grant, person-version of a secret. Made anew each time."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from haechi.store.interface import Engine

# In the order in which they build on each other. What each row says stands at the head of its file.
TABLES = (
    "listing_seen",
    "thing",
    "sighting",
    "point",
    "lived",
    "person_account",
    "exposure",
    "probed",
    "employment",
)


# As the `$at` of these tables: all that is known.
EVER = datetime(9999, 12, 31)


def make_intervals(engine: Engine, at: datetime) -> None:
    """Make the tables of `sql/` in this engine, from all that was known at `at` (UTC, without zone)."""
    for name in TABLES:
        engine.execute(statement(name), {"at": at} if "$at" in statement(name) else None)


@cache
def statement(name: str) -> str:
    """The text of `identity/sql/NAME.sql`."""
    return place(name).read_text(encoding="utf-8")


def place(name: str) -> Path:
    """The file `identity/sql/NAME.sql`."""
    return Path(__file__).parent / "sql" / f"{name}.sql"
