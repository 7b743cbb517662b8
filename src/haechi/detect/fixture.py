"""Rule fixtures: small worlds in TOML, the findings expected in them, and near misses that must stay silent.

[[scene]]
name = "forged with a key that only it uses"
[[scene.settings.issuer]]          # as in haechi.toml
name = "login"
[[scene.access]]                   # a group of records; access, issuance, subject, person, reason, fact
repeat = 12                        # {n} in a text counts 1, 2, 3, ... through the group
every = "1m"                       # added to each time of the group for each further record
time = 2025-05-01T09:00:00Z
credential = "token-{n}"           # the secret: it is hashed as a collected one is
near_miss = "why it is honest"     # the group must not be flagged
[[scene.finding]]                  # all findings of the rule, and no other
entity_kind = "key"
entity = "k1"
accesses = 12
subjects = 12
evidence = {issuer = "login"}      # among the finding's evidence
[scene.unknown]                    # a piece of the reason that the rule gives for what it could not judge
says = "hole"
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from haechi.detect.runner import Detection, run_rules
from haechi.model.errors import RuleError
from haechi.model.settings import Settings
from haechi.model.tables import CREDENTIAL_BYTES, SCHEMAS
from haechi.model.values import Finding
from haechi.store.duckdb_engine import memory_engine
from haechi.store.interface import Engine
from haechi.workspace.units import duration

Record = dict[str, Any]
Opener = Callable[[Mapping[str, pa.Table]], Engine]


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entity_kind: str
    entity: str
    accesses: int
    subjects: int
    evidence: dict[str, Any] = {}

    def fits(self, finding: Finding) -> bool:
        mine = (self.entity_kind, self.entity, self.accesses, self.subjects)
        theirs = (finding.entity_kind, finding.entity, finding.accesses, finding.subjects)
        return mine == theirs and self.evidence.items() <= finding.evidence.items()


class Unknown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    says: str


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One small world and what a rule must say of it."""

    name: str
    settings: Settings = Settings()
    access: list[Record] = []
    issuance: list[Record] = []
    subject: list[Record] = []
    person: list[Record] = []
    reason: list[Record] = []
    fact: list[Record] = []
    findings: list[Expected] = msgspec.field(default_factory=list, name="finding")
    unknown: Unknown | None = None

    @property
    def has_near_miss(self) -> bool:
        return any("near_miss" in group for group in (*self.access, *self.fact))


class Fixture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scenes: list[Scene] = msgspec.field(default_factory=list, name="scene")


def read_fixture(path: Path) -> list[Scene]:
    """The scenes of a fixture.

    Raises:
        RuleError: the file is no TOML, or a key is unknown or of the wrong kind.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Fixture).scenes
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"the fixture cannot be read: {error}", where=str(path)) from None


def play(rule: str, scene: Scene, rules_dir: Path | None = None, opened: Opener = memory_engine) -> list[str]:
    """Run one rule in a scene, on an engine of this kind. What differs from what the scene expects, a sentence each."""
    engine, quiet = open_scene(scene, opened)
    try:
        detection = run_rules(engine, scene.settings, rules_dir, only=[rule])
        return [f"{scene.name}: {problem}" for problem in _compare(engine, detection, scene, quiet)]
    finally:
        engine.close()


def open_scene(scene: Scene, opened: Opener = memory_engine) -> tuple[Engine, dict[int, str]]:
    """An engine over the scene's records, and why each near miss (by `seq`) is one."""
    quiet: dict[int, str] = {}
    tables: dict[str, pa.Table] = {}
    for name, schema in SCHEMAS.items():
        records: list[Record] = []
        for group in getattr(scene, name):
            for n in range(1, group.get("repeat", 1) + 1):
                records.append({"source": name} | _record(group, n) | {"seq": len(records) + 1})
                if "near_miss" in group and name == "access":  # of other tables no row is flagged
                    quiet[len(records)] = group["near_miss"]
        tables[name] = pa.Table.from_pylist(records, schema=schema)
    return opened(tables), quiet


def _record(group: Record, n: int) -> Record:
    record = {key: value for key, value in group.items() if key not in ("repeat", "every", "near_miss")}
    for key, value in record.items():
        if isinstance(value, str):
            record[key] = value.replace("{n}", str(n))
        if isinstance(value, datetime):
            later = value + (n - 1) * duration(group["every"]) if "every" in group else value
            record[key] = later.astimezone(UTC).replace(tzinfo=None) if later.tzinfo else later
    if "credential" in record:
        record["credential"] = hashlib.sha256(record["credential"].encode()).digest()[:CREDENTIAL_BYTES]
    return record


def _compare(engine: Engine, detection: Detection, scene: Scene, quiet: Mapping[int, str]) -> list[str]:
    run = detection.runs[0]
    problems = [] if run.ran or not scene.findings else [f"the rule did not run: {run.reason}"]
    missed = [e for e in scene.findings if not any(e.fits(finding) for finding in detection.findings)]
    problems += [f"not found: {msgspec.json.encode(expected).decode()}" for expected in missed]
    extra = [finding for finding in detection.findings if not any(e.fits(finding) for e in scene.findings)]
    problems += [f"not expected: {msgspec.json.encode(finding).decode()}" for finding in extra]
    for (seq,) in engine.rows("SELECT DISTINCT seq FROM flag WHERE source = 'access' ORDER BY seq"):
        if seq in quiet:
            problems.append(f"access {seq} was flagged, though: {quiet[seq]}")
    if scene.unknown and scene.unknown.says not in run.reason:
        problems.append(f"the reason does not say {scene.unknown.says!r}: {run.reason!r}")
    return problems
