"""A Sigma file as rule files: reading, converting, and every error as a sentence with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from haechi.detect.rule import BUILT_IN
from haechi.detect.sigma.backend import AccessBackend, UnknownFieldError, log_for
from haechi.detect.sigma.correlate import Correlation
from haechi.detect.sigma.fields import column_of
from haechi.detect.sigma.header import header_text, slug
from haechi.detect.trial import try_rule
from haechi.model.errors import RuleError
from haechi.model.words import ENTITY_KINDS

# How an entity kind is written as a value; the others are text columns of the same name.
_VALUES = {"credential": "lower(hex(credential))"}


@dataclass(frozen=True)
class Converted:
    """One rule as it may be written to `rules/ID.sql`."""

    id: str
    title: str
    text: str


def convert_file(path: Path, entity: str = "") -> list[Converted]:
    """The rules of a Sigma file (rules, and correlations over them), as texts of rule files.

    `entity` is the kind of entity that findings are about; empty: told by the kind of log, or by what a correlation
    groups by. A rule that only serves a correlation is not written by itself.

    Raises:
        RuleError: the file is no Sigma rule, or says what cannot be said over the tables. `where` is file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"the file cannot be read: {_of(error)}", where=str(path)) from None
    try:
        collection = SigmaCollection.from_yaml(text)
        collection.resolve_rule_references()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(f"the file is not YAML: {error.problem}", where=f"{path}:{line}") from None
    except yaml.YAMLError:
        raise RuleError("the file is not YAML", where=str(path)) from None
    except SigmaError as error:
        raise _refusal(error, path, text) from None
    except (AttributeError, TypeError, KeyError, ValueError, RecursionError):
        # What pySigma does not expect in a document's shape comes out as an error of Python.
        raise RuleError("the file is not a Sigma rule", where=str(path)) from None
    converted = list(_converted(collection, path, text, entity))
    if not converted:
        raise RuleError("the file holds no Sigma rule", where=str(path))
    return converted


def _converted(collection: SigmaCollection, path: Path, text: str, entity: str) -> Iterator[Converted]:
    backend = AccessBackend()

    def where(rule: SigmaRule) -> str:
        return _condition(backend, rule)

    for rule in collection.rules:
        if not rule._output:  # pySigma has no public name for it: a correlation uses the rule up
            continue
        try:
            if isinstance(rule, SigmaCorrelationRule):
                sql = _correlated(rule, where, entity)
            else:
                sql = _single(rule, where, entity)
        except SigmaError as error:
            raise _refusal(error, path, text) from None
        name = slug(rule.title)
        if (BUILT_IN / f"{name}.sql").exists():
            raise RuleError(
                f"a built-in rule is called {name!r} too", where=str(path), todo="Change the title."
            )
        yield Converted(name, str(rule.title), header_text(rule, name, path.name) + sql)


def _condition(backend: AccessBackend, rule: SigmaRule) -> str:
    """The condition of a rule over `access`; several conditions are alternatives."""
    backend.convert_rule(rule)
    parts = [str(part) for part in rule.get_conversion_result() if part]
    if not parts:
        raise SigmaError("the rule has no condition that selects anything")
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


_SOURCES = "(len($sources::VARCHAR[]) = 0 OR source IN (SELECT unnest($sources::VARCHAR[])))"


def _single(rule: SigmaRule, where: Callable[[SigmaRule], str], entity: str) -> str:
    condition = where(rule)
    kinds = (entity,) if entity else log_for(rule).entities
    return f"SELECT source, seq, {_entity(kinds)}\nFROM access\nWHERE {_SOURCES}\nAND {condition}\n"


def _correlated(rule: SigmaCorrelationRule, where: Callable[[SigmaRule], str], entity: str) -> str:
    correlation = Correlation(lambda inner: f"{_SOURCES}\n    AND {where(inner)}")
    flagged = correlation.flagged(rule)
    inner = next(inner for inner in rule.flatten_rules() if isinstance(inner, SigmaRule))
    log = log_for(inner)
    kinds = (entity,) if entity else log.entities
    if not entity and rule.group_by:
        columns = [column_of(log, name) for name in rule.group_by]
        grouped = [column.sql for column in columns if column and column.sql in ENTITY_KINDS]
        kinds = tuple(dict.fromkeys([*grouped, *log.entities]))
    steps = ",\n".join(correlation.tables)
    return f"WITH {steps}\nSELECT source, seq, {_entity(kinds)}\nFROM {flagged}\nJOIN access USING (source, seq)\n"


def _entity(kinds: tuple[str, ...]) -> str:
    """The columns `entity_kind` and `entity`: the first kind that the record tells."""
    told = " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in kinds)
    values = ", ".join(_VALUES.get(kind, kind) for kind in kinds)
    return f"\n    CASE {told} ELSE 'client' END AS entity_kind,\n    coalesce({values}, 'unknown') AS entity"


def _refusal(error: SigmaError, path: Path, text: str) -> RuleError:
    """A sentence that names the place. Sigma knows no lines, so the field or the words are looked for."""
    line = None
    if isinstance(error, UnknownFieldError):
        line = _line_of(text, rf"^[\s-]*[\"']?{re.escape(error.field)}[\"']?\s*(?:\||:|$)")
    what = str(error.args[0]) if error.args else type(error).__name__
    todo = "docs/sigma.md lists the fields that are known." if isinstance(error, UnknownFieldError) else ""
    return RuleError(
        f"the Sigma rule cannot be used: {what.rstrip('.')}",
        where=f"{path}:{line}" if line else str(path),
        todo=todo,
    )


def _line_of(text: str, pattern: str) -> int | None:
    found = re.search(pattern, text, re.M)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _of(error: Exception) -> Any:
    return error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"


def add_file(path: Path, rules_dir: Path, entity: str = "", replace: bool = False) -> list[Path]:
    """Write the rules of a Sigma file into a folder of rules; the files written. All are tried before any is kept.

    Raises:
        RuleError: as `convert_file`; or a rule of the name is there and is not to be replaced.
    """
    converted = convert_file(path, entity)
    targets = [rules_dir / f"{rule.id}.sql" for rule in converted]
    if len(set(targets)) < len(targets):
        raise RuleError(
            "two rules of the file have the same title", where=str(path), todo="Change one of them."
        )
    for target in targets:
        if target.exists() and not replace:
            raise RuleError(
                "there is a rule of this name", where=str(target), todo="Use --replace, or change the title."
            )
    with TemporaryDirectory() as folder:
        for rule in converted:
            trial = Path(folder) / f"{rule.id}.sql"
            trial.write_text(rule.text, encoding="utf-8")
            if problems := try_rule(trial).problems:
                raise RuleError(f"the rule cannot be run: {problems[0]}", where=str(path))
    rules_dir.mkdir(parents=True, exist_ok=True)
    for rule, target in zip(converted, targets, strict=True):
        target.write_text(rule.text, encoding="utf-8")
    return targets
