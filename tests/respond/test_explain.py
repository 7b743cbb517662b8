"""What an accepted answer explains: the accesses asked about, and no others."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from tests.respond.conftest import Office

from haechi.detect.runner import run_rules
from haechi.respond import database as db
from haechi.respond import explain, questions
from haechi.respond.decisions import Answer, accept, answer, reopen
from haechi.respond.desk import Desk
from haechi.respond.questions import Wish
from haechi.respond.tend import tend
from haechi.store.open import open_engine


def ask_about(office: Office, desk: Desk, where: str) -> str:
    """Ask Bora about the accesses for which this holds, and take an answer."""
    engine = open_engine(desk.store.snapshot(), desk.workspace.settings.store)
    try:
        requests = engine.arrow(f"SELECT source, seq FROM access WHERE {where}")
        planned = questions.plan(desk, engine, requests, Wish("C-aaaaaa", account="bora"))
    finally:
        engine.close()
    name = questions.ask(desk, planned)
    answer(desk, name, Answer("Ticket 4711:\nthe <parcel> was lost", "desk"))
    return name


def look(desk: Desk, sql: str) -> list[Sequence[object]]:
    engine = open_engine(desk.store.snapshot(), desk.workspace.settings.store)
    try:
        return engine.rows(sql)
    finally:
        engine.close()


def unexplained(desk: Desk) -> int:
    """Bora's accesses without a reason, of 17."""
    engine = open_engine(desk.store.snapshot(), desk.workspace.settings.store)
    try:
        found = run_rules(engine, desk.workspace.settings, desk.workspace.root / "rules", ["unexplained"])
        return sum(finding.accesses for finding in found.findings if finding.entity == "bora")
    finally:
        engine.close()


def test_one_person_s_accesses_are_explained_without_grace(office: Office) -> None:
    with office.desk() as desk:
        before = unexplained(desk)
        assert before == 17
        # The second and third of five looks at one member: those before and after stay in question.
        name = ask_about(office, desk, "subject = '1000177' AND time BETWEEN '2026-10-06' AND '2026-10-07'")
        accept(desk, name)
        assert unexplained(desk) == before and explain.waiting(desk) == 1
        assert explain.keep(desk) == 1 and explain.waiting(desk) == 0
        (row,) = look(desk, "SELECT actor, subject, route, reference, text, first < last FROM reason")
        assert row[:4] == ("bora", "1000177", "/members/{id}", f"{name}/3")
        assert row[4] == "Ticket 4711: the <parcel> was lost"
        asked_about = look(desk, "SELECT count(*) FROM access WHERE subject = '1000177' AND actor = 'bora' "
                           "AND time BETWEEN '2026-10-06' AND '2026-10-07'")[0][0]  # fmt: skip
        assert unexplained(desk) == before - int(str(asked_about)) > before - 5


def test_where_nobody_is_named_only_the_times_asked_about_count(office: Office) -> None:
    with office.desk() as desk:
        name = ask_about(office, desk, "route = '/export'")
        accept(desk, name)
        explain.keep(desk)
        rows = look(desk, "SELECT subject, route, first = last FROM reason")
        assert rows == [(None, "/export", True)] * 2
        assert unexplained(desk) == 15


def test_the_same_answer_is_kept_once_whatever_dies(office: Office) -> None:
    with office.desk() as desk:
        name = ask_about(office, desk, "true")
        accept(desk, name)
        assert tend(desk).kept == 1
        rows = look(desk, "SELECT count(*) FROM reason")
        # As if the process had died between collecting and noting that it did.
        with desk.database.changing() as connection:
            connection.execute(db.reason.update().values(kept=False))
        assert explain.keep(desk) == 1
        assert look(desk, "SELECT count(*) FROM reason") == rows and unexplained(desk) == 0
        assert not list((office.folder / explain.FOLDER).iterdir())


def test_what_is_opened_again_is_in_question_again(office: Office) -> None:
    with office.desk() as desk:
        first = ask_about(office, desk, "subject = '1000177'")
        other = ask_about(office, desk, "subject = '1000077'")
        for name in (first, other):
            accept(desk, name)
        explain.keep(desk)
        assert unexplained(desk) == 7
        reopen(desk, first, "which ticket?")
        assert explain.keep(desk) == 1 and unexplained(desk) == 12
        answer(desk, first, Answer("Ticket 5", "desk"))
        accept(desk, first)
        explain.keep(desk)
        assert unexplained(desk) == 7


def test_what_was_opened_again_before_it_was_kept_never_counts(office: Office) -> None:
    with office.desk() as desk:
        name = ask_about(office, desk, "true")
        accept(desk, name)
        reopen(desk, name, "which ticket?")
        explain.keep(desk)
        assert explain.waiting(desk) == 0 and unexplained(desk) == 17
        assert look(desk, "SELECT count(*) FROM reason") == [(0,)]


def test_an_answer_waits_while_another_process_writes(office: Office) -> None:
    with office.desk() as desk:
        name = ask_about(office, desk, "true")
        accept(desk, name)
        with desk.store.writer():
            done = tend(desk)
            assert (done.kept, done.problem) == (0, "another process is writing to this store")
        assert tend(desk).kept == 1 and unexplained(desk) == 0


def test_no_data_subject_stands_in_the_database(office: Office) -> None:
    with office.desk() as desk:
        name = ask_about(office, desk, "true")
        with desk.database.reading() as connection:
            for table in db.metadata.tables.values():
                for row in connection.execute(sa.select(table)):
                    told = [bytes(v) if isinstance(v, bytes) else str(v).encode() for v in row]
                    assert not any(b"1000177" in value or b"1000077" in value for value in told), name
