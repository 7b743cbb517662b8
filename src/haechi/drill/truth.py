"""What really happened, as files that only the scorer reads: `requests.parquet`, `persons.parquet`, `meta.json`."""

from __future__ import annotations

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
from haechi.drill.world.text import GATEWAYS

REQUESTS = pa.schema(
    [
        ("time", pa.timestamp("us")),  # UTC
        ("node", pa.string()),  # `node, node_seq` names the line, in the log and in what Haechi says
        ("node_seq", pa.int64()),
        ("phase", pa.string()),
        ("subject", pa.string()),
        ("route", pa.string()),
        ("shown", pa.bool_()),  # whether the page was answered for somebody who exists
    ]
)


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
            pa.array(np.array(GATEWAYS)[node[bad]]),
            pa.array(seq[bad]),
            pa.array(np.array(self._phases)[batch["bad"][bad]]),
            pa.array(batch["actor"][bad]).cast(pa.string()),
            pa.array(np.array([p.template for p in PAGES])[page]),
            pa.array(batch["status"][bad] == 200),
        ]
        self._requests.write_table(pa.table(columns, schema=REQUESTS))

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
        sql = Path(__file__).with_name("truth.sql").read_text(encoding="utf-8")
        persons = connection.execute(sql).to_arrow_table()
        pq.write_table(persons, self._folder / "persons.parquet", compression="zstd")
        connection.register("person", persons)
        counted = connection.execute("SELECT kind, count(*) FROM person GROUP BY kind ORDER BY kind").fetchall()
        total = connection.execute(
            """SELECT count(*), count(*) FILTER (shown), min(epoch_us(time)), max(epoch_us(time)),
                      count(DISTINCT subject) FILTER (shown), count(DISTINCT subject) FILTER (phase = 'ghost')
               FROM request"""
        ).fetchone()
        by_phase = connection.execute("SELECT phase, count(*) FROM request GROUP BY phase ORDER BY phase").fetchall()
        connection.close()
        names = ("requests", "requests_shown", "first_us", "last_us", "accounts", "ghosts")
        known = {
            **meta,
            **dict(zip(names, total or (), strict=True)),
            "persons": sum(n for _, n in counted),
            "kinds": dict(counted),
            "phases": dict(by_phase),
        }
        (self._folder / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2))
