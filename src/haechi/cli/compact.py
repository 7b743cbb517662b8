"""`haechi compact`: sort the records of days that are over, so that one person's are found at once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.report.figures import count, size
from haechi.report.safe import inert

AllDays = Annotated[bool, typer.Option("--all", help="Today's records too, and yesterday's.")]


def compact(all_days: AllDays = False, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Sort the records of each day that ended more than a day ago into files of their own.

    It changes no answer and no proof, and disturbs nobody who reads. Batches whose records are missing or altered
    are left as they are: exit code 3.
    """
    from haechi.report.stores import open_store
    from haechi.store import compact as keeping

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with out.aside.status("Sorting") if out.aside.is_terminal else nullcontext() as status:

        def say(source: str, rows: int) -> None:
            if status:
                status.update(inert(f"Sorted so far: {count(rows, 'record')}; last of {source}"))

        done = keeping.compact(open_store(found), found.settings.store, all_days=all_days, progress=say)
    if as_json:
        out.document(done)
        return BAD if done.left_out else NOTHING
    head = f"{count(done.rows, 'record')} of {count(done.batches, 'batch')} sorted into {count(done.files, 'file')}."
    out.answer.print(inert(head, "bold"))
    if done.files:
        out.answer.print(inert(f"{size(done.bytes_before)} became {size(done.bytes_after)}."))
    for sentence in done.left_out:
        out.say(f"Left as it is: {sentence}. haechi verify says more.")
    return BAD if done.left_out else NOTHING
