"""Whether the report of each month was made in time. The evidence log tells: a report's entry names its month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final

from haechi.model.settings import Settings
from haechi.model.times import EPOCH, micros, moment
from haechi.model.values import MonthReport
from haechi.respond.clock import micros_of
from haechi.store.catalog import Catalog
from haechi.workspace.times import zone

MOST: Final = 36  # months looked back at


def missing_reports(settings: Settings, catalog: Catalog, now: datetime | None = None) -> list[MonthReport]:
    """The months whose report is overdue and missing, the earliest first."""
    return [report for report in month_reports(settings, catalog, now) if report.made is None]


def month_reports(settings: Settings, catalog: Catalog, now: datetime | None = None) -> list[MonthReport]:
    """The months whose report should have been made by now, the earliest first.

    Expected is a report of each month that ended after the log was begun, and of which access records are there:
    of what was before, and of what has expired, nobody could have made one. At most the last 36 months.
    """
    if not settings.inspection.due or catalog.log is None:
        return []
    timezone = zone(settings.workspace.timezone) or UTC
    begun, at = moment(catalog.log.at) or EPOCH, now or datetime.now(UTC)
    grace = micros_of(settings.inspection.due)
    made = _made(catalog)
    found = []
    for month, first, end in _months(begun, at, timezone):
        due = moment(micros(end) + grace)
        if due is None or due > at or not _records(catalog, micros(first), micros(end)):
            continue
        found.append(MonthReport(month, due, made.get(month)))
    return found[-MOST:]


def _made(catalog: Catalog) -> dict[str, datetime]:
    """When the report of each month was first made, after the month was over: a draft before is none."""
    made: dict[str, datetime] = {}
    for leaf in catalog.reports:
        month, when = leaf.what.get("month"), moment(leaf.at)
        if isinstance(month, str) and when is not None and f"{when:%Y-%m}" >= month:
            made.setdefault(month, when)
    return made


def _months(begun: datetime, until: datetime, timezone: tzinfo) -> Iterator[tuple[str, datetime, datetime]]:
    """The months from one time to another: name, beginning, end."""
    local = begun.astimezone(timezone)
    first = datetime(local.year, local.month, 1, tzinfo=timezone)
    while first < until:
        end = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        yield f"{first:%Y-%m}", first, end
        first = end


def _records(catalog: Catalog, first: int, end: int) -> bool:
    """Whether access records of a time are in the store."""
    return any(
        batch.table == "access"
        and batch.rows
        and batch.first is not None
        and batch.last is not None
        and batch.first < end
        and batch.last >= first
        and batch.number not in catalog.expired
        for batch in catalog.batches
    )
