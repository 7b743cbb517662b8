"""The verbs about questions: what they say, and when they change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
from tests.report.document.documents import inspection
from tests.respond.conftest import Office

from haechi.cli import case_ask
from haechi.report.document import build
from haechi.report.document.render import html
from haechi.report.document.words import Words
from haechi.respond import questions, tend, whom
from haechi.respond.desk import Desk
from haechi.respond.questions import Wish
from haechi.store.store import now

Haechi = Callable[..., tuple[int, str, str]]
DAY = 86_400_000_000


@pytest.fixture
def ask(
    haechi: Haechi, office: Office, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """`haechi case ask` about all accesses, without an inspection before it."""

    def planned(desk: Desk, wish: Wish) -> questions.Plan:
        told = {name: getattr(wish, name) for name in ("account", "person", "to", "manager", "due", "way")}
        return office.plan(desk, **{name: value for name, value in told.items() if value})

    monkeypatch.setattr(case_ask, "_planned", planned)
    return lambda *more: haechi("case", "ask", "C-aaaaaa", *more, "-w", office.folder)


def asked(ask: Callable[..., tuple[int, str, str]], *more: str) -> str:
    code, out, _ = ask(*more, "--apply", "--json")
    assert code == 0
    return str(json.loads(out)["ask"])


def test_without_apply_the_message_is_shown_and_nothing_happens(
    ask: Callable[..., tuple[int, str, str]], haechi: Haechi, office: Office
) -> None:
    code, out, err = ask("--account", "bora")
    assert code == 0 and "To: bora@office.example" in out and "#1 ••••77" in out and "--apply does it" in err
    assert haechi("case", "asks", "-w", office.folder)[1].startswith("Nobody was asked.")
    assert not office.box.messages


def test_a_person_is_asked_about_all_accounts_and_a_manager_for_them(
    ask: Callable[..., tuple[int, str, str]], haechi: Haechi, office: Office
) -> None:
    asked(ask, "--person", "E2", "--manager", "--due", "2d")
    listed = " ".join(haechi("case", "asks", "--workspace", office.folder)[1].split())
    assert "asked was the manager" in listed
    (message,) = office.box.messages
    text = message.get_content()
    assert "They were made by E2 (bora, bora2)." in text
    assert message["To"] == "chan@office.example" and "You are asked as the manager" in text
    assert "Accesses: 19" in text and "••••55" in text  # bora2's member too


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (("--person", "E9"), 3, "the list of people has no account of that person"),
        (("--account", "bora2", "--to", "x y"), 2, "'x y' is no mail address"),
        (("--account", "dan"), 3, "these accounts of the list of people: bora, bora2, chan"),
        (("--account", "dan", "--to", "dan@office.example"), 3, "no access of this case was made by them"),
        (("--account", "chan", "--manager"), 3, "no mail address of their manager is known"),
        (("--account", "bora", "--link"), 3, "a link needs the address of the answer page"),
        (("--account", "bora", "--due", "soon"), 2, "the time to answer is not a length of time"),
        (("--account", "bora", "--person", "E2"), 2, "Name either --person or --account"),
        ((), 2, "Name either --person or --account"),
    ],
)
def test_who_cannot_be_asked_is_said(
    ask: Callable[..., tuple[int, str, str]], office: Office, more: tuple[str, ...], code: int, told: str
) -> None:
    found, _, err = ask(*more, "--apply")
    assert (found, told in " ".join(err.split())) == (code, True) and not office.box.messages


@pytest.mark.parametrize("name", ["bora", "Bora2", "e2"])
def test_nobody_asks_or_decides_about_themself(
    ask: Callable[..., tuple[int, str, str]],
    haechi: Haechi,
    office: Office,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = asked(ask, "--account", "bora")
    haechi("case", "answer", question, "--text", "Ticket 4711", "-w", office.folder)
    monkeypatch.setattr("haechi.respond.desk.account", lambda: f"root (uid 0) for {name} (uid 7)")
    for verb in (("accept",), ("reject", "--reason", "no"), ("reopen", "--reason", "no", "--apply")):
        code, _, err = haechi("case", verb[0], question, *verb[1:], "-w", office.folder)
        assert code == 3 and "cannot be who is asked" in err
    code, _, err = ask("--account", "bora2", "--to", "else@office.example", "--apply")
    assert code == 3 and "who asks cannot be who is asked" in err
    assert len(office.box.messages) == 1
    assert whom.asker_names(f"root (uid 0) for {name} (uid 7)") == {"root", name.casefold()}


def test_a_whole_course_in_words(
    ask: Callable[..., tuple[int, str, str]], haechi: Haechi, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = ("-w", office.folder)
    question = asked(ask, "--account", "bora")
    code, out, err = haechi("case", "tend", *w)
    assert code == 0 and "0 messages would be sent now." in out and "--apply" in err
    passed = 0
    monkeypatch.setattr(
        "haechi.respond.desk.open_desk.__wrapped__.__defaults__", (lambda: now() + passed, "")
    )
    passed = 4 * DAY
    assert f"{question}: reminded, to bora@office.example" in haechi("case", "tend", *w)[1]
    assert len(office.box.messages) == 1
    assert f"{question}: sent to bora@office.example (reminded)." in haechi("case", "tend", "--apply", *w)[1]
    assert haechi("case", "tend", "--apply", *w)[1].startswith("Nothing was due.")
    passed = 10 * DAY
    assert f"{question}: sent to chan@office.example (escalated)." in haechi("case", "tend", "--apply", *w)[1]
    assert [message["To"] for message in office.box.messages][-1] == "chan@office.example"
    assert "bora was asked on" in office.box.messages[-1].get_content()
    passed = 60 * DAY
    assert haechi("case", "tend", "--apply", *w)[1].startswith("Nothing was due.")

    reply = office.folder / "reply.eml"
    reply.write_text(f"From: bora@office.example\nSubject: Re: [{question}]\n\nTicket 4711\n")
    code, out, _ = haechi("case", "answer", question.lower(), "--file", reply, *w)
    assert code == 0 and f"{question} is answered." in out
    assert haechi("case", "answer", question, "--text", "again", *w)[0] == 3
    assert haechi("case", "reject", question, "--reason", "There is no ticket 4711", *w)[0] == 0
    code, out, _ = haechi("case", "question", question, *w)
    assert code == 0 and f"{question} is rejected." in out
    for words in ("3. reminded", "by haechi", "   Ticket 4711", "   There is no ticket 4711", "17 accesses"):
        assert words in out
    listed = haechi("case", "asks", *w)[1]
    assert "1 question, 0 open, 0 overdue." in listed and "rejected" in listed
    assert "Nobody was asked." in haechi("case", "asks", "--open", *w)[1]


def test_a_server_that_is_away_is_said_and_the_message_waits(
    ask: Callable[..., tuple[int, str, str]], haechi: Haechi, office: Office
) -> None:
    office.settle(port=1)
    code, out, _ = ask("--account", "bora", "--apply")
    assert code == 3 and "was asked" in out and "not sent yet" in out and "cannot be reached" in out
    assert "a message waits" in haechi("case", "asks", "-w", office.folder)[1]
    question = out.split()[0]
    assert "tries again, from 20" in out
    for more in ((), ("--apply",)):
        told = haechi("case", "tend", *more, "-w", office.folder)[1]
        assert ("Nothing was due" if more else "0 messages would be sent now") in told
        assert f"{question}: a message waits" in told and "KST" in told
    told = " ".join(haechi("case", "question", question, "-w", office.folder)[1].split())
    assert "not delivered yet: tried 1 time" in told and "Next try 20" in told and " KST." in told
    (item,) = build.open_items(office.workspace)
    words = Words.of("ko", UTC)
    page = html("inspection", inspection(open_items=[build.item(item)]), words)
    assert build.item(item).delivery == "waiting" and "아직 전달되지 않음" in page
    office.settle()
    with office.desk() as desk:
        office.now += DAY
        assert [one.ended.how for one in tend.tend(desk).sent] == ["sent"]


def test_without_a_mail_server_nothing_is_begun(
    ask: Callable[..., tuple[int, str, str]], haechi: Haechi, office: Office
) -> None:
    toml = office.folder / "haechi.toml"
    toml.write_text(toml.read_text().split("[mail]")[0] + '[asking]\ndirectory = "mail.csv"\n')
    assert "No mail server is set yet" in ask("--account", "bora")[2]
    code, _, err = ask("--account", "bora", "--apply")
    assert code == 3 and "no mail server is set" in err
    assert json.loads(haechi("case", "asks", "-w", office.folder, "--json")[1])["asks"] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,mail\nx,y@z.example\n", "needs the columns mail, and person or account"),
        ("account,mail\nbora,nobody\n", "what stands under mail is no mail address"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_directory_is_named(
    ask: Callable[..., tuple[int, str, str]], office: Office, text: str | bytes | None, told: str
) -> None:
    file: Path = office.folder / "mail.csv"
    if text is None:
        file.unlink()
    else:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    code, _, err = ask("--account", "bora")
    said = "".join(err.split())  # a long path moves the ends of lines, and may be broken itself
    assert code == 3 and told.replace(" ", "") in said and "mail.csv" in said and "nobody" not in said
