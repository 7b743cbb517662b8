"""The registry of data subjects (members, customers, patients), as CSV with a header or as JSON lines.

A Parquet registry arrives here as JSON lines, one object a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from haechi.collect import framing, quoted
from haechi.collect.expressions import truth
from haechi.collect.formats.people import looks_like_people
from haechi.collect.header import ACCESS, SUBJECT, choose, json_names, json_objects, json_share, read_header
from haechi.collect.interface import Framing, Projection, Sample
from haechi.collect.tabular import Cells, csv_cells, json_cells, sample_rows
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_ACCESS_MARKS = {"client_ip", "path", "method", "client", "route", "action"}
_THIRD_PERSONS = {
    "person",
    "owner",
    "relation",
    "recipient",
    "fields",
    "until",
}  # a list of what subjects hold
_KINDS = {
    "member": "('member', 'active', 'normal', '회원', '정상', '会員')",
    "withdrawn": "('withdrawn', 'deleted', 'closed', 'inactive_withdrawn', '탈퇴', '退会')",
    "non_member": "('non_member', 'non-member', 'guest', '비회원', '非会員')",
}


def looks_like_registry(names: Sequence[str]) -> bool:
    """Whether these columns list data subjects: an id and its beginning or end, and no sign of a request."""
    chosen = choose(names, SUBJECT)
    if "subject" not in chosen or looks_like_people(names) or _ACCESS_MARKS & choose(names, ACCESS).keys():
        return False
    if _THIRD_PERSONS & set(names):
        return False
    return "withdrawn" in chosen or "since" in chosen or "canary" in chosen


def _one_row_each(subjects: Sequence[object]) -> bool:
    """A registry has one row a subject; a list of orders or addresses names subjects again and again."""
    return len(set(map(str, subjects))) >= 0.9 * len(subjects)


def registry_projection(cells: Cells, source: SourceSettings) -> Projection:
    """The columns of `subject`. Whoever has a date of withdrawal is of the kind `withdrawn`."""
    dates = cells.dates(("since", "withdrawn"), source.timezone)
    columns = dict(dates.columns)
    if "subject" in cells.value:
        columns["subject"] = cells.value["subject"]
    if "canary" in cells.value:
        columns["canary"] = truth(cells.value["canary"])
    columns["kind"] = _kind(
        cells.value.get("kind", "NULL::VARCHAR"), dates.columns.get("withdrawn", "NULL::TIMESTAMP")
    )
    readable = cells.readable if "subject" in columns else "false"
    return Projection(
        stages=(*cells.stages, dates.stage),
        columns={"subject": "NULL", **columns},
        readable=readable,
        reason=cells.reason if "subject" in columns else "no column names the data subject",
        reasons=(*cells.reasons, *dates.reasons),
        notes=cells.notes,
    )


def _kind(kind: str, withdrawn: str) -> str:
    cases = " ".join(f"WHEN lower({kind}) IN {words} THEN '{name}'" for name, words in _KINDS.items())
    gone = f"({withdrawn}) IS NOT NULL"
    return f"CASE WHEN {gone} THEN 'withdrawn' {cases} WHEN ({kind}) IS NULL THEN 'member' ELSE {kind} END"


class RegistryFormat:
    """`member_id,since,withdrawn,kind,canary` under any usual names."""

    name = "registry"
    title = "member registry (CSV)"
    table: Table = "subject"

    @property
    def framing(self) -> Framing:
        return quoted.records

    def share(self, sample: Sample) -> float:
        header = read_header(sample)
        if header is None or not looks_like_registry(header.names):
            return 0.0
        at = header.names.index(choose(header.names, SUBJECT)["subject"])
        rows = sample_rows(sample, header.separator)
        return 1.0 if _one_row_each([row[at] for row in rows if at < len(row)]) else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        return registry_projection(csv_cells(sample, SUBJECT, source), source)


class RegistryJsonFormat:
    """The same names as keys of JSON lines."""

    name = "registry-json"
    title = "member registry (JSON lines or Parquet)"
    table: Table = "subject"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        objects = json_objects(sample)
        names = json_names(objects)
        if not looks_like_registry(names):
            return 0.0
        subject = choose(names, SUBJECT)["subject"]
        return (
            json_share(sample, len(objects))
            if _one_row_each([item.get(subject) for item in objects])
            else 0.0
        )

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        return registry_projection(json_cells(sample, SUBJECT, source), source)


FORMAT = RegistryFormat()
FORMAT_JSON = RegistryJsonFormat()
