"""Write the files of the store anew without some units. They wait in `next/` until their time comes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from haechi.evidence import durable
from haechi.evidence.blind import person_hashes
from haechi.model.errors import StoreError
from haechi.model.settings import StoreSettings
from haechi.model.tables import SCHEMAS
from haechi.store import layout, raw_file
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import connect
from haechi.store.locks import disk_error
from haechi.store.prepare import sync_and_hash, write_records
from haechi.store.raw_file import RawFile
from haechi.store.seal import person_column
from haechi.store.sorted_file import write_sorted
from haechi.store.sql import literal
from haechi.store.store import Writer
from haechi.store.swap import next_folder, waiting_place

Units = npt.NDArray[np.int64]


@dataclass
class Rewritten:
    """What waits, and the hashes that the log will tell of it.

    files:     batch number -> kind of file -> SHA-256
    compacted: compaction number -> rows left, SHA-256
    keys:      period -> SHA-256
    """

    waiting: list[Path] = field(default_factory=list)
    files: dict[int, dict[str, str]] = field(default_factory=dict)
    compacted: dict[int, tuple[int, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


class Rewriter:
    """Rewrites files of one store. For the process that holds the writer's lock."""

    def __init__(self, writer: Writer, settings: StoreSettings) -> None:
        self.writer, self.root, self.catalog = writer, writer.root, writer.catalog
        self._settings = settings

    def rewrite(self, units: Mapping[int, Units], periods: Sequence[str], person: str) -> Rewritten:
        """Everything without these units (batch number -> units in it) and without the person's keys.

        Raises `StoreError` where a file is missing or altered, or the disk is full: then nothing waits.
        """
        made = Rewritten()
        try:
            for number, gone in units.items():
                made.files[number] = self._batch(number, gone, made)
            spill = layout.spill_folder(self.root)
            engine = DuckDBEngine(connect(self._settings.memory, self._settings.threads, spill))
            with closing(engine):
                for home in sorted({self.catalog.compacted[n] for n in units if n in self.catalog.compacted}):
                    made.compacted[home] = self._compaction(home, units, made, engine)
                for period in periods:
                    made.keys[period] = self._keys(period, person, made, engine)
            durable.sync_directory(next_folder(self.root))
        except OSError as error:
            durable.discard(made.waiting)
            raise disk_error(error, self.root) from error
        except StoreError:
            durable.discard(made.waiting)
            raise
        return made

    def _batch(self, number: int, gone: Units, made: Rewritten) -> dict[str, str]:
        batch = self.catalog.batch(number)
        hashes: dict[str, str] = {}
        raw = layout.raw_file(self.root, number)
        self._check(raw, self.catalog.file_hash(number, "raw"))
        waiting = self._place(raw, made)
        waiting.write_bytes(without_units(RawFile.open(raw), gone))
        hashes["raw"] = sync_and_hash(waiting)
        if number not in self.catalog.compacted:
            records = layout.records_file(self.root, number)
            self._check(records, self.catalog.file_hash(number, "records"))
            waiting = self._place(records, made)
            _without_rows(records, gone + batch.seq_from, waiting)
            hashes["records"] = sync_and_hash(waiting)
        return hashes

    def _compaction(
        self, home: int, units: Mapping[int, Units], made: Rewritten, engine: DuckDBEngine
    ) -> tuple[int, str]:
        leaf = self.catalog.compactions[home]
        file = layout.compact_file(self.root, home)
        self._check(file, leaf.sha256)
        waiting = self._place(file, made)
        seqs = [
            gone + self.catalog.batch(number).seq_from
            for number, gone in units.items()
            if self.catalog.compacted.get(number) == home
        ]
        engine.register("erased", pa.table({"seq": np.concatenate(seqs)}))
        table = self.catalog.batch(leaf.batches[0][0]).table
        rows = write_sorted(engine, table, [file], waiting, "seq NOT IN (SELECT seq FROM erased)")
        return rows, sync_and_hash(waiting)

    def _keys(self, period: str, person: str, made: Rewritten, engine: DuckDBEngine) -> str:
        file = layout.period_file(self.root, period)
        self._check(file, self.catalog.period_keys[period])
        mine = hashlib.sha256(person.encode())
        others = ["", *self._bucket(period, mine.hexdigest()[:3], engine)]
        keys = self.writer.keys.period(period).destroy(mine.digest(), person_hashes(pa.array(others)))
        waiting = self._place(file, made)
        waiting.write_bytes(keys.data)
        return sync_and_hash(waiting)

    def _bucket(self, period: str, bucket: str, engine: DuckDBEngine) -> list[str]:
        """All persons of a bucket who stand in records of a period; `bucket`: the first 12 bits, hex."""
        found: set[str] = set()
        for table in SCHEMAS:
            files = [file for file in self._record_files(table, period) if file.exists()]
            if files:
                names = ", ".join(literal(str(file)) for file in files)
                persons = f"SELECT DISTINCT {person_column(table)} AS person FROM read_parquet([{names}])"
                sql = f"SELECT person FROM ({persons}) WHERE left(sha256(person), 3) = $bucket"
                found.update(row[0] for row in engine.rows(sql, {"bucket": bucket}))
        return sorted(found)

    def _record_files(self, table: str, period: str) -> list[Path]:
        """The files that hold records of a table and period; of a sorted file others may be in it as well."""
        catalog = self.catalog
        files: dict[Path, None] = {}
        for batch in catalog.batches:
            if (
                batch.table == table
                and batch.period == period
                and batch.rows
                and batch.number not in catalog.expired
            ):
                home = catalog.compacted.get(batch.number)
                own = layout.records_file(self.root, batch.number)
                files[own if home is None else layout.compact_file(self.root, home)] = None
        return list(files)

    def _place(self, target: Path, made: Rewritten) -> Path:
        made.waiting.append(waiting_place(self.root, target))
        return made.waiting[-1]

    def _check(self, file: Path, wanted: str) -> None:
        """A file that was altered must not get a new hash in the log."""
        found = durable.sha256(file)
        if found != wanted:
            raise StoreError(
                "a file of the store was altered: it is not as the evidence log says",
                where=str(file),
                kept="everything; nothing was removed",
                todo="run haechi verify, and restore the file from a backup of the store",
            )


def without_units(raw: RawFile, gone: Units) -> bytes:
    """The content of a file of raw bytes, in which these units are empty."""
    lengths = raw.lengths.copy()
    lengths[gone] = 0
    keep = np.ones(len(lengths), bool)
    keep[gone] = False
    parts: list[bytes] = []
    for first, data, offsets in raw.stretches():
        kept = np.flatnonzero(keep[first : first + len(offsets) - 1])
        # Stretches of neighbours that stay, each cut out as one.
        for run in np.split(kept, np.flatnonzero(np.diff(kept) > 1) + 1):
            if len(run):
                parts.append(data[int(offsets[run[0]]) : int(offsets[run[-1] + 1])])
    return raw_file.content(b"".join(parts), np.concatenate([[0], np.cumsum(lengths)]))


def _without_rows(file: Path, seqs: Units, target: Path) -> None:
    rows = pq.read_table(file)
    kept = rows.filter(pa.array(~np.isin(rows["seq"].to_numpy(), seqs)))
    write_records(kept, target)
