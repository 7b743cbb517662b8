"""`haechi erase`: remove one person's rows, and make their hashes meaningless."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.cli.expire import Apply
from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.report.figures import count
from haechi.report.safe import inert

if TYPE_CHECKING:
    from haechi.store.erase import Found

Person = Annotated[
    str, typer.Argument(metavar="PERSON", help="The person's id, as it stands in the records.")
]
Reason = Annotated[
    str,
    typer.Option(
        "--reason", metavar="TEXT", help="Why. It is sealed for good: do not name the person in it."
    ),
]
Period = Annotated[
    str,
    typer.Option(
        "--period", metavar="YYYY-MM", help="Only what was collected in this month. Without it: all."
    ),
]


def erase(
    person: Person,
    reason: Reason,
    period: Period = "",
    apply: Apply = False,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Remove all rows of one person: whose data they are about, or who acted where they name no data subject.

    Records and raw lines go, and the keys without which nobody can tell what their hashes were made from; every
    other proof stays. Refused under a legal hold. The log files that were collected are not touched, and neither
    are copies of the store.
    """
    from haechi.report.custody import Look, record
    from haechi.report.stores import open_store
    from haechi.store import erase as keeping

    if not person:
        raise typer.BadParameter("A person is named by an id that is not empty.")
    if not reason.strip() or re.search(rf"(?<!\w){re.escape(person)}(?!\w)", reason, re.I):
        raise typer.BadParameter("Give a reason that does not name the person.", param_hint="--reason")
    found = needed_workspace(workspace)
    store, settings = open_store(found), found.settings.store
    if not apply:
        record(store, Look("erase", {"period": period or None}))
    where = (
        keeping.erase(store, settings, person, reason, period)
        if apply
        else keeping.find(store, settings, person, period)
    )
    out = Output.open(as_json)
    if as_json:
        out.document(
            {
                "applied": apply,
                "records": where.rows,
                "batches": len(where.batches),
                "periods": where.periods,
                "holds": where.held,
                "batches_missing": len(where.unread),
            }
        )
        return NOTHING
    _print(where, out, apply)
    return NOTHING


def _print(where: Found, out: Output, applied: bool) -> None:
    total = sum(where.rows.values())
    done = ("was erased" if total == 1 else "were erased") if applied else "would be erased"
    head = f"{count(total, 'record')} of this person {done}."
    out.answer.print(inert(head if total else "No record of this person stands in the store.", "bold"))
    wide = max((len(table) for table in where.rows), default=0)
    most = max((len(f"{rows:,}") for rows in where.rows.values()), default=0)
    for table, rows in where.rows.items():
        out.answer.print(inert(f"  {table:{wide}}  {rows:>{most},}"))
    if where.held:
        out.say(f"Under a legal hold: {', '.join(where.held)}. Nothing can be erased until it is lifted.")
    if where.unread:
        out.say(f"{count(len(where.unread), 'batch')} could not be searched: the files are missing.")
    if total and not applied and not where.held:
        out.say("Nothing was removed: --apply removes it, for good.")
