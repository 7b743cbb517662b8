"""`haechi rebuild`: make again what inspections of single days carry from day to day, or check that it is right."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.report.figures import count
from haechi.report.safe import inert

if TYPE_CHECKING:
    from haechi.detect.state.check import Checked

Check = Annotated[
    bool,
    typer.Option("--check", help="Only compare what is kept with what the records give; change nothing."),
]


def rebuild(check: Check = False, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Make the state again that inspections of single days build on: whose data was asked for, with what, on which day.

    State is a cache. It is never evidence, and is made from the records whenever it is missing. With --check: exit
    code 3 where it holds anything else than the records give.
    """
    from haechi.detect.state import check as work
    from haechi.report.stores import open_store

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with out.aside.status("Reading") if out.aside.is_terminal else nullcontext() as status:

        def say(done: int, of: int) -> None:
            if status:
                status.update(inert(f"Made so far: {done:,} of {count(of, 'block')}"))

        store = open_store(found)
        if check:
            return _say_checked(work.check(store, found.settings, say), out)
        made = work.rebuild(store, found.settings, say)
    if as_json:
        out.document(made)
    else:
        out.answer.print(inert(f"Made again: {count(made.read, 'block')} of batches.", "bold"))
    return NOTHING


def _say_checked(answer: Checked, out: Output) -> int:
    code = BAD if answer.differing else NOTHING
    if out.as_json:
        out.document(answer)
        return code
    right = answer.alike + answer.reread
    if answer.differing:
        head = f"{count(len(answer.differing), 'file')} of state: not what the records give."
        out.answer.print(inert(head, "bold"))
        for name in answer.differing:
            out.answer.print(inert(f"  {name}"))
        out.say("Make the state again: haechi rebuild. Inspections of single days may have lacked findings.")
    else:
        head = f"{count(right, 'file')} of state compared: each holds what the records give."
        out.answer.print(inert(head, "bold"))
    if answer.missing:
        out.say(f"{count(answer.missing, 'file')} not there yet; an inspection makes what it needs.")
    return code
