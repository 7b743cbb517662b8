"""Trying rules: their fixtures, and a first rule to begin with."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import msgspec

from haechi.detect.fixture import Scene, open_scene, play, read_fixture
from haechi.detect.prepare import EMPTY
from haechi.detect.rule import BUILT_IN, read_rule, rule_files
from haechi.detect.runner import run_rules
from haechi.model.errors import RuleError
from haechi.model.settings import IssuerSettings, KeySettings, Settings

_SKELETON = Path(__file__).parent / "skeleton"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# One record of everything: enough to run a rule's SQL.
_ONE_OF_EACH = Scene(
    name="one record of everything",
    settings=Settings(issuers=[IssuerSettings("i", keys=[KeySettings("k", readers=["p"])])]),
    access=[
        {
            "time": datetime(2025, 1, 1),
            "actor": "a",
            "subject": "s",
            "client_ip": "192.0.2.1",
            "fields": "name",
            "status": 200,
        }
    ],
    issuance=[{"issuer": "i", "actor": "a", "key": "k"}],
    subject=[{"subject": "s"}],
    person=[{"person": "p", "account": "a"}],
    reason=[{"kind": "ticket", "actor": "a", "subject": "s"}],
    fact=[{"kind": "secret", "system": "vault", "object": "k", "state": "alive"}],
)


class Trial(msgspec.Struct, frozen=True):
    """What came of trying one rule. Without problems it does what its fixture says."""

    id: str
    scenes: int
    problems: list[str]
    note: str = ""  # what was not tried


def fixture_of(rule: Path) -> Path:
    """Where the fixture of a rule's file is, or would be."""
    return rule.parent / "fixtures" / f"{rule.stem}.toml"


def try_rule(path: Path) -> Trial:
    """Play a rule's fixture; a rule without one is run once, to see that its SQL can be."""
    rules_dir = None if path.parent == BUILT_IN else path.parent
    try:
        rule = read_rule(path)
        fixture = fixture_of(path)
        if not fixture.is_file():
            return _run_once(path, rules_dir)
        scenes = read_fixture(fixture)
        problems = [problem for scene in scenes for problem in play(rule.id, scene, rules_dir)]
    except RuleError as error:
        return Trial(path.stem, 0, [f"{error.where}: {error.what}" if error.where else error.what])
    note = (
        "" if any(scene.has_near_miss for scene in scenes) else "no near miss shows that it can stay silent"
    )
    return Trial(path.stem, len(scenes), problems, note)


def broken(path: Path) -> str:
    """Why a rule's SQL cannot be run at all; "" where it can. It is run once, over one record of everything."""
    try:
        trial = _run_once(path, None if path.parent == BUILT_IN else path.parent)
    except RuleError as error:
        return error.what
    return trial.problems[0] if trial.problems else ""


def _run_once(path: Path, rules_dir: Path | None) -> Trial:
    engine, _ = open_scene(_ONE_OF_EACH)
    try:
        (run,) = run_rules(engine, _ONE_OF_EACH.settings, rules_dir, [path.stem]).runs
    finally:
        engine.close()
    note = f"there is no fixture {fixture_of(path).name}, so that what it finds was not tried"
    if run.ran:
        return Trial(path.stem, 0, [], note)
    if run.reason in EMPTY.values():
        return Trial(path.stem, 0, [], f"it was not run: {run.reason}; {note}")
    return Trial(path.stem, 0, [run.reason], note)


def chosen(rules_dir: Path | None, rule: str = "") -> list[Path]:
    """The files of the rules to try: all, or the one of this id or file name.

    Raises:
        RuleError: there is no such rule.
    """
    files = rule_files(rules_dir)
    if not rule:
        return files
    named = Path(rule)
    if named.suffix == ".sql":
        if not named.is_file():
            raise RuleError("there is no such file", where=rule)
        return [named.absolute()]
    found = [path for path in files if path.stem == rule]
    if not found:
        raise RuleError(
            f"there is no rule {rule!r}", todo=f"Rules: {', '.join(path.stem for path in files)}."
        )
    return found


def new_rule(rules_dir: Path, rule: str) -> list[Path]:
    """Write a rule and its fixture to begin with, both of which work; the files written.

    Raises:
        RuleError: the id cannot be one, or there is such a rule.
    """
    if not _ID.fullmatch(rule):
        raise RuleError(f"{rule!r} cannot be a rule's id", todo="Use small letters, digits and dashes.")
    path = rules_dir / f"{rule}.sql"
    if any(file.stem == rule for file in rule_files(rules_dir)) or fixture_of(path).exists():
        raise RuleError(f"there is a rule {rule!r} already", where=str(path), todo="Choose another id.")
    title = rule.replace("-", " ").capitalize()
    fixture_of(path).parent.mkdir(parents=True, exist_ok=True)
    for target, source in ((path, "rule.sql"), (fixture_of(path), "fixture.toml")):
        text = (_SKELETON / source).read_text(encoding="utf-8")
        target.write_text(text.replace("@ID@", rule).replace("@TITLE@", title), encoding="utf-8")
    return [path, fixture_of(path)]
