"""The page of rules, written from their headers: `python -m haechi.detect.docs > docs/rules.md`."""

from __future__ import annotations

import sys

from haechi.detect.prepare import EMPTY
from haechi.detect.rule import BUILT_IN, Param, Rule, read_rule, rule_files
from haechi.detect.runner import strength

_PAGE = BUILT_IN / "page.md"


def render(rules: list[Rule]) -> str:
    """The page for these rules, the strongest first."""
    rules = sorted(rules, key=lambda rule: (*strength(rule.header.tier, rule.header.severity), rule.id))
    rows = [
        f"| [{rule.id}](#{rule.id}) | {rule.header.tier} | {rule.header.severity} | {rule.header.title} |"
        for rule in rules
    ]
    page = _PAGE.read_text(encoding="utf-8")
    return page.replace("@TABLE@", "\n".join(rows)).replace("@RULES@", "\n\n".join(map(_section, rules)))


def _section(rule: Rule) -> str:
    header = rule.header
    parts = [f"## {rule.id}", f"*{header.title}* ({header.tier}, {header.severity})", header.means.strip()]
    normal = [f"- {line.strip()}" for line in header.normal.strip().splitlines()]
    parts += ["What is normal, and left alone:", "\n".join(normal)]
    if header.needs:
        parts.append("Does not run where " + ", or ".join(EMPTY[need] for need in header.needs) + ".")
    if header.attack:
        parts.append("ATT&CK: " + ", ".join(_attack(technique) for technique in header.attack) + ".")
    if header.params:
        rows = [_param(name, param) for name, param in header.params.items()]
        parts.append(
            "\n".join(["| parameter | default | unit | meaning |", "| --- | --- | --- | --- |", *rows])
        )
    return "\n\n".join(parts)


def _param(name: str, param: Param) -> str:
    default = f'"{param.default}"' if isinstance(param.default, str) else str(param.default)
    return f"| `{name}` | `{default}` | {param.unit} | {param.meaning} |"


def _attack(technique: str) -> str:
    return f"[{technique}](https://attack.mitre.org/techniques/{technique.replace('.', '/')}/)"


if __name__ == "__main__":
    sys.stdout.write(render([read_rule(path) for path in rule_files(None)]))
