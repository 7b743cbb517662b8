"""Accepted answers become reasons: rows of the table `reason`, collected and sealed like any list of reasons.

Their kind is `answer`. A row explains what an account looked at of one person on one page between the first and
the last access asked about, without any grace; where the records name nobody, exactly the times asked about. A row
whose role is `WITHDRAWN` ends the rows of its reference: the question was opened again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from haechi.collect.opening import Named
from haechi.collect.run import Collector, Job
from haechi.evidence import durable
from haechi.model.errors import StoreError
from haechi.model.settings import SourceSettings
from haechi.model.values import ReadReport
from haechi.respond import database as db
from haechi.respond import places
from haechi.respond.desk import Desk
from haechi.respond.queries import query
from haechi.respond.steps import Row, newest
from haechi.store.locks import disk_error
from haechi.store.open import open_engine

FOLDER: Final = "answers"
SOURCE: Final = "answers"
FORMAT: Final = "reasons-json"
WITHDRAWN: Final = "(withdrawn)"
LONGEST: Final = 300  # letters of an answer that stand in the reason


def keep(desk: Desk) -> int:
    """Bring accepted answers, and withdrawals, into the store. How many.

    The same answer makes the same file, and a file that was collected is known again: a crash between collecting
    and noting it doubles nothing.

    Raises:
        StoreError: another process writes to the store, or the disk is full. The next call brings them.
    """
    with desk.database.reading() as connection:
        waiting = connection.execute(sa.select(db.reason).where(_open())).mappings().all()
    done = 0
    for row in waiting:
        done += _keep_one(desk, row)
    return done


def waiting(desk: Desk) -> int:
    """How many answers, or withdrawals of one, are not in the store yet."""
    with desk.database.reading() as connection:
        return connection.execute(
            sa.select(sa.func.count()).select_from(db.reason).where(_open())
        ).scalar_one()


def _keep_one(desk: Desk, row: Row) -> int:
    reference = f"{row['ask']}/{row['n']}"
    if not row["kept"]:
        if not row["withdrawn"]:
            _collect(desk, reference, b"".join(_lines(desk, row, reference)))
        _mark(desk, row, kept=True)
        # What was withdrawn before it was kept has nothing to withdraw.
        if row["withdrawn"]:
            _mark(desk, row, withdrawal_kept=True)
        return 1
    _collect(desk, f"{reference}-withdrawn", _line(reference=reference, role=WITHDRAWN))
    _mark(desk, row, withdrawal_kept=True)
    return 1


def _lines(desk: Desk, row: Row, reference: str) -> Iterator[bytes]:
    with desk.database.reading() as connection:
        packed = connection.execute(sa.select(db.ask.c.places).where(db.ask.c.id == row["ask"])).scalar_one()
        given = newest(connection, row["ask"], "answered")
    words = " ".join(str(given["said"]["text"]).split())[:LONGEST] if given else ""
    store = desk.store
    with store.reading():
        engine = open_engine(store.snapshot(), desk.workspace.settings.store)
        try:
            engine.register("place", places.unpack([packed]))
            rows = engine.rows(query("explained"))
        finally:
            engine.close()
    for actor, subject, route, first, last in rows:
        yield _line(
            actor=actor, subject=subject, route=route, reference=reference, first=first, last=last, text=words
        )


def _line(**columns: Any) -> bytes:
    """Every key in every line: the columns of a file are known from its first lines."""
    names = ("actor", "role", "subject", "route", "first", "last", "reference", "text")
    told = {name: columns.get(name) for name in names}
    return (
        msgspec.json.encode({"kind": "answer"} | {name: _told(value) for name, value in told.items()}) + b"\n"
    )


def _told(value: Any) -> str | None:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return value if value is None else str(value)


def _collect(desk: Desk, name: str, lines: bytes) -> None:
    if not lines:
        return  # every access asked about has been erased or has expired
    file = _write(desk, name, lines)
    source = SourceSettings(name=SOURCE, paths=[str(file)], table="reason", format=FORMAT, timezone="UTC")
    with desk.store.writer() as writer:
        report = Collector(writer, desk.workspace.settings, live=False).run(
            [Job(Named(str(file), True), source)]
        )
    _check(report, file)
    durable.discard([file])


def _write(desk: Desk, name: str, lines: bytes) -> Path:
    folder = desk.workspace.root / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"{name.replace('/', '.')}.jsonl"
        durable.replace(file, lines)
    except OSError as error:
        raise disk_error(error, desk.workspace.root) from error
    return file


def _check(report: ReadReport, file: Path) -> None:
    problem = next((source.problem for source in report.sources if source.problem), "")
    if not problem and report.set_aside:
        problem = report.aside[0].reason if report.aside else "set aside"
    if problem:
        raise StoreError(
            f"an accepted answer could not be kept: {problem}",
            where=str(file),
            kept="the answer, which stays accepted, and the file",
        )


def _mark(desk: Desk, row: Row, **values: bool) -> None:
    key = sa.and_(db.reason.c.ask == row["ask"], db.reason.c.n == row["n"])
    with desk.database.changing() as connection:
        connection.execute(db.reason.update().where(key).values(**values))


def _open() -> sa.ColumnElement[bool]:
    kept = db.reason.c
    return sa.or_(sa.not_(kept.kept), sa.and_(kept.withdrawn, sa.not_(kept.withdrawal_kept)))
