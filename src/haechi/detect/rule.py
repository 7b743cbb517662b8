"""One rule: a `.sql` file with a TOML header. Reading it, and giving its parameters their values.

    /* ---
    id = "never-issued"
    title = "Credential that was never issued"
    ...
    --- */
    SELECT ...

The header stands in a comment: the file as a whole is valid SQL, and an error's line is the file's line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from haechi.model.errors import RuleError
from haechi.model.words import Severity, Tier
from haechi.workspace.units import duration

BUILT_IN = Path(__file__).parent / "rules"

_HEADER = re.compile(r"\A\s*/\* ---\n(?P<toml>.*?)\n--- \*/", re.S)
# Comments, and strings: what looks like a comment or a parameter within a string is neither.
_SAID = re.compile(r"'(?:[^']|'')*'|/\*.*?\*/|--[^\n]*", re.S)
_PARAM = re.compile(r"\$([A-Za-z_]\w*)")

ParamValue = int | float | str | bool | list[str]


class Param(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number, length of time or list that a user may change under `[rules.ID]`. A default's kind binds."""

    default: ParamValue
    unit: str  # "persons", "accesses", "share", "duration", "accounts", ...
    meaning: str


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule says about itself. Texts are for people; `sentence` and `clause` are templates."""

    id: str
    title: str
    tier: Tier
    severity: Severity
    means: str  # what a finding means
    normal: str  # what looks alike and is honest, and how the rule leaves it alone
    sentence: str | dict[str, str]  # of a finding; or one for each entity kind, "any" for the rest
    attack: list[str] = []  # MITRE ATT&CK techniques
    needs: list[str] = []  # tables, or tables made of the settings, without which the rule has nothing to say
    clause: str | dict[str, str] = ""  # what the finding adds to a case's sentence
    unknown: str = ""  # a query (accesses, why): what the rule could not judge
    actor_is_claimed: bool = False  # the flagged credential is not good, so its actor is only what it claims
    # How far it looks at an access: at its local day alone; at the days beside it too; at its month; "": at the whole
    # store. See haechi.detect.state.looked.
    window: Literal["", "day", "near", "month"] = ""
    # A query (entity_kind, entity): of whom more is needed than the day. For "month" their months, told by entity_month
    # and person_month; for "day" all there is, told by the day itself and by state, or 'all' for everything.
    carry: str = ""
    # Rules whose flags this one reads (`flag_before`): where it sees the whole store, they do too.
    reads: list[str] = []
    params: dict[str, Param] = {}
    origin: str = ""  # where a rule was taken from, with its name there


class Rule(msgspec.Struct, frozen=True):
    """A rule as read from its file."""

    header: Header
    sql: str  # the whole file, header included, without a last semicolon
    path: Path

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def place(self) -> str:
        """The file, and the line on which its query begins."""
        header = _HEADER.match(self.sql)
        after = self.sql[header.end() if header else 0 :]
        begin = len(self.sql) - len(after.lstrip())
        return f"{self.path}:{self.sql.count(chr(10), 0, begin) + 1}"

    def values(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Each parameter's value: what `[rules.ID]` gives, else the default; lengths of time as `timedelta`.

        Raises:
            RuleError: `given` names no parameter of this rule, or a value's kind is not the default's.
        """
        for name in given:
            if name != "enabled" and name not in self.header.params:
                raise RuleError(
                    f"rule {self.id} has no parameter {name!r}",
                    where=f"haechi.toml: [rules.{self.id}]",
                    todo=f"Its parameters: {', '.join(self.header.params) or 'none'}.",
                )
        return {
            name: self._value(name, param, given.get(name, param.default))
            for name, param in self.header.params.items()
        }

    def _value(self, name: str, param: Param, value: object) -> Any:
        wanted = float if isinstance(param.default, float) else type(param.default)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        if not fits or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
            raise self._misfit(name, f"must be like {msgspec.json.encode(param.default).decode()}")
        if param.unit != "duration":
            return value
        try:
            return duration(str(value))
        except ValueError as error:
            raise self._misfit(name, f"is {error}") from None

    def _misfit(self, name: str, why: str) -> RuleError:
        return RuleError(f"{name} {why}", where=f"haechi.toml: [rules.{self.id}] {name}")


def code(sql: str) -> str:
    """The SQL without its comments, and with nothing in its strings."""
    return _SAID.sub(lambda found: "''" if found[0].startswith("'") else " ", sql)


def used(sql: str) -> set[str]:
    """The parameters (`$name`) that the SQL uses."""
    return set(_PARAM.findall(code(sql)))


def read_rule(path: Path) -> Rule:
    """Read one rule file.

    Raises:
        RuleError: it is not UTF-8, has no header, the header cannot be read, or the file is not named after the rule.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RuleError("the file is not UTF-8", where=f"{path}:{line}") from None
    found = _HEADER.match(text)
    if found is None:
        raise RuleError(
            "the rule has no header", where=str(path), todo="Begin it with /* --- ... --- */ in TOML."
        )
    try:
        header = msgspec.toml.decode(found["toml"], type=Header)
    except msgspec.DecodeError as error:  # covers ValidationError, which names the key
        raise RuleError(f"the rule's header cannot be read: {error}", where=str(path)) from None
    if header.id != path.stem:
        raise RuleError(
            f"the rule calls itself {header.id!r}", where=str(path), todo="Name the file after the id."
        )
    rule = Rule(header, text.rstrip().removesuffix(";"), path)
    undeclared = sorted((used(rule.sql) | used(header.carry)) - set(header.params))
    if undeclared:
        names = ", ".join(f"${name}" for name in undeclared)
        line = _line_of(text, f"${undeclared[0]}")
        raise RuleError(f"{names} is not among the rule's params", where=f"{path}:{line}")
    return rule


def rule_files(rules_dir: Path | None) -> list[Path]:
    """The built-in rules and the user's; a user's rule of the same name takes the built-in's place."""
    folders = [BUILT_IN, *([rules_dir] if rules_dir and rules_dir.is_dir() else [])]
    return sorted({path.name: path for folder in folders for path in sorted(folder.glob("*.sql"))}.values())


def _line_of(text: str, word: str) -> int:
    start = _HEADER.match(text)
    at = text.find(word, start.end() if start else 0)
    return text.count("\n", 0, max(at, 0)) + 1
