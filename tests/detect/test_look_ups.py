"""Who looks people up without a reason: two rules see it, and one of them tells which look-ups it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from haechi.detect.runner import run_rules
from haechi.model.settings import Settings

from .worlds import T0, Record, engine_of

DESK = [{"person": f"p{n}", "account": f"desk-{n}", "role": "desk"} for n in range(6)]
PAGES = ("/desk/members/{member}", "/desk/members/{member}/orders")


def looks(actor: str, day: int, subjects: list[str], pages: tuple[str, ...] = PAGES) -> list[Record]:
    """A day's look-ups: these pages of each person."""
    at = T0 + timedelta(days=day)
    common: dict[str, Any] = {"actor": actor, "actor_kind": "staff", "fields": "name", "status": 200}
    return [
        {"time": at + timedelta(minutes=3 * n + m), "subject": subject, "route": page, **common}
        for n, subject in enumerate(subjects)
        for m, page in enumerate(pages)
    ]


def test_a_forgotten_ticket_of_somebody_who_is_bribed_is_left_alone() -> None:
    access: list[Record] = []
    tickets: list[Record] = []
    for day in range(30):
        for n in range(6):
            callers = [f"caller-{day}-{n}-{i}" for i in range(10)]
            access += looks(f"desk-{n}", day, callers)
            tickets += [{"kind": "ticket", "actor": f"desk-{n}", "subject": s, "first": T0} for s in callers]
    for day in (20, 22, 25):
        sold = [f"sold-{day}-{i}" for i in range(25)]
        access += looks("desk-3", day, sold, PAGES[:1]) + looks("desk-3", day, [f"forgotten-{day}"])
    engine = engine_of(access, person=DESK, reason=tickets)
    detection = run_rules(engine, Settings(), only=["lookup-without-reason", "more-than-peers"])
    assert all(run.ran for run in detection.runs)
    flagged = {s for (s,) in engine.rows("SELECT a.subject FROM flag JOIN access AS a USING (source, seq)")}
    assert flagged == {f"sold-{day}-{i}" for day in (20, 22, 25) for i in range(25)}

    # On its own, the rule that compares with colleagues finds the month, and cannot tell the forgotten ones from it.
    (finding,) = run_rules(engine, Settings(), only=["more-than-peers"]).findings
    assert (finding.entity, finding.subjects) == ("desk-3", 78)
    engine.close()
