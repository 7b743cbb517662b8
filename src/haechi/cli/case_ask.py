"""`haechi case ask` and what follows: ask for the reason of accesses, answer, decide, remind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.report.figures import count
from haechi.report.safe import inert

if TYPE_CHECKING:
    from haechi.respond.desk import Desk
    from haechi.respond.questions import Plan, Wish
    from haechi.respond.tend import Sent
    from haechi.workspace.load import Workspace

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="A case's id, such as C-7f3a2b.")]
AskId = Annotated[str, typer.Argument(metavar="ASK", help="A question's id, such as A-7f3a2b90.")]
Apply = Annotated[bool, typer.Option("--apply", help="Do it. Without this nothing is sent or changed.")]
Person = Annotated[
    str,
    typer.Option("--person", metavar="PERSON", help="A person of the list of people: all their accounts."),
]
Account = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="One account, as in the records.")]
To = Annotated[
    str,
    typer.Option("--to", metavar="MAIL", help="The address to ask at. Without it: as the directory says."),
]
Manager = Annotated[bool, typer.Option("--manager", help="Ask the person's manager instead.")]
DueIn = Annotated[
    str,
    typer.Option("--due", metavar="LENGTH", help="Time to answer, such as 7d. Without it: as [asking] says."),
]
ByLink = Annotated[
    bool | None,
    typer.Option(
        "--link/--mail", help="Answer on a page, or by mail. Without it: on a page, if there is one."
    ),
]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why. It is kept and sealed.")]
WhyAccepted = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        help="Why it is accepted. It is kept, sealed, and stands in the month's report.",
    ),
]
Text = Annotated[str, typer.Option("--text", metavar="TEXT", help="The answer, written down here.")]
Message = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="The mail message that came in answer (.eml).")
]


def ask(
    case: CaseId,
    person: Person = "",
    account: Account = "",
    to: To = "",
    manager: Manager = False,
    due: DueIn = "",
    link: ByLink = None,
    apply: Apply = False,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Ask a person, or their manager, for the reason of their accesses in a case. A dry run without --apply.

    The message shows at most as many accesses as [asking] says, persons masked. Nobody is asked twice about the same
    access, and nobody can ask themself.
    """
    from haechi.cli import case_ask_said as said
    from haechi.respond import questions
    from haechi.respond.desk import open_desk
    from haechi.respond.questions import Wish
    from haechi.respond.tend import send

    if bool(person) == bool(account):
        raise typer.BadParameter("Name either --person or --account.")
    if to and manager:
        raise typer.BadParameter("Name either --to or --manager.")
    if due:
        questions.check_due(due)
    questions.check_to(to)
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    way = "" if link is None else ("link" if link else "mail")
    with open_desk(found) as desk:
        planned = _planned(desk, Wish(case, person, account, to, manager, due, way))
        if not apply:
            said.plan(out, desk, planned)
            return NOTHING
        name = questions.ask(desk, planned)
        sent = send(desk, name)
        left = said.waiting(desk)
    if as_json:
        out.document(
            {"ask": name, "applied": True, **said.planned_document(planned), "messages": messages(sent)}
        )
        return _code(sent)
    out.answer.print(inert(f"{name} was asked.", "bold"))
    said.tell_sent(out, sent, left)
    return _code(sent)


def asks(
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not settled.")] = False,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """List the questions: whom, by when, what became of them; and whether the evidence log says the same."""
    from haechi.cli import case_ask_said as said
    from haechi.respond.desk import open_desk
    from haechi.respond.items import items, open_items
    from haechi.respond.seal import compare

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with open_desk(found) as desk:
        strange = compare(desk.store.snapshot().catalog, desk.database)
        waiting = said.waiting(desk)
    listed = open_items(found) if open_only else items(found)
    if as_json:
        out.document({"asks": listed, "strange": strange, "waiting": waiting})
    else:
        said.table(out, listed, strange, waiting, zone_of(found))
    return BAD if strange else NOTHING


def question(ask: AskId, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Show one question: every step, who took it and when, and what was said."""
    from haechi.cli import case_ask_said as said
    from haechi.respond.desk import open_desk

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with open_desk(found) as desk:
        told = said.story(desk, ask)
    if as_json:
        out.document(told)
    else:
        said.tell_story(out, told, zone_of(found))
    return NOTHING


def answer(
    ask: AskId,
    text: Text = "",
    file: Message = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Write down an answer: one that was told, or a mail message that came."""
    from haechi.respond import decisions
    from haechi.respond.desk import open_desk
    from haechi.respond.steps import row_of

    if bool(text) == bool(file):
        raise typer.BadParameter("Give either --text or --file.")
    found = needed_workspace(workspace)
    with open_desk(found) as desk:
        given = decisions.Answer(text, "desk")
        if file is not None:
            with desk.database.reading() as connection:
                name = row_of(connection, ask)["id"]
                readers = decisions.readers_of(connection, name)
            given = decisions.read_mail(_bytes(file), name, readers, str(file))
        row = decisions.answer(desk, ask, given)
    return _done(as_json, row["id"], "answered", "Its answer was written down: accept or reject it.")


def accept(
    ask: AskId, reason: WhyAccepted = "", workspace: WorkspaceDir = None, as_json: AsJson = False
) -> int:
    """Accept an answer: the accesses in question have a reason from now on, and count as explained."""
    from haechi.model.errors import StoreError
    from haechi.respond import decisions, explain
    from haechi.respond.desk import open_desk

    found = needed_workspace(workspace)
    with open_desk(found) as desk:
        row = decisions.accept(desk, ask, reason)
        told = "Its accesses are explained from now on, and the month's report lists the answer."
        if not reason.strip():
            told += " No reason for accepting it was given: --reason TEXT would have kept one."
        try:
            explain.keep(desk)
        except StoreError as error:
            told = f"Its accesses are not explained yet: {error.what}. haechi case tend --apply brings the reason."
    return _done(as_json, row["id"], "accepted", told)


def reject(ask: AskId, reason: Why, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Reject an answer: its accesses stay in question."""
    from haechi.respond import decisions
    from haechi.respond.desk import open_desk

    with open_desk(needed_workspace(workspace)) as desk:
        row = decisions.reject(desk, ask, reason)
    return _done(as_json, row["id"], "rejected", "Its accesses stay in question.")


def reopen(
    ask: AskId,
    reason: Why,
    to: To = "",
    due: DueIn = "",
    apply: Apply = False,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Ask the same once more, at another address if one is named. A dry run without --apply.

    The reason is told to whom is asked. An answer that was accepted no longer counts.
    """
    from haechi.cli import case_ask_said as said
    from haechi.respond import decisions, questions
    from haechi.respond.desk import open_desk
    from haechi.respond.steps import row_of
    from haechi.respond.tend import tend

    if due:
        questions.check_due(due)
    questions.check_to(to)
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with open_desk(found) as desk:
        if not apply:
            with desk.database.reading() as connection:
                row = row_of(connection, ask)
            out.say(f"{row['id']} would be asked again. Nothing was changed: --apply does it.")
            return _done(as_json, row["id"], row["state"], "", applied=False)
        row = decisions.reopen(desk, ask, reason, to, due)
        tended = tend(desk)
        left = said.waiting(desk)
    if as_json:
        out.document(
            {"ask": row["id"], "state": "reopened", "applied": True, "messages": messages(tended.sent)}
        )
        return _code(tended.sent)
    out.answer.print(inert(f"{row['id']} was asked again.", "bold"))
    said.tell_sent(out, tended.sent, left)
    return _code(tended.sent)


def tend(apply: Apply = False, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Send what waits, remind, tell managers, keep accepted answers. To be run each day; a dry run without --apply."""
    from haechi.cli import case_ask_said as said
    from haechi.respond import tend as work
    from haechi.respond.desk import open_desk

    out = Output.open(as_json)
    with open_desk(needed_workspace(workspace)) as desk:
        if not apply:
            due, waiting = work.coming(desk)
            said.coming(out, due, waiting, said.waiting(desk))
            return NOTHING
        tended = work.tend(desk)
        left = said.waiting(desk)
    if as_json:
        out.document({
            "applied": True, "due": tended.due, "messages": messages(tended.sent), "sealed": tended.sealed,
            "kept": tended.kept, "problem": tended.problem,
        })  # fmt: skip
    else:
        said.tended(out, tended, left)
    return BAD if tended.problem else _code(tended.sent)


def told_of(case: str, workspace: Workspace, out: Output) -> None:
    """Beside a case: who was asked about it, and what became of that. Nothing where nobody was."""
    from haechi.respond.items import items

    asked = [item for item in items(workspace) if item.case == case]
    if asked:
        out.answer.print()
        out.answer.print(inert("Asked for reasons", "bold"))
    for item in asked:
        late = ", overdue" if item.overdue else ""
        accesses = count(item.requests, "access")
        out.answer.print(inert(f"  {item.ask}: {item.whom}, about {accesses}: {item.state}{late}"))


def messages(sent: list[Sent]) -> list[dict[str, Any]]:
    """What became of messages, as JSON."""
    return [
        {"ask": one.ask, "kind": one.kind, "to": one.to, "state": one.ended.how, "told": one.ended.told}
        for one in sent
    ]


def _planned(desk: Desk, wish: Wish) -> Plan:
    """What would be asked, from an inspection of what the store holds. It is a look at personal data, and noted so."""
    from dataclasses import replace

    from haechi.cli.case import pick
    from haechi.model.settings import BUILT_IN
    from haechi.report.custody import Look
    from haechi.report.inspection import reopen as inspected_again
    from haechi.respond.questions import plan

    with inspected_again(desk.workspace, Look("case ask", {"case": wish.case}), engine=BUILT_IN) as inspected:
        case = pick(inspected.inspection.cases, wish.case)
        return plan(desk, inspected.engine, inspected.requests(case.id), replace(wish, case=case.id))


def _done(as_json: bool, ask: str, state: str, told: str, applied: bool = True) -> int:
    out = Output.open(as_json)
    if as_json:
        out.document({"ask": ask, "state": state, "applied": applied, "told": told})
        return NOTHING
    if applied:
        out.answer.print(inert(f"{ask} is {state}.", "bold"))
        out.answer.print(inert(told))
    return NOTHING


def _code(sent: list[Sent]) -> int:
    """3 where a message was not taken: it waits in the outbox, but somebody should look."""
    return NOTHING if all(one.ended.how == "sent" for one in sent) else BAD


def _bytes(file: Path) -> bytes:
    from haechi.evidence import bounded
    from haechi.model.errors import InputError

    try:
        return bounded.read(file, 10 << 20)
    except OSError as error:
        raise InputError(f"the message cannot be read: {error.strerror}", where=str(file)) from None
