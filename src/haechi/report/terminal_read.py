"""What was read: every file or group of files with its lines, where lines = stored + set aside."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from haechi.model.values import ReadReport, SourceRead
from haechi.report.figures import count, day, local, size, zone_name
from haechi.report.layout import INDENT, indented, section
from haechi.report.safe import inert, middle, safe

ROWS_SHOWN = 12  # more files than this are summarised by source
LINES_SHOWN = 6  # of notes, problems, set-aside lines
GAP = 2
FORMAT_WIDTH = 20
LEAST_NAME = 14
WIDE = 96  # columns from which first and last time fit beside each other
TABLE_NAMES = {
    "access": "access record",
    "issuance": "issuance record",
    "subject": "registered data subject",
    "person": "staff account",
    "reason": "stated reason",
    "fact": "fact",
}


@dataclass(frozen=True)
class Row:
    """A line of the table: one file, or a group of them."""

    name: str
    format: str
    lines: int
    stored: int
    set_aside: int
    first: datetime | None
    last: datetime | None
    bytes_sent: int


def print_read(
    read: ReadReport, records: Mapping[str, int], console: Console, zone: tzinfo, root: Path | None = None
) -> None:
    """Print what became of every line read now, and what the store holds. Paths are told from `root`."""
    read = told_from(root, read) if root else read
    section(console, "What was read")
    if read.sources:
        indented(console, read_table(read, console.width - INDENT, zone), "")
    indented(console, totals(read, zone), *_stored(records))
    indented(console, *problems(read), *aside_lines(read), *notes(read))
    indented(console, *_few([inert(text) for text in read.not_looked_at], "not looked at", "file"))


def print_unread(read: ReadReport, console: Console, root: Path | None = None) -> None:
    """Print why nothing was read, for a store that holds nothing either."""
    read = told_from(root, read) if root else read
    indented(console, *problems(read), *notes(read))
    indented(console, *_few([inert(text) for text in read.not_looked_at], "not looked at", "file"))


def told_from(root: Path, read: ReadReport) -> ReadReport:
    """The same with the paths of files below `root` shortened to what comes after it."""
    start = f"{root}{os.sep}"
    replace = msgspec.structs.replace
    return replace(
        read,
        sources=[replace(source, path=source.path.removeprefix(start)) for source in read.sources],
        aside=[replace(aside, path=aside.path.removeprefix(start)) for aside in read.aside],
        not_looked_at=[text.removeprefix(start) for text in read.not_looked_at],
    )


def totals(read: ReadReport, zone: tzinfo) -> Text:
    """The account: nothing read is missing from it."""
    if not read.sources:
        return Text("Nothing was read now; the answer rests on what the store holds.")
    sent = sum(source.bytes_sent for source in read.sources)
    times = [time for source in read.sources for time in (source.first, source.last) if time]
    text = f"{count(read.lines, 'line')} read = {read.stored:,} stored + {read.set_aside:,} set aside"
    text += f" (not readable, kept); {count(sent, 'byte')} sent to clients."
    return Text(text + (f" Times are {zone_name(zone, *times)}." if times else ""))


def rows_of(sources: Sequence[SourceRead]) -> list[Row]:
    """One row a file; of many files one row a source, format and table, the largest first, then the rest."""
    if len(sources) <= ROWS_SHOWN:
        return [_row(source.path, source.format or "-", [source]) for source in sources]
    groups: dict[tuple[str, str, str], list[SourceRead]] = {}
    for source in sources:
        groups.setdefault((source.source, source.format, source.table), []).append(source)
    ordered = sorted(groups.items(), key=lambda group: -sum(source.lines for source in group[1]))
    kept, rest = ordered[: ROWS_SHOWN - 1], ordered[ROWS_SHOWN - 1 :]
    rows = [
        _row(
            members[0].path if len(members) == 1 else f"{name or 'not read'} ({count(len(members), 'file')})",
            form or "-",
            members,
        )
        for (name, form, _), members in kept
    ]
    if rest:
        members = [source for _, group in rest for source in group]
        forms = {source.format for source in members}
        form = forms.pop() if len(forms) == 1 else f"{len(forms):,} formats"
        rows.append(_row(f"({count(len(members), 'more file')})", form or "-", members))
    return rows


def _row(name: str, form: str, sources: Sequence[SourceRead]) -> Row:
    return Row(
        name,
        form,
        sum(source.lines for source in sources),
        sum(source.stored for source in sources),
        sum(source.set_aside for source in sources),
        min((source.first for source in sources if source.first), default=None),
        max((source.last for source in sources if source.last), default=None),
        sum(source.bytes_sent for source in sources),
    )


def read_table(read: ReadReport, width: int, zone: tzinfo) -> Table:
    """The table by file or source, `width` columns wide at most; long names are shortened in the middle."""
    wide = width >= WIDE
    rows = rows_of(read.sources)
    titles = ["Format", "Lines", "Stored", "Set aside", "First and last", "Sent"]
    body = [
        [
            middle(row.format, FORMAT_WIDTH),
            f"{row.lines:,}",
            f"{row.stored:,}",
            f"{row.set_aside:,}",
            _span(row, zone, wide),
            size(row.bytes_sent) if row.bytes_sent else "-",
        ]
        for row in rows
    ]
    if not wide:  # the sum of what was sent stands below the table
        titles, body = titles[:-1], [cells[:-1] for cells in body]
    taken = sum(max(map(_cells, column)) + GAP for column in zip(titles, *body, strict=True))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, GAP, 0, 0))
    table.add_column("File", no_wrap=True)
    for title in titles:
        justify: JustifyMethod = "left" if title in ("Format", "First and last") else "right"
        table.add_column(title, no_wrap=True, justify=justify)
    for row, cells in zip(rows, body, strict=True):
        table.add_row(Text(middle(row.name, max(width - taken, LEAST_NAME))), *map(Text, cells))
    return table


def _cells(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _span(row: Row, zone: tzinfo, wide: bool) -> str:
    """The days from first to last; within one day the times."""
    if not row.first or not row.last:
        return "-"
    first, last = day(row.first, zone), day(row.last, zone)
    if first != last:
        return f"{first} – {last}" if wide else f"{first} –\n{last}"
    times = f"{local(row.first, zone):%H:%M} – {local(row.last, zone):%H:%M}"
    return f"{first} {times}" if wide else f"{first}\n{times}"


def _stored(records: Mapping[str, int]) -> list[Text]:
    held = {table: number for table, number in records.items() if number}
    if not held:
        return []
    parts = [count(number, TABLE_NAMES.get(table, table)) for table, number in held.items()]
    return [Text(f"In the store: {', '.join(parts)}.")]


def problems(read: ReadReport) -> list[Text]:
    """The files that could not be read, or not to their end."""
    lines = [
        Text.assemble(inert(source.path), ": ", inert(source.problem))
        for source in read.sources
        if source.problem
    ]
    return _few(lines, "could not be read", "file", "red")


def aside_lines(read: ReadReport) -> list[Text]:
    """The first lines that were set aside, by file and line, so that a reader can go and look."""
    lines = [
        Text.assemble(f"{safe(aside.path)}:{aside.line:,}".replace(",", ""), ": ", inert(aside.reason))
        for aside in read.aside
    ]
    return _few(lines, "set aside", "line", total=max(read.set_aside, len(lines)))


def notes(read: ReadReport) -> list[Text]:
    """Guesses made and oddities seen; one that holds for many files is said once."""
    old = [source for source in read.sources if _nothing_new(source)]
    told = [source for source in read.sources if not _nothing_new(source)]
    files = Counter(note for source in told for note in set(source.notes))
    first = {note: source.path for source in reversed(told) for note in source.notes}
    lines = [
        Text.assemble(inert(first[note]), ": " if number == 1 else f" and {number - 1:,} more: ", inert(note))
        for note, number in files.most_common()
    ]
    if old:
        lines.insert(0, Text(f"nothing new in {count(len(old), 'file')}"))
    return _few(lines, "note", "note")


def _nothing_new(source: SourceRead) -> bool:
    """Whether the file was read before and has not grown since: what was noted then need not be said again."""
    return not (source.lines or source.problem) and any(
        note.startswith("read before") for note in source.notes
    )


def _few(
    lines: list[Text], label: str, thing: str, style: str = "yellow", total: int | None = None
) -> list[Text]:
    shown = [Text.assemble((label, style), "  ", line) for line in lines[:LINES_SHOWN]]
    more = (len(lines) if total is None else total) - len(shown)
    if more > 0 and shown:
        shown.append(Text.assemble((label, style), "  ", f"and {count(more, f'more {thing}')}"))
    return shown
