"""What is said of questions for reasons, on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import sqlalchemy as sa
from rich.table import Table

from haechi.cli.output import Output
from haechi.model.times import moment
from haechi.report.figures import count, day, local
from haechi.report.figures import moment as to_the_second
from haechi.report.layout import indented, section
from haechi.report.safe import inert
from haechi.respond import database as db
from haechi.respond import explain, outbox
from haechi.respond.desk import Desk
from haechi.respond.letters import Letter, minute, write
from haechi.respond.questions import Plan
from haechi.respond.seal import Strange
from haechi.respond.steps import row_of
from haechi.respond.tend import Due, Sent, Tended
from haechi.respond.values import OpenItem

PREVIEW = "A-00000000"  # the id that a message bears as long as it is not sent


def planned_document(plan: Plan) -> dict[str, Any]:
    """What would be, or was, asked."""
    return {
        "case": plan.wish.case,
        "whom": plan.whom.name,
        "accounts": plan.whom.accounts,
        "to": plan.mail,
        "manager": plan.wish.manager,
        "way": plan.way,
        "due": moment(plan.due),
        "requests": plan.what.requests,
        "persons": plan.what.persons,
        "first": moment(plan.what.first),
        "last": moment(plan.what.last),
        "shown": len(plan.what.shown),
    }


def plan(out: Output, desk: Desk, planned: Plan) -> None:
    """The message as it would be sent."""
    if out.as_json:
        out.document({"applied": False, **planned_document(planned)})
        return
    out.say("This would be sent. Nothing was sent or changed: --apply does it.")
    row: Any = planned.values(desk, PREVIEW, desk.now())
    sender = desk.workspace.settings.mail.sender or "sender@not.set"
    url = f"{desk.asking.url.rstrip('/')}/a/…" if planned.way == "link" else ""
    letter = Letter(
        "preview@haechi.invalid",
        "asked",
        planned.mail,
        row["role"],
        sender,
        row,
        desk.zone,
        "",
        url,
        planned.due,
    )
    message = write(letter, desk.today())
    for name in ("To", "Subject"):
        out.answer.print(inert(f"{name}: {message[name]}"), soft_wrap=True)
    out.answer.print()
    for line in message.get_content().splitlines():
        out.answer.print(inert(line), soft_wrap=True)
    if not desk.workspace.settings.mail.server:
        out.say("No mail server is set yet: [mail] in haechi.toml.")


def tell_sent(out: Output, sent: Sequence[Sent], left: dict[str, Any] | None = None) -> None:
    """What became of messages. `left`: what waits, as `waiting` tells."""
    later = {message["ask"]: message["next"] for message in left["messages"]} if left else {}
    for one in sent:
        if one.ended.how == "sent":
            out.answer.print(inert(f"{one.ask}: sent to {one.to} ({one.kind})."))
        elif one.ended.how == "refused":
            out.answer.print(
                inert(f"{one.ask}: not delivered: {one.ended.told}. It will not be tried again;")
            )
            again = f"haechi case reopen {one.ask} --to ADDRESS --reason TEXT --apply"
            out.answer.print(inert(f"  {again} asks at another address."), soft_wrap=True)
        else:
            out.answer.print(inert(f"{one.ask}: not sent yet: {one.ended.told}. It is kept in the outbox;"))
            when = f", from {later[one.ask]} on" if one.ask in later else ""
            out.answer.print(inert(f"  haechi case tend --apply tries again{when}."))


def tended(out: Output, done: Tended, left: dict[str, Any]) -> None:
    """What tending did."""
    nobody = [due.ask for due in done.due if not due.to]
    if not (done.sent or done.kept or done.sealed or nobody):
        out.answer.print(inert("Nothing was due.", "bold"))
    else:
        out.answer.print(inert(f"{count(len(done.sent), 'message')} handled.", "bold"))
    tell_sent(out, done.sent, left)
    _wait(out, left, {one.ask for one in done.sent})
    _nobody(out, nobody)
    if done.kept:
        out.answer.print(inert(f"{count(done.kept, 'accepted answer')} brought into the store."))
    if done.problem:
        out.say(f"Accepted answers wait: {done.problem}.")


def coming(out: Output, due: Sequence[Due], messages: Sequence[Any], left: dict[str, Any]) -> None:
    """What tending would do."""
    if out.as_json:
        waiting = [{"ask": row["ask"], "kind": row["kind"], "to": row["recipient"]} for row in messages]
        out.document({"applied": False, "due": due, "waiting": waiting})
        return
    todo = len([one for one in due if one.to]) + len(messages)
    out.answer.print(inert(f"{count(todo, 'message')} would be sent now.", "bold"))
    for row in messages:
        out.answer.print(inert(f"  {row['ask']}: {row['kind']}, to {row['recipient']}"))
    for one in due:
        if one.to:
            out.answer.print(inert(f"  {one.ask}: {one.step}, to {one.to}"))
    _wait(out, left, {row["ask"] for row in messages})
    _nobody(out, [one.ask for one in due if not one.to])
    out.say("Nothing was sent or changed: --apply does it.")


def _nobody(out: Output, asks: Sequence[str]) -> None:
    for ask in asks:
        out.answer.print(
            inert(f"{ask} is overdue, and nobody is known to tell: set escalate-to in [asking].")
        )


def _wait(out: Output, left: dict[str, Any], besides: set[str]) -> None:
    """The messages whose time has not come."""
    for message in left["messages"]:
        if message["ask"] not in besides:
            told = f": {message['problem']}" if message["problem"] else ""
            out.answer.print(inert(f"{message['ask']}: a message waits{told}. Next try {message['next']}."))


def waiting(desk: Desk) -> dict[str, Any]:
    """What is not done yet: messages to send, steps to seal, answers to keep."""
    with desk.database.reading() as connection:
        query = sa.select(db.message).where(db.message.c.state.in_(outbox.WANTED)).order_by(db.message.c.next)
        messages = connection.execute(query).mappings().all()
        unsealed = sa.select(sa.func.count()).select_from(db.event).where(sa.not_(db.event.c.sealed))
        steps = connection.execute(unsealed).scalar_one()
    told = [
        {"ask": m["ask"], "kind": m["kind"], "problem": m["problem"], "next": minute(m["next"], desk.zone)}
        for m in messages
    ]
    return {"messages": told, "unsealed": steps, "answers": explain.waiting(desk)}


def table(
    out: Output,
    listed: Sequence[OpenItem],
    strange: Sequence[Strange],
    left: dict[str, Any],
    zone: tzinfo,
) -> None:
    """The list of questions."""
    open_ones = sum(item.state not in ("accepted", "rejected") for item in listed)
    late = sum(item.overdue for item in listed)
    head = (
        f"{count(len(listed), 'question')}, {open_ones} open, {late} overdue."
        if listed
        else "Nobody was asked."
    )
    out.answer.print(inert(head, "bold"))
    if listed:
        indented(out.answer, "", _table(listed, zone))
    _wait(out, left, set())
    if left["answers"]:
        out.answer.print(inert(f"{count(left['answers'], 'accepted answer')} not in the store yet."))
    if left["unsealed"]:
        out.answer.print(
            inert(f"{count(left['unsealed'], 'step')} not sealed yet: haechi case tend --apply.")
        )
    for one in strange:
        out.answer.print(inert(f"{one.ask}: {one.told}.", "bold red"))


def _table(listed: Sequence[OpenItem], zone: tzinfo) -> Table:
    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Question", "Case", "Asked", "Due"):
        made.add_column(title, no_wrap=True)
    made.add_column("Accesses", no_wrap=True, justify="right")
    made.add_column("State", no_wrap=True)
    made.add_column("Whom", overflow="fold")
    for item in listed:
        state = item.state + (", overdue" if item.overdue else "")
        state += "" if item.delivery == "sent" else ", not delivered"
        made.add_row(
            inert(item.ask, "bold cyan"),
            inert(item.case),
            day(item.asked, zone),
            day(item.due, zone),
            f"{item.requests:,}",
            inert(state),
            inert(item.whom + (f"; asked was the manager, {item.mail}" if item.role == "manager" else "")),
        )
    return made


def story(desk: Desk, ask: str) -> dict[str, Any]:
    """A question with every step."""
    with desk.database.reading() as connection:
        row = row_of(connection, ask)
        query = sa.select(db.event).where(db.event.c.ask == row["id"]).order_by(db.event.c.n)
        steps = connection.execute(query).mappings().all()
        sent = sa.select(db.message).where(db.message.c.ask == row["id"]).order_by(db.message.c.n)
        letters = connection.execute(sent).mappings().all()
    told = ("case_id", "whom", "mail", "role", "manager", "way", "state", "requests", "persons", "asked_by")
    times = {name: moment(row[name]) for name in ("asked", "due", "first", "last")}
    return {
        "ask": row["id"],
        **{name: row[name] for name in told},
        **times,
        "shown": row["shown"],
        "steps": [
            {"n": s["n"], "step": s["step"], "at": moment(s["at"]), "by": s["by"], "sealed": s["sealed"],
             "said": {name: value for name, value in s["said"].items() if name != "shown"}}
            for s in steps
        ],
        "messages": [
            {"kind": m["kind"], "to": m["recipient"], "state": m["state"], "attempts": m["attempts"],
             "problem": m["problem"], "next": moment(m["next"]) if m["state"] in outbox.WANTED else None}
            for m in letters
        ],
    }  # fmt: skip


def tell_story(out: Output, told: dict[str, Any], zone: tzinfo) -> None:
    """The same for a person to read."""
    out.answer.print(inert(f"{told['ask']} is {told['state']}.", "bold"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    rows = [
        ("case", told["case_id"]),
        ("whom", f"{told['whom']}, at {told['mail']}"),
        ("about", f"{count(told['requests'], 'access')} to the data of {count(told['persons'], 'person')}"),
        ("from, to", f"{to_the_second(told['first'], zone)}, {to_the_second(told['last'], zone)}"),
        ("due", to_the_second(told["due"], zone)),
    ]
    for label, text in rows:
        grid.add_row(label, inert(text))
    indented(out.answer, grid)
    section(out.answer, "Messages")
    for message in told["messages"]:
        indented(out.answer, inert(_delivery(message, zone)))
    section(out.answer, "Steps")
    for step in told["steps"]:
        seal = "" if step["sealed"] else " (not sealed yet)"
        head = f"{step['n']}. {step['step']}, {to_the_second(step['at'], zone)}, by {step['by']}{seal}"
        words = [str(step["said"][name]) for name in ("text", "why", "told") if step["said"].get(name)]
        indented(
            out.answer, inert(head), *(inert(f"   {line}") for word in words for line in word.splitlines())
        )


def _delivery(message: dict[str, Any], zone: tzinfo) -> str:
    """What became of a message, in one sentence."""
    head = f"{message['kind']}, to {message['to']}: "
    if message["state"] == "sent":
        return f"{head}delivered to the mail server."
    if message["state"] == "refused":
        return f"{head}not delivered, and not tried again: {message['problem']}."
    if message["state"] == "dropped":
        return f"{head}not sent: no longer wanted."
    tried = f"tried {count(message['attempts'], 'time')}, {message['problem'] or 'without an answer'}"
    told = f"not delivered yet: {tried}" if message["attempts"] else "not sent yet"
    return f"{head}{told}. Next try {local(message['next'], zone):%Y-%m-%d %H:%M %Z}."
