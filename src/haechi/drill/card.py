"""The scorecard behind the score: each scenario and phase apart, what no case holds, and what was said wrongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from haechi.drill.score import FoundCase, open_truth


class PhaseScore(msgspec.Struct, frozen=True):
    """One phase of one scenario: its bad requests, and those of them that no case holds."""

    scenario: str
    phase: str
    requests: int
    missed: int
    first_us: int  # of its first bad request, microseconds UTC
    found_us: int | None  # of the first of its requests that a case holds; None: none


class ScenarioScore(msgspec.Struct, frozen=True):
    """The persons of one scenario. Where scenarios are mixed, precision cannot be told apart."""

    scenario: str
    persons: int
    missed: int


class CaseScore(msgspec.Struct, frozen=True):
    """One case: how many of its requests are bad, and of which scenarios."""

    case: str
    requests: int
    bad: int
    persons: int
    true_persons: int
    scenarios: list[str]


class Card(msgspec.Struct, frozen=True):
    """Where the tool saw and where it was blind."""

    phases: list[PhaseScore]
    scenarios: list[ScenarioScore]
    cases: list[CaseScore]
    not_run: dict[str, str]  # rule -> why it could not run: what was not collected, or an error


def card(truth: Path, found: Sequence[FoundCase], not_run: Mapping[str, str]) -> Card:
    """Compare scenario by scenario. `not_run`: the rules that could not run, and why."""
    engine = open_truth(truth, found)
    try:
        return Card(
            [PhaseScore(*row) for row in engine.rows(_sql("card_phases"))],
            [ScenarioScore(*row) for row in engine.rows(_sql("card_scenarios"))],
            [CaseScore(*row) for row in engine.rows(_sql("card_cases"))],
            dict(not_run),
        )
    finally:
        engine.close()


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
