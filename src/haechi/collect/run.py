"""Collect: every file to committed batches, every line accounted for.

One thread reads and cuts blocks, workers turn them into files, and the batches are committed in the order read, so
that a crash leaves each file read up to some block's end and nothing beyond.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from haechi.collect.block import Done, Plan, plan_queries, work
from haechi.collect.blocks import BlockReader
from haechi.collect.guess import routes_for
from haechi.collect.interface import Sample
from haechi.collect.memory import keep_memory
from haechi.collect.opening import STDIN, Named, Unread, open_stream
from haechi.collect.peek import PeekedStream
from haechi.collect.place import Place, header_of
from haechi.collect.recognise import SAMPLE_BYTES, Recognised, recognise
from haechi.collect.resume import PRINT_BYTES, Start, find_start
from haechi.collect.tally import Entry, Tally
from haechi.model.errors import InputError
from haechi.model.settings import RouteSettings, Settings, SourceSettings
from haechi.model.values import ReadReport
from haechi.store.store import Writer, disk_error

UNFINISHED_GRACE = (
    60.0  # seconds since the last write within which an unfinished last line may still be finished
)
DAY_US = 86_400_000_000

Progress = Callable[[str, int, int], None]  # (path, unpacked bytes read of it, units read of its source)


@dataclass(frozen=True)
class Job:
    """One file and the source it belongs to. `source` is None when nothing was configured for it."""

    file: Named
    source: SourceSettings | None


@dataclass
class Collector:
    """Reads files into one store.

    live:   files may still be written to, so that an unfinished last line is left for the next run
    routes: the workspace's own and those of its OpenAPI document; empty: guessed from each file's head
    """

    writer: Writer
    settings: Settings
    routes: Sequence[RouteSettings] = ()
    live: bool = True
    progress: Progress | None = None
    tally: Tally = field(default_factory=Tally)

    def run(self, jobs: Sequence[Job], unread: Sequence[Unread] = ()) -> ReadReport:
        """Collect all files. A file that cannot be read is reported; only a failing store ends the run."""
        keep_memory()
        for item in unread:
            self.tally.not_read(item.path, item.problem, item.asked)
        with ThreadPoolExecutor(self._workers(), "collect") as pool:
            for job in jobs:
                try:
                    with closing(PeekedStream(open_stream(job.file.path), SAMPLE_BYTES)) as stream:
                        self._read_file(job, stream, pool)
                except InputError as error:
                    self.tally.not_read(job.file.path, error.what, job.file.asked)
        return self.tally.report()

    def _workers(self) -> int:
        return self.settings.store.threads or os.cpu_count() or 1

    def _read_file(self, job: Job, stream: PeekedStream, pool: ThreadPoolExecutor) -> None:
        path = job.file.path
        if not stream.head:
            self.tally.empty(path, stream.problem)
            return
        sample = Sample(_whole_lines(stream.head, stream.whole), stream.whole, path)
        recognised = recognise(sample, job.source)
        if not recognised.formats:
            tried = ", ".join(recognised.tried)
            self.tally.not_read(path, f"unknown format; tried: {tried}", job.file.asked)
            return
        table = recognised.formats[0].table
        source = job.source or SourceSettings(name=source_name(path), paths=[path], table=table)
        plan, notes = self._plan(recognised, sample, source)
        start = find_start(
            stream, stream.head[:PRINT_BYTES], path, table, self.writer.catalog, self.writer.root
        )
        entry = self.tally.open(path, source.name, table, [n for n in (start.note, *notes) if n])
        if start.begin >= 0:
            framing = recognised.formats[0].framing
            reader = BlockReader(stream, framing, self._may_be_unfinished(path, stream))
            self._read_blocks(plan, start, path, reader, pool, entry)
            if reader.unfinished:
                entry.notes.append(
                    f"the last {reader.unfinished:,} bytes are an unfinished line of a file that is being written to: "
                    "left for the next run"
                )
        entry.problem = stream.problem

    def _plan(self, recognised: Recognised, sample: Sample, source: SourceSettings) -> tuple[Plan, list[str]]:
        formats = recognised.formats
        projections = [form.projection(sample, source) for form in formats]
        routes, notes = routes_for(self.routes, formats[0], projections, sample)
        notes += [note for projection in projections for note in projection.notes]
        table = formats[0].table
        plan = Plan(
            table=table,
            source=source,
            formats=formats,
            queries=plan_queries(table, projections, routes),
            routes=routes,
            root=self.writer.root,
            newest_us=int(time.time() * 1e6) + DAY_US,
            memory=self.settings.store.memory,
        )
        return plan, notes

    def _read_blocks(
        self, plan: Plan, start: Start, path: str, reader: BlockReader, pool: ThreadPoolExecutor, entry: Entry
    ) -> None:
        """Keep the workers busy, commit in order. One block more than workers is in memory."""
        catalog = self.writer.catalog
        place = Place(
            path, start.begin, start.lines + 1, catalog.next_seq[plan.source.name], catalog.next_number
        )
        waiting: deque[Future[Done]] = deque()
        try:
            for data, framed in reader.blocks(start.begin):
                waiting.append(pool.submit(work, plan, place.take(data, framed)))
                if self.progress:
                    self.progress(path, place.begin, place.seq)
                while len(waiting) > self._workers():
                    self._commit(plan, start, waiting.popleft().result(), entry)
            while waiting:
                self._commit(plan, start, waiting.popleft().result(), entry)
        except OSError as error:
            raise disk_error(error, self.writer.root) from error
        finally:
            for future in waiting:
                future.cancel()

    def _commit(self, plan: Plan, start: Start, done: Done, entry: Entry) -> None:
        header = header_of(plan, start, done)
        self.writer.commit([(done.prepared, header)])
        self.tally.add(entry, done, header)

    def _may_be_unfinished(self, path: str, stream: PeekedStream) -> bool:
        if not (self.live and stream.growing) or path == STDIN:
            return False
        return time.time() - Path(path).stat().st_mtime < UNFINISHED_GRACE


def source_name(path: str) -> str:
    """The name of a source that nobody named: the file's, without what rotation and packing add to it."""
    if path == STDIN:
        return "stdin"
    name = Path(path).name
    for suffix in (".gz", ".zst"):
        name = name.removesuffix(suffix)
    head, _, last = name.rpartition(".")
    return head if last.isdigit() and len(last) <= 3 else name


def _whole_lines(head: bytes, whole: bool) -> bytes:
    """The sample without its last line where that is cut off."""
    return head if whole else head[: head.rfind(b"\n") + 1] or head
