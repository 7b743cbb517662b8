"""The account of a run: what became of every file and every line."""

from __future__ import annotations

from dataclasses import dataclass, field

from haechi.collect.block import Done
from haechi.model.times import moment
from haechi.model.values import ReadReport, SetAside, SourceRead
from haechi.store.header import BatchHeader

ASIDE_SHOWN = 20  # places named in the report; all are in the store


@dataclass
class Entry:
    """The account of one file, while it is being read."""

    path: str
    source: str
    table: str
    notes: list[str]
    formats: list[str] = field(default_factory=list)
    stored: int = 0
    set_aside: int = 0
    first: int | None = None
    last: int | None = None
    bytes_sent: int = 0
    odd_clock: int = 0
    problem: str = ""

    def add(self, done: Done, header: BatchHeader) -> None:
        self.formats += [name for name in done.formats if name not in self.formats]
        self.stored += header.rows
        self.set_aside += header.set_aside
        self.bytes_sent += header.bytes_sent
        self.odd_clock += done.odd_clock
        if header.first is not None and header.last is not None:
            self.first = header.first if self.first is None else min(self.first, header.first)
            self.last = header.last if self.last is None else max(self.last, header.last)

    def value(self) -> SourceRead:
        notes = list(self.notes)
        if self.odd_clock:
            notes.append(
                f"{self.odd_clock:,} records are dated before 2000 or later than now: a clock was wrong"
            )
        return SourceRead(
            path=self.path,
            source=self.source,
            table=self.table,
            format="+".join(self.formats),
            lines=self.stored + self.set_aside,
            stored=self.stored,
            set_aside=self.set_aside,
            first=moment(self.first),
            last=moment(self.last),
            bytes_sent=self.bytes_sent,
            notes=notes,
            problem=self.problem,
        )


@dataclass
class Tally:
    """The account of all files."""

    entries: list[Entry] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def open(self, path: str, source: str, table: str, notes: list[str]) -> Entry:
        entry = Entry(path, source, table, notes)
        self.entries.append(entry)
        return entry

    def not_read(self, path: str, problem: str, asked: bool) -> None:
        """A file that was not read. One that the user named is an entry with a problem; others are listed apart."""
        if asked:
            self.entries.append(Entry(path, "", "", [], problem=problem))
        else:
            self.skipped.append(f"{path}: {problem}")

    def empty(self, path: str, problem: str) -> None:
        notes = [] if problem else ["the file is empty"]
        self.entries.append(Entry(path, "", "", notes, problem=problem))

    def add(self, entry: Entry, done: Done, header: BatchHeader) -> None:
        entry.add(done, header)
        room = ASIDE_SHOWN - len(self.aside)
        for row in done.aside.slice(0, max(room, 0)).to_pylist():
            self.aside.append(SetAside(row["path"], row["line"], row["offset"], row["length"], row["reason"]))

    def report(self) -> ReadReport:
        sources = [entry.value() for entry in self.entries]
        return ReadReport(
            lines=sum(s.lines for s in sources),
            stored=sum(s.stored for s in sources),
            set_aside=sum(s.set_aside for s in sources),
            sources=sources,
            aside=self.aside,
            not_looked_at=self.skipped,
        )
