"""Third persons inside what was shown: the family and friends in an address book.

Each `[[exposes]]` is a query on a customer database that answers `subject, person, fields` and may answer
`since, until`. It is asked only when a case touches its routes, once for all cases, read-only, and in
batches. Files of many people (a report, an export) are asked for by their path in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, get_args

import pyarrow as pa

from haechi.model.errors import ScopeError
from haechi.model.settings import ExposesSettings
from haechi.model.words import SubjectKind
from haechi.scope.queries import query
from haechi.store.interface import Engine

NEEDED = ("subject", "person", "fields")
OPTIONAL = ("since", "until")


class Reader(Protocol):
    """Asks one kind of database, named as in the settings; `root` is the folder of haechi.toml."""

    def __call__(self, database: str, sql: str, root: Path) -> Iterator[pa.Table]:
        """Yield the answer in batches of at most about a million rows, columns as the query names them.

        Columns are text, or times (UTC). The first batch is yielded even if it is empty, to show the columns.

        Raises:
            ScopeError: no driver, no connection, no such table. The sentence holds no password and no row.
        """
        ...


def reader(database: str) -> Reader:
    """The reader for a database as it is written in `[[exposes]]`.

    Raises:
        ScopeError: it is neither PostgreSQL, SQLite nor a Parquet file.
    """
    from haechi.scope import read_files, read_postgres  # here, so that a missing driver hurts nobody else

    if database.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        return read_postgres.read
    if database.startswith("sqlite:///"):
        return read_files.read_sqlite
    if database.endswith((".parquet", ".pq")) and "://" not in database:
        return read_files.read_parquet
    raise ScopeError(
        "A database in [[exposes]] is of no kind that can be asked.",
        todo="Write postgresql://user@host/database, sqlite:///file.db or a file that ends in .parquet.",
    )


class Exposed:
    """Answers for the third persons of a set of `[[exposes]]`. Not shared between threads or engines."""

    def __init__(self, exposes: Sequence[ExposesSettings], root: Path) -> None:
        self.exposes = tuple(exposes)
        self._root = root
        self._answers: dict[int, list[str] | ScopeError] = {}

    def load(self, engine: Engine, number: int) -> list[str]:
        """Bring the answer of `exposes[number]` into the engine's `scope_exposed` once. Returns notes.

        Raises:
            ScopeError: it could not be asked. It is not asked again.
        """
        if not self._answers:
            engine.execute(query("exposed"))
        if number not in self._answers:
            try:
                self._answers[number] = self._ask(engine, number)
            except ScopeError as error:
                engine.execute("DELETE FROM scope_exposed WHERE exposes = $number", {"number": number})
                self._answers[number] = error
        answer = self._answers[number]
        if isinstance(answer, ScopeError):
            raise answer
        return answer

    @property
    def whole(self) -> bool:
        """Whether every one of them was asked and answered."""
        answers = [self._answers.get(number) for number in range(len(self.exposes))]
        return all(isinstance(answer, list) for answer in answers)

    def _ask(self, engine: Engine, number: int) -> list[str]:
        setting = self.exposes[number]
        if setting.kind not in get_args(SubjectKind):
            raise ScopeError(f"its kind {setting.kind!r} is none of {', '.join(get_args(SubjectKind))}.")
        nameless = 0
        for batch in reader(setting.database)(setting.database, setting.sql, self._root):
            nameless += _take(engine, number, batch, setting.by == "path")
        if not nameless:
            return []
        rows, name = ("1 row", "names") if nameless == 1 else (f"{nameless:,} rows", "name")
        return [f"{rows} of [[exposes]] {setting.name!r} {name} no subject or no person: left out."]


def _take(engine: Engine, number: int, batch: pa.Table, by_path: bool) -> int:
    """Append a batch to `scope_exposed`. Returns how many of its rows name nobody."""
    answered = batch.column_names
    missing = [name for name in NEEDED if name not in answered]
    twice = [name for name in (*NEEDED, *OPTIONAL) if answered.count(name) > 1]
    if missing or twice:
        what = f"no column {', '.join(missing)}" if missing else f"column {', '.join(twice)} twice"
        raise ScopeError(
            f"its query answers {what} (it answers {', '.join(answered)}).",
            todo="Name the columns: SELECT owner AS subject, contact AS person, 'name' AS fields FROM ...",
        )
    if not len(batch):
        return 0
    for name in OPTIONAL:
        if name not in batch.column_names:
            batch = batch.append_column(name, pa.nulls(len(batch), pa.timestamp("us")))
        elif not _timely(batch.schema.field(name).type):
            raise ScopeError(f"its column {name} is neither a time nor a text.")
    engine.register("scope_answer", batch.select([*NEEDED, *OPTIONAL]))
    broken = engine.rows(query("answer_check"))[0]
    if broken[1]:
        raise ScopeError(f"{broken[1]:,} of its rows have a since or until that is not a time.")
    engine.execute(query("answer"), {"exposes": number, "by_path": by_path})
    return int(broken[0])


def _timely(kind: pa.DataType) -> bool:
    plain = pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_null(kind)
    return bool(plain or pa.types.is_string(kind) or pa.types.is_large_string(kind))
