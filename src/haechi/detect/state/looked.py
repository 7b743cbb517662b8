"""An inspection of some local days: what `access` shows to each rule, so that a rule reads no more than it needs.

The answer is that of a full inspection at the same checkpoint, cut to the accesses of these days. A rule's header
says how far it looks (`window`):

    day      it judges each access by itself, or with others of its local day: it sees these days
    month    it also counts by the month: it sees these days, and the accesses within their months of the entities
             that its `carry` names by the totals that state carries
    (none)   it sees the whole store, and costs the store
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from haechi.detect.prepare import Shared
from haechi.detect.rule import Rule, used
from haechi.detect.state.keep import sql
from haechi.model.errors import RuleError
from haechi.model.settings import Settings
from haechi.store.interface import Engine
from haechi.store.sql import literal

_KINDS = {
    "credential": "credential IN (SELECT unhex(entity) FROM carried WHERE entity_kind = 'credential')",
    **{
        kind: f"{kind} IN (SELECT entity FROM carried WHERE entity_kind = '{kind}')"
        for kind in ("key", "actor", "client_ip", "client")
    },
}
# Shared results bear the same names whatever they were made from: rules that see alike run one after the other, and
# those of the days last, since cases are built on these.
_ORDER = ("", "month", "day")


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """The order in which an inspection of some days runs rules."""
    return sorted(rules, key=lambda rule: _ORDER.index(rule.header.window))


@dataclass(frozen=True)
class Days:
    """The local days `first` to `last`."""

    first: date
    last: date

    @property
    def months(self) -> Days:
        """The whole months that they lie in."""
        behind = self.last.replace(day=28) + timedelta(days=4)
        return Days(self.first.replace(day=1), behind.replace(day=1) - timedelta(days=1))


class Bind(Protocol):
    """Makes a view of the access records with a time in [first, last), UTC, reading no file without any."""

    def __call__(self, view: str, first: datetime, last: datetime) -> None: ...


class Looked:
    """Switches what an engine's `access` shows. `access_whole` is the whole store.

    The engine must show the state of its snapshot: `State.bind`.
    """

    def __init__(self, engine: Engine, settings: Settings, days: Days, bind: Bind | None = None) -> None:
        self._engine, self._settings, self.days = engine, settings, days
        self._shared: dict[str, Shared] = {}
        self._zone = settings.workspace.timezone
        engine.execute("ALTER VIEW access RENAME TO access_whole")
        bind = bind or self._cut
        bind("access_day", *self._span(days))
        bind("access_month", *self._span(days.months))
        for name in ("person_month", "entity_month"):
            text = sql(name).replace("$first", f"DATE '{days.months.first}'")
            engine.execute(text.replace("$last", f"DATE '{days.months.last}'"))

    def show(self, rule: Rule, values: Mapping[str, Any]) -> Shared:
        """Let the rule see what it needs; the shared results that belong to that."""
        window = rule.header.window
        if window == "month":
            self._carry(rule, values)
        self._see({"": "access_whole", "day": "access_day", "month": "access_needed"}[window])
        looked = "-infinity,infinity" if not window else f"{self.days.first},{self.days.last} 23:00"
        first, _, last = looked.partition(",")
        self._engine.execute(
            f"CREATE OR REPLACE TEMP VIEW looked AS SELECT '{first}'::TIMESTAMP AS first, '{last}'::TIMESTAMP AS last"
        )
        # What a month's rule sees is its own.
        key = f"month {rule.id}" if window == "month" else window
        if key not in self._shared:
            given = ("actor_use", "looked", "access_window")
            self._shared[key] = Shared(self._engine, self._settings, given)
        return self._shared[key]

    def show_all(self) -> None:
        """Let whoever comes next see the whole store."""
        self._see("access_whole")

    def show_days(self) -> Shared:
        """Let whoever comes next see these days alone."""
        self._see("access_day")
        return self._shared.setdefault("day", Shared(self._engine, self._settings, ("actor_use",)))

    def keep_rows(self, rule: Rule, accesses: bool, count: int) -> int:
        """Leave in `rule_rows` (so many) the accesses of these days, and let what counts them see these days alone.

        How many are left.

        Raises:
            RuleError: the rule returned no accesses but findings, whose own counts cannot be cut.
        """
        if not accesses:
            raise RuleError(
                "the rule counts by spans of its own, which cannot be cut to a day: a full inspection runs it",
                where=rule.path.name,
            )
        self._see("access_day")
        if not count or rule.header.window == "day":  # it saw nothing else
            return count
        self._engine.execute(
            "CREATE OR REPLACE TEMP TABLE rule_rows AS SELECT * FROM rule_rows SEMI JOIN access_day USING (source, seq)"
        )
        ((left,),) = self._engine.rows("SELECT count(*) FROM rule_rows")
        return int(left)

    def _carry(self, rule: Rule, values: Mapping[str, Any]) -> None:
        params = {name: values[name] for name in used(rule.header.carry)}
        self._engine.execute(f"CREATE OR REPLACE TEMP TABLE carried AS {rule.header.carry}", params)
        kinds = [row[0] for row in self._engine.rows("SELECT DISTINCT entity_kind FROM carried ORDER BY 1")]
        needed = "SELECT * FROM access_day"
        if kinds:
            whose = " OR ".join(_KINDS[kind] for kind in kinds)
            first, last = (literal(f"{time}") for time in self._span(self.days))
            # Once: a rule reads its accesses several times over.
            self._engine.execute(
                "CREATE OR REPLACE TEMP TABLE access_carried AS SELECT * FROM access_month "
                f"WHERE NOT (time >= {first} AND time < {last}) AND ({whose})"
            )
            needed += " UNION ALL SELECT * FROM access_carried"
        self._engine.execute(f"CREATE OR REPLACE TEMP VIEW access_needed AS {needed}")

    def _see(self, view: str) -> None:
        self._engine.execute(f"CREATE OR REPLACE TEMP VIEW access AS SELECT * FROM {view}")
        whole = "access_whole" if view == "access_whole" else "access_month"
        self._engine.execute(f"CREATE OR REPLACE TEMP VIEW access_window AS SELECT * FROM {whole}")

    def _span(self, days: Days) -> tuple[datetime, datetime]:
        """When local days begin and end, UTC. An hour belongs to the day in which it begins, as in local_hour."""
        given = {"zone": self._zone, "first": days.first, "last": days.last}
        ((first, last),) = self._engine.rows(sql("day_span"), given)
        return first, last

    def _cut(self, view: str, first: datetime, last: datetime) -> None:
        begin, end = literal(f"{first}"), literal(f"{last}")
        self._engine.execute(
            f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM access_whole WHERE time >= {begin} AND time < {end}"
        )
