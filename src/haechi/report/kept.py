"""The last full inspection of a store, kept so that a report of the same records need not run all rules again.

    store/state/inspection/RECORDS-HOW.json             the answer, and which findings each case has
                           RECORDS-HOW.flag.parquet     which accesses each finding flags
                           RECORDS-HOW.worker.parquet   which accounts are at work

RECORDS tells the records of all tables, HOW the settings, the rules, and the code that answered: with anything else,
the file is not asked for. It is a cache and no evidence: whoever finds it missing or unreadable inspects again, it goes
with the records of an erased person, and `haechi verify` never looks at it but counts from the records.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import duckdb
import msgspec

import haechi
from haechi.detect.prepare import settings_tables
from haechi.model.settings import Settings
from haechi.model.values import Inspection
from haechi.model.words import TABLES
from haechi.store import layout
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.open import record_files
from haechi.store.sql import literal
from haechi.store.state import INSPECTIONS, everything
from haechi.store.store import Snapshot
from haechi.workspace.load import FILE, Workspace

_PARTS = (
    "model",
    "workspace",
    "store",
    "detect",
    "scope",
    "identity",
    "report",
)  # the code that an answer rests on


class Answer(msgspec.Struct, frozen=True):
    """An inspection and the findings of each case, as indices of its findings."""

    inspection: Inspection
    members: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Place:
    """Where the inspection of these records is kept: `NAME.json` and its fellows."""

    folder: Path
    name: str

    @classmethod
    def of(cls, snapshot: Snapshot, workspace: Workspace) -> Self | None:
        """None: the answer also rests on what this cannot tell, a customer's database."""
        if workspace.settings.exposes:
            return None
        digest = hashlib.sha256((workspace.root / FILE).read_bytes())
        for path in sorted((workspace.root / "rules").rglob("*")):
            if path.is_file():
                digest.update(f"{path.name}\0".encode() + path.read_bytes())
        network = workspace.settings.network
        for text in (network.country, network.owner, network.anonymous):
            told = (workspace.root / text).stat() if text and (workspace.root / text).is_file() else None
            digest.update(f"{text} {told and (told.st_size, told.st_mtime_ns)}\n".encode())
        missing = [sorted(record_files(snapshot, table).missing) for table in TABLES]
        digest.update(f"{missing} {_code()}".encode())
        folder = layout.state_folder(snapshot.root) / INSPECTIONS
        return cls(folder, f"{everything(snapshot.catalog)}-{digest.hexdigest()[:32]}")

    def keep(self, engine: DuckDBEngine, answer: Answer) -> None:
        """Write it, as well as the disk lets: nothing but time is lost without it.

        Only while `Store.reading()` is held: what is out of date goes with the next process that writes alone.
        """
        with suppress(OSError, duckdb.IOException):
            self.folder.mkdir(parents=True, exist_ok=True)
            tables = {"flag": "SELECT finding, source, seq FROM flag"}
            if engine.rows(
                "SELECT 1 FROM duckdb_tables() WHERE table_name = 'worker' "
                "UNION ALL SELECT 1 FROM duckdb_views() WHERE view_name = 'worker'"
            ):
                tables["worker"] = "SELECT * FROM worker"
            for table, sql in tables.items():
                waiting = self._waiting(table)
                engine.execute(f"COPY ({sql}) TO {literal(str(waiting))} (FORMAT parquet, COMPRESSION zstd)")
                waiting.replace(self._file(table))
            waiting = self._waiting("json")
            waiting.write_bytes(msgspec.json.encode(answer))
            waiting.replace(self.folder / f"{self.name}.json")  # last: with it, all is there
            for file in self.folder.iterdir():  # of other settings, rules or code: nobody asks for them again
                if not file.name.startswith(self.name) and not file.name.endswith(".tmp"):
                    file.unlink(missing_ok=True)

    def load(self, engine: DuckDBEngine, settings: Settings) -> Answer | None:
        """The answer that was kept; afterwards the engine shows its `flag`, and what the rules read beside tables."""
        try:
            answer = msgspec.json.decode((self.folder / f"{self.name}.json").read_bytes(), type=Answer)
            self._show(engine, "flag")
            if self._file("worker").is_file():
                self._show(engine, "worker")
        except (OSError, msgspec.DecodeError, duckdb.Error):
            return None
        for name, table in settings_tables(settings).items():
            engine.register(name, table)
        found = answer.inspection.findings
        cases = [
            msgspec.structs.replace(case, findings=[found[index] for index in answer.members[case.id]])
            for case in answer.inspection.cases
        ]
        return msgspec.structs.replace(
            answer, inspection=msgspec.structs.replace(answer.inspection, cases=cases)
        )

    def _show(self, engine: DuckDBEngine, table: str) -> None:
        file = literal(str(self._file(table)))
        engine.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM read_parquet({file})")

    def _file(self, table: str) -> Path:
        return self.folder / f"{self.name}.{table}.parquet"

    def _waiting(self, table: str) -> Path:
        return self.folder / f"{self.name}.{table}.{os.getpid()}.tmp"


@cache
def _code() -> str:
    """The version, and the text of all rules and queries that an answer comes from."""
    digest = hashlib.sha256(f"{haechi.__version__} {duckdb.__version__}".encode())
    root = Path(__file__).parents[1]
    for part in _PARTS:
        for path in sorted((root / part).rglob("*")):
            if path.suffix in (".sql", ".py", ".toml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
