"""Run a drill: make the world, inspect it as anybody's logs would be, compare with the truth."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from haechi.collect.run import Progress
from haechi.drill.make import make
from haechi.drill.scenarios import SCENARIOS
from haechi.drill.score import FoundCase, Score, score
from haechi.model.values import Inspection
from haechi.report.inspection import inspect
from haechi.report.workspaces import open_workspace


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


class DrillTitle(msgspec.Struct, frozen=True):
    """One line of `haechi drill list`."""

    name: str
    title: str
    source: str


def list_drills() -> list[DrillTitle]:
    """The scenarios there are, by name."""
    return [DrillTitle(s.name, s.title, s.source) for _, s in sorted(SCENARIOS.items())]


def run(
    name: str,
    *,
    scale: float = 0.001,
    seed: int = 1,
    honest: float = 1.0,
    keep: Path | None = None,
    progress: Progress | None = None,
) -> DrillResult:
    """Make the world of a scenario, inspect it, and score what was found.

    The world is thrown away afterwards, unless `keep` names the folder to leave it in.
    Raises HaechiError as `make` and the inspection do.
    """
    if keep is not None:
        return _run_in(keep, name, scale, seed, honest, progress)
    with tempfile.TemporaryDirectory(prefix="haechi-drill-") as folder:
        return _run_in(Path(folder), name, scale, seed, honest, progress)


def _run_in(
    folder: Path, name: str, scale: float, seed: int, honest: float, progress: Progress | None
) -> DrillResult:
    made = make(name, folder, scale=scale, seed=seed, honest=honest)
    workspace = open_workspace(made.inspect)
    with inspect([], workspace, progress=progress) as inspected:
        cases = [
            FoundCase(case.id, inspected.requests(case.id), inspected.persons(case.id))
            for case in inspected.inspection.cases
        ]
        found = _found(inspected.inspection)
    truth: dict[str, Any] = msgspec.json.decode((made.truth / "meta.json").read_bytes())
    asked = ("scenario", "scale", "seed", "honest", "records")
    told = {key: value for key, value in truth.items() if key not in asked}
    found["names_key"] = _names(found, "key", str(truth.get("key", "")))
    found["names_leaver"] = _names(found, "person", str(truth.get("leaver", "")))
    return DrillResult(name, scale, seed, honest, made.records, told, found, score(made.truth, cases))


def _found(inspection: Inspection) -> dict[str, Any]:
    return {
        "checkpoint": inspection.checkpoint,
        "lines": inspection.read.lines,
        "stored": inspection.read.stored,
        "set_aside": inspection.read.set_aside,
        "findings": len(inspection.findings),
        "rules": {rule.rule: rule.findings if rule.ran else rule.reason for rule in inspection.rules},
        "holes": len(inspection.coverage.holes),
        "cases": [
            {
                "id": case.id,
                "title": case.title,
                "sentence": case.sentence,
                "tier": case.tier,
                "first_seen": case.first_seen,
                "last_seen": case.last_seen,
                "entities": {kind: names[:5] for kind, names in case.entities.items()},
                "entity_counts": case.entity_counts,
                "scope": case.scope,
            }
            for case in inspection.cases
        ],
    }


def _names(found: dict[str, Any], kind: str, name: str) -> bool:
    """Whether a case names this entity; false too where the incident has none."""
    return any(name in case["entities"].get(kind, ()) for case in found["cases"])
