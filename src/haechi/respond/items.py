"""What is open: questions that nobody answered, and answers that nobody decided on."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final, cast

import sqlalchemy as sa

from haechi.model.errors import AskError
from haechi.model.times import EPOCH, micros, moment
from haechi.respond import database as db
from haechi.respond.machine import OPEN, WAITING
from haechi.respond.steps import Row, newest
from haechi.respond.values import Delivery, OpenItem, SettledItem, State
from haechi.workspace.load import Workspace
from haechi.workspace.times import zone

_SETTLED: Final = ("accepted", "rejected")
_DELIVERY: Final[dict[str, Delivery]] = {"sent": "sent", "refused": "refused"}


def open_items(workspace: Workspace, month: str = "") -> list[OpenItem]:
    """The questions about accesses of a month ("2026-11", in the workspace's time zone) that are not settled now.

    Without a month: all. The ones due first come first. Nothing is written, and nothing is read but the database.

    Raises:
        AskError: it is no month.
        StoreError: the database cannot be read.
    """
    return items(workspace, month, OPEN)


def items(workspace: Workspace, month: str = "", states: tuple[State, ...] = ()) -> list[OpenItem]:
    """The same of questions in these states; without any, settled ones too."""
    begin, end = span_of(month, zone(workspace.settings.workspace.timezone) or UTC)
    if not db.exists(workspace):
        return []
    asked, newest = db.ask, _newest_message()
    query = (
        sa.select(asked, newest.c.state.label("delivery"))
        .outerjoin(newest, newest.c.ask == asked.c.id)
        .where(asked.c.first < end, asked.c.last >= begin)
        .order_by(asked.c.due, asked.c.id)
    )
    if states:
        query = query.where(asked.c.state.in_(states))
    now = micros(datetime.now(UTC))
    with db.opened(workspace) as database, database.reading() as connection:
        return [_item(row, now) for row in connection.execute(query)]


def settled(workspace: Workspace, month: str = "", case: str = "") -> list[SettledItem]:
    """The questions about accesses of a month, or of a case, whose answer was accepted or rejected, the earliest
    decision first. Raises as `open_items`."""
    begin, end = span_of(month, zone(workspace.settings.workspace.timezone) or UTC)
    if not db.exists(workspace):
        return []
    asked = db.ask
    query = sa.select(asked).where(asked.c.state.in_(_SETTLED), asked.c.first < end, asked.c.last >= begin)
    if case:
        query = query.where(sa.func.lower(asked.c.case_id) == case.lower())
    with db.opened(workspace) as database, database.reading() as connection:
        rows = connection.execute(query).mappings().all()
        found = [_settled(connection, row) for row in rows]
    return sorted(found, key=lambda item: (item.at, item.ask))


def span_of(month: str, timezone: tzinfo) -> tuple[int, int]:
    """When a month begins and when it is over, in microseconds since 1970 UTC; all times for ""."""
    if not month:
        return -(1 << 62), 1 << 62
    try:
        begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=timezone)
        end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    except ValueError:
        raise AskError(f"{month!r} is no month", todo="write it like 2026-11") from None
    return micros(begin), micros(end)


def _newest_message() -> sa.Subquery:
    """Of each question, the message to the one who is asked that tells of its newest step."""
    sent = db.message
    newest = (
        sa.select(sent.c.ask, sa.func.max(sent.c.n).label("n"))
        .where(sent.c.kind != "escalated")
        .group_by(sent.c.ask)
        .subquery()
    )
    return (
        sa.select(sent.c.ask, sent.c.state)
        .join(newest, sa.and_(newest.c.ask == sent.c.ask, newest.c.n == sent.c.n))
        .where(sent.c.kind != "escalated")
        .subquery()
    )


def _item(row: sa.Row[tuple[object, ...]], now: int) -> OpenItem:
    told = row._mapping
    state = cast(State, told["state"])
    return OpenItem(
        ask=told["id"],
        case=told["case_id"],
        whom=told["whom"],
        state=state,
        asked=_time(told["asked"]),
        due=_time(told["due"]),
        overdue=state in WAITING and told["due"] < now,
        reminders=told["reminders"],
        escalated=moment(told["escalated"]),
        delivery=_DELIVERY.get(told["delivery"], "waiting"),
        requests=told["requests"],
        persons=told["persons"],
        first=_time(told["first"]),
        last=_time(told["last"]),
        mail=told["mail"],
        role=told["role"],
    )


def _settled(connection: sa.Connection, row: Row) -> SettledItem:
    decided, given = newest(connection, row["id"], row["state"]), newest(connection, row["id"], "answered")
    return SettledItem(
        ask=row["id"],
        case=row["case_id"],
        whom=row["whom"],
        state=row["state"],
        by=decided["by"] if decided else "",
        at=_time(decided["at"] if decided else row["asked"]),
        why=str(decided["said"].get("why") or "") if decided else "",
        answer=str(given["said"].get("text") or "") if given else "",
        requests=row["requests"],
        persons=row["persons"],
        first=_time(row["first"]),
        last=_time(row["last"]),
    )


def _time(at: int) -> datetime:
    return moment(at) or EPOCH
