"""`haechi collect`: read into the workspace's store, and look for nothing yet."""

from __future__ import annotations

from typing import Annotated

import typer

from haechi.cli.options import (
    BAD,
    NOTHING,
    AsJson,
    Paths,
    WorkspaceDir,
    added,
    needed_workspace,
    unread,
    zone_of,
)
from haechi.cli.output import Output
from haechi.cli.vouching import vouched
from haechi.report import inspection as work
from haechi.report.covered import covered
from haechi.report.safe import inert
from haechi.report.terminal_read import print_read

Accept = Annotated[
    bool,
    typer.Option("--accept-clock", help="The clock is right now, although the log's newest entry is later."),
]


def collect(
    paths: Paths = None, workspace: WorkspaceDir = None, accept_clock: Accept = False, as_json: AsJson = False
) -> int:
    """Read access records into the workspace's store: these files, or all of its sources.

    Each file is read on from where it stood. What was interrupted goes on without loss and without doubling.
    """
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with out.progress() as progress:
        read = work.collect(paths or [], found, progress, accept_clock)
    trusted = vouched(found, out)
    if as_json:
        out.document(read)
    else:
        print_read(read, {}, out.answer, zone_of(found), found.root)
        for line in added(read, found):
            out.answer.print(inert(line))
    if not read.lines and not covered(found).sources:
        out.say("Nothing was read, and the store holds nothing: no file of the sources has a record in it.")
        return BAD
    return BAD if unread(read) or not trusted else NOTHING
