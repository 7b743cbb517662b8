"""`haechi rule`: which rules there are, and what each of them means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir
from haechi.cli.output import Output
from haechi.detect.rule import Rule, read_rule, rule_files
from haechi.report.layout import indented, section
from haechi.report.safe import inert, safe
from haechi.report.workspaces import open_workspace

app = typer.Typer(no_args_is_help=True, help="List and explain the rules that look for findings.")
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="A rule's id, such as never-issued.")]


@app.command("list")
def list_rules(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List the rules: those that come with Haechi, and the workspace's own."""
    out = Output.open(as_json)
    rules = _rules(workspace)
    if as_json:
        out.document({"rules": [_document(rule) for rule in rules]})
        return NOTHING
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Rule", "Tier", "Severity"):
        table.add_column(title, no_wrap=True)
    table.add_column("What it finds", overflow="fold")
    for rule in rules:
        head = rule.header
        table.add_row(inert(head.id, "cyan"), inert(head.tier), inert(head.severity), inert(head.title))
    out.answer.print(table)
    return NOTHING


@app.command("explain")
def explain(rule: RuleId, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Explain a rule: what a finding means, what looks alike and is honest, what can be set."""
    out = Output.open(as_json)
    rules = {known.id: known for known in _rules(workspace)}
    if rule not in rules:
        raise typer.BadParameter(f"There is no rule {rule!r}. There are: {', '.join(rules)}.")
    if as_json:
        out.document(_document(rules[rule]))
    else:
        _print(rules[rule], out.answer)
    return NOTHING


def _rules(folder: Path | None) -> Sequence[Rule]:
    workspace = open_workspace(folder)
    return [read_rule(path) for path in rule_files(workspace.root / "rules" if workspace else None)]


def _document(rule: Rule) -> dict[str, Any]:
    return {**msgspec.to_builtins(rule.header), "file": rule.path.name}


def _print(rule: Rule, console: Console) -> None:
    head = rule.header
    console.print(inert(f"{head.id}: {head.title}", "bold"))
    indented(console, inert(f"{head.tier}, {head.severity}; ATT&CK: {', '.join(head.attack) or 'none'}"))
    section(console, "What a finding means")
    indented(console, safe(head.means.strip(), lines=True))
    section(console, "What looks alike and is honest")
    indented(console, safe(head.normal.strip(), lines=True))
    if head.needs:
        section(console, "What it needs")
        indented(console, inert(", ".join(head.needs)))
    if head.params:
        section(console, f"What can be set in haechi.toml, under [rules.{head.id}]")
        table = Table.grid(padding=(0, 2))
        for name, param in head.params.items():
            default = f"{msgspec.json.encode(param.default).decode()} ({param.unit})"
            table.add_row(inert(name, "cyan"), inert(default), inert(param.meaning))
        indented(console, table)
