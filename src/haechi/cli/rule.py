"""`haechi rule`: which rules there are and what each means; trying them, writing one, adding Sigma rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.cli.options import FOUND, NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.detect.rule import Rule, read_rule, rule_files
from haechi.detect.trial import Trial, broken, chosen, new_rule, try_rule
from haechi.model.errors import RuleError
from haechi.model.words import EntityKind
from haechi.report.figures import count
from haechi.report.layout import indented, section
from haechi.report.rules import why_not
from haechi.report.safe import inert, safe
from haechi.report.workspaces import open_workspace
from haechi.workspace.load import Workspace

app = typer.Typer(no_args_is_help=True, help="List, explain, try and add the rules that look for findings.")
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="A rule's id, such as never-issued.")]
RuleOrFile = Annotated[
    str | None,
    typer.Argument(metavar="[RULE]", help="A rule's id, or its .sql file. Without it: every rule."),
]
NewId = Annotated[
    str, typer.Argument(metavar="RULE", help="The new rule's id: small letters, digits, dashes.")
]
SigmaFile = Annotated[Path, typer.Argument(metavar="FILE", help="A Sigma rule or correlation, in YAML.")]
# A record tells an account; which person that is, is for other rules.
_KINDS = tuple(kind for kind in get_args(EntityKind) if kind != "person")
Entity = Annotated[str, typer.Option(metavar="KIND", help=f"Whom findings are about: {', '.join(_KINDS)}.")]
Replace = Annotated[bool, typer.Option("--replace", help="Write over a rule of the same name.")]


@app.command("list")
def list_rules(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List the rules: those that come with Haechi, and the workspace's own, and whether each can run here."""
    out = Output.open(as_json)
    found = open_workspace(workspace)
    files = rule_files(_folder(found))
    reasons = _reasons(found, files) if found else {}
    rules, unread = _read(files)
    if as_json:
        documents = [_document(rule, reasons) for rule in rules]
        out.document({"rules": documents, "unreadable": unread})
        return NOTHING
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Rule", "Tier", "Severity"):
        table.add_column(title, no_wrap=True)
    table.add_column("What it finds", overflow="fold")
    if found:
        table.add_column("Runs here", overflow="fold")
    for rule in rules:
        head = rule.header
        cells = [inert(head.id, "cyan"), inert(head.tier), inert(head.severity), inert(head.title)]
        table.add_row(*cells, *([_runs(reasons.get(head.id, ""))] if found else []))
    out.answer.print(table)
    for name, problem in unread.items():
        out.say(f"{name} cannot be read: {problem}")
    return NOTHING


@app.command("explain")
def explain(rule: RuleId, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Explain a rule: what a finding means, what looks alike and is honest, what can be set."""
    out = Output.open(as_json)
    found = open_workspace(workspace)
    files = {path.stem: path for path in rule_files(_folder(found))}
    if rule not in files:
        raise typer.BadParameter(f"There is no rule {rule!r}. There are: {', '.join(files)}.")
    reasons = _reasons(found, [files[rule]]) if found else {}
    if as_json:
        out.document(_document(read_rule(files[rule]), reasons))
    else:
        _print(read_rule(files[rule]), reasons.get(rule, ""), out.answer)
    return NOTHING


@app.command("test")
def test(rule: RuleOrFile = None, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Play rules on their fixtures, and say what differs from what these expect."""
    out = Output.open(as_json)
    trials = [try_rule(path) for path in chosen(_folder(open_workspace(workspace)), rule or "")]
    failed = sum(bool(trial.problems) for trial in trials)
    if as_json:
        out.document({"rules": trials})
    else:
        for trial in trials:
            _print_trial(trial, out.answer)
        said = "each does what its fixture says" if not failed else f"{count(failed, 'rule')} not as expected"
        bare = sum(not trial.scenes and not trial.problems for trial in trials)
        if bare < len(trials):
            out.answer.print(inert(f"{count(len(trials) - bare, 'rule')} tried: {said}."))
        if bare:
            out.answer.print(
                inert(f"{count(bare, 'rule')} without a fixture: nothing was tried but that it runs.")
            )
    return FOUND if failed else NOTHING


@app.command("new")
def new(rule: NewId, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Write a rule and its fixture to begin with, into the workspace's folder of rules."""
    out = Output.open(as_json)
    written = new_rule(needed_workspace(workspace).root / "rules", rule)
    if as_json:
        out.document({"written": [str(path) for path in written]})
    else:
        for path in written:
            out.answer.print(inert(f"Written: {path}"), soft_wrap=True)
        out.answer.print(inert(f"Change both, and try them with: haechi rule test {rule}"))
    return NOTHING


@app.command("add")
def add(
    file: SigmaFile,
    workspace: WorkspaceDir = None,
    entity: Entity = "",
    replace: Replace = False,
    as_json: AsJson = False,
) -> int:
    """Add the rules of a Sigma file to the workspace, as SQL that can be read and changed."""
    from haechi.detect.sigma.add import add_file  # pySigma takes a second to load

    out = Output.open(as_json)
    if entity and entity not in _KINDS:
        raise typer.BadParameter(f"There is no kind {entity!r} of entity.", param_hint="--entity")
    added = add_file(file, needed_workspace(workspace).root / "rules", entity, replace)
    if as_json:
        out.document({"added": [{"id": path.stem, "file": str(path)} for path in added]})
    else:
        for path in added:
            out.answer.print(inert(f"Written: {path}"), soft_wrap=True)
        out.answer.print(inert(f"See what it does: haechi rule explain {added[0].stem}"))
    return NOTHING


def _folder(workspace: Workspace | None) -> Path | None:
    return workspace.root / "rules" if workspace else None


def _read(files: Sequence[Path]) -> tuple[list[Rule], dict[str, str]]:
    """The rules, and why the others cannot be read: one bad file does not hide the rest."""
    rules, unread = [], {}
    for path in files:
        try:
            rules.append(read_rule(path))
        except RuleError as error:
            unread[path.stem] = error.what
        except (OSError, UnicodeDecodeError):
            unread[path.stem] = "the file cannot be read as UTF-8 text"
    return rules, unread


def _document(rule: Rule, reasons: Mapping[str, str]) -> dict[str, Any]:
    """`runs` is None outside a workspace."""
    reason = reasons.get(rule.id)
    runs = {"runs": None if reason is None else not reason, "why_not": reason or ""}
    return {**msgspec.to_builtins(rule.header), "file": rule.path.name, **runs}


def _reasons(found: Workspace, files: Sequence[Path]) -> dict[str, str]:
    """Why rules cannot run here. The workspace's own are run once: whoever wrote them may have erred."""
    reasons = why_not(found, files)
    own = [path for path in files if path.parent == _folder(found) and not reasons.get(path.stem)]
    return reasons | {path.stem: broken(path) for path in own}


def _runs(reason: str) -> Text:
    return inert(f"no: {reason}", "yellow") if reason else inert("yes", "green")


def _print_trial(trial: Trial, console: Console) -> None:
    untried = ("untried", "yellow") if not trial.scenes else ("good", "green")
    mark = ("differs", "bold red") if trial.problems else untried
    console.print(
        Text.assemble(mark, "  ", inert(trial.id, "cyan"), f"  {count(trial.scenes, 'scene')}"),
        soft_wrap=True,
    )
    for problem in trial.problems:
        indented(console, inert(problem))
    if trial.note:
        indented(console, inert(trial.note, "dim"))


def _print(rule: Rule, reason: str, console: Console) -> None:
    head = rule.header
    console.print(inert(f"{head.id}: {head.title}", "bold"))
    indented(console, inert(f"{head.tier}, {head.severity}; ATT&CK: {', '.join(head.attack) or 'none'}"))
    if head.origin:
        indented(console, inert(head.origin))
    if reason:
        indented(console, inert(f"It cannot run here: {reason}.", "yellow"))
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
