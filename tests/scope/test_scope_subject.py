"""A case counts the persons whom its findings name: rules and scope share one rule for whose data was asked for."""

from __future__ import annotations

from datetime import timedelta

from tests.detect.worlds import T0, accesses, engine_of

from haechi.detect.cases import build_cases
from haechi.detect.runner import run_rules
from haechi.model.settings import Settings
from haechi.scope.case import scope_case

AS_MEMBER = {"actor_kind": "member", "actor": "m{n}", "fields": "name", "client_ip": "192.0.2.1", "key": "k1"}


def test_withdrawn_members_own_pages_count_them() -> None:
    gone = [
        {"subject": f"m{n}", "since": T0 - timedelta(days=900), "withdrawn": T0 - timedelta(days=400)}
        for n in range(1, 21)
    ]
    engine = engine_of(accesses(20, status=200, outcome="success", **AS_MEMBER), subject=gone)
    detection = run_rules(engine, Settings(), only=["withdrawn-subject"])
    (finding,) = detection.findings
    (case,) = build_cases(engine, detection)
    count = scope_case(engine, case.findings, Settings()).count
    engine.close()
    assert finding.subjects == 20
    assert (count.persons, count.withdrawn, count.fields) == (20, 20, {"name": 20})


def scoped(**columns: object) -> tuple[int, list[str]]:
    engine = engine_of(accesses(3, outcome="success", **{**AS_MEMBER, **columns}))
    engine.execute("CREATE TEMP TABLE flag AS SELECT 0 AS finding, source, seq FROM access")
    case = scope_case(engine, [0], Settings())
    engine.close()
    return case.count.persons, case.notes


def test_nobody_is_made_up() -> None:
    assert scoped(fields="") == (0, [])
    assert scoped(fields=None) == (0, [])
    assert scoped(subject="other")[0] == 1
    persons, notes = scoped(actor_kind="staff")
    assert persons == 0 and "without naming whose" in notes[0]
    persons, notes = scoped(subjects=500)
    assert persons == 0 and "1,500 entries" in notes[0]
