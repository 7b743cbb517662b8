"""Compaction: the records of a day's batches in one file, sorted so that one person's are found at once.

It changes no answer and no proof. Leaf hashes, raw lines and places of set-aside lines stay where they are; only
the record files of the single batches go, once nobody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from haechi.evidence import durable
from haechi.model.settings import StoreSettings
from haechi.model.words import Table
from haechi.store import layout
from haechi.store.catalog import Catalog
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.header import BatchHeader
from haechi.store.leaves import CompactionLeaf, ranges
from haechi.store.lending import connect
from haechi.store.locks import disk_error
from haechi.store.prepare import sync_and_hash
from haechi.store.retention import newest_of
from haechi.store.sorted_file import write_sorted
from haechi.store.store import Store, Writer, now

DAY = 86_400_000_000  # microseconds
MOST_ROWS = 10_000_000  # of one file, about
MOST_BATCHES = 500  # of one file: they are all open at once, and their numbers must fit an entry of the log
_TIDY_EVERY = 16  # files, so that the disk need not hold everything twice

Progress = Callable[[str, int], None]  # (source, records sorted so far)


@dataclass(frozen=True)
class Group:
    """Batches to become one file. `day`: days since 1970 UTC."""

    table: Table
    source: str
    day: int
    batches: tuple[BatchHeader, ...]


@dataclass
class Compacted:
    """What a compaction did. `left_out`: batches that cannot be compacted, each with the reason as a sentence."""

    files: int = 0
    batches: int = 0
    rows: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    left_out: list[str] = field(default_factory=list)


def groups(catalog: Catalog, upto: int) -> Iterator[Group]:
    """The batches that are not compacted yet and whose day is over at `upto` (microseconds since 1970 UTC)."""
    days: dict[tuple[Table, str, int], list[BatchHeader]] = {}
    for batch in catalog.batches:
        day = newest_of(batch) // DAY
        gone = batch.number in catalog.expired or batch.number in catalog.compacted
        if batch.rows and not gone and (day + 1) * DAY <= upto:
            days.setdefault((batch.table, batch.source, day), []).append(batch)
    for (table, source, day), batches in sorted(days.items()):
        for part in _parts(batches):
            yield Group(table, source, day, tuple(part))


def compact(
    store: Store, settings: StoreSettings, *, all_days: bool = False, progress: Progress | None = None
) -> Compacted:
    """Sort the records of every day that ended at least a day ago; with `all_days` those of today too.

    Bounded in memory by the settings: what does not fit spills to disk. Readers go on undisturbed. A crash loses
    nothing: a file that no entry of the log names is removed by the next writer.

    Raises:
        StoreError: the store is being written to, or the disk is full.
    """
    done = Compacted()
    upto = (now() // DAY + 1) * DAY if all_days else now() - DAY
    with store.writer() as writer:
        spill = layout.spill_folder(store.root)
        with closing(DuckDBEngine(connect(settings.memory, settings.threads, spill))) as engine:
            for group in list(groups(writer.catalog, upto)):
                _compact_group(writer, engine, group, done)
                if progress:
                    progress(group.source, done.rows)
                if done.files % _TIDY_EVERY == 0:
                    writer.tidy()
        writer.tidy()
    return done


def _compact_group(writer: Writer, engine: DuckDBEngine, group: Group, done: Compacted) -> None:
    sound = [batch for batch in group.batches if _is_sound(writer, batch, done)]
    if not sound:
        return
    number = max(writer.catalog.compactions, default=-1) + 1
    place = layout.compact_file(writer.root, number)
    waiting = layout.tmp_folder(writer.root) / f"compact-{place.name}"
    sources = [layout.records_file(writer.root, batch.number) for batch in sound]
    rows = write_sorted(engine, group.table, sources, waiting)
    done.bytes_before += sum(file.stat().st_size for file in sources)
    done.bytes_after += waiting.stat().st_size
    made = put_in_place(waiting, place, writer.root)
    numbers = ranges(sorted(batch.number for batch in sound))
    writer.append([CompactionLeaf(now(), number, group.table, group.source, numbers, rows, made)])
    done.files += 1
    done.batches += len(sound)
    done.rows += rows


def put_in_place(waiting: Path, place: Path, root: Path) -> str:
    """Flush a file to the disk and give it its name; returns its SHA-256, hex."""
    try:
        made = sync_and_hash(waiting)
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True)
            durable.sync_directory(place.parent.parent)
        waiting.replace(place)
        durable.sync_directory(place.parent)
    except OSError as error:
        raise disk_error(error, root) from error
    return made


def _is_sound(writer: Writer, batch: BatchHeader, done: Compacted) -> bool:
    """Whether a batch's records are as the log says: altered ones must not get a new hash."""
    file = layout.records_file(writer.root, batch.number)
    try:
        found = durable.sha256(file)
    except FileNotFoundError:
        done.left_out.append(f"batch {batch.number}: its records are missing ({file.name})")
        return False
    except OSError as error:
        raise disk_error(error, writer.root) from error
    if found != writer.catalog.file_hash(batch.number, "records"):
        done.left_out.append(f"batch {batch.number}: its records were altered ({file.name})")
        return False
    return True


def _parts(batches: Sequence[BatchHeader]) -> Iterator[list[BatchHeader]]:
    part: list[BatchHeader] = []
    rows = 0
    for batch in batches:
        if part and (rows + batch.rows > MOST_ROWS or len(part) == MOST_BATCHES):
            yield part
            part, rows = [], 0
        part.append(batch)
        rows += batch.rows
    if part:
        yield part
