"""What really happened, in files for the scorer alone: `requests.parquet`, `persons.parquet`, `meta.json`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from haechi.drill.world.calendar import NEVER
from haechi.drill.world.columns import Requests
from haechi.drill.world.members import Members
from haechi.drill.world.pages import PAGES
from haechi.drill.world.text import GATEWAYS, words

_REQUESTS: dict[str, pa.DataType] = {
    "time": pa.timestamp("us"),  # UTC
    "node": pa.string(),  # `node, node_seq` names the line, in the log and in what Haechi says
    "node_seq": pa.int64(),
    "phase": pa.string(),
    "subject": pa.string(),
    "route": pa.string(),
    "address": pa.int64(),  # IPv4 as a number
    "shown": pa.bool_(),  # whether the page was answered for somebody who exists
}
REQUESTS = pa.schema(_REQUESTS)


class TruthWriter:
    """Collects the bad requests while the world is made, then works out whose data they showed."""

    def __init__(self, folder: Path, phases: tuple[str, ...]) -> None:
        self._folder, self._phases = folder, phases
        folder.mkdir(parents=True)
        self._requests = pq.ParquetWriter(folder / "requests.parquet", REQUESTS, compression="zstd")

    def add(self, batch: Requests, node: npt.NDArray[np.int8], seq: npt.NDArray[np.int64]) -> None:
        """Keep those of these requests that are bad."""
        bad = batch["bad"] > 0
        if not bad.any():
            return
        page = batch["page"][bad]
        columns = [
            # The log tells milliseconds, so the truth does not claim more.
            pa.array(batch["time"][bad] // 1000 * 1000).cast(pa.timestamp("us")),
            words(node[bad], GATEWAYS),
            pa.array(seq[bad]),
            words(batch["bad"][bad], self._phases),
            pa.array(batch["actor"][bad]).cast(pa.string()),
            words(page, [p.template for p in PAGES]),
            pa.array(batch["address"][bad]),
            pa.array(batch["status"][bad] == 200),
        ]
        self._requests.write_table(pa.table(columns, names=REQUESTS.names).cast(REQUESTS))

    def finish(self, members: Members, book: pa.Table, meta: dict[str, Any]) -> None:
        """Write the persons shown, and `meta.json` with the counts in all four units."""
        self._requests.close()
        connection = duckdb.connect(":memory:", config={"threads": 1})
        connection.execute("SET TimeZone = 'UTC'")
        gone = members.withdrawn != NEVER
        connection.register("book", book)
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
        }
        (self._folder / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2))


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
