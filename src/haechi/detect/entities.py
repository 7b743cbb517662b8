"""The entities of cases: which are mostly the case's own, and which are everybody's. Counted by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from haechi.model.values import Finding
from haechi.store.interface import Engine

# An entity is the case's own, and may join findings, if at least this share of its accesses in the span is flagged.
SUSPICIOUS = 0.5
LISTED = 50  # entities named for each kind; the counts are exact
GHOSTS_LISTED = 5

_SQL = Path(__file__).parent / "queries"


@dataclass
class CaseEntities:
    """Of one case: distinct flagged accesses, its entities by kind (most active first), and their exact counts."""

    accesses: int = 0
    entities: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def _query(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def map_findings(engine: Engine, case_of: Mapping[int, int], claimed: Sequence[int]) -> None:
    """Make the engine's tables of cases out of its `flagged`: `case_access`, `case_entity`, `case_span`, `entity_hour`.

    `claimed` are findings whose accesses only claim to be an actor's: nobody is held to what a forged token says.
    """
    told = set(claimed)
    rows = {
        "finding": list(case_of),
        "case_no": list(case_of.values()),
        "claimed": [finding in told for finding in case_of],
    }
    schema = pa.schema([("finding", pa.int32()), ("case_no", pa.int32()), ("claimed", pa.bool_())])
    engine.register("case_finding", pa.table(rows, schema=schema))
    for statement in _query("case_access").split(";\n"):
        if statement.strip():
            engine.execute(statement)


def shared_entities(engine: Engine) -> list[list[int]]:
    """Groups of cases that share an entity which is itself mostly suspicious."""
    return [row[0] for row in engine.rows(_query("shared_entity"), {"suspicious": SUSPICIOUS})]


def case_entities(
    engine: Engine, findings: Sequence[Finding], members: Mapping[int, Sequence[int]]
) -> dict[int, CaseEntities]:
    """The entities of every case; `members` are its findings. Call `map_findings` first."""
    engine.execute(_query("own_entity"), {"suspicious": SUSPICIOUS})
    cases = {case: CaseEntities() for case in members}
    for case, accesses in engine.rows("SELECT case_no, count(*) FROM case_access GROUP BY case_no"):
        cases[case].accesses = accesses
    _listed(engine, cases)
    _counted(engine, cases)
    if engine.rows("SELECT 1 FROM subject LIMIT 1"):
        for case, ghosts, some in engine.rows(_query("ghost"), {"listed": GHOSTS_LISTED}):
            cases[case].counts["ghosts"] = ghosts
            cases[case].entities["ghosts"] = some
    for case, numbers in members.items():
        _leavers(cases[case], [findings[n] for n in numbers])
    return cases


def _listed(engine: Engine, cases: Mapping[int, CaseEntities]) -> None:
    rows = engine.rows(
        "SELECT case_no, kind, entity, count(*) OVER kinds FROM own_entity WHERE own "
        "WINDOW kinds AS (PARTITION BY case_no, kind) "
        "QUALIFY row_number() OVER (PARTITION BY case_no, kind ORDER BY flagged DESC, entity) <= $listed "
        "ORDER BY case_no, kind, flagged DESC, entity",
        {"listed": LISTED},
    )
    for case, kind, entity, different in rows:
        cases[case].entities.setdefault(kind, []).append(entity)
        cases[case].counts[kind] = different


def _counted(engine: Engine, cases: Mapping[int, CaseEntities]) -> None:
    shared = engine.rows(
        "SELECT case_no, count(*) FROM own_entity WHERE kind = 'client_ip' AND NOT own GROUP BY case_no"
    )
    for case, addresses in shared:
        cases[case].counts["client_ip_shared"] = addresses
    credentials = engine.rows(
        "SELECT case_no, count(credential) FROM (SELECT DISTINCT c.case_no, a.credential "
        "FROM case_access AS c JOIN access AS a USING (source, seq)) GROUP BY case_no"
    )
    for case, different in credentials:
        if different:
            cases[case].counts["credential"] = different


def _leavers(case: CaseEntities, findings: Sequence[Finding]) -> None:
    named = {finding.entity: finding.accesses for finding in findings if finding.entity_kind == "person"}
    if named:
        case.entities["person"] = sorted(named, key=lambda person: (-named[person], person))[:LISTED]
        case.counts["person"] = len(named)
