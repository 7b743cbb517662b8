"""`haechi leaver`: ask the systems what they know, and check that everything a leaver had is dead."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from haechi.cli.options import (
    BAD,
    FOUND,
    NOTHING,
    AsJson,
    WorkspaceDir,
    instant,
    is_day,
    needed_workspace,
    unread,
    zone_of,
)
from haechi.cli.output import Output
from haechi.model.times import moment

if TYPE_CHECKING:
    from haechi.workspace.load import Workspace

app = typer.Typer(
    no_args_is_help=True,
    help="Leavers: every account, session, right and secret that must be dead, and whether it is.",
)
Systems = Annotated[list[str] | None, typer.Argument(metavar="SYSTEM", help="Systems. Without one: all.")]
Person = Annotated[
    str,
    typer.Argument(
        metavar="[PERSON]", help="An id of the people source, or an account. Without one: all who left."
    ),
]
At = Annotated[str, typer.Option("--at", metavar="TIME", help="As it was known then: a day, or a time.")]
All = Annotated[bool, typer.Option("--all", help="Tell the evidence of what is dead as well.")]
Pack = Annotated[
    Path | None,
    typer.Option("--pack", metavar="FILE", help="Write the proof of it for an auditor: a signed ZIP file."),
]
Wait = Annotated[float, typer.Option("--wait", min=0.1, metavar="SECONDS", help="For any one answer.")]


@app.command("gather")
def gather(
    systems: Systems = None, wait: Wait = 30.0, workspace: WorkspaceDir = None, as_json: AsJson = False
) -> int:
    """Ask systems for their accounts, rights, sessions and secrets, and seal what they say.

    Without a name, the sources of people and facts (the list of people, audit logs) are read as well. A system that
    cannot be asked is named, and changes nothing: exit code 3.
    """
    from haechi.report.leavers import gather_all
    from haechi.report.terminal_leaver import print_gathered
    from haechi.report.terminal_read import print_read

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    if out.aside.is_terminal:
        with out.aside.status("Asking"):
            gathered, read = gather_all(found, systems or (), wait)
    else:
        gathered, read = gather_all(found, systems or (), wait)
    if as_json:
        out.document({"systems": gathered, "read": read})
    else:
        print_gathered(gathered, out.answer)
        if read is not None:
            print_read(read, {}, out.answer, zone_of(found), found.root)
    failed = any(system.problem for system in gathered) or (read is not None and unread(read))
    return BAD if failed else NOTHING


@app.command("check")
def check(
    person: Person = "",
    at: At = "",
    everything: All = False,
    pack: Pack = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Say of everything that leavers had whether it is dead, since when, and what tells it.

    Exit code 0 if all is DEAD; 1 if something is ALIVE, or UNKNOWN, which is not dead. Of somebody who is still there
    nothing must be dead.
    """
    from haechi.report.leavers import check_leavers
    from haechi.report.terminal_leaver import print_check

    found = needed_workspace(workspace)
    zone = zone_of(found)
    out = Output.open(as_json)
    if pack is not None:
        return _packed(found, person, _time(at, zone), pack, everything, out)
    checked = check_leavers(found, person, _time(at, zone))
    if as_json:
        out.document(checked)
    else:
        print_check(checked, out.answer, zone, everything)
    return NOTHING if checked.settled else FOUND


def _packed(
    workspace: Workspace, person: str, at: datetime | None, pack: Path, everything: bool, out: Output
) -> int:
    """The same check, and the proof of it. Exit code 3 where a witness refused the log: the pack is there."""
    from haechi.cli.prove import Handed, check_name
    from haechi.proof.prove_leaver import prove_leaver
    from haechi.report.terminal_leaver import print_check

    check_name(pack, "--pack")
    told = Handed(workspace, out.as_json)
    proved, checked = prove_leaver(workspace, person, pack, at, told.vouch)
    if out.as_json:
        out.document({**msgspec.structs.asdict(checked), "pack": proved})
    else:
        print_check(checked, out.answer, zone_of(workspace), everything)
        out.answer.print()
        told.say(proved)
    return (NOTHING if checked.settled else FOUND) if told.trusted else BAD


def _time(text: str, zone: tzinfo) -> datetime | None:
    """A day counts to its end."""
    micros = instant(text, zone, "--at", end=True)
    if micros is None:
        return None
    return moment(micros - is_day(text)) or datetime.max.replace(tzinfo=UTC)
