"""The `[rules.ID]` tables of `haechi.toml`, looked at before anything is collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from haechi.detect.rule import Rule, read_rule, rule_files
from haechi.model.errors import RuleError, SettingsError
from haechi.model.settings import Settings
from haechi.workspace.problems import did_you_mean


def check_rules(settings: Settings, rules_dir: Path | None) -> None:
    """Refuse what `[rules.ID]` cannot mean: an unknown rule or key, or a value of the wrong kind.

    A rule whose own file cannot be read is known by its name alone: its run says what is wrong with it.

    Raises:
        SettingsError: all that was found, each with its key.
    """
    if not settings.rules:
        return
    known: dict[str, Rule | None] = {}
    for path in rule_files(rules_dir):
        try:
            known[path.stem] = read_rule(path)
        except (RuleError, OSError, UnicodeDecodeError):
            known[path.stem] = None
    problems = [problem for name in sorted(settings.rules) for problem in _problems(name, known, settings)]
    if problems:
        raise SettingsError(
            "haechi.toml has settings for rules that cannot be used:" + "".join(f"\n  {p}" for p in problems),
            where="haechi.toml",
            kept="nothing was read or changed",
            todo="Correct the keys named; docs/rules.md lists every rule and its parameters.",
        )


def _problems(name: str, known: Mapping[str, Rule | None], settings: Settings) -> Iterator[str]:
    if name not in known:
        yield f"rules.{name}: is not a rule.{did_you_mean(name, known)}"
    for key, value in settings.rules[name].items():
        rule = known.get(name)
        if key == "enabled":
            if not isinstance(value, bool):
                yield f"rules.{name}.enabled: must be true or false"
        elif rule is not None and key not in rule.header.params:
            yield f"rules.{name}.{key}: is not a parameter.{did_you_mean(key, ('enabled', *rule.header.params))}"
        elif rule is not None:
            try:
                rule.values({key: value})
            except RuleError as error:
                yield f"rules.{name}.{key}: {error.what.removeprefix(f'{key} ')}"
