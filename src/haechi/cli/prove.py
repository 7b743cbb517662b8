"""`haechi prove`: evidence packs that an outsider can check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, instant, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.report.figures import count
from haechi.report.safe import inert

if TYPE_CHECKING:
    from haechi.proof.prove import Proved
    from haechi.workspace.load import Workspace

app = typer.Typer(
    no_args_is_help=True,
    help="Write an evidence pack: rows with their proofs, for somebody who trusts neither the company nor Haechi.",
)

Out = Annotated[
    Path,
    typer.Option("--out", metavar="FILE.zip", help="Where the pack is written; an older file is replaced."),
]
Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name.")]
Seq = Annotated[int, typer.Argument(metavar="SEQ", min=1, help="The record's number within the source.")]
Person = Annotated[str, typer.Argument(metavar="ID", help="The person's id, as it stands in the records.")]
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="A case's id, such as C-7f3a2b.")]
_TIME = "A day, or a time such as 2025-06-24T03:00, in the workspace's time zone"
Begin = Annotated[str, typer.Option("--from", metavar="TIME", help=f"{_TIME}: nothing before it.")]
End = Annotated[
    str, typer.Option("--to", metavar="TIME", help=f"{_TIME}: nothing after it; a day counts whole.")
]


@app.command("record")
def record(
    source: Source, seq: Seq, out: Out, workspace: WorkspaceDir = None, as_json: AsJson = False
) -> int:
    """One record with its raw line, or one line that was set aside."""
    from haechi.proof.prove import prove_record
    from haechi.report.stores import open_store

    check_name(out)
    found = needed_workspace(workspace)
    told = Handed(found, as_json)
    return told.say(prove_record(open_store(found), found.settings.store, source, seq, out, told.vouch))


@app.command("person")
def person(
    person: Person,
    out: Out,
    begin: Begin = "",
    end: End = "",
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """All rows of one person: whose data they are about, or who acted where they name no data subject.

    Nothing in the pack shows that anybody else exists, so it can be handed to the person.
    """
    from haechi.proof.prove import prove_person
    from haechi.proof.prove_select import Window
    from haechi.report.stores import open_store

    check_name(out)
    found = needed_workspace(workspace)
    zone = zone_of(found)
    window = Window(instant(begin, zone, "--from"), instant(end, zone, "--to", end=True))
    told = Handed(found, as_json)
    proved = prove_person(open_store(found), found.settings.store, person, out, window, told.vouch, zone)
    return told.say(proved, f"this person ({person})")


@app.command("case")
def case(case: CaseId, out: Out, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """All accesses of a case, what is stated of it, and the rules by which it was found."""
    return _case(case, out, workspace, as_json, people=False)


@app.command("scope")
def scope(case: CaseId, out: Out, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """The same as for a case, and one row for each person whose data was shown."""
    return _case(case, out, workspace, as_json, people=True)


def _case(case: str, out: Path, workspace: Path | None, as_json: bool, people: bool) -> int:
    from haechi.proof.prove_case import prove_case

    check_name(out)
    told = Handed(needed_workspace(workspace), as_json)
    return told.say(prove_case(told.workspace, case, out, people, told.vouch))


def check_name(out: Path, option: str = "--out") -> None:
    """That a pack can be written there, before any work is done. Raises `typer.BadParameter`."""
    if out.suffix != ".zip":
        raise typer.BadParameter("An evidence pack is a .zip file.", param_hint=option)
    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {str(out.parent)!r}.", param_hint=option)


class Handed:
    """What is said of a pack, and whether somebody outside vouches for its seal."""

    def __init__(self, workspace: Workspace, as_json: bool) -> None:
        self.workspace, self.out, self.trusted = workspace, Output.open(as_json), True

    def vouch(self) -> None:
        """Have the head with the seal witnessed and timestamped, where the workspace says by whom."""
        asked = self.workspace.settings.evidence
        if asked.witnesses or asked.timestamp:
            from haechi.cli.vouching import vouched

            self.trusted = vouched(self.workspace, self.out) and self.trusted

    def say(self, proved: Proved, person: str = "") -> int:
        """The answer. Exit code 3 where a witness refused the log: the pack is there all the same."""
        if self.out.as_json:
            self.out.document(proved)
        else:
            for line in _lines(proved, person):
                self.out.answer.print(inert(line))
        return NOTHING if self.trusted else BAD


def _lines(proved: Proved, person: str) -> list[str]:
    if proved.rows:
        lines = [f"{count(proved.rows, 'row')} from {count(proved.batches, 'batch')} written to {proved.out}"]
        if proved.span:
            lines.append(f"A part of the records only: those dated {proved.span}, and those without a time.")
    else:
        dated = f" dated {proved.span}, or without a time," if proved.span else ""
        lines = [
            f"No record of {person}{dated} is in the store as of checkpoint {proved.checkpoint}.",
            f"A pack that says so, without rows, was written to {proved.out}. It shows what you state; that there "
            "is no record cannot itself be proved.",
        ]
    lines.append(
        f"Sealed as entry {proved.entry} of the evidence log. Anyone can check it: haechi verify PACK --key KEY"
    )
    lines.append(_outside(proved))
    for gone in proved.gone:
        why = "expired" if gone.why == "expired" else "missing from the store"
        lines.append(f"note  {count(gone.rows, 'row')} of {gone.source} {why}: none of them is in the pack")
    return lines


def _outside(proved: Proved) -> str:
    """Whether anybody else vouches for what the pack holds, which decides what it can prove to an outsider."""
    found = proved.outside
    if not found.size:
        return "It carries no witness's cosignature and no timestamp: it proves only what the log's key holder states."
    parts = [f"{', '.join(found.witnesses)} cosigned the log's first {count(found.witnessed, 'entry')}"]
    parts = parts if found.witnesses else []
    parts += [f"a timestamp dates its first {count(found.stamped, 'entry')}"] if found.stamped else []
    said = " and ".join(parts)
    return f"In the pack: {said}."
