"""How tests ask a source: with secrets by name, and the facts in forms that are easy to compare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from haechi.identity.interface import Asking, Fact, Source
from haechi.model.settings import SystemSettings

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def asking(folder: Path, secrets: Mapping[str, str] | None = None, wait: float = 20.0) -> Asking:
    """Secrets are found as "env:NAME"."""
    known = secrets or {}
    return Asking(lambda reference: known[reference.removeprefix("env:")].encode(), folder, wait, NOW)


def gather(source: Source, system: SystemSettings, asked: Asking) -> list[Fact]:
    assert set(system.options) <= source.options
    facts = list(source.gather(system, asked))
    assert all(fact.system == system.name and fact.time == asked.now and fact.evidence for fact in facts)
    return facts


def of(facts: list[Fact], kind: str) -> list[Fact]:
    return [fact for fact in facts if fact.kind == kind]


def states(facts: list[Fact], kind: str) -> dict[tuple[str, str, str], str]:
    """(account, object, version) -> state of the facts of a kind."""
    return {(fact.account, fact.object, fact.version): fact.state for fact in of(facts, kind)}


def listed(facts: list[Fact]) -> set[str]:
    """The kinds of facts that were listed whole."""
    return {fact.object for fact in of(facts, "listing")}
