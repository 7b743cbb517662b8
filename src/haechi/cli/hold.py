"""`haechi hold`: legal holds, and how two people lift one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, instant, is_day, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.report.figures import count
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.workspace.problems import did_you_mean

if TYPE_CHECKING:
    from haechi.store.catalog import Catalog
    from haechi.workspace.load import Workspace

app = typer.Typer(
    no_args_is_help=True,
    help="Legal holds: nothing under a hold expires or is erased, and two people are needed to lift one.",
)
_TIME = "A day, or a time such as 2025-06-24T03:00, in the workspace's time zone"
Begin = Annotated[
    str, typer.Option("--from", metavar="TIME", help=f"{_TIME}. Without it: from the beginning.")
]
End = Annotated[
    str, typer.Option("--to", metavar="TIME", help=f"{_TIME}; a day counts whole. Without it: open.")
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="A source; repeat it for several. Without it: all."),
]
Order = Annotated[
    str,
    typer.Option(
        "--order", metavar="TEXT", help="Who ordered it, and the file number. It is sealed for good."
    ),
]
HoldId = Annotated[str, typer.Argument(metavar="HOLD", help="A hold's id, such as H-1.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why it may be lifted. It is sealed for good.")
]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="The custodian's key, where the hold names custodians."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Who the custodian is, without a space.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where the key is written; else NAME.key in this folder."),
]


@app.command("add")
def add(
    order: Order,
    begin: Begin = "",
    end: End = "",
    source: Sources = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Lay a hold on a span of time. It stands at once, also while a collection runs."""
    from haechi.cli.hold_said import document, lines
    from haechi.report.stores import open_store
    from haechi.store.holds import add_hold, standings

    found = needed_workspace(workspace)
    zone = zone_of(found)
    first, last = instant(begin, zone, "--from"), instant(end, zone, "--to", end=True)
    if last is not None and is_day(end):
        last -= 1  # what stands on the next midnight is another day's
    if not order.strip():
        raise typer.BadParameter("Say who ordered the hold.", param_hint="--order")
    if first is not None and last is not None and last < first:
        raise typer.BadParameter("The span ends before it begins.", param_hint="--to")
    store = open_store(found)
    _check_sources(source or [], found, store.snapshot().catalog)
    lifters = [custodian.key for custodian in found.settings.custodians]
    laid = add_hold(store, order, first=first, last=last, sources=source or [], lifters=lifters)
    catalog = store.snapshot().catalog
    standing = next(one for one in standings(catalog) if one.hold == laid)
    out = Output.open(as_json)
    if as_json:
        out.document(document(standing, catalog))
        return NOTHING
    out.answer.print(inert(f"{laid.id} stands.", "bold"))
    indented(out.answer, lines(standing, catalog, zone))
    if not lifters:
        out.say(
            "There are no custodians in haechi.toml: two accounts of this machine lift this hold, and whoever "
            "rules the machine has both. haechi hold key makes keys for custodians."
        )
    return NOTHING


@app.command("list")
def list_holds(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List all holds: those that stand, and those that were lifted, by whom and why."""
    from haechi.cli.hold_said import document, lines
    from haechi.report.stores import open_store
    from haechi.store.holds import standings

    found = needed_workspace(workspace)
    catalog = open_store(found).snapshot().catalog
    all_of_them = standings(catalog)
    out = Output.open(as_json)
    if as_json:
        out.document({"holds": [document(standing, catalog) for standing in all_of_them]})
        return NOTHING
    stand = sum(standing.active for standing in all_of_them)
    out.answer.print(inert(f"{count(stand, 'hold')} {'stands' if stand == 1 else 'stand'}.", "bold"))
    for standing in all_of_them:
        indented(
            out.answer, "", inert(standing.hold.id, "bold cyan"), lines(standing, catalog, zone_of(found))
        )
    return NOTHING


@app.command("lift")
def lift(
    hold: HoldId, reason: Reason, key: Key = None, workspace: WorkspaceDir = None, as_json: AsJson = False
) -> int:
    """Agree to lift a hold. It ends when a second, different person has agreed too."""
    from haechi.cli.hold_said import document, lines
    from haechi.evidence.signer import open_key
    from haechi.report.stores import open_store
    from haechi.store.holds import lift_hold, standings

    found = needed_workspace(workspace)
    if not reason.strip():
        raise typer.BadParameter("Say why the hold may be lifted.", param_hint="--reason")
    store = open_store(found)
    known = store.snapshot().catalog.holds
    name = next((one for one in known if one.casefold() == hold.casefold()), None)
    if name is None:
        there = f"There are: {', '.join(known)}." if known else "There are no holds."
        raise typer.BadParameter(f"There is no hold {hold!r}. {there}")
    lift_hold(store, name, reason, open_key(key) if key else None)
    catalog = store.snapshot().catalog
    standing = next(one for one in standings(catalog) if one.hold.id == name)
    out = Output.open(as_json)
    if as_json:
        out.document(document(standing, catalog))
        return NOTHING
    said = "still stands: a second, different person must agree" if standing.active else "is lifted"
    out.answer.print(inert(f"{name} {said}.", "bold"))
    indented(out.answer, lines(standing, catalog, zone_of(found)))
    return NOTHING


@app.command("key")
def make_custodian(name: Name, out_file: Out = None, as_json: AsJson = False) -> int:
    """Make a key for a custodian, and print the lines for haechi.toml. The custodian keeps the key's file."""
    from haechi.evidence.signer import make_key

    if not re.fullmatch(r"\w[\w.@-]*", name):
        raise typer.BadParameter("A custodian's name is of letters, digits, dot, dash, underscore and @.")
    path = out_file or Path(f"{name}.key")
    signer = make_key(path, name)
    out = Output.open(as_json)
    if as_json:
        out.document({"name": name, "vkey": signer.vkey, "key": path})
        return NOTHING
    for line in ("[[custodian]]", f'name = "{name}"', f'key = "{signer.vkey}"'):
        out.answer.print(inert(line), soft_wrap=True)
    out.say(f"The key is in {path}: the custodian keeps it, and nobody else. Add the lines to haechi.toml.")
    return NOTHING


def _check_sources(names: list[str], workspace: Workspace, catalog: Catalog) -> None:
    """A hold on a source that does not exist would protect nothing, and nobody would see it."""
    known = {source.name for source in workspace.settings.sources} | {b.source for b in catalog.batches}
    for name in names:
        if name not in known:
            raise typer.BadParameter(
                f"There is no source {name!r}.{did_you_mean(name, sorted(known))}", param_hint="--source"
            )
