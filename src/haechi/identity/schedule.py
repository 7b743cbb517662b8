"""Which probes are due. What was asked before is known from the facts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from haechi.identity.ask import Question
from haechi.model.words import FactState
from haechi.store.interface import Engine
from haechi.workspace.units import duration

_LAST = """
SELECT
    object AS name,
    system,
    max(time) AS asked,
    arg_max(state, (time, seq)) AS state,
    arg_max(evidence, (time, seq)) AS evidence,
    max(CASE WHEN state = 'alive' THEN time END) AS lived
FROM fact
WHERE kind = 'probe'
GROUP BY object, system
"""


@dataclass(frozen=True)
class Last:
    """The last answer of a probe. lived: when it was last ALIVE."""

    asked: datetime  # UTC
    state: FactState
    evidence: str
    lived: datetime | None


def last_answers(engine: Engine) -> dict[tuple[str, str], Last]:
    """By the names of probe and system."""
    return {
        (name, system): Last(
            asked.replace(tzinfo=UTC), state, evidence or "", lived.replace(tzinfo=UTC) if lived else None
        )
        for name, system, asked, state, evidence, lived in engine.rows(_LAST)
    }


def next_time(question: Question, last: Last | None) -> datetime | None:
    """When it is to be asked again; None: now. What came out UNKNOWN was not answered: it is asked at each run."""
    if last is None or last.state == "unknown":
        return None
    return last.asked + every(question)


def every(question: Question) -> timedelta:
    return duration(question.probe.every or question.system.every)


def due(questions: list[Question], last: Mapping[tuple[str, str], Last], now: datetime) -> list[Question]:
    """Those whose time has come."""
    found = []
    for question in questions:
        when = next_time(question, last.get((question.probe.name, question.system.name)))
        if when is None or when <= now:
            found.append(question)
    return found
