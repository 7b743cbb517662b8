"""Between sending and writing it down: processes that are killed, and processes at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.respond.conftest import PRIVACY, Office

from haechi.respond import database as db
from haechi.respond import outbox, questions
from haechi.respond.seal import compare
from haechi.respond.tend import tend

DAY = 86_400_000_000
# A process of its own that does one thing, and dies where it is told to: by SIGKILL, so that nothing is tidied up.
PROCESS = """
import os, signal, sys
from pathlib import Path
from haechi.report.workspaces import open_workspace
from haechi.respond import mail, outbox, questions, seal, tend
from haechi.respond.desk import open_desk

folder, what, die = sys.argv[1:]

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if die == "before handing over":
    outbox.handing = killed
if die == "after handing over":
    outbox.settle = killed
if die == "before sealing":
    questions.seal = tend.seal = killed
with open_desk(open_workspace(Path(folder)), by="ahn (uid 4001)") as desk:
    if what == "tend":
        done = tend.tend(desk)
        print(len([one for one in done.sent if one.ended.how == "sent"]))
    else:
        sys.path.insert(0, what)
        from tests.respond.conftest import Office
        try:
            print(questions.ask(desk, Office(Path(folder), None).plan(desk)))
        except Exception as error:
            print(error)
"""
ROOT = Path(__file__).parents[2]


def start(office: Office, what: str, die: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(office.folder), what, die],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def asked(office: Office, *accounts: str) -> list[str]:
    with office.desk() as desk:
        return [
            questions.ask(desk, office.plan(desk, account=name, to=f"{name}@office.example"))
            for name in accounts
        ]


def left(office: Office) -> list[str]:
    with office.desk() as desk, desk.database.reading() as connection:
        return [str(state) for state in connection.execute(sa.select(db.message.c.state)).scalars()]


@pytest.mark.parametrize(
    ("die", "state", "times"), [("before handing over", "sending", 1), ("after handing over", "handing", 2)]
)
def test_a_message_of_a_killed_process_goes_out(office: Office, die: str, state: str, times: int) -> None:
    (name,) = asked(office, "bora")
    process = start(office, "tend", die)
    process.wait(60)
    assert process.returncode == -signal.SIGKILL and left(office) == [state]
    with office.desk() as desk:
        assert tend(desk).sent == []  # it may still be alive
        office.now += 2 * outbox.LEASE  # of the process that died, whose clock is the machine's
        assert [one.ended.how for one in tend(desk).sent] == ["sent"]
        office.now += 2 * outbox.LEASE
        assert tend(desk).sent == []
        assert compare(desk.store.snapshot().catalog, desk.database) == []
        assert [leaf.step for leaf in desk.store.snapshot().catalog.asks[name].values()] == ["asked", "sent"]
    # Whether the server had it could not be known in one case: then it is the same message again.
    assert len(office.box.messages) == times and len(set(office.box.ids)) == 1


def test_a_killed_process_may_not_send_what_was_taken_over(office: Office) -> None:
    asked(office, "bora")
    with office.desk() as desk, desk.database.reading() as connection:
        (message,) = outbox.due(connection, desk.now())
    with office.desk() as slow:
        assert outbox.claim(slow.database, message["id"], slow.holder, office.now)
        office.now += outbox.LEASE + 1
        with office.desk() as fast:
            assert len(tend(fast).sent) == 1
        assert not outbox.handing(slow.database, message["id"], slow.holder)
    assert len(office.box.messages) == 1


def test_several_processes_send_each_message_once(office: Office) -> None:
    asked(office, "bora", "bora2", "chan")
    processes = [start(office, "tend") for _ in range(3)]
    sent = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sum(sent) == 3 and len(set(office.box.ids)) == len(office.box.ids) == 3
    assert left(office) == ["sent"] * 3


def test_two_processes_that_ask_at_once_ask_once(office: Office) -> None:
    processes = [start(office, str(ROOT)) for _ in range(3)]
    told = sorted(process.communicate(timeout=120)[0].strip() for process in processes)
    assert sum(line.startswith("A-") and " " not in line for line in told) == 1, told
    assert left(office) == ["waiting"]


def test_a_question_is_sealed_after_a_kill(office: Office) -> None:
    process = start(office, str(ROOT), "before sealing")
    process.wait(60)
    assert process.returncode == -signal.SIGKILL and left(office) == ["waiting"]
    with office.desk() as desk:
        assert desk.store.snapshot().catalog.asks == {}
        assert len(tend(desk).sent) == 1
        (steps,) = desk.store.snapshot().catalog.asks.values()
        assert [leaf.step for leaf in steps.values()] == ["asked", "sent"]
    assert len(office.box.messages) == 1


def test_a_server_that_refuses_for_now_gets_it_later(office: Office) -> None:
    (name,) = asked(office, "bora")
    office.box.rcpt = "451 4.7.1 try later"
    with office.desk() as desk:
        tries = 0
        for _ in range(20):
            tries += len(tend(desk).sent)
            office.now += DAY // 96
        assert 3 <= tries <= 6  # less and less often
        office.box.rcpt = ""
        office.now += DAY
        assert [one.ended.how for one in tend(desk).sent] == ["sent"]
        steps = [leaf.step for leaf in desk.store.snapshot().catalog.asks[name].values()]
        assert steps == ["asked", "sent"] and len(office.box.messages) == 1


def test_an_address_that_is_refused_is_said_and_another_can_be_asked(office: Office) -> None:
    from haechi.respond.decisions import reopen
    from haechi.respond.items import open_items

    (name,) = asked(office, "bora")
    office.box.rcpt = "550 5.1.1 unknown"
    with office.desk() as desk:
        assert [one.ended.how for one in tend(desk).sent] == ["refused"]
        (item,) = open_items(office.workspace, "2026-10")
        assert (item.state, item.delivery) == ("asked", "refused")
        office.now += 30 * DAY
        assert tend(desk).due == []  # nobody is reminded, or told on, who was never asked
        office.box.rcpt = ""
        reopen(desk, name, "the address was wrong", to="b.kim@office.example")
        assert [(one.to, one.ended.how) for one in tend(desk).sent] == [("b.kim@office.example", "sent")]
    assert PRIVACY.split()[0] in office.box.messages[-1].get_content()
