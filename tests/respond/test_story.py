"""From a case to a question, an answer, a decision, and back: through the command line and a real mail server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.respond.conftest import Office

Haechi = Callable[..., tuple[int, str, str]]


@pytest.fixture
def case(haechi: Haechi, office: Office) -> str:
    code, out, _ = haechi("case", "list", "-w", office.folder, "--json")
    assert code == 1
    return next(c["id"] for c in json.loads(out)["cases"] if "bora" in c["entities"]["actor"])


def test_an_accepted_answer_explains_and_an_opened_one_does_not(
    haechi: Haechi, office: Office, case: str
) -> None:
    w = ("-w", office.folder, "--json")
    code, out, _ = haechi("case", "ask", case, "--account", "bora", *w)
    assert (code, json.loads(out)["applied"], json.loads(out)["requests"]) == (0, False, 17)
    assert not office.box.messages
    code, out, _ = haechi("case", "ask", case, "--account", "bora", "--apply", *w)
    ask = json.loads(out)["ask"]
    (message,) = office.box.messages
    assert code == 0 and message["To"] == "bora@office.example" and ask in message["Subject"]
    assert "1000177" not in message.get_content() and "#2 ••••77" in message.get_content()

    code, out, _ = haechi("case", "ask", case, "--account", "bora", "--apply", *w)
    assert code == 3 and ask in json.loads(out)["error"]["what"] and len(office.box.messages) == 1

    assert haechi("case", "answer", ask, "--text", "Ticket 4711", *w)[0] == 0
    assert haechi("case", "accept", ask, "--reason", "the ticket is about her", *w)[0] == 0
    code, out, _ = haechi("report", "case", case, "--out", office.folder / "case.html", *w)
    told = json.loads(out)["error"]
    assert (
        code == 2 and f"{case} is no case any more" in told["what"] and f"{ask}, accepted by" in told["what"]
    )
    page = office.folder / "month.html"
    month = ("report", "inspection", "--month", "2026-10", "--lang", "EN", "--out", page)
    assert haechi(*month, *w)[0] == 1
    row = page.read_text().partition("Answers that were decided on")[2].partition("</tbody>")[0]
    assert all(
        text in row for text in (ask, case, "Ticket 4711", "accepted", "the ticket is about her", "uid ")
    )
    assert haechi("verify", page, *w)[0] == 0
    code, out, _ = haechi("case", "list", *w)
    assert [c["entities"]["actor"] for c in json.loads(out)["cases"]] == [["chan"]]

    assert (
        haechi("case", "reopen", ask, "--reason", "Ticket 4711 is about another member", "--apply", *w)[0]
        == 0
    )
    assert "4711 is about another member" in office.box.messages[-1].get_content()
    code, out, _ = haechi("case", "list", *w)
    assert case in [c["id"] for c in json.loads(out)["cases"]]

    told = haechi("case", "show", case, "-w", office.folder)[1]
    assert f"{ask}: bora, about 17 accesses: reopened" in told
    code, out, _ = haechi("case", "asks", *w)
    told = json.loads(out)
    assert code == 0 and told["asks"][0]["state"] == "reopened" and told["strange"] == []
    assert told["waiting"] == {"messages": [], "unsealed": 0, "answers": 0}
    code, out, _ = haechi("case", "question", ask, *w)
    steps = json.loads(out)["steps"]
    assert [s["step"] for s in steps] == ["asked", "sent", "answered", "accepted", "reopened", "sent"]
    assert all(s["sealed"] for s in steps)
    assert haechi("verify", "-w", office.folder)[0] == 0
