"""One row a person, streamed by the engine into a Parquet or CSV file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb

from haechi.model.errors import ScopeError, StoreError
from haechi.store.interface import Engine
from haechi.store.sql import literal

# A spreadsheet runs a cell that begins so (OWASP, CSV Injection); plain numbers such as -12 stay as they are.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"^-[0-9]+(\.[0-9]+)?$"
_RFC_3339 = "%Y-%m-%dT%H:%M:%S.%fZ"  # the store's times are UTC and do not say so
_COLUMNS = ("person", "kind", "through", "first", "last", "times", "fields", "fields_exported")
_TEXTS = ("person", "fields", "fields_exported")
_TIMES = ("first", "last")


def write_people(engine: Engine, sql: str, path: Path) -> None:
    """Write the people that a query answers. The engine streams; the file is whole or not there.

    Only its owner may read the file: it holds personal data. In CSV, a text that a spreadsheet would run as a
    formula gets an apostrophe in front, and times are RFC 3339 with Z; Parquet holds every value as it is.

    Raises:
        ScopeError: the name ends in neither `.parquet` nor `.csv`.
        StoreError: the file cannot be written; nothing is left behind.
    """
    if path.suffix == ".csv":
        sql, options = _safe(sql), "FORMAT csv, HEADER"
    elif path.suffix == ".parquet":
        options = "FORMAT parquet, COMPRESSION zstd"
    else:
        raise ScopeError("People are written to .parquet or .csv.", where=str(path))
    try:
        # A folder that only we may enter, beside the target, so that the rename stays on one disk.
        with tempfile.TemporaryDirectory(prefix=".haechi-", dir=path.absolute().parent) as private:
            draft = Path(private) / path.name
            engine.execute(f"COPY ({sql}) TO {literal(str(draft))} ({options})")
            draft.chmod(0o600)
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            draft.replace(path)
    except OSError as error:
        raise StoreError(f"The people could not be written: {error.strerror}.", where=str(path)) from error
    except duckdb.IOException as error:  # the disk is full: its message names the file only
        raise StoreError("The people could not be written: the disk refused.", where=str(path)) from error


def _safe(sql: str) -> str:
    return f"SELECT {', '.join(_cell(name) for name in _COLUMNS)} FROM (\n{sql}\n) ORDER BY person"


def _cell(name: str) -> str:
    if name in _TIMES:
        return f"strftime({name}, '{_RFC_3339}') AS {name}"
    if name not in _TEXTS:
        return name
    return (
        f"CASE WHEN regexp_matches({name}, {literal(_FORMULA)}) "
        f"AND NOT regexp_matches({name}, {literal(_NUMBER)}) THEN '''' || {name} ELSE {name} END AS {name}"
    )
