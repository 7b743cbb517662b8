"""Collect: every file to committed batches, every line accounted for.

One thread reads and cuts blocks, workers turn them into files, and the batches are committed in the order read, so
that a crash leaves each file read up to some block's end and nothing beyond.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from haechi.collect import blocks, framing
from haechi.collect.block import Done, Plan, plan_queries, work
from haechi.collect.blocks import BlockReader
from haechi.collect.guess import routes_for
from haechi.collect.interface import Sample
from haechi.collect.memory import keep_memory, shape_for
from haechi.collect.opening import STDIN, Named, Unread, open_stream, printable, spooled
from haechi.collect.peek import PeekedStream
from haechi.collect.place import Place, header_of
from haechi.collect.recognise import SAMPLE_BYTES, Recognised, recognise
from haechi.collect.resume import PRINT_BYTES, Start, find_start
from haechi.collect.tally import Entry, Tally
from haechi.model.errors import InputError, SettingsError
from haechi.model.settings import RouteSettings, Settings, SourceSettings
from haechi.model.values import ReadReport
from haechi.store import layout
from haechi.store.keys import period_of
from haechi.store.locks import disk_error
from haechi.store.store import Writer, now

UNFINISHED_GRACE = 86_400.0  # seconds after the last write in which an unfinished last line may be finished

DAY_US = 86_400_000_000
LOOK_FURTHER = (0, 1 << 20, 1 << 26)  # bytes into a file whose head tells nothing

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

    def __post_init__(self) -> None:
        store = self.settings.store
        self._workers, self._block = shape_for(store.memory, store.threads, blocks.BLOCK_BYTES)

    def run(self, jobs: Sequence[Job], unread: Sequence[Unread] = ()) -> ReadReport:
        """Collect all files. A file that cannot be read is reported; only a failing store ends the run."""
        keep_memory()
        for item in unread:
            self.tally.not_read(item.path, item.problem, item.asked)
        with ThreadPoolExecutor(self._workers, "collect") as pool:
            for job in jobs:
                path = printable(job.file.path)
                try:
                    with closing(PeekedStream(open_stream(job.file.path), SAMPLE_BYTES)) as stream:
                        self._read_file(job, path, stream, pool)
                except (InputError, SettingsError) as error:
                    self.tally.not_read(path, error.what, job.file.asked)
        return self.tally.report()

    def _read_file(self, job: Job, path: str, stream: PeekedStream, pool: ThreadPoolExecutor) -> None:
        if not stream.head:
            self.tally.empty(path, stream.problem)
            return
        sample, recognised = _look(stream, path, job.source)
        if not recognised.formats:
            tried = ", ".join(recognised.tried)
            self.tally.not_read(path, f"unknown format; tried: {tried}", job.file.asked)
            return
        table = recognised.formats[0].table
        source = job.source or SourceSettings(name=source_name(path), paths=[path], table=table)
        if not source.timezone:
            source = msgspec.structs.replace(source, timezone=self.settings.workspace.timezone)
        plan, notes = self._plan(recognised, sample, source)
        head, catalog = stream.head[:PRINT_BYTES], self.writer.catalog
        if stream.once and catalog.begins_like(table, head, self.writer.keys.mac):
            stream = PeekedStream(spooled(stream, layout.tmp_folder(self.writer.root)), SAMPLE_BYTES)
        by_lines = recognised.formats[0].framing is framing.lines
        start = find_start(stream, head, path, table, catalog, self.writer.keys, by_lines)
        entry = self.tally.open(path, source.name, table, [n for n in (start.note, *notes) if n])
        if start.begin >= 0:
            cut = recognised.formats[0].framing
            reader = BlockReader(stream, cut, self._may_be_unfinished(job.file.path, stream), self._block)
            try:
                self._read_blocks(plan, start, path, reader, pool, entry)
            except InputError as error:
                entry.problem = error.what
                return
            if reader.unfinished:
                entry.notes.append(
                    f"the last {reader.unfinished:,} bytes are an unfinished line: left for the next run, "
                    "when the file may be whole"
                )
        entry.problem = stream.problem

    def _plan(self, recognised: Recognised, sample: Sample, source: SourceSettings) -> tuple[Plan, list[str]]:
        formats = recognised.formats
        projections = [form.projection(sample, source) for form in formats]
        routes, notes = routes_for(self.routes, formats[0], projections, sample)
        notes += [note for projection in projections for note in projection.notes]
        table = formats[0].table
        period = period_of(now())
        self.writer.keys.needed(period)
        plan = Plan(
            table=table,
            source=source,
            formats=formats,
            queries=plan_queries(table, projections, routes),
            routes=routes,
            root=self.writer.root,
            keys=self.writer.keys,
            period=period,
            newest_us=int(time.time() * 1e6) + DAY_US,
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
                while len(waiting) > self._workers:
                    self._commit(plan, start, waiting.popleft().result(), entry)
            while waiting:
                problem = reader.problem if len(waiting) == 1 else ""
                self._commit(plan, start, waiting.popleft().result(), entry, problem)
        except OSError as error:
            raise disk_error(error, self.writer.root) from error
        finally:
            # Their numbers are given out again, so nobody may still be writing under them.
            wait([future for future in waiting if not future.cancel()])

    def _commit(self, plan: Plan, start: Start, done: Done, entry: Entry, problem: str = "") -> None:
        header = header_of(plan, start, done, problem)
        self.writer.commit([(done.prepared, header)])
        self.tally.add(entry, done, header)

    def _may_be_unfinished(self, path: str, stream: PeekedStream) -> bool:
        if not (self.live and stream.growing) or path == STDIN:
            return False
        try:
            return time.time() - Path(path).stat().st_mtime < UNFINISHED_GRACE
        except OSError:
            return True  # rotated away this moment: certainly written to


def _look(stream: PeekedStream, path: str, source: SourceSettings | None) -> tuple[Sample, Recognised]:
    """Recognise a file by its head; one that begins with a hole or a giant line, by what stands further on."""
    sample = Sample(_whole_lines(stream.head, stream.whole), stream.whole, path)
    recognised = recognise(sample, source)
    for offset in () if stream.once or stream.whole else LOOK_FURTHER:
        if recognised.formats or not stream.seek(offset):
            break
        found = _after_a_line(stream)
        further = Sample(_whole_lines(found, False), False, path)
        recognised = recognise(further, source)
        sample = further if recognised.formats else sample
    return sample, recognised


def _after_a_line(stream: PeekedStream) -> bytes:
    """A sample that begins where the next line begins, however far that is."""
    while data := stream.read_full(SAMPLE_BYTES):
        if (end := data.find(b"\n") + 1) > 0:
            return data[end:] + stream.read_full(SAMPLE_BYTES)
    return b""


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
