"""Run the rules over one engine: which accesses each flags, and the findings that follow.

    rule files ──► rule_rows ──► flagged (finding, source, seq) ──► counts and evidence ──► findings
                        one rule that fails leaves the others alone

After `run_rules` the engine holds the temporary view `flag(finding, rule, entity_kind, entity, source, seq)`;
`finding` is the index into `Detection.findings`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from haechi.detect.explained import explained_share
from haechi.detect.flags import Flags
from haechi.detect.guarded import DIVIDED, guarded
from haechi.detect.prepare import EMPTY, Shared, settings_tables
from haechi.detect.queries import query
from haechi.detect.rule import Rule, read_rule, rule_files, used
from haechi.detect.sentence import counted
from haechi.detect.state.looked import Looked
from haechi.identity.intervals import EVER, statement
from haechi.model.errors import EngineError, HaechiError, RuleError
from haechi.model.settings import Settings
from haechi.model.values import Explained, Finding, RuleRun
from haechi.model.words import SEVERITIES, TIERS
from haechi.store.interface import Engine

ACCESS_COLUMNS = ("source", "seq", "entity_kind", "entity")
FINDING_COLUMNS = ("entity_kind", "entity", "first_seen", "last_seen", "accesses", "subjects", "evidence")

# More rows than a rule can mean: an access may be flagged for an entity of each kind, and be met by a few joins.
ROWS_AN_ACCESS = 32

_LINE = re.compile(r"^LINE (\d+):", re.M)
_OF_THE_SQL = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


@dataclass(frozen=True)
class Detection:
    """What the rules found. `rules` holds the header of every rule that was read, by id."""

    findings: list[Finding]
    runs: list[RuleRun]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    explained: Explained | None = None  # None: only some rules were asked for


@dataclass
class _Where:
    """The file that runs just now, so that an error names the right one."""

    path: Path


def run_rules(
    engine: Engine,
    settings: Settings,
    rules_dir: Path | None = None,
    only: Sequence[str] = (),
    looked: Looked | None = None,
) -> Detection:
    """Run the built-in rules and those of `rules_dir`; `only` limits them to these ids, `looked` to some days.

    A rule that cannot run gives a `RuleRun` with `ran=False` and the reason (file and line, or what is not
    collected); the other rules still run. Times of findings carry the zone UTC.

    Raises:
        RuleError: `only` names a rule that does not exist.
    """
    for name, table in settings_tables(settings).items():
        engine.register(name, table)
    engine.execute(statement("person_account"), {"at": EVER})
    engine.execute(query("key_reader"))
    rules, runs = _read(rules_dir, settings)
    known = {rule.id for rule in rules} | {run.rule for run in runs}
    if missing := sorted(set(only) - known):
        raise RuleError(f"no such rule: {', '.join(missing)}", todo=f"Rules: {', '.join(sorted(known))}.")
    whole = "access_whole" if looked else "access"
    ((accesses,),) = engine.rows(f"SELECT count(*) FROM {whole}")
    shared, flags = Shared(engine, settings), Flags(engine, int(accesses))
    findings: list[Finding] = []
    explained = None
    queue = [rule for rule in rules if not only or rule.id in only]
    order = {rule.id: n for n, rule in enumerate(rules)}
    if looked:
        looked.know(_readers(queue, settings))
    while queue or (explained is None and not only):
        if looked:
            queue.sort(key=lambda rule: (looked.reach(rule), order[rule.id]))
        if explained is None and not only and (not queue or (looked and looked.reach(queue[0]))):
            # Of some days, while the results that rules of the day share are there.
            explained = explained_share(engine, looked.show_days() if looked else shared)
            continue
        rule = queue.pop(0)
        done = _run(engine, settings, rule, shared, flags, looked)
        if done is None:
            queue.append(rule)
            continue
        findings += done[0]
        runs.append(done[1])
    if looked:
        looked.show_days()
    runs = [run for run in runs if not only or run.rule in only]
    return Detection(findings, runs, {rule.id: rule for rule in rules}, explained)


def _readers(rules: Sequence[Rule], settings: Settings) -> dict[str, list[tuple[Rule, dict[str, Any]]]]:
    """Of each rule, the rules that read its flags, with their parameters' values."""
    readers: dict[str, list[tuple[Rule, dict[str, Any]]]] = {}
    for rule in rules:
        given = settings.rules.get(rule.id, {})
        if not rule.header.reads or given.get("enabled", True) is not True:
            continue
        with suppress(RuleError):  # a value of the wrong kind: its own run says so
            for name in rule.header.reads:
                readers.setdefault(name, []).append((rule, rule.values(given)))
    return readers


def strength(tier: str, severity: str) -> tuple[int, int]:
    """Sorts findings and rules: the strongest tier first, then the highest severity."""
    return TIERS.index(tier), -SEVERITIES.index(severity)


def _read(rules_dir: Path | None, settings: Settings) -> tuple[list[Rule], list[RuleRun]]:
    rules: list[Rule] = []
    runs: list[RuleRun] = []
    for path in rule_files(rules_dir):
        try:
            rules.append(read_rule(path))
        except (RuleError, OSError, UnicodeDecodeError) as error:
            runs.append(RuleRun(path.stem, False, 0, 0.0, reason_of(error, path)))
    known = {rule.id for rule in rules} | {run.rule for run in runs}
    for name in sorted(set(settings.rules) - known):
        runs.append(RuleRun(name, False, 0, 0.0, f"haechi.toml: [rules.{name}] names no rule that exists"))
    rules.sort(key=lambda rule: (*strength(rule.header.tier, rule.header.severity), rule.id))
    return rules, runs


def _run(
    engine: Engine, settings: Settings, rule: Rule, shared: Shared, flags: Flags, looked: Looked | None
) -> tuple[list[Finding], RuleRun] | None:
    """The rule's findings. None: it must see more than the others of its kind, and runs behind them."""
    began, where = time.perf_counter(), _Where(rule.path)
    kept = flags.count
    try:
        given = settings.rules.get(rule.id, {})
        if given.get("enabled", True) is not True:
            return [], RuleRun(rule.id, False, 0, 0.0, "switched off in haechi.toml")
        if looked and looked.puts_off(rule, rule.values(given)):
            return None
        if looked:
            shared = looked.show(rule, rule.values(given))
        if reason := lacks(engine, rule, shared):
            # Of the whole store it may be there: only these days were asked.
            reason = f"in these days: {reason}" if looked and rule.header.window else reason
            return [], RuleRun(rule.id, False, 0, 0.0, reason)
        findings, reason = _apply(engine, rule, rule.values(given), shared, flags, where, looked)
    except duckdb.InterruptException:
        raise  # Ctrl-C ends the run, not one rule of it
    except (duckdb.Error, HaechiError) as error:
        flags.forget(kept)
        return [], RuleRun(rule.id, False, 0, time.perf_counter() - began, reason_of(error, where.path))
    return findings, RuleRun(rule.id, True, len(findings), time.perf_counter() - began, reason)


def lacks(engine: Engine, rule: Rule, shared: Shared) -> str:
    """Why the rule has nothing to work on, or an empty string."""
    for need in rule.header.needs:
        if need not in EMPTY:
            raise RuleError(f"the rule needs {need!r}, which nothing provides", where=str(rule.path))
        if not shared.has_rows(need):
            return EMPTY[need]
    return ""


def _apply(
    engine: Engine,
    rule: Rule,
    values: Mapping[str, Any],
    shared: Shared,
    flags: Flags,
    where: _Where,
    looked: Looked | None = None,
) -> tuple[list[Finding], str]:
    """Run the rule, keep what it flags, and say what it could not judge."""

    def making(path: Path) -> None:
        where.path = path

    shared.provide(rule.sql + "\n;" + rule.header.unknown, making)
    where.path = rule.path
    params = {name: values[name] for name in used(rule.sql)}
    watched = guarded(engine, rule, params)
    names = [name for name, _ in engine.columns(rule.sql, params)]
    most = ROWS_AN_ACCESS * max(1, flags.accesses)
    _rows(engine, rule, watched, params, most + 1)
    count = int(engine.rows("SELECT count(*) FROM rule_rows")[0][0])
    if count > most:
        raise RuleError(
            f"the rule returns more than {ROWS_AN_ACCESS} rows for each access there is",
            where=rule.place,
            todo="A join without a condition does that.",
        )
    unknown = _unknown(engine, rule, values)
    if looked:
        count = looked.keep_rows(rule, set(ACCESS_COLUMNS) <= set(names), count)
    if set(ACCESS_COLUMNS) <= set(names):
        findings = flags.from_accesses(rule, names) if count else []
    elif set(FINDING_COLUMNS) <= set(names):
        findings = flags.from_findings(rule)
    else:
        raise RuleError(
            "the rule returns neither accesses nor findings",
            where=rule.place,
            todo=f"Return {', '.join(ACCESS_COLUMNS)}, or {', '.join(FINDING_COLUMNS)}.",
        )
    return findings, unknown


def _rows(engine: Engine, rule: Rule, watched: str, params: Mapping[str, Any], limit: int) -> None:
    """What the rule (as `guarded` wrote it) answers, up to so many rows, as the table `rule_rows`."""
    limited = "SELECT * FROM ({}\n) LIMIT {}"
    try:
        engine.keep("rule_rows", limited.format(watched, limit), params=params)
    except (duckdb.Error, EngineError) as error:
        if isinstance(error, duckdb.InterruptException) or watched == rule.sql or DIVIDED.search(str(error)):
            raise
        # Once more as it is in the rule, for the line.
        engine.keep("rule_rows", limited.format(rule.sql, limit), params=params)


def _unknown(engine: Engine, rule: Rule, values: Mapping[str, Any]) -> str:
    if not rule.header.unknown:
        return ""
    params = {name: values[name] for name in used(rule.header.unknown)}
    parts = [
        f"{counted(accesses, 'access|accesses')} {why}"
        for accesses, why in engine.rows(rule.header.unknown, params)
    ]
    return "unknown, not flagged: " + "; ".join(sorted(parts)) if parts else ""


def reason_of(error: Exception, path: Path) -> str:
    """One line: file, line where the engine tells it, and what is wrong; never a value out of the data."""
    if isinstance(error, HaechiError) and not DIVIDED.search(str(error)):
        return f"{error.where}: {error.what}" if error.where else f"{path.name}: {error.what}"
    text = str(error)
    if divided := DIVIDED.search(text):
        return f"{path.name}:{divided[1]}: division by zero"
    line = _LINE.search(text)
    what = type(error).__name__
    # Only these speak of the SQL alone; what a running query says may hold a value, quoted or not.
    if text.strip() and isinstance(error, _OF_THE_SQL):
        what = text.strip().splitlines()[0]
    return f"{path.name}:{line[1]}: {what}" if line else f"{path.name}: {what}"
