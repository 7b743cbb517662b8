"""Run a drill: make the world, inspect it as anybody's logs would be, compare with the truth."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from haechi.collect.run import Progress
from haechi.drill.card import Card, card
from haechi.drill.make import make
from haechi.drill.scenarios import SCENARIOS
from haechi.drill.score import FoundCase, Score, score
from haechi.model.errors import InputError
from haechi.model.values import Inspection
from haechi.report.inspection import inspect
from haechi.report.workspaces import open_workspace


@dataclass(frozen=True)
class World:
    """Which world of a scenario: the arguments of `make`."""

    scale: float = 0.001
    seed: int = 1
    honest: float = 1.0
    mix: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    nat: int = 0
    until: date | None = None

    def asked(self) -> dict[str, Any]:
        """As keyword arguments of `make`."""
        return asdict(self)


class DrillResult(msgspec.Struct, frozen=True):
    """The document of `haechi drill run --json`."""

    scenario: str
    scale: float
    seed: int
    honest: float  # honest requests for each bad one, as asked for
    records: dict[str, int]  # lines made, by table
    truth: dict[str, Any]  # what really happened, in all four units
    found: dict[str, Any]  # what Haechi said
    score: Score
    card: Card  # by scenario and phase: what was missed, and what could not run
    mix: list[str] = []
    without: list[str] = []
    nat: int = 0


class DrillTitle(msgspec.Struct, frozen=True):
    """One line of `haechi drill list`."""

    name: str
    title: str
    source: str


def list_drills() -> list[DrillTitle]:
    """The scenarios there are, by name."""
    return [DrillTitle(s.name, s.title, s.source) for _, s in sorted(SCENARIOS.items())]


def run(
    name: str, world: World | None = None, *, keep: Path | None = None, progress: Progress | None = None
) -> DrillResult:
    """Make the world of a scenario, inspect it, and score what was found.

    The world is thrown away afterwards, unless `keep` names the folder to leave it in.
    Raises HaechiError as `make` and the inspection do.
    """
    world = world or World()
    if keep is not None:
        made = make(name, keep, **world.asked())
        return score_folder(made.inspect, made.truth, progress=progress)
    with tempfile.TemporaryDirectory(prefix="haechi-drill-") as folder:
        made = make(name, Path(folder), **world.asked())
        return score_folder(made.inspect, made.truth, progress=progress)


def score_folder(folder: Path, truth: Path, *, progress: Progress | None = None) -> DrillResult:
    """Inspect a workspace that is there, and compare with a truth folder that `make` wrote.

    Raises InputError where `truth` holds no truth; HaechiError as the inspection does.
    """
    told = truth / "meta.json"
    if not told.is_file():
        raise InputError("This folder holds no truth of a drill.", where=str(told))
    meta: dict[str, Any] = msgspec.json.decode(told.read_bytes())
    with inspect([], open_workspace(folder), progress=progress) as inspected:
        inspection = inspected.inspection
        cases = [
            FoundCase(case.id, inspected.requests(case.id), inspected.persons(case.id))
            for case in inspection.cases
        ]
    found = _found(inspection)
    found["names_key"] = _names(found, "key", str(meta.get("key", "")))
    found["names_leaver"] = _names(found, "person", str(meta.get("leaver", "")))
    asked = ("scenario", "scale", "seed", "honest", "mix", "without", "nat", "records")
    given = {key: meta.pop(key) for key in asked if key in meta}
    not_run = {rule.rule: rule.reason for rule in inspection.rules if not rule.ran}
    return DrillResult(
        truth=meta, found=found, score=score(truth, cases), card=card(truth, cases, not_run), **given
    )


def _found(inspection: Inspection) -> dict[str, Any]:
    return {
        "checkpoint": inspection.checkpoint,
        "lines": inspection.read.lines,
        "stored": inspection.read.stored,
        "set_aside": inspection.read.set_aside,
        "findings": len(inspection.findings),
        "rules": {rule.rule: rule.findings if rule.ran else rule.reason for rule in inspection.rules},
        "seconds": {rule.rule: round(rule.seconds, 3) for rule in inspection.rules if rule.ran},
        "holes": len(inspection.coverage.holes),
        "cases": [
            {
                "id": case.id,
                "title": case.title,
                "sentence": case.sentence,
                "tier": case.tier,
                "first_seen": case.first_seen,
                "last_seen": case.last_seen,
                "rules": sorted({finding.rule for finding in case.findings}),
                "entities": {kind: names[:5] for kind, names in case.entities.items()},
                "entity_counts": case.entity_counts,
                "scope": case.scope,
                "notes": case.notes,
            }
            for case in inspection.cases
        ],
    }


def _names(found: dict[str, Any], kind: str, name: str) -> bool:
    """Whether a case names this entity; false too where the incident has none."""
    return any(name in case["entities"].get(kind, ()) for case in found["cases"])
