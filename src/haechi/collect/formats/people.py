"""People who work here, as HR exports them: CSV with a header, or JSON lines. One row an account."""

from __future__ import annotations

from collections.abc import Sequence

from haechi.collect import framing, quoted
from haechi.collect.header import PERSON, choose, json_names, json_objects, json_share, read_header
from haechi.collect.interface import Framing, Projection, Sample
from haechi.collect.tabular import Cells, csv_cells, json_cells
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_SEVERAL = "several accounts in one row: give each account a row of its own"


def looks_like_people(names: Sequence[str]) -> bool:
    """Whether these columns tell of employees: who they are, and when they came or left."""
    chosen = choose(names, PERSON)
    leaves = "departed" in chosen or ("joined" in chosen and "role" in chosen)
    return "person" in chosen and leaves


def people_projection(cells: Cells, source: SourceSettings) -> Projection:
    """The columns of `person`. An unreadable date sets the row aside: no date would say "still here"."""
    dates = cells.dates(("joined", "departed"), source.timezone)
    columns = {name: cells.value[name] for name in ("person", "account", "role") if name in cells.value}
    several = [(f"contains({columns['account']}, ';')", _SEVERAL)] if "account" in columns else []
    return Projection(
        stages=(*cells.stages, dates.stage),
        # Where there is no column for the person, the account is the best name that there is.
        columns={"person": columns.get("account", "NULL"), **columns, **dates.columns},
        readable=cells.readable,
        reason=cells.reason,
        reasons=(*cells.reasons, *several, *dates.reasons),
        notes=cells.notes,
    )


class PeopleFormat:
    """`employee_id,account,joined,departed,role` under any usual names."""

    name = "people"
    title = "people (HR CSV)"
    table: Table = "person"

    @property
    def framing(self) -> Framing:
        return quoted.records

    def share(self, sample: Sample) -> float:
        header = read_header(sample)
        return 1.0 if header and looks_like_people(header.names) else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        return people_projection(csv_cells(sample, PERSON, source), source)


class PeopleJsonFormat:
    """The same names as keys of JSON lines."""

    name = "people-json"
    title = "people (JSON lines)"
    table: Table = "person"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        objects = json_objects(sample)
        return json_share(sample, len(objects)) if looks_like_people(json_names(objects)) else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        return people_projection(json_cells(sample, PERSON, source), source)


FORMAT = PeopleFormat()
FORMAT_JSON = PeopleJsonFormat()
