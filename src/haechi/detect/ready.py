"""Whether rules have anything to work on in a store, told without running them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec

from haechi.detect.network import named
from haechi.detect.prepare import EMPTY, SHARED, Shared, settings_tables
from haechi.detect.rule import Rule, read_rule
from haechi.detect.runner import lacks, reason_of
from haechi.model.errors import HaechiError
from haechi.model.settings import Settings
from haechi.store.interface import Engine


def why_not(engine: Engine, settings: Settings, files: Sequence[Path]) -> dict[str, str]:
    """Why each rule cannot run here, by id; "" where it can. Large results that rules share are not made for this:
    a rule that needs one counts as able to run.
    """
    for name, table in settings_tables(settings).items():
        engine.register(name, table)
    shared = Shared(engine, settings)
    return {path.stem: _why_not(engine, settings, path, shared) for path in files}


def _why_not(engine: Engine, settings: Settings, path: Path, shared: Shared) -> str:
    try:
        rule = read_rule(path)
        rule.values(settings.rules.get(rule.id, {}))
        if settings.rules.get(rule.id, {}).get("enabled", True) is not True:
            return "switched off in haechi.toml"
        if "network" in rule.header.needs and not named(settings.network):
            return EMPTY["network"]
        return lacks(engine, _with_cheap_needs(rule), shared)
    except (duckdb.Error, HaechiError, OSError, UnicodeDecodeError) as error:
        return reason_of(error, path)


def _with_cheap_needs(rule: Rule) -> Rule:
    """The rule with those of its needs that are tables or views; unknown ones stay, so that they are named."""
    needs = [need for need in rule.header.needs if need != "network" and not _is_made(need)]
    return Rule(msgspec.structs.replace(rule.header, needs=needs), rule.sql, rule.path)


def _is_made(need: str) -> bool:
    file = SHARED / f"{need}.sql"
    return file.is_file() and "TEMP TABLE" in file.read_text(encoding="utf-8")
