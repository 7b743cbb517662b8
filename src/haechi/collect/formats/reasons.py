"""Why staff may look: tickets, orders, shifts, approvals, relations, as their systems export them."""

from __future__ import annotations

from collections.abc import Mapping

from haechi.collect import framing, quoted
from haechi.collect.expressions import literal
from haechi.collect.formats.reason_names import SORTS, sort_of
from haechi.collect.header import json_names, json_objects, json_share, read_header
from haechi.collect.interface import Framing, Projection, Sample
from haechi.collect.tabular import Cells, csv_cells, json_cells
from haechi.model.settings import SourceSettings
from haechi.model.words import FIELDS, REASON_KINDS, ReasonKind, Table

_SEVERAL = "several accounts in one row: give each account a row of its own"
_OPEN = "no column says when a reason ends: each counts as still open"
# A day named as an end lasts until the day is over.
_DAY_ALONE = r"^(\d{4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,2}\.?|(19|20)\d{6})$"

# "9999-12-31" and the like mean that there is no end.
_FOR_EVER = "TIMESTAMP '2250-01-01'"
_OLDEST = "TIMESTAMP '1700-01-01'"


class ReasonFormat:
    """One sort of reason, as CSV with a header or as JSON lines."""

    table: Table = "reason"

    def __init__(self, name: str, sort: str, title: str, *, json: bool = False) -> None:
        self.name, self.sort, self.title, self.json = name, sort, title, json

    @property
    def framing(self) -> Framing:
        return framing.lines if self.json else quoted.records

    def share(self, sample: Sample) -> float:
        if not self.json:
            header = read_header(sample)
            return 1.0 if header and sort_of(header.names) == self.sort else 0.0
        objects = json_objects(sample)
        return json_share(sample, len(objects)) if sort_of(json_names(objects)) == self.sort else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        read = json_cells if self.json else csv_cells
        return reason_projection(
            read(sample, SORTS[self.sort].aliases, source), source, SORTS[self.sort].kind
        )


def reason_projection(cells: Cells, source: SourceSettings, kind: ReasonKind | None) -> Projection:
    """The columns of `reason`. What would explain everything, or nothing, is set aside."""
    dates = cells.dates(("first", "last"), source.timezone)
    value = cells.value
    columns = {name: value[name] for name in ("actor", "role", "subject", "reference") if name in value}
    told = f"lower({value['kind']})" if "kind" in value else "NULL::VARCHAR"
    columns["kind"] = literal(kind) if kind else told
    columns |= _what(value)
    times = _times(dates.columns, value)
    names = [columns[name] for name in ("actor", "role", "subject") if name in columns]
    return Projection(
        stages=(*cells.stages, dates.stage),
        columns={**columns, **times},
        readable=cells.readable if names else "false",
        reason=cells.reason if names else "no column names who may look, or whose data",
        # These speak of whole rows only; of others the reason is that they are not whole.
        reasons=(
            *cells.reasons,
            *(
                (f"({cells.readable}) AND ({test})", clause)
                for test, clause in _oddities(columns, times, kind)
            ),
            *dates.reasons,
            *_strange_dates(dates.columns),
        ),
        notes=cells.notes + ((_OPEN,) if names and "last" not in times else ()),
    )


def _times(read: Mapping[str, str], value: Mapping[str, str]) -> dict[str, str]:
    """Beginning and end, from the dates as read and as written."""
    span = f"BETWEEN {_OLDEST} AND {_FOR_EVER}"
    times = {name: f"CASE WHEN {at} {span} THEN {at} END" for name, at in read.items()}
    if "last" in times:
        alone = f"regexp_matches({value['last']}, {literal(_DAY_ALONE)})"
        night = f"{times['last']} + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND"
        times["last"] = f"CASE WHEN {alone} THEN {night} ELSE {times['last']} END"
    return times


def _strange_dates(read: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [(f"{at} < {_OLDEST}", f"its date in {name} cannot be read") for name, at in read.items()]
    return found + [
        (f"{at} > {_FOR_EVER}", "it begins too late") for name, at in read.items() if name == "first"
    ]


def _what(value: Mapping[str, str]) -> dict[str, str]:
    """Route, fields and text. An approval says in one column what it is for: a page, fields, or free words."""
    made = {name: value[name] for name in ("route", "text") if name in value}
    if "fields" in value:
        made["fields"] = f"replace({value['fields']}, ' ', '')"
    if "what" not in value:
        return made
    what = value["what"]
    page = f"regexp_extract({what}, '^(?:[A-Z]+ )?(/[^ ?]*)', 1)"
    known = ", ".join(literal(name) for name in FIELDS)
    words = f"string_split(replace({what}, ' ', ''), ',')"
    fields = f"CASE WHEN list_has_all([{known}], {words}) THEN replace({what}, ' ', '') END"
    free = f"CASE WHEN {page} = '' AND {fields} IS NULL THEN {what} END"
    return {
        "route": f"coalesce({made.get('route', 'NULL')}, nullif({page}, ''))",
        "fields": f"coalesce({made.get('fields', 'NULL')}, {fields})",
        "text": f"nullif(concat_ws(': ', {free}, {made.get('text', 'NULL')}), '')",
    }


def _oddities(
    columns: Mapping[str, str], times: Mapping[str, str], kind: ReasonKind | None
) -> list[tuple[str, str]]:
    """Rows that cannot be what they seem: (test, clause)."""

    def absent(*names: str) -> str:
        return " AND ".join(f"({columns.get(name, 'NULL')}) IS NULL" for name in names)

    first, last = times.get("first", "NULL"), times.get("last", "NULL")
    told = columns["kind"]
    listed = ", ".join(literal(name) for name in REASON_KINDS)
    found = [
        (absent("actor", "role", "subject"), "it names neither who may look nor whose data"),
        (f"({first}) > ({last})", "it ends before it begins"),
        # Without a beginning, a ticket would explain all that was done before it.
        (f"{told} IN ('ticket', 'order', 'shift') AND ({first}) IS NULL", "it has no beginning"),
        (
            f"{told} IN ('shift', 'approval', 'purpose', 'answer') AND {absent('actor', 'role')}",
            "it names nobody who may look",
        ),
        (f"{told} = 'relation' AND {absent('subject')}", "it does not say whose relation it is"),
    ]
    if "actor" in columns:
        found.append((f"contains({columns['actor']}, ';')", _SEVERAL))
    if kind is None:
        found.insert(
            0, (f"({told} IN ({listed})) IS NOT TRUE", "its kind is none of " + listed.replace("'", ""))
        )
    return found


_TITLES = {
    "approvals": "approvals",
    "tickets": "tickets of a help desk",
    "orders": "orders assigned to staff",
    "relations": "relations of staff to data subjects",
    "reasons": "reasons for accesses",
    "shifts": "shifts",
}
FORMATS: tuple[ReasonFormat, ...] = (
    *(ReasonFormat(sort, sort, f"{_TITLES[sort]} (CSV)") for sort in SORTS),
    *(ReasonFormat(f"{sort}-json", sort, f"{_TITLES[sort]} (JSON lines)", json=True) for sort in SORTS),
)
