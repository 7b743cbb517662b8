"""The entities of cases: which are mostly the case's own, and which are everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from haechi.detect.blocks import has_blocks
from haechi.detect.prepare import ASKED_SUBJECT, arrow_schema
from haechi.detect.queries import query, statements
from haechi.model.values import Finding
from haechi.store.interface import Engine

# An entity is a case's own, and may join findings, if this share of its accesses in the span is flagged.
SUSPICIOUS = 0.5
LISTED = 50  # entities named for each kind; the counts are exact
GHOSTS_LISTED = 5


@dataclass
class CaseEntities:
    """Of one case: distinct flagged accesses, entities by kind (most active first), their exact counts.

    `asked`: subjects asked for, and how many of them never existed; None where no registry tells.
    """

    accesses: int = 0
    asked: tuple[int, int] | None = None
    entities: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def map_findings(
    engine: Engine, findings: Sequence[Finding], case_of: Mapping[int, int], claimed: Sequence[int]
) -> None:
    """Make the engine's tables of cases: `case_access`, `case_entity`, `case_span`, `entity_hour`.

    `claimed` are findings whose accesses only claim to be an actor's: nobody answers for a forged token.
    """
    told = set(claimed)
    rows = {
        "finding": list(case_of),
        "case_no": list(case_of.values()),
        "claimed": [finding in told for finding in case_of],
        "strong": [findings[finding].tier != "behaviour" for finding in case_of],
    }
    schema = arrow_schema(finding=pa.int32(), case_no=pa.int32(), claimed=pa.bool_(), strong=pa.bool_())
    engine.register("case_finding", pa.table(rows, schema=schema))
    rows_or_blocks = "case_blocks" if has_blocks(engine) else "case_rows"
    for statement in [*statements(rows_or_blocks), *statements("case_tables")]:
        engine.execute(statement)


def shared_entities(engine: Engine) -> list[list[int]]:
    """Groups of cases that share an entity which is itself mostly suspicious."""
    return [row[0] for row in engine.rows(query("case_shared_entity"), {"suspicious": SUSPICIOUS})]


def case_entities(
    engine: Engine, findings: Sequence[Finding], members: Mapping[int, Sequence[int]]
) -> dict[int, CaseEntities]:
    """The entities of every case; `members` are its findings. Call `map_findings` first."""
    engine.execute(query("case_own_entity"), {"suspicious": SUSPICIOUS})
    cases = {case: CaseEntities() for case in members}
    for case, accesses in engine.rows("SELECT case_no, accesses FROM case_size"):
        cases[case].accesses = accesses
    _listed(engine, cases)
    _counted(engine, cases)
    if engine.rows("SELECT 1 FROM subject LIMIT 1"):
        engine.execute(ASKED_SUBJECT)
        for case, asked, ghosts, some in engine.rows(query("case_ghost"), {"listed": GHOSTS_LISTED}):
            cases[case].asked = (asked, ghosts)
            if ghosts:
                cases[case].counts["ghosts"] = ghosts
                cases[case].entities["ghosts"] = some
    for case, numbers in members.items():
        _leavers(cases[case], [findings[n] for n in numbers])
    return cases


def _listed(engine: Engine, cases: Mapping[int, CaseEntities]) -> None:
    rows = engine.rows(query("case_listed"), {"listed": LISTED})
    for case, kind, entity, different in rows:
        cases[case].entities.setdefault(kind, []).append(entity)
        cases[case].counts[kind] = different


def _counted(engine: Engine, cases: Mapping[int, CaseEntities]) -> None:
    shared = engine.rows(
        "SELECT case_no, count(*) FROM own_entity WHERE kind = 'client_ip' AND NOT own GROUP BY case_no"
    )
    for case, addresses in shared:
        cases[case].counts["client_ip_shared"] = addresses
    for case, different in engine.rows(query("case_credentials")):
        cases[case].counts["credential"] = different


def _leavers(case: CaseEntities, findings: Sequence[Finding]) -> None:
    named = {finding.entity: finding.accesses for finding in findings if finding.entity_kind == "person"}
    if named:
        case.entities["person"] = sorted(named, key=lambda person: (-named[person], person))[:LISTED]
        case.counts["person"] = len(named)
