"""Third persons from PostgreSQL, read-only, streamed by COPY so that no row becomes a Python object."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from haechi.model.errors import ScopeError
from haechi.scope.read_files import wrapped

WAIT_SECONDS = 10
BLOCK = 8 << 20  # bytes of CSV that become one batch
_SAYABLE = ("42", "3D", "3F", "28", "25", "0A")  # SQLSTATE classes whose message names objects, never values


def read(database: str, sql: str, root: Path) -> Iterator[pa.Table]:
    """`postgresql://user@host/database`. The password may come from PGPASSWORD or ~/.pgpass, as libpq does.

    Columns come as text; times in UTC as PostgreSQL writes them.
    """
    del root
    try:
        import psycopg
    except ImportError as error:
        raise ScopeError(
            "the driver psycopg, by which PostgreSQL is asked, is not there.",
            todo="pip install 'psycopg[binary]'",
        ) from error
    url = database.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        connection = psycopg.connect(url, connect_timeout=WAIT_SECONDS, autocommit=True)
    except psycopg.ProgrammingError:
        raise ScopeError("its address is none.", todo="Write postgresql://user@host:5432/database.") from None
    except psycopg.Error as error:
        raise ScopeError(f"PostgreSQL refused the connection{_where(url)}: {_refusal(error)}.") from None
    try:
        # The server holds the transaction to it: nothing that the query calls can write.
        connection.execute("SET default_transaction_read_only = on")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET DateStyle = 'ISO'")
        yield from _stream(connection, wrapped(sql))
    except psycopg.Error as error:
        raise ScopeError(f"PostgreSQL refused the query{_where(url)}: {_reason(error)}.") from None
    except pa.ArrowException:  # its message may quote a row
        raise ScopeError(f"the answer of PostgreSQL{_where(url)} cannot be read.") from None
    finally:
        connection.close()


def _stream(connection: Any, table: str) -> Iterator[pa.Table]:
    names = [column.name for column in connection.execute(f"SELECT * FROM {table} LIMIT 0").description]
    texts = dict.fromkeys(names, pa.string())
    yield pa.table([pa.array([], pa.string()) for _ in names], names=names)
    # PostgreSQL writes NULL as nothing and an empty text as "".
    convert = arrow_csv.ConvertOptions(
        column_types=texts, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    sql = f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    with connection.cursor().copy(sql) as copy:
        for block in _blocks(copy):
            yield arrow_csv.read_csv(
                io.BytesIO(block),
                read_options=arrow_csv.ReadOptions(column_names=names, block_size=len(block) + 1),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                convert_options=convert,
            )


def _blocks(copy: Any) -> Iterator[bytes]:
    """COPY answers one row a message: gather whole rows, so that a line end inside quotes never cuts one."""
    held, size = list[bytes](), 0
    for data in copy:
        held.append(bytes(data))
        size += len(data)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _where(url: str) -> str:
    """Host and database of an address, without its password."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    host, port = parts.get("host") or "localhost", parts.get("port") or "5432"
    return f" at {host}:{port}/{parts.get('dbname') or ''}"


def _refusal(error: Any) -> str:
    text = str(error).lower()
    for sign, words in (
        ("password", "the user or the password is wrong, or none was given"),
        ("refused", "nothing listens there"),
        ("timeout", f"no answer within {WAIT_SECONDS} seconds"),
        ("does not exist", "the database or the user does not exist"),
        ("no such file", "nothing listens there"),
        ("resolve", "the host's name is not known"),
        ("ssl", "the encrypted connection could not be made"),
        ("pg_hba", "the server lets nobody in from here"),
    ):
        if sign in text:
            return words
    return "the reason is in the server's log"


def _reason(error: Any) -> str:
    state, message = error.sqlstate or "", error.diag.message_primary
    if message and state.startswith(_SAYABLE):
        return str(message).rstrip(".")
    return f"SQLSTATE {state}" if state else type(error).__name__
