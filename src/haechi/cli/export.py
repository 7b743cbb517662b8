"""`haechi export`: what other systems take over from a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.report.figures import count, size
from haechi.report.safe import inert

app = typer.Typer(no_args_is_help=True, help="Export what other systems take over.")

Of = Annotated[
    str,
    typer.Option(
        "--of", metavar="KIND", help="credentials: all that were issued; members: all that are members."
    ),
]
Out = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The file to write; what bears this name is replaced.")
]
Rest = Annotated[
    int,
    typer.Option(
        "--bytes", min=1, max=4, help="Bytes kept of each entry; one more makes it 256 times as sure."
    ),
]


@app.callback()
def _export() -> None:
    """Named so that `filter` stays a verb of its own."""


@app.command("filter")
def export_filter(
    out: Out, of: Of = "credentials", rest: Rest = 2, workspace: WorkspaceDir = None, as_json: AsJson = False
) -> int:
    """Write a compact filter for a gateway: was this credential ever issued, or is this id a member's?

    It never denies one that is in it, and takes a known, small share of others for its own: docs/filter.md. A filter
    of members is as secret as the list of members.
    """
    from haechi.identity.reconcile import filter as filters
    from haechi.report.filters import write_filter

    found = needed_workspace(workspace)
    if of not in filters.KINDS:
        raise typer.BadParameter(f"{of!r} is none of {', '.join(filters.KINDS)}.", param_hint="--of")
    output = Output.open(as_json)
    written = write_filter(found, out, of, rest)
    if as_json:
        output.document(written)
        return NOTHING
    thing = "credential" if of == "credentials" else "member"
    output.answer.print(
        inert(f"A filter of {count(written.entries, thing)}, {size(written.bytes)}: {out}", "bold")
    )
    output.answer.print(
        inert(
            f"It takes one stranger in {1 / written.wrong:,.0f} for its own."
            if written.wrong
            else "It is empty."
        )
    )
    return NOTHING
