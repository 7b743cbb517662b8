"""Steps of a scoping as Parquet files, cut into slices: what one step writes, the next reads slice by slice.

Millions of partial rows in temporary tables are paged in and out for every slice. As files they are
small, and each slice is read once.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from haechi.store.interface import Engine
from haechi.store.sql import literal

_TEXT, _COUNT, _TIME, _BITS = pa.string(), pa.int64(), pa.timestamp("us"), pa.decimal128(38, 0)


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


STEPS: dict[str, pa.Schema] = {
    # an access of a case that is counted by slices
    "seen": _schema(
        source=_TEXT, time=_TIME, subject=_TEXT, subjects=_COUNT, fields=_TEXT, bytes=_COUNT,
        exported=pa.bool_(), succeeded=pa.bool_(), mask=_COUNT,
    ),
    # what the registry says of somebody, in a large case
    "registry": _schema(subject=_TEXT, kind=_TEXT, withdrawn=_TIME),
    # a subject on one kind of page
    "page": _schema(
        subject=_TEXT, mask=_COUNT, requests=_COUNT, shown=_COUNT, exports=_COUNT,
        first=_TIME, last=_TIME, bits=_BITS, ebits=_BITS,
        listed=pa.bool_(), guest=pa.bool_(), withdrawn=_TIME, existed=pa.bool_(),
    ),
    # a person on the pages of a subject
    "pair": _schema(
        person=_TEXT, subject=_TEXT, kind=_TEXT, times=_COUNT,
        first=_TIME, last=_TIME, bits=_BITS, ebits=_BITS,
    ),
    # a natural person; `own`: own pages were shown, not only others' that name the person
    "person": _schema(
        person=_TEXT, kind=_TEXT, own=pa.bool_(), through=_COUNT,
        first=_TIME, last=_TIME, times=_COUNT, bits=_BITS, ebits=_BITS,
    ),
    # a set of fields in words
    "words": _schema(bits=_BITS, fields=_TEXT),
}  # fmt: skip


class Spool:
    """A folder of its own, closed to other users and gone with the object: it holds ids of persons."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._folder = tempfile.TemporaryDirectory(
            prefix="haechi-scope-", dir=engine.folder, ignore_cleanup_errors=True
        )
        self._path = Path(self._folder.name)
        self._written = 0
        for step, schema in STEPS.items():
            (self._path / step).mkdir()
            # A file without rows in every step: it says the columns where nothing else was written.
            pq.write_table(schema.empty_table(), self._path / step / "none.parquet")

    def write(self, step: str, sql: str) -> None:
        """Run a query into one file of a step."""
        self._written += 1
        target = literal(str(self._path / step / f"{self._written}.parquet"))
        self._engine.execute(f"COPY ({sql}\n) TO {target} (FORMAT parquet)")

    def write_slice(self, step: str, number: int, sql: str) -> None:
        """Run a query into one file of one slice of a step."""
        (self._path / step / f"slice={number}").mkdir(exist_ok=True)
        self.write(f"{step}/slice={number}", sql)

    def write_sliced(self, step: str, sql: str) -> None:
        """Run a query whose column `slice` says which slice of a step each row belongs to."""
        self._written += 1
        target = literal(str(self._path / step))
        self._engine.execute(
            f"COPY ({sql}\n) TO {target} (FORMAT parquet, PARTITION_BY (slice), OVERWRITE_OR_IGNORE, "
            f"FILENAME_PATTERN 'w{self._written}_{{i}}')"
        )

    def write_table(self, step: str, table: pa.Table) -> None:
        """Write rows that are at hand."""
        self._written += 1
        pq.write_table(table.cast(STEPS[step]), self._path / step / f"{self._written}.parquet")

    def read(self, step: str, number: int | None = None) -> str:
        """A step, or one slice of it, as a table to stand in a query."""
        folder = self._path / step
        files = [*folder.glob("*.parquet")] if number is None else [folder / "none.parquet"]
        files += folder.glob(f"slice={'*' if number is None else number}/*.parquet")
        names = ", ".join(literal(str(file)) for file in sorted(files))
        return f"read_parquet([{names}], hive_partitioning = FALSE)"

    def drop(self, *steps: str) -> None:
        """Forget steps that nothing reads any more."""
        for step in steps:
            for file in (self._path / step).rglob("*.parquet"):
                if file.is_file() and file.name != "none.parquet":  # an engine may have written a folder
                    file.unlink()
