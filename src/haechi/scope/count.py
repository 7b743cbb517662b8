"""The four counters of a case: requests, accounts, persons, fields. Never one number (docs/scope.md)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from haechi.model.errors import ScopeError
from haechi.model.settings import Settings
from haechi.model.values import ScopeCount
from haechi.scope.exposes import Exposed
from haechi.scope.fields import FieldNumbers
from haechi.scope.queries import query
from haechi.scope.select import Stretch, chunks, select
from haechi.store.interface import Engine

SLICE = 4_000_000  # rows that one step of a merge may hold
_WORK = ("chunk", "part", "subject", "reach", "slow", "touch", "pair")


class Counted(msgspec.Struct, frozen=True):
    """A case's counters, and in words what they could not take in."""

    count: ScopeCount
    notes: list[str] = []


def count_scope(
    engine: Engine, findings: Sequence[int], settings: Settings, exposed: Exposed | None = None
) -> Counted:
    """Count a case given by the indices of its findings in the engine's `flag` table.

    `exposed` answers for the third persons; share one between the cases of an engine, so that each query is
    asked once. Without it, their databases are looked for from the current directory. One that does not
    answer is a note and never keeps the case from being counted.

    Leaves the case's people in the engine (`scope_person`, `scope_words`) until the next case is counted.

    Raises:
        ScopeError: the records name more fields than can be told apart.
    """
    asked = exposed or Exposed(settings.exposes, Path())
    engine.execute(query("tables"))
    numbers = FieldNumbers(engine)
    stretches = select(engine, findings, asked.exposes)
    unnamed = _take_parts(engine, stretches, numbers)
    registry = bool(engine.rows("SELECT 1 FROM subject LIMIT 1"))
    slices = _slices(engine, "scope_part")
    for number in range(slices):
        engine.execute(query("subject"), {"registry": registry, "slices": slices, "slice": number})
    notes = [*unnamed, *_reach(engine, stretches, asked, numbers, slices)]
    slices = _slices(engine, "scope_subject", "scope_pair")
    for number in range(slices):
        engine.execute(query("person"), {"slices": slices, "slice": number})
    _spell(engine, numbers)
    count = _counters(engine, numbers)
    for table in _WORK:
        engine.execute(f"DROP TABLE IF EXISTS scope_{table}")
    return Counted(count, notes)


def _slices(engine: Engine, *tables: str) -> int:
    rows = sum(int(engine.rows(f"SELECT count(*) FROM {table}")[0][0]) for table in tables)
    return 1 + rows // SLICE


def _take_parts(engine: Engine, stretches: Sequence[Stretch], numbers: FieldNumbers) -> list[str]:
    """Partial counts by subject into `scope_part`. Returns a note on accesses that name nobody."""
    requests = persons = 0
    for _ in chunks(engine, stretches):
        numbers.learn("scope_chunk")
        engine.execute(query("part"))
        some, many = engine.rows(query("unnamed"))[0]
        requests, persons = requests + int(some), persons + int(many)
    if not requests:
        return []
    told = f"; by their own count they returned {persons:,} entries" if persons else ""
    return [f"{requests:,} requests showed personal data without naming whose; they add no person{told}."]


def _reach(
    engine: Engine, stretches: Sequence[Stretch], exposed: Exposed, numbers: FieldNumbers, slices: int
) -> list[str]:
    """Third persons on the shown pages into `scope_pair`. Returns what could not be asked, in words."""
    notes: list[str] = []
    touched = int(engine.rows("SELECT coalesce(bit_or(mask) FILTER (shown > 0), 0) FROM scope_part")[0][0])
    for number, setting in enumerate(exposed.exposes):
        if not touched >> number & 1:
            continue
        try:
            notes += exposed.load(engine, number)
        except ScopeError as error:
            notes.append(f"Third persons of [[exposes]] {setting.name!r} are not counted: {error}")
            continue
        numbers.learn("scope_exposed")
        for part in range(slices):
            engine.execute(
                query("reach"),
                {
                    "bit": 1 << number,
                    "exposes": number,
                    "kind": setting.kind,
                    "slices": slices,
                    "slice": part,
                },
            )
    engine.execute(query("slow"))
    engine.execute(query("pair"))
    if engine.rows("SELECT 1 FROM scope_slow LIMIT 1"):
        for _ in chunks(engine, stretches):
            engine.execute(query("touch"))
        engine.execute(query("touched"))
    return notes


def _spell(engine: Engine, numbers: FieldNumbers) -> None:
    """`scope_words(bits, fields)`: the few different sets that occur, in words."""
    found = engine.rows("SELECT bits FROM scope_person UNION SELECT ebits FROM scope_person")
    sets = [int(row[0]) for row in found if row[0]]
    engine.register(
        "scope_spelt",
        pa.table(
            {
                "bits": pa.array([str(bits) for bits in sets], pa.string()),
                "fields": pa.array([",".join(numbers.names(bits)) for bits in sets], pa.string()),
            }
        ),
    )
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE scope_words AS SELECT bits::HUGEINT AS bits, fields FROM scope_spelt"
    )


def _counters(engine: Engine, numbers: FieldNumbers) -> ScopeCount:
    requests = int(engine.rows("SELECT coalesce(sum(requests), 0) FROM scope_part")[0][0])
    shown, ghosts = engine.rows(
        "SELECT coalesce(sum(shown) FILTER (existed), 0), count(*) FILTER (NOT existed) FROM scope_subject"
    )[0]
    kinds = {"member": 0, "withdrawn": 0, "non_member": 0}
    accounts, fields = 0, dict[str, int]()
    for kind, own, bits, persons in engine.rows(
        "SELECT kind, own, bits | ebits, count(*) FROM scope_person GROUP BY ALL"
    ):
        kinds[kind] += persons
        accounts += persons if own and kind != "non_member" else 0
        for name in numbers.names(int(bits)):
            fields[name] = fields.get(name, 0) + persons
    return ScopeCount(
        requests=requests,
        requests_shown=int(shown),
        accounts=accounts,
        persons=sum(kinds.values()),
        members=kinds["member"],
        withdrawn=kinds["withdrawn"],
        non_members=kinds["non_member"],
        ghosts=int(ghosts),
        fields=dict(sorted(fields.items())),
    )
