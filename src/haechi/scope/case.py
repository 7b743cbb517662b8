"""A case's scope: its counters now, its accesses and its people when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from haechi.model.settings import Settings
from haechi.model.values import ScopeCount
from haechi.scope import people
from haechi.scope.count import Habits, count_scope
from haechi.scope.exposes import Exposed
from haechi.scope.queries import query
from haechi.scope.select import see
from haechi.scope.spool import Spool
from haechi.store.interface import Engine


@dataclass
class CaseScope:
    """What a case took. Lives as long as its engine and the engine's `flag` table.

    `notes` are sentences on what the counters leave out: accesses that name nobody, databases that did not
    answer.
    """

    count: ScopeCount
    notes: list[str]
    findings: tuple[int, ...]
    habits: Habits = field(repr=False)  # what bounds are measured by (haechi.scope.possible)
    _engine: Engine = field(repr=False)
    _spool: Spool = field(repr=False)

    def requests(self) -> pa.Table:
        """The accesses of the case, in the order of the sources: `source, seq, node, node_seq`."""
        see(self._engine, self.findings)
        return self._engine.arrow(query("requests"))

    def persons(self) -> pa.Table:
        """The persons of the case, in no order: `person, kind`."""
        return self._engine.arrow(f"SELECT person, kind FROM {self._spool.read('person')}")

    def rows(self) -> pa.Table:
        """One row a person, in the order of `person`: all of them in memory, about 100 bytes each.

        Columns: `person, kind` (member, withdrawn, non_member), `through` (on how many others' pages they
        stood; NULL: none), `first, last` (UTC), `times` (accesses that showed them), `fields` (seen) and
        `fields_exported`: sorted names with commas between, NULL where none is known.
        """
        return self._engine.arrow(self._people())

    def write_people(self, path: Path) -> int:
        """Write `rows` to a `.parquet` or `.csv` file (`people.write_people`). Returns how many rows."""
        people.write_people(self._engine, self._people(), path)
        return self.count.persons

    def _people(self) -> str:
        return query("people").format(person=self._spool.read("person"), words=self._spool.read("words"))


def scope_case(
    engine: Engine,
    findings: Sequence[int],
    settings: Settings,
    root: Path | None = None,
    exposed: Exposed | None = None,
) -> CaseScope:
    """Scope the case made of these findings (indices in the engine's `flag` table).

    `root` is the folder of `haechi.toml`, from which the files in `[[exposes]]` are found. Give all cases
    of an engine the same `exposed`, and each customer database is asked once.

    Raises:
        ScopeError: the records name more fields than can be told apart.
    """
    asked = exposed or Exposed(settings.exposes, root or Path())
    counted = count_scope(engine, findings, settings, asked)
    return CaseScope(counted.count, counted.notes, tuple(findings), counted.habits, engine, counted.spool)
