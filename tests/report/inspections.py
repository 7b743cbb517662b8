"""Hand-made inspections to render. All names and numbers are made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from haechi.model.values import (
    Case,
    Coverage,
    Finding,
    Hole,
    Inspection,
    Possible,
    PossibleCount,
    PossiblePart,
    ReadReport,
    RuleRun,
    ScopeCount,
    SetAside,
    SourceRead,
)

FIRST = datetime(2025, 4, 13, 18, 12, 45, tzinfo=UTC)
LAST = datetime(2025, 11, 8, 13, 10, tzinfo=UTC)
HOLE = Hole(
    "gateway",
    "silent",
    datetime(2025, 5, 22, 17, 11, tzinfo=UTC),
    datetime(2025, 6, 1, 15, tzinfo=UTC),
    None,
    "gateway was silent for 9 days 21 hours; it usually writes every 0.2 s.",
)


def source(path: str = "logs/gateway.json", **changed: object) -> SourceRead:
    values: dict[str, object] = {
        "path": path,
        "source": "gateway",
        "table": "access",
        "format": "nginx-json",
        "lines": 1000,
        "stored": 999,
        "set_aside": 1,
        "first": FIRST,
        "last": LAST,
        "bytes_sent": 12_345_678,
    }
    return SourceRead(**(values | changed))  # type: ignore[arg-type]


def read(*sources: SourceRead, **changed: object) -> ReadReport:
    values: dict[str, object] = {
        "lines": sum(s.lines for s in sources),
        "stored": sum(s.stored for s in sources),
        "set_aside": sum(s.set_aside for s in sources),
        "sources": list(sources),
    }
    return ReadReport(**(values | changed))  # type: ignore[arg-type]


def finding(rule: str = "never-issued", severity: str = "critical", sentence: str = "A sentence.") -> Finding:
    return Finding(
        rule,
        "provenance",
        severity,
        "key",
        "backup-2019",
        FIRST,
        LAST,
        182_201,
        33_839,
        sentence,
        {"key": "k"},
    )


SCOPE = ScopeCount(
    requests=182_201,
    requests_shown=138_100,
    accounts=33_839,
    persons=37_550,
    members=33_220,
    withdrawn=1,
    non_members=4_329,
    ghosts=44_101,
    fields={"name": 37_550, "address": 5_000, "email": 33_220},
)


def case(**changed: object) -> Case:
    values: dict[str, object] = {
        "id": "C-7f3a2b",
        "title": "Credentials that were never issued: key backup-2019",
        "tier": "provenance",
        "first_seen": FIRST,
        "last_seen": LAST,
        "entities": {
            "key": ["backup-2019"],
            "person": ["E1007"],
            "client_ip": [f"203.0.113.{n}" for n in range(1, 51)],
        },
        "entity_counts": {"key": 1, "person": 1, "client_ip": 2_313, "credential": 182_201},
        "scope": SCOPE,
        "coverage": Coverage([HOLE]),
        "findings": [finding("leaver", "high", "A leaver could read the key."), finding()],
        "sentence": "182,201 requests carried credentials that nobody issued.",
    }
    return Case(**(values | changed))  # type: ignore[arg-type]


RUNS = [
    RuleRun("never-issued", True, 1, 0.2),
    RuleRun("leaver", True, 1, 0.1),
    RuleRun("subject-never-existed", False, 0, 0.0, "no registry of data subjects was collected"),
]


def inspection(*cases: Case, **changed: object) -> Inspection:
    values: dict[str, object] = {
        "checkpoint": "haechi.local/abc 12 deadbeef",
        "read": read(source(), aside=[SetAside("logs/gateway.json", 1234, 9, 9, "no time")]),
        "findings": [finding for case in cases for finding in case.findings],
        "cases": list(cases),
        "rules": RUNS,
        "coverage": Coverage([HOLE] if cases else []),
        "records": {"access": 999, "issuance": 1, "subject": 2, "person": 0},
    }
    return Inspection(**(values | changed))  # type: ignore[arg-type]


def at(hours: float) -> datetime:
    return FIRST + timedelta(hours=hours)


def part(
    at_most: int | None,
    estimate: int | None = None,
    hole: Hole = HOLE,
    basis: str = "exact count of missing records",
) -> PossiblePart:
    return PossiblePart(hole, at_most, estimate, basis if at_most is not None else "no bound")


def possible(*parts: PossiblePart, persons: int | None = None, **changed: object) -> Possible:
    """Requests with these parts; as many persons a part, and `persons` in all."""
    bounds = [one.at_most for one in parts if one.at_most is not None]
    total = sum(bounds) if len(bounds) == len(parts) else None
    values: dict[str, object] = {
        "requests": PossibleCount(total, None, "no bound" if total is None else "exact count", list(parts)),
        "persons": PossibleCount(persons, None, "everybody else in the registry", list(parts)),
    }
    return Possible(**(values | changed))  # type: ignore[arg-type]
