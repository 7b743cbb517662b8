"""What really happened, in files for the scorer alone: `requests.parquet`, `persons.parquet`, `meta.json`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from haechi.drill.world.calendar import NEVER
from haechi.drill.world.columns import Requests
from haechi.drill.world.members import Members
from haechi.drill.world.pages import PAGES
from haechi.drill.world.sql import connect
from haechi.drill.world.text import words

_REQUESTS: dict[str, pa.DataType] = {
    "time": pa.timestamp("us"),  # UTC
    "node": pa.string(),  # `node, node_seq` names the line, in the log and in what Haechi says
    "node_seq": pa.int64(),
    "scenario": pa.string(),
    "phase": pa.string(),
    "actor": pa.int64(),  # a member's id, or below zero for staff and services
    "subject": pa.string(),  # NULL where the page is nobody's own
    "path": pa.string(),  # as asked
    "route": pa.string(),
    "address": pa.int64(),  # IPv4 as a number
    "shown": pa.bool_(),  # whether the page was answered for somebody who exists
}
REQUESTS = pa.schema(_REQUESTS)
Column = npt.NDArray[Any]
_OWN = np.array([page.subject == "token" for page in PAGES])
_NAMED = np.array([page.subject.startswith("path:") for page in PAGES])


class TruthWriter:
    """Collects the bad requests while the world is made, then works out whose data they showed."""

    def __init__(self, folder: Path, phases: Sequence[tuple[str, Sequence[str]]]) -> None:
        """`phases`: of each scenario in the world, in order, what its numbers mean; the first is honest."""
        self._folder = folder
        named = [("", "honest"), *((name, phase) for name, said in phases for phase in said[1:])]
        self._scenarios, self._phases = [name for name, _ in named], [phase for _, phase in named]
        self._known = [name for name, _ in phases]
        folder.mkdir(parents=True)
        self._requests = pq.ParquetWriter(folder / "requests.parquet", REQUESTS, compression="zstd")

    def add(
        self, batch: Requests, nodes: Sequence[str], node: npt.NDArray[np.int8], seq: npt.NDArray[np.int64]
    ) -> None:
        """Keep those of these requests that are bad. `node`: the machine of each, as a place in `nodes`."""
        bad = batch["bad"] > 0
        if not bad.any():
            return
        page = batch["page"][bad]
        columns = [
            # The log tells milliseconds, so the truth does not claim more.
            pa.array(batch["time"][bad] // 1000 * 1000).cast(pa.timestamp("us")),
            words(node[bad], nodes),
            pa.array(seq[bad]),
            words(batch["bad"][bad], self._scenarios),
            words(batch["bad"][bad], self._phases),
            pa.array(batch["actor"][bad]),
            _subjects(page, batch["actor"][bad], batch["argument"][bad]),
            _paths(page, batch["argument"][bad]),
            words(page, [p.template for p in PAGES]),
            pa.array(batch["address"][bad]),
            pa.array(batch["status"][bad] == 200),
        ]
        self._requests.write_table(pa.table(columns, names=REQUESTS.names).cast(REQUESTS))

    def finish(self, members: Members, book: pa.Table, documents: pa.Table, meta: dict[str, Any]) -> None:
        """Write the persons shown, and `meta.json` with the counts in all four units.

        `documents`: who stands in which file, by path.
        """
        self._requests.close()
        connection = connect()
        gone = members.withdrawn != NEVER
        connection.register("book", book)
        connection.register("document", documents)
        connection.register(
            "member",
            pa.table(
                {
                    "id": pa.array(members.ids).cast(pa.string()),
                    "withdrawn": pa.array(members.withdrawn, mask=~gone).cast(pa.timestamp("us")),
                }
            ),
        )
        connection.read_parquet(str(self._folder / "requests.parquet")).create_view("request")
        persons = connection.sql(_sql("truth")).to_arrow_table()
        pq.write_table(persons, self._folder / "persons.parquet", compression="zstd")
        connection.register("person", persons)
        kinds = connection.execute("SELECT kind, count(*) FROM person GROUP BY ALL ORDER BY ALL").fetchall()
        phases = connection.execute(
            "SELECT phase, count(*) FROM request GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        told = connection.execute(
            "SELECT scenario, count(*), min(epoch_us(time)), max(epoch_us(time)) FROM request GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        scenarios = {row[0]: row[1:] for row in told}
        totals = connection.sql(_sql("truth_counts")).fetchall()[0]
        names = connection.sql(_sql("truth_counts")).columns
        connection.close()
        persons_by_kind: dict[str, int] = dict(kinds)
        known = {
            **meta,
            **dict(zip(names, totals, strict=True)),
            "persons": sum(persons_by_kind.values()),
            "kinds": persons_by_kind,
            "phases": dict(phases),
            "scenarios": {name: _tally(scenarios.get(name)) for name in self._known},
        }
        (self._folder / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2))


def _tally(row: tuple[int, int, int] | None) -> dict[str, int | None]:
    requests, first, last = row or (0, None, None)
    return {"requests": requests, "first_us": first, "last_us": last}


def _subjects(page: Column, actor: Column, argument: Column) -> pa.StringArray:
    """Whose page it was, read as the routes in `haechi.toml` say it."""
    own, named = _OWN[page], _NAMED[page]
    return pa.array(np.where(own, actor, argument), mask=~(own | named)).cast(pa.string())


def _paths(page: Column, argument: Column) -> pa.Array:
    before = words(page, [p.prefix for p in PAGES]).cast(pa.string())
    after = words(page, [p.suffix for p in PAGES]).cast(pa.string())
    number = pc.if_else(pc.greater_equal(pa.array(argument), 0), pa.array(argument).cast(pa.string()), "")
    return pc.binary_join_element_wise(before, number, after, "")


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
