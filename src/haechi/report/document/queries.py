"""The SQL of the report, by name, and what is filled into it: the month's bounds and the way to local time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files

from haechi.report.figures import local

_STEP = timedelta(minutes=30)  # zones change their offset at such times


@cache
def query(name: str) -> str:
    """The text of `report/document/sql/NAME.sql`."""
    return files("haechi.report.document").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def names() -> list[str]:
    """All queries there are, sorted."""
    folder = files("haechi.report.document").joinpath("sql")
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def bound(time: datetime) -> str:
    """A UTC time as a literal's inside. Ours, never data: a literal lets the engine pass over other months' rows."""
    return f"{time.astimezone(UTC).replace(tzinfo=None):%Y-%m-%d %H:%M:%S}"


def offset(zone: tzinfo, first: datetime, last: datetime) -> str:
    """SQL for what is added to a UTC `time` between the two, to make it the zone's: one or a few fixed lengths.

    Turning each time into a zone would cost more than the rest of a query.
    """
    steps: list[tuple[datetime, int]] = []
    at = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while at <= last:
        shift = local(at, zone).utcoffset() or timedelta()
        minutes = round(shift.total_seconds() / 60)
        if not steps or steps[-1][1] != minutes:
            steps.append((at, minutes))
        at += _STEP
    sql = f"INTERVAL ({steps[0][1]}) MINUTE"
    for start, minutes in steps[1:]:
        sql = f"CASE WHEN time >= TIMESTAMP '{bound(start)}' THEN INTERVAL ({minutes}) MINUTE ELSE {sql} END"
    return sql
