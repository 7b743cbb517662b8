"""From columns to the lines of log files. DuckDB writes the text; no line is touched by a Python loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from haechi.drill.world.columns import NOBODY, SERVICES, STAFF, Issuances, Requests
from haechi.drill.world.keys import ISSUER, TOKEN_LIFE, Key
from haechi.drill.world.pages import AGENTS, PAGES
from haechi.drill.world.sql import connect

# The logs of access records, and the machines that write each. No machine writes two logs.
LOGS: dict[str, tuple[str, ...]] = {
    "gateway": ("gw-1", "gw-2"),
    "database": ("gate-1",),
    "flow": ("tap-1",),
    "cloud": ("trail-1",),
    "femto": ("cells-1",),
}
ISSUERS = ("idp-1", "idp-2", "idp-backup")


class LineWriter:
    """Renders batches as gateway lines (nginx JSON) and issuance lines. `salt` tells worlds' tokens apart."""

    def __init__(self, keys: tuple[Key, ...], accounts: Sequence[str], salt: str) -> None:
        self._connection = connect()
        self._kids = [key.kid for key in keys]
        self._accounts = ["", *SERVICES.values(), *accounts]
        self._sql = {name: _sql(name) for name in (*LOGS, "issuance")}
        self._known = {"salt": salt, "issuer": ISSUER}

    def requests(
        self,
        log: str,
        batch: Requests,
        node: npt.NDArray[np.int8],
        seq: npt.NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Iterator[memoryview]:
        """The bytes of these requests' lines in a log, in order. How long each took is drawn."""
        millis = (4 + rng.lognormal(3.1, 0.8, len(batch))).astype(np.int64)
        rows = pa.table(
            {
                "moment": batch["time"],
                "node": words(node, LOGS[log]),
                "seq": seq,
                "address": batch["address"],
                "method": words(batch["page"], [page.method for page in PAGES]),
                "prefix": words(batch["page"], [page.prefix for page in PAGES]),
                "suffix": words(batch["page"], [page.suffix for page in PAGES]),
                "argument": batch["argument"],
                "status": batch["status"],
                "bytes": batch["bytes"],
                "rows": batch["rows"],
                "millis": millis,
                "agent": words(batch["agent"], AGENTS),
                "token": batch["token"],
                "actor": batch["actor"],
                "account": self._account(batch["actor"]),
                "kid": words(batch["key"], self._kids),
            }
        )
        return self._lines(log, rows, self._known)

    def issuance(
        self, batch: Issuances, node: npt.NDArray[np.int8], seq: npt.NDArray[np.int64]
    ) -> Iterator[memoryview]:
        """The bytes of these issuances' lines, in order."""
        rows = pa.table(
            {
                "moment": batch["time"],
                "node": words(node, ISSUERS),
                "seq": seq,
                "token": batch["token"],
                "actor": batch["actor"],
                "account": self._account(batch["actor"]),
                "kid": words(batch["key"], self._kids),
            }
        )
        return self._lines("issuance", rows, {**self._known, "life": TOKEN_LIFE})

    def _account(self, actor: npt.NDArray[np.int64]) -> pa.DictionaryArray[Any, Any]:
        """The account name of services and staff; members go by their number."""
        staff, service = STAFF - actor + len(SERVICES) + 1, -1 - actor
        number = np.where(actor <= STAFF, staff, np.where(actor < NOBODY, service, 0))
        return words(number, self._accounts)

    def close(self) -> None:
        self._connection.close()

    def _lines(self, name: str, rows: pa.Table, known: Mapping[str, str | int]) -> Iterator[memoryview]:
        if not rows.num_rows:
            return
        self._connection.register("batch", rows)
        asked = self._sql[name]
        used = {key: value for key, value in known.items() if f"${key}" in asked}
        lines = self._connection.sql(asked, params=used).to_arrow_table().column(0)
        for chunk in lines.cast(pa.large_string()).chunks:
            # Every line ends with a newline, so the column's own buffer is the text of the file.
            _, places, text = chunk.buffers()
            ends = np.frombuffer(places, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
            yield memoryview(text)[ends[0] : ends[-1]]


def words(number: npt.NDArray[Any], vocabulary: Sequence[str]) -> pa.DictionaryArray[Any, Any]:
    """A column of words, each given by its place in the vocabulary."""
    return pa.DictionaryArray.from_arrays(pa.array(number.astype("int16")), pa.array(vocabulary, pa.string()))


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
