"""Tables of named values, as CSV or as JSON lines: which expression gives the value of which column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from haechi.collect.expressions import absent, json_path, json_strings, literal, time_expression, value_at
from haechi.collect.header import Aliases, choose, json_names, json_objects, read_header
from haechi.collect.interface import Sample
from haechi.model.errors import SettingsError
from haechi.model.settings import SourceSettings

NOTHING = ("-", "NULL", "null", "\\N", "N/A", "None")  # written where there is no value
_SAMPLE_ROWS = 300


@dataclass(frozen=True)
class Cells:
    """Where the values of a row stand.

    value:    table column -> expression (VARCHAR, NULL where there is no value)
    samples:  table column -> values seen in the sample
    stages, readable, reason, reasons: as in `Projection`
    """

    value: Mapping[str, str]
    samples: Mapping[str, Sequence[str]]
    stages: tuple[Mapping[str, str], ...]
    readable: str
    reason: str
    reasons: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(default=())

    def time(self, column: str, zone: str) -> tuple[str, str]:
        """The column as UTC TIMESTAMP, and a note on zones."""
        return time_expression(self.value[column], self.samples.get(column, ()), zone)

    def dates(self, columns: Sequence[str], zone: str) -> Dates:
        """Columns that may be empty, as times, each read once.

        An unreadable date must never look like no date: "left on ?" is not "still here". Set aside.
        """
        stage = {f"{column}_read": self.time(column, zone)[0] for column in columns if column in self.value}
        read = {column: f"{column}_read" for column in columns if column in self.value}
        reasons = tuple(
            (f"({self.value[column]}) IS NOT NULL AND {name} IS NULL", f"its date in {column} cannot be read")
            for column, name in read.items()
        )
        return Dates(stage, read, reasons)


@dataclass(frozen=True)
class Dates:
    """A stage that reads dates, the columns made of it, and the reasons to set a row aside."""

    stage: Mapping[str, str]
    columns: Mapping[str, str]
    reasons: tuple[tuple[str, str], ...]


def csv_cells(sample: Sample, aliases: Aliases, source: SourceSettings) -> Cells:
    """The cells of a CSV file with a header. Without a header nothing is readable.

    Raises:
        SettingsError: `columns` names a column that the header does not have.
    """
    header = read_header(sample)
    if header is None:
        return Cells({}, {}, (), "false", "the file has no header line that names its columns")
    missing = sorted(name for name in source.columns.values() if name not in header.names)
    if missing:
        raise SettingsError(
            f"The header has no column {missing[0]!r}.",
            where=f"source {source.name!r}, columns",
            todo=f"The header names: {', '.join(header.names)}.",
        )
    chosen = choose(header.names, aliases, source.columns)
    place = {column: header.names.index(name) for column, name in chosen.items()}
    rows = sample_rows(sample, header.separator)
    samples = {
        column: [row[at] for row in rows if at < len(row) and row[at] and row[at] not in NOTHING][:50]
        for column, at in place.items()
    }
    first = sample.lines[0].lstrip("\ufeff").rstrip("\r\n")
    return Cells(
        value={column: absent(f"trim(cell[{at + 1}])", *NOTHING) for column, at in place.items()},
        samples=samples,
        stages=_csv_stages(header.separator),
        readable=f"len(cell) = {len(header.names)} AND ({_whole_row(header.separator)})",
        reason=f"not a whole row of {len(header.names)} columns",
        reasons=((f"ltrim(row_text, chr(65279)) = {literal(first)}", "the header line"),),
        notes=_read_as(chosen),
    )


def json_cells(sample: Sample, aliases: Aliases, source: SourceSettings) -> Cells:
    """The values of JSON lines, by their keys."""
    objects = json_objects(sample, _SAMPLE_ROWS)
    chosen = choose(json_names(objects), aliases) | source.columns
    paths = [json_path(name, objects) for name in chosen.values()]
    samples = {
        column: [str(found) for found in (_at(item, name) for item in objects) if found not in (None, "")][
            :50
        ]
        for column, name in chosen.items()
    }
    return Cells(
        value={column: absent(f"cell[{at}]", *NOTHING) for at, column in enumerate(chosen, 1)},
        samples=samples,
        stages=({"cell": json_strings(paths)},),
        readable="cell IS NOT NULL",
        reason="not a JSON object",
        notes=_read_as(chosen),
    )


def _read_as(chosen: Mapping[str, str]) -> tuple[str, ...]:
    listed = ", ".join(f"{name} as {column}" for column, name in chosen.items() if name != column)
    return (f"columns read: {listed}",) if listed else ()


def sample_rows(sample: Sample, separator: str) -> list[list[str]]:
    """The first rows behind the header; empty where they are no CSV."""
    text = io.StringIO("\n".join(sample.lines[1 : _SAMPLE_ROWS + 1]))
    try:
        return list(csv.reader(text, delimiter=separator))
    except csv.Error:
        return []


def _csv_stages(separator: str) -> tuple[Mapping[str, str], ...]:
    """Split at separators; only a row that holds a quote pays for the expression that heeds quotes."""
    mark = literal(separator)
    sign = "\\" + separator if separator == "|" else separator
    quoted = f"""regexp_extract_all({mark} || row_text, '{sign}("(?:[^"]|"")*"|[^{sign}]*)', 1)"""
    plain = "CASE WHEN value[1] = '\"' THEN replace(value[2:-2], '\"\"', '\"') ELSE value END"
    split = (
        f"CASE WHEN contains(row_text, '\"') THEN list_transform({quoted}, lambda value: {plain}) "
        f"ELSE string_split(row_text, {mark}) END"
    )
    return {"row_text": "rtrim(line, chr(13) || chr(10))"}, {"cell": split}


def _whole_row(separator: str) -> str:
    """That every quote of a row opens or closes a value: else cells would be cut in silence."""
    sign = "\\" + separator if separator == "|" else separator
    value = f'(?:"(?:[^"]|"")*"|[^"{sign}][^{sign}]*|)'
    return f"NOT contains(row_text, '\"') OR regexp_full_match(row_text, '(?s){value}(?:{sign}{value})*')"


def _at(item: Mapping[str, Any], name: str) -> Any:
    """The value of a key; a list or an object as JSON, as the engine gives it."""
    found = value_at(item, name)
    return msgspec.json.encode(found).decode() if isinstance(found, dict | list) else found
