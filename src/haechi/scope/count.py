"""The four counters of a case: requests, accounts, persons, fields. Never one number (docs/scope.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from haechi.model.errors import ScopeError
from haechi.model.settings import Settings
from haechi.model.values import ScopeCount
from haechi.scope.exposes import Exposed
from haechi.scope.fields import FieldNumbers
from haechi.scope.machines import BEAT, Pace, paces
from haechi.scope.queries import query
from haechi.scope.select import Stretch, chunks, select
from haechi.scope.spool import Spool
from haechi.store.interface import Engine

ROW = 200  # bytes that an access of a case costs while its persons are merged; a slice more costs little, a spill much
MOST_SLICES = 64
_WORK = ("chunk", "beat", "reach", "slow", "touch", "set")


@dataclass(frozen=True)
class Habits:
    """How the case acts: what it may have done where evidence is missing is measured by this."""

    paces: dict[str, Pace] = field(default_factory=dict)  # its requests over time, by source
    several: bool = False  # a page of it showed more persons than the one whom its record names
    smallest: int | None = None  # bytes of the smallest page that showed somebody


@dataclass(frozen=True)
class Counted:
    """A case's counters, in words what they could not take in, and its people in the spool's steps."""

    count: ScopeCount
    notes: list[str]
    habits: Habits
    spool: Spool = field(repr=False)


def count_scope(
    engine: Engine, findings: Sequence[int], settings: Settings, exposed: Exposed | None = None
) -> Counted:
    """Count a case given by the indices of its findings in the engine's `flag` table.

    `exposed` answers for the third persons; share one between the cases of an engine, so that each query is
    asked once. Without it, their databases are looked for from the current directory. One that does not
    answer is a note and never keeps the case from being counted.

    Raises:
        ScopeError: the records name more fields than can be told apart.
    """
    asked = exposed or Exposed(settings.exposes, Path())
    return _Counting(engine, findings, asked).run()


class _Counting:
    """One scoping: accesses to partial rows, to subjects, to third persons, to persons, each by slices."""

    def __init__(self, engine: Engine, findings: Sequence[int], exposed: Exposed) -> None:
        self.engine, self.exposed = engine, exposed
        self.spool = Spool(engine)
        self.numbers = FieldNumbers(engine)
        self.stretches: list[Stretch] = select(engine, findings, exposed.exposes)
        flagged = sum(stretch.flags for stretch in self.stretches)
        # As few slices of the persons as memory allows. Should persons be more than thought, the engine spills.
        self.slices = min(MOST_SLICES, 1 + flagged * ROW // (engine.memory // 2))
        self.notes: list[str] = []
        self.requests = self.requests_shown = self.ghosts = 0
        self.habits = Habits()

    def run(self) -> Counted:
        if self.slices > 1:  # read once, whatever the number of slices
            for step in ("seen", "registry"):
                self.spool.write_sliced(step, query(f"{step}_slices").format(slices=self.slices))
        loaded = self._load(self._overview())
        self._pages(loaded)
        for number in range(self.slices):
            own = query("own").format(page=self.spool.read("page", number))
            pair = self.spool.read("pair", number)
            known = self._known(number, pair, "t.person")
            person = query("person").format(own=f"({own})", pair=pair, known=known)
            self.spool.write("person", person)
        self.spool.drop("seen", "registry", "page", "pair")
        count = self._counters()
        for table in _WORK:
            self.engine.execute(f"DROP TABLE IF EXISTS scope_{table}")
        return Counted(count, self.notes, self.habits, self.spool)

    def _seen(self, number: int | None = None) -> str:
        """The case's accesses, or one slice of them, as a table to stand in a query."""
        return self.spool.read("seen", number) if self.slices > 1 else "scope_seen"

    def _known(self, number: int, those: str, of: str) -> str:
        """A query for what the registry says of those whom a slice tells of."""
        registry = self.spool.read("registry", number) if self.slices > 1 else "subject"
        return query("known").format(subject=registry, those=those, of=of)

    def _overview(self) -> int:
        """What the case shows before anybody asks whom. Returns the mask of the [[exposes]] whose pages were shown."""
        self.engine.execute(query("beat").format(beat=BEAT, seen=self._seen()))
        self.numbers.learn("scope_beat")
        requests, entries, touched, most, smallest, files = self.engine.rows(query("unnamed"))[0]
        beats = self.engine.rows(query("case_pace"))
        self.habits = Habits(paces(beats, BEAT), bool(files) or bool(requests) or int(most) > 1, smallest)
        if requests:
            told = f"; by their own count they returned {entries:,} entries" if entries else ""
            self.notes.append(
                f"{requests:,} requests showed personal data without naming whose; they add no person{told}."
            )
        return int(touched)

    def _load(self, touched: int) -> list[int]:
        """Ask the customer databases that the case touches. Returns which of them answered."""
        loaded: list[int] = []
        for number, setting in enumerate(self.exposed.exposes):
            if not touched >> number & 1:
                continue
            try:
                self.notes += self.exposed.load(self.engine, number)
            except ScopeError as error:
                self.notes.append(f"Third persons of [[exposes]] {setting.name!r} are not counted: {error}")
            else:
                loaded.append(number)
        if loaded:
            self.numbers.learn("scope_exposed")
        return loaded

    def _pages(self, loaded: Sequence[int]) -> None:
        """Count by subject, a slice of them at a time, and see who else stood on their pages."""
        registry = bool(self.engine.rows("SELECT 1 FROM subject LIMIT 1"))
        self.engine.execute(query("reached").format(name="scope_slow"))
        unlisted = 0
        for number in range(self.slices):
            known = self._known(number, "merged", "t.subject")
            page = query("page").format(seen=self._seen(number), known=known, registry=registry)
            self.spool.write_slice("page", number, page)
            written = self.spool.read("page", number)
            requests, shown, ghosts = self.engine.rows(query("tally").format(page=written))[0]
            self.requests += int(requests)
            self.requests_shown += int(shown)
            self.ghosts += int(ghosts)
            if loaded:
                unlisted += int(self.engine.rows(query("unlisted").format(page=written))[0][0])
                self._reach(loaded, written)
        if unlisted:
            files = "1 request showed a file" if unlisted == 1 else f"{unlisted:,} requests showed files"
            self.notes.append(f"{files} of which no database says who stands there.")
        if self.engine.rows("SELECT 1 FROM scope_slow LIMIT 1"):
            self.engine.execute(query("touches"))
            for _ in chunks(self.engine, self.stretches):
                self.engine.execute(query("touch"))
            self.spool.write_sliced("pair", query("touched").format(slices=self.slices))

    def _reach(self, loaded: Sequence[int], page: str) -> None:
        self.engine.execute(query("reached").format(name="scope_reach"))
        for number in loaded:
            kind = self.exposed.exposes[number].kind
            self.engine.execute(
                query("reach").format(page=page), {"bit": 1 << number, "exposes": number, "kind": kind}
            )
        self.engine.execute(query("slow"))
        self.spool.write_sliced("pair", query("pair").format(slices=self.slices))

    def _counters(self) -> ScopeCount:
        kinds = {"member": 0, "withdrawn": 0, "non_member": 0}
        accounts, fields = 0, dict[str, int]()
        for kind, own, bits, persons in self.engine.rows(
            query("kinds").format(person=self.spool.read("person"))
        ):
            kinds[kind] += persons
            accounts += persons if own and kind != "non_member" else 0
            for name in self.numbers.names(int(bits)):
                fields[name] = fields.get(name, 0) + persons
        self._spell()
        return ScopeCount(
            requests=self.requests,
            requests_shown=self.requests_shown,
            accounts=accounts,
            persons=sum(kinds.values()),
            members=kinds["member"],
            withdrawn=kinds["withdrawn"],
            non_members=kinds["non_member"],
            ghosts=self.ghosts,
            fields=dict(sorted(fields.items())),
        )

    def _spell(self) -> None:
        """The few different sets of fields that occur, in words."""
        person = self.spool.read("person")
        found = self.engine.rows(f"SELECT bits FROM {person} UNION SELECT ebits FROM {person}")
        sets = [int(row[0]) for row in found if row[0]]
        words = [",".join(self.numbers.names(bits)) for bits in sets]
        bits = pa.array([str(number) for number in sets], pa.string()).cast(pa.decimal128(38, 0))
        self.spool.write_table("words", pa.table({"bits": bits, "fields": pa.array(words, pa.string())}))
