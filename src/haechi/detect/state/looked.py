"""An inspection of some local days: what `access` shows to each rule, so that a rule reads no more than it needs.

The answer is that of a full inspection at the same checkpoint, cut to the accesses of these days. A rule's header
says how far it looks (`window`):

    day      it judges each access by itself, or with others of its local day: it sees these days. Where it has a query
             `carry`, that is asked first, over these days: it names entities of which the rule must see all accesses
             there are, or `all`; where it names none, these days tell all that the rule could flag in them
    near     as `day`, but of the entities that its `carry` names it sees the day before and the day after only
    month    it also counts by the month: it sees these days, and the accesses within their months of the entities
             that its `carry` names by the totals that state carries
    (none)   it sees the whole store, and costs the store
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from haechi.detect.prepare import SHARED, Shared
from haechi.detect.rule import Rule, code, used
from haechi.detect.state.keep import SQL, sql
from haechi.model.errors import RuleError
from haechi.model.settings import Settings
from haechi.model.words import TABLES
from haechi.store.interface import Engine
from haechi.store.sql import literal

_KINDS = {
    "credential": "credential IN (SELECT unhex(entity) FROM carried WHERE entity_kind = 'credential')",
    **{
        kind: f"{kind} IN (SELECT entity FROM carried WHERE entity_kind = '{kind}')"
        for kind in ("key", "actor", "client_ip", "client")
    },
}
# Results over all days, made of state whatever a rule sees; with a text of their own where `sql/` has one.
_FROM_STATE = (
    *("every_visit", "key_day", "bare_day", "bare_chance"),
    *("work_hour", "hour_habit", "work_network", "network_since"),
)
_STATE_WORD = re.compile(rf"\b({'|'.join(_FROM_STATE)})\b")
CARRIED = pa.schema([("entity_kind", pa.string()), ("entity", pa.string())])
# What a rule may see, the least first: rules that see alike run one after the other, and share what is made once.
_REACH = ("day", "near", "some", "month", "")
_SEEN = {"near": "access_near", "some": "access_whole", "month": "access_month"}  # of whom its `carry` names


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

    @property
    def near(self) -> Days:
        """These, the day before and the day after."""
        return Days(self.first - timedelta(days=1), self.last + timedelta(days=1))


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
        self._owners: dict[str, Shared] = {}
        self._reach: dict[str, str] = {}  # of rules that have been asked
        self._named: dict[str, list[tuple[Any, ...]]] = {}  # whose whole history a rule needs today
        self._made: set[str] = set()  # of the results that are made of state
        self._readers: Mapping[str, Sequence[tuple[Rule, Mapping[str, Any]]]] = {}
        self._zone = settings.workspace.timezone
        engine.execute("ALTER VIEW access RENAME TO access_whole")
        bind = bind or self._cut
        bind("access_day", *self._span(days))
        bind("access_month", *self._span(days.months))
        bind("access_near", *self._span(days.near))
        for name in ("person_month", "entity_month"):
            text = sql(name).replace("$first", f"DATE '{days.months.first}'")
            engine.execute(text.replace("$last", f"DATE '{days.months.last}'"))
        self._see("access_whole")

    def know(self, readers: Mapping[str, Sequence[tuple[Rule, Mapping[str, Any]]]]) -> None:
        """Tell which rules read each rule's flags, with their parameters' values."""
        self._readers = readers

    def reach(self, rule: Rule) -> int:
        """How much a rule sees, as far as that is known: what sees the least runs first."""
        return _REACH.index(self._reach.get(rule.id, rule.header.window))

    def puts_off(self, rule: Rule, values: Mapping[str, Any]) -> bool:
        """Whether a rule for which the day is enough on most days must see more today: it then runs later."""
        if rule.id in self._reach:
            return False
        if self._is_read_whole(rule):
            self._reach[rule.id] = ""
            return True
        if rule.header.window not in ("day", "near") or not rule.header.carry:
            return False
        self._see("access_day")
        self._show_looked(True)
        shared = self._of("day")
        found: list[tuple[Any, ...]] = []
        if all(shared.has_rows(need) for need in rule.header.needs if need in TABLES):
            self.provide(rule.header.carry, shared)
            found = self._carried(rule, values)
        if any(kind == "all" for kind, _ in found):
            self._reach[rule.id] = ""
        elif found:
            self._reach[rule.id] = "near" if rule.header.window == "near" else "some"
            self._named[rule.id] = found
        else:
            self._reach[rule.id] = "day"
        return bool(found)

    def _is_read_whole(self, rule: Rule) -> bool:
        """Whether a rule that sees the whole store today reads what this one flags."""
        for reader, values in self._readers.get(rule.id, ()):
            with suppress(duckdb.Error):  # its own run says so
                self.puts_off(reader, values)
            if self.reach(reader) == _REACH.index(""):
                return True
        return False

    def show(self, rule: Rule, values: Mapping[str, Any]) -> Shared:
        """Let the rule see what it needs; the shared results that belong to that."""
        reach = self._reach.get(rule.id, rule.header.window)
        if reach == "month":
            self._named[rule.id] = self._carried(rule, values)
        if reach in _SEEN and not self._gather(rule, _SEEN[reach]):
            reach = "day"
        self._see({"": "access_whole", "day": "access_day"}.get(reach, "access_needed"))
        self._show_looked(bool(reach))
        # What is carried for a rule is its own.
        shared = self._of(reach if reach in ("", "day") else f"{reach} {rule.id}")
        self._make_of_state(rule.sql, shared)
        return shared

    def show_all(self) -> None:
        """Let whoever comes next see the whole store."""
        self._see("access_whole")

    def show_days(self) -> Shared:
        """Let whoever comes next see these days alone."""
        self._see("access_day")
        self._show_looked(True)
        return self._of("day")

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
        if not count:
            return count
        if rule.id in self._readers:
            self._engine.execute(
                "INSERT INTO flag_elsewhere SELECT $rule, entity_kind, entity, source, seq "
                "FROM rule_rows ANTI JOIN access_day USING (source, seq)",
                {"rule": rule.id},
            )
        # Also where it saw these days alone: `access_window` shows it the month.
        self._engine.keep("rule_rows", "SELECT * FROM rule_rows SEMI JOIN access_day USING (source, seq)")
        ((left,),) = self._engine.rows("SELECT count(*) FROM rule_rows")
        return int(left)

    def _carried(self, rule: Rule, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        params = {name: values[name] for name in used(rule.header.carry)}
        return self._engine.rows(
            f"SELECT DISTINCT entity_kind, entity FROM ({rule.header.carry}\n) ORDER BY entity_kind, entity",
            params,
        )

    def _gather(self, rule: Rule, view: str) -> bool:
        """Show the days, and of a view all accesses of the entities that the rule named. False: it named none."""
        rows = [{"entity_kind": kind, "entity": entity} for kind, entity in self._named[rule.id]]
        kinds = sorted({row["entity_kind"] for row in rows})
        if not kinds:
            return False
        self._engine.register("carried", pa.Table.from_pylist(rows, CARRIED))
        whose = " OR ".join(_KINDS[kind] for kind in kinds)
        first, last = (literal(f"{time}") for time in self._span(self.days))
        # Once: a rule reads its accesses several times over.
        self._engine.execute(
            f"CREATE OR REPLACE TEMP TABLE access_carried AS SELECT * FROM {view} "
            f"WHERE NOT coalesce(time >= {first} AND time < {last}, false) AND ({whose})"
        )
        self._engine.execute(
            "CREATE OR REPLACE TEMP VIEW access_needed AS "
            "SELECT * FROM access_day UNION ALL SELECT * FROM access_carried"
        )
        return True

    def provide(self, text: str, shared: Shared | None = None) -> None:
        """Make the shared results that the SQL names: those of all days of state, the others of what is seen now."""
        shared = shared or self._of("day")
        self._make_of_state(text, shared)
        shared.provide(text)

    def _make_of_state(self, text: str, shared: Shared) -> None:
        """Make the results of all days that the SQL names, once: they hang on nothing that a rule sees."""
        for name in sorted(set(_STATE_WORD.findall(code(text))) - self._made):
            self._made.add(name)
            own = SQL / f"{name}.sql"
            made = (own if own.is_file() else SHARED / f"{name}.sql").read_text(encoding="utf-8")
            try:
                self.provide(made, shared)
                shared.make(made.rstrip().removesuffix(";"))
            except BaseException:
                self._made.discard(name)  # its own text names it
                raise

    def _of(self, key: str) -> Shared:
        if key not in self._shared:
            given = (
                "actor_use",
                "entity_day",
                "person_day",
                "entity_month",
                "person_month",
                "looked",
                "access_window",
                *_FROM_STATE,
            )
            self._shared[key] = Shared(self._engine, self._settings, given, self._owners)
        return self._shared[key]

    def _show_looked(self, days: bool) -> None:
        first, last = (f"{self.days.first}", f"{self.days.last} 23:00") if days else ("-infinity", "infinity")
        self._engine.execute(
            f"CREATE OR REPLACE TEMP VIEW looked AS SELECT '{first}'::TIMESTAMP AS first, '{last}'::TIMESTAMP AS last"
        )

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
