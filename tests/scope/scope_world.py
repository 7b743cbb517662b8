"""Small worlds for scope: accesses, a registry, address books, and a model that counts them one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from haechi.model.settings import ExposesSettings
from haechi.model.values import ScopeCount
from haechi.store.duckdb_engine import DuckDBEngine, memory_engine

BEGIN = datetime(2025, 4, 14)


def hour(number: int | None) -> datetime | None:
    return None if number is None else BEGIN + timedelta(hours=number)


@dataclass(frozen=True)
class Access:
    seq: int
    hour: int = 0
    subject: str | None = "1"
    fields: str | None = "name"
    outcome: str | None = "success"
    bytes: int | None = None
    action: str | None = "view"
    route: str | None = "/profile"
    source: str = "gateway"
    subjects: int | None = None

    @property
    def shown(self) -> bool:
        succeeded = self.outcome == "success" or (self.outcome is None and self.bytes != 0)
        return succeeded and self.fields != ""


@dataclass(frozen=True)
class Member:
    subject: str
    withdrawn: int | None = None
    kind: str | None = "member"


@dataclass(frozen=True)
class Entry:
    subject: str | None
    person: str | None
    fields: str | None = "name,phone"
    since: int | None = None
    until: int | None = None

    def stands(self, at: int) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or self.until > at)


def engine_of(
    accesses: Sequence[Access],
    members: Sequence[Member] = (),
    flags: Iterable[tuple[int, str, int]] | None = None,
    paths: Sequence[str | None] | None = None,
) -> DuckDBEngine:
    """An engine over a world; `flags` are (finding, source, seq), by default finding 0 on every access.

    `paths`: as asked, of each access; by default none is known.
    """
    access = pa.table(
        {
            "time": pa.array([hour(a.hour) for a in accesses], pa.timestamp("us")),
            "path": pa.array(paths or [None] * len(accesses), pa.string()),
            **{
                name: pa.array([getattr(a, name) for a in accesses], kind)
                for name, kind in (
                    ("source", pa.string()),
                    ("seq", pa.int64()),
                    ("subject", pa.string()),
                    ("fields", pa.string()),
                    ("outcome", pa.string()),
                    ("bytes", pa.int64()),
                    ("action", pa.string()),
                    ("route", pa.string()),
                    ("subjects", pa.int64()),
                )
            },
        }
    )
    subject = pa.table(
        {
            "subject": pa.array([m.subject for m in members], pa.string()),
            "withdrawn": pa.array([hour(m.withdrawn) for m in members], pa.timestamp("us")),
            "kind": pa.array([m.kind for m in members], pa.string()),
        }
    )
    engine = memory_engine({"access": access, "subject": subject})
    flagged = [(0, a.source, a.seq) for a in accesses] if flags is None else list(flags)
    engine.register(
        "flagged",
        pa.table(
            {
                "finding": pa.array([f[0] for f in flagged], pa.int64()),
                "source": pa.array([f[1] for f in flagged], pa.string()),
                "seq": pa.array([f[2] for f in flagged], pa.int64()),
            }
        ),
    )
    engine.execute(
        "CREATE TEMP TABLE flag AS SELECT finding, 'never-issued' AS rule, 'key' AS entity_kind, "
        "'k' AS entity, source, seq FROM flagged"
    )
    return engine


def book_table(entries: Sequence[Entry]) -> pa.Table:
    return pa.table(
        {
            "subject": pa.array([e.subject for e in entries], pa.string()),
            "person": pa.array([e.person for e in entries], pa.string()),
            "fields": pa.array([e.fields for e in entries], pa.string()),
            "since": pa.array([hour(e.since) for e in entries], pa.timestamp("us")),
            "until": pa.array([hour(e.until) for e in entries], pa.timestamp("us")),
        }
    )


def book_file(folder: Path, name: str, entries: Sequence[Entry], routes: list[str]) -> ExposesSettings:
    """An address book as a Parquet file in a folder, and its `[[exposes]]`."""
    pq.write_table(book_table(entries), folder / f"{name}.parquet")
    return ExposesSettings(
        name=name, database=f"{name}.parquet", sql="SELECT * FROM exposes; -- all of it", routes=routes
    )


@dataclass
class Shown:
    """What the model knows of a person."""

    own: bool = False
    kind: str = "non_member"
    through: set[str] = field(default_factory=set)
    times: set[tuple[str, int]] = field(default_factory=set)
    hours: list[int] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)


def model(
    accesses: Sequence[Access], members: Sequence[Member], books: Sequence[tuple[list[str], Sequence[Entry]]]
) -> tuple[ScopeCount, dict[str, Shown]]:
    """Count one access after the other, in sets of Python."""
    registry = {member.subject: member for member in members}
    people: dict[str, Shown] = {}

    def show(person: str, access: Access, fields: str | None, through: str | None) -> None:
        shown = people.setdefault(person, Shown())
        shown.times.add((access.source, access.seq))
        shown.hours.append(access.hour)
        names = {name for name in (fields or "").split(",") if name}
        (shown.exported if access.action == "export" else shown.seen).update(names)
        if through is None:
            shown.own, shown.kind = True, "member"
        elif through != person:
            shown.through.add(through)

    existing = [a for a in accesses if a.subject is not None and (not members or a.subject in registry)]
    for access in existing:
        if not access.shown or access.subject is None:
            continue
        show(access.subject, access, access.fields, None)
        for routes, entries in books:
            for entry in entries:
                reached = access.route in routes and entry.subject == access.subject
                if reached and entry.person is not None and entry.stands(access.hour):
                    show(entry.person, access, entry.fields, access.subject)
    for person, shown in people.items():
        known = registry.get(person)
        if known is None:
            continue
        gone = -1 if known.kind == "withdrawn" and known.withdrawn is None else known.withdrawn
        shown.kind = "withdrawn" if gone is not None and gone <= max(shown.hours) else "member"
        if known.kind == "non_member":
            shown.kind = "non_member"
    kinds = [shown.kind for shown in people.values()]
    fields = [name for shown in people.values() for name in shown.seen | shown.exported]
    named = {a.subject for a in accesses if a.subject is not None}
    count = ScopeCount(
        requests=len(accesses),
        requests_shown=sum(a.shown for a in existing),
        accounts=sum(shown.own and shown.kind != "non_member" for shown in people.values()),
        persons=len(people),
        members=kinds.count("member"),
        withdrawn=kinds.count("withdrawn"),
        non_members=kinds.count("non_member"),
        ghosts=len(named - set(registry)) if members else 0,
        fields={name: fields.count(name) for name in sorted(set(fields))},
    )
    return count, people
