"""Write records of Parquet files into one file sorted for look-ups, and make sure that it holds what they held."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from haechi.model.errors import StoreError
from haechi.model.tables import SCHEMAS
from haechi.model.words import Table
from haechi.store.interface import Engine
from haechi.store.seal import person_column
from haechi.store.sql import literal


def write_sorted(
    engine: Engine,
    table: Table,
    sources: Sequence[Path],
    target: Path,
    keep: str = "TRUE",
) -> int:
    """Write the records of `sources` that meet the condition `keep` to `target`, and return how many those are.

    The file is read back and compared: what it replaces may be removed after. It is not yet flushed to the disk.

    Raises:
        StoreError: the disk is full, or what was written is not what was read.
    """
    names = SCHEMAS[table].names
    order = [person_column(table), *(["time"] if "time" in names else []), "source", "seq"]
    columns = ", ".join(f'"{name}"' for name in names)
    try:
        engine.execute(
            _query("compact").format(
                columns=columns,
                files=_list(sources),
                keep=keep,
                order=", ".join(order),
                target=literal(str(target)),
                salt=literal(secrets.token_hex(16)),
            )
        )
        before = _sum(engine, columns, sources, keep)
        after = _sum(engine, columns, [target], "TRUE")
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise _failed(error, target) from error
    if before != after:
        raise StoreError(
            "a sorted file does not hold the records that it was made from",
            where=str(target),
            kept="the records: nothing was replaced",
            todo="check the memory and the disk of this machine, then run the command again",
        )
    return after[0]


def _sum(engine: Engine, columns: str, sources: Sequence[Path], keep: str) -> tuple[int, str]:
    query = _query("sum").format(columns=columns, files=_list(sources), keep=keep)
    ((count, total),) = engine.rows(query)
    return int(count), str(total)


def _list(paths: Sequence[Path]) -> str:
    return ", ".join(literal(str(path)) for path in paths)


@cache
def _query(name: str) -> str:
    return files("haechi.store").joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")


def _failed(error: duckdb.Error, target: Path) -> StoreError:
    full = "space left" in str(error) or isinstance(error, duckdb.OutOfMemoryException)
    return StoreError(
        "there is not enough space to sort the records" if full else "the records cannot be sorted",
        where=str(target.parent),
        kept="the records: nothing was replaced",
        todo="free some space and run the same command again"
        if full
        else "run haechi verify: it names files that were altered",
    )
