"""Where questions, messages and links are kept: SQLite in the workspace's folder, or PostgreSQL for a team.

What happened is `event`: rows are only added, each is sealed in the evidence log. `ask` is what they add up to, changed
in the same transaction. Times are microseconds since 1970 UTC. No data subject's id stands here: only places
of records (`source, seq`), and ids of which most letters are masked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from haechi.model.errors import StoreError
from haechi.workspace.load import Workspace

VERSION: Final = 1  # of the tables; `_MIGRATIONS[n]` leads from n to n + 1
BUSY: Final = 30.0  # seconds to wait for another process's transaction
SQLITE: Final = "sqlite:///"

metadata = sa.MetaData()

version = sa.Table("haechi_version", metadata, sa.Column("version", sa.Integer, nullable=False))

ask = sa.Table(
    "ask",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("case_id", sa.String, nullable=False),
    sa.Column("whom", sa.String, nullable=False),  # the person or account, as it was named
    sa.Column(
        "names", sa.JSON, nullable=False
    ),  # all under which the person is known: who asks is none of them
    sa.Column("mail", sa.String, nullable=False),  # who is asked
    sa.Column("role", sa.String, nullable=False),  # of who is asked: self, manager
    sa.Column("manager", sa.String, nullable=False),  # address that is told when it is overdue; "": nobody
    sa.Column("way", sa.String, nullable=False),  # how to answer: link, mail
    sa.Column("language", sa.String, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked", sa.BigInteger, nullable=False),  # or asked again
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),  # of the newest event
    sa.Column("reminders", sa.Integer, nullable=False, default=0),  # since asked
    sa.Column("escalated", sa.BigInteger),
    sa.Column("requests", sa.BigInteger, nullable=False),
    sa.Column("persons", sa.BigInteger, nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("places", sa.LargeBinary, nullable=False),  # haechi.respond.places
    sa.Column("shown", sa.JSON, nullable=False),  # what the message shows: haechi.respond.accesses
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("ask", sa.String, sa.ForeignKey("ask.id"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("step", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("due", sa.BigInteger),
    sa.Column("said", sa.JSON, nullable=False),
    sa.Column("salt", sa.String, nullable=False),  # hex; the seal could be guessed back without it
    sa.Column("sealed", sa.Boolean, nullable=False, default=False),  # it stands in the evidence log
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.String, primary_key=True),  # the Message-ID, without brackets
    sa.Column("ask", sa.String, sa.ForeignKey("ask.id"), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),  # of the event that it tells of
    sa.Column("kind", sa.String, nullable=False),  # asked, reminded, escalated, reopened
    sa.Column("recipient", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),  # self, manager
    sa.Column("state", sa.String, nullable=False),  # haechi.respond.outbox
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next", sa.BigInteger, nullable=False),  # not before
    sa.Column("holder", sa.String, nullable=False, default=""),  # the process that sends it now
    sa.Column("until", sa.BigInteger, nullable=False, default=0),  # beyond this the holder is taken for dead
    sa.Column("problem", sa.String, nullable=False, default=""),
    sa.UniqueConstraint("ask", "n", "role"),
)

link = sa.Table(
    "link",
    metadata,
    sa.Column("hash", sa.String, primary_key=True),  # SHA-256 of the token, hex; the token is kept nowhere
    sa.Column("ask", sa.String, sa.ForeignKey("ask.id"), nullable=False),
    sa.Column("message", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("used", sa.BigInteger),  # when; also set when another answer came first
)

# Accepted answers that are not in the store yet, and accepted ones that no longer count.
reason = sa.Table(
    "reason",
    metadata,
    sa.Column("ask", sa.String, sa.ForeignKey("ask.id"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),  # of the event accepted
    sa.Column("kept", sa.Boolean, nullable=False, default=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False, default=False),
    sa.Column("withdrawal_kept", sa.Boolean, nullable=False, default=False),
)

_MIGRATIONS: Final[dict[int, tuple[str, ...]]] = {}  # statements from a version to the next


class Database:
    """An open database. `reading` sees one state; `changing` is alone with it."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with _errors(self.engine), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """A transaction in which nobody else changes anything: what is looked at stays so until the end."""
        with _errors(self.engine), self.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql("LOCK TABLE ask IN EXCLUSIVE MODE")
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def file_of(workspace: Workspace) -> Path | None:
    """The file of the database; None where it is no file."""
    url = workspace.settings.asking.database
    return workspace.root / url.removeprefix(SQLITE) if url.startswith(SQLITE) else None


def exists(workspace: Workspace) -> bool:
    """Whether anything can have been asked; of a database elsewhere that is not known before it is opened."""
    file = file_of(workspace)
    return file is None or file.exists()


@contextmanager
def opened(workspace: Workspace) -> Iterator[Database]:
    """The workspace's database, made if there is none. Raises `StoreError` where it cannot be used."""
    engine = _engine(workspace)
    database = Database(engine)
    try:
        with _errors(engine):
            _prepare(engine)
        yield database
    finally:
        database.close()


def _engine(workspace: Workspace) -> sa.Engine:
    file = file_of(workspace)
    if file is None:
        url = workspace.settings.asking.database.replace("postgresql://", "postgresql+psycopg://", 1)
        return sa.create_engine(url, isolation_level="READ COMMITTED")
    try:
        # It tells who was asked and what they said: readable by its owner alone, from its first moment.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"the database of questions cannot be opened: {error.strerror}", where=str(file)
        ) from None
    # Transactions are begun by hand: sqlite3 would begin them at the first change, after what was looked at.
    engine = sa.create_engine(
        f"{SQLITE}{file}", connect_args={"timeout": BUSY, "isolation_level": None}, poolclass=sa.NullPool
    )
    sa.event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # DBAPI's connection has no type
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare(engine: sa.Engine) -> None:
    """Make the tables, or bring them to the version of this program; one process at a time."""
    with engine.connect() as connection:
        if sa.inspect(connection).has_table("haechi_version"):
            found = connection.execute(sa.select(version.c.version)).scalar()
            if found == VERSION:
                return
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4714)")
        metadata.create_all(connection)
        found = connection.execute(sa.select(version.c.version)).scalar()
        if found is None:
            connection.execute(version.insert().values(version=VERSION))
            return
        if found > VERSION:
            raise StoreError(
                "the database of questions was written by a newer version of Haechi",
                where=engine.url.render_as_string(),
                kept="nothing was changed",
                todo="use that version, or a newer one",
            )
        for step in range(found, VERSION):
            for statement in _MIGRATIONS[step]:
                connection.exec_driver_sql(statement)
        connection.execute(version.update().values(version=VERSION))


@contextmanager
def _errors(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.DatabaseError) as error:
        # The statement and its values are not told: they may hold what somebody answered.
        told = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
        raise StoreError(
            f"the database of questions cannot be used: {told}",
            where=engine.url.render_as_string(hide_password=True),
            kept="everything that was asked and answered before",
            todo="see that its server runs, that the disk is not full, and try again",
        ) from None
