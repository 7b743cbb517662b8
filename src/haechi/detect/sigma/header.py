"""What a Sigma rule says about itself, as the header of a rule file."""

from __future__ import annotations

import re
from collections.abc import Sequence

import tomlkit
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

# Sigma's level -> our severity.
_SEVERITY = {"informational": "low", "low": "low", "medium": "medium", "high": "high", "critical": "critical"}
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?", re.I)
_LONGEST = 60


def slug(title: object) -> str:
    """A rule's id of its title: "Many Failed Log-ins!" -> "many-failed-log-ins"."""
    words = re.sub(r"[^a-z0-9]+", "-", str(title).lower()).strip("-")
    return words[:_LONGEST].rstrip("-") or "sigma-rule"


def header_text(rule: SigmaRule | SigmaCorrelationRule, name: str, file: str) -> str:
    """The header, in TOML within a comment."""
    honest = [
        _line(text) for text in rule.falsepositives or [] if _line(text).lower() not in ("unknown", "none")
    ]
    said = _line(rule.description or "") or str(rule.title)
    number = f" {rule.id}" if rule.id else ""
    document = tomlkit.document()
    document["id"] = name
    document["title"] = _line(rule.title)
    document["tier"] = "behaviour"
    document["severity"] = _SEVERITY.get(str(rule.level).lower() if rule.level else "", "medium")
    document["means"] = said
    document["normal"] = "\n".join(honest) or "The Sigma rule names nothing that looks alike and is honest."
    document["origin"] = f"Sigma rule{number}, from {file}"
    if techniques := _techniques(rule):
        document["attack"] = techniques
    document["sentence"] = _template(
        f"{_line(rule.title)}: {{accesses:request}} by {{kind}} {{entity}}.", rule
    )
    document["clause"] = _template(f"{_line(rule.title)} ({{kind}} {{entity}})", rule)
    document["params"] = {
        "sources": {
            "default": [],
            "unit": "sources",
            "meaning": "The sources that the rule looks at; none named: all.",
        }
    }
    # A comment's end within a text would end the header.
    text = tomlkit.dumps(document).strip().replace("*/", "* /").replace("--- */", "")
    return f"/* ---\n{text}\n--- */\n"


def _template(text: str, rule: SigmaRule | SigmaCorrelationRule) -> str:
    """A title's own braces are no place for a value."""
    title = _line(rule.title)
    return text.replace(title, title.replace("{", "{{").replace("}", "}}"), 1)


def _techniques(rule: SigmaRule | SigmaCorrelationRule) -> list[str]:
    tags: Sequence[object] = rule.tags or []
    names = [str(tag).partition(".")[2] for tag in tags if str(tag).lower().startswith("attack.")]
    return [name.upper() for name in names if _TECHNIQUE.fullmatch(name)]


def _line(text: object) -> str:
    return " ".join(str(text).split())
