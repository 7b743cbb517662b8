"""Whatever happens in whatever order: nobody is asked twice, and nothing is lost.

Questions, answers, decisions, hours that pass, a mail server that takes, refuses or is away, and a process that dies
before or after it hands a message over.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.respond import world

from haechi.model.errors import AskError
from haechi.respond import database as db
from haechi.respond import decisions, places, questions, tend
from haechi.respond.accesses import InQuestion
from haechi.respond.desk import Desk, open_desk
from haechi.respond.mail import Delivered
from haechi.respond.outbox import new_holder
from haechi.respond.questions import Plan, Wish
from haechi.respond.seal import compare
from haechi.respond.whom import Whom
from haechi.store.store import now
from haechi.workspace.load import load

HOUR = 3_600_000_000
BY = "ahn (uid 4001)"
WAITING = ("asked", "reminded", "escalated", "reopened")


class Killed(BaseException):
    """The process died here: nobody catches it on the way, and nothing is tidied up."""


class Server:
    """A mail server in memory. `mode`: take, away, refuse, die-before, die-after."""

    mode = "take"
    taken: list[EmailMessage]
    died_after: set[str]

    def __init__(self, *_: Any) -> None:
        pass

    def deliver(self, message: EmailMessage, handing: Callable[[], bool]) -> Delivered:
        if Server.mode == "away":
            return Delivered("later", "nobody is there")
        if Server.mode == "die-before":
            raise Killed
        if Server.mode == "refuse":
            return Delivered("refused", "no such mailbox")
        if not handing():
            return Delivered("later", "taken over")
        Server.taken.append(message)
        if Server.mode == "die-after":
            Server.died_after.add(message["Message-ID"])
            raise Killed
        return Delivered("sent")


class Asking(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # what is on which disk is not what is tested here
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        world.make(self.folder, url="", more='escalate-to = "chief@office.example"')
        self.workspace = load(self.folder)
        self.now = now()
        Server.mode, Server.taken, Server.died_after = "take", [], set()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(tend, "Server", Server)
        self.stack = ExitStack()
        self.desk = self.stack.enter_context(open_desk(self.workspace, lambda: self.now, BY))
        self.answered: Counter[str] = Counter()

    def teardown(self) -> None:
        self.stack.close()
        self.patch.undo()
        shutil.rmtree(self.folder)

    def process(self) -> Desk:
        """The desk as another process has it: what one that died held is not its own."""
        return replace(self.desk, holder=new_holder())

    def rows(self, query: Any) -> list[Any]:
        with self.desk.database.reading() as connection:
            return list(connection.execute(query))

    def items(self) -> list[Any]:
        return self.rows(sa.select(db.ask.c.id, db.ask.c.state).order_by(db.ask.c.id))

    # -- what may happen --

    @rule(who=st.sampled_from(["bora", "chan"]), first=st.integers(1, 30), count=st.integers(1, 8))
    def ask(self, who: str, first: int, count: int) -> None:
        """Ask about some of the accesses; refused where one of them was asked about before."""
        seqs = range(first, first + count)
        packed = places.pack(pa.table({"source": ["screen"] * count, "seq": pa.array(seqs, pa.int64())}))
        before = [places.unpack([row.places]) for row in self.rows(sa.select(db.ask.c.places))]
        taken = {seq for table in before for seq in table["seq"].to_pylist()}
        # All times overlap, so that it is the places that tell.
        what = InQuestion(count, 1, 1, 1 << 52, packed, [])
        whom = Whom(who, (who,), frozenset({who}), f"{who}@office.example", "boss@office.example")
        plan = Plan(Wish("C-aaaaaa"), whom, whom.mail, "mail", self.now + 168 * HOUR, what, ())
        if taken & set(seqs):
            with pytest.raises(AskError, match="asks about the same accesses"):
                questions.ask(self.desk, plan)
        else:
            questions.ask(self.desk, plan)

    @rule(hours=st.sampled_from([0, 1, 24, 72, 200]))
    def tend(self, hours: int) -> None:
        self.now += hours * HOUR
        with suppress(Killed):
            tend.tend(self.process())

    @rule(mode=st.sampled_from(["take", "take", "away", "refuse", "die-before", "die-after", "die-after"]))
    def server(self, mode: str) -> None:
        Server.mode = mode

    @precondition(lambda self: self.items())
    @rule(data=st.data(), step=st.sampled_from(["answer", "accept", "reject", "reopen"]))
    def step(self, data: st.DataObject, step: str) -> None:
        item = data.draw(st.sampled_from(self.items()))
        allowed = {
            "answer": item.state in WAITING,
            "accept": item.state == "answered",
            "reject": item.state == "answered",
            "reopen": True,
        }[step]
        do: dict[str, Callable[[], Any]] = {
            "answer": lambda: decisions.answer(self.desk, item.id, decisions.Answer("Ticket 1", "desk")),
            "accept": lambda: decisions.accept(self.desk, item.id),
            "reject": lambda: decisions.reject(self.desk, item.id, "no such ticket"),
            "reopen": lambda: decisions.reopen(self.desk, item.id, "which ticket?"),
        }
        if allowed:
            do[step]()
            self.answered[item.id] += step == "answer"
        else:
            with pytest.raises(AskError):
                do[step]()

    # -- what must hold --

    @invariant()
    def no_message_comes_twice_unless_nobody_can_know(self) -> None:
        times = Counter(message["Message-ID"] for message in Server.taken)
        assert {name for name, count in times.items() if count > 1} <= Server.died_after

    @invariant()
    def every_event_has_one_message_for_each_reader(self) -> None:
        sent = {message["Message-ID"]: message["To"] for message in Server.taken}
        about = Counter((name[1:].rpartition("@")[0].rsplit(".", 1)[0], to) for name, to in sent.items())
        assert set(about.values()) <= {1}

    @invariant()
    def steps_are_numbered_without_a_gap(self) -> None:
        steps: dict[str, list[Any]] = {}
        for row in self.rows(sa.select(db.event).order_by(db.event.c.ask, db.event.c.n)):
            steps.setdefault(row.ask, []).append(row)
        for ask, rows in steps.items():
            assert [row.n for row in rows] == list(range(1, len(rows) + 1))
            assert sum(row.step == "answered" for row in rows) == self.answered[ask]
            assert self.reminders(rows) <= self.passed(rows)

    @staticmethod
    def reminders(rows: list[Any]) -> int:
        """How many since it was asked, or asked again."""
        steps = [row.step for row in rows]
        begun = max(n for n, step in enumerate(steps) if step in ("asked", "reopened"))
        return steps[begun:].count("reminded")

    def passed(self, rows: list[Any]) -> int:
        """How many of the times to remind, three and six days, have passed since."""
        begun = max(row.at for row in rows if row.step in ("asked", "reopened"))
        return sum(self.now >= begun + days * 24 * HOUR for days in (3, 6))

    def reconciled(self) -> None:
        """After everything is well again, nothing is left undone."""
        Server.mode = "take"
        for _ in range(3):
            self.now += 25 * HOUR
            tend.tend(self.process())
        came = {message["Message-ID"].strip("<>") for message in Server.taken}
        assert compare(self.desk.store.snapshot().catalog, self.desk.database) == []
        assert all(row.sealed for row in self.rows(sa.select(db.event)))
        for row in self.rows(sa.select(db.message, db.ask.c.state.label("now")).join(db.ask)):
            assert row.state in ("sent", "refused", "dropped")
            assert row.state != "sent" or row.id in came
        for row in self.rows(sa.select(db.ask)):
            messages = self.rows(
                sa.select(db.message).where(db.message.c.ask == row.id).order_by(db.message.c.n)
            )
            # Whoever is still waited for has been asked, unless the server will not take it.
            assert row.state not in WAITING or messages[-1].state in ("sent", "refused")


class Reconciled(Asking):
    """The same, with the check that all comes to rest at the end."""

    def teardown(self) -> None:
        try:
            self.reconciled()
        finally:
            super().teardown()


Reconciled.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAsking = Reconciled.TestCase
