"""The answer page: one page a link, once; nothing for anybody without one."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from tests.respond.conftest import Office

from haechi.cli.main import run
from haechi.model.errors import AskError, StoreError
from haechi.respond import decisions, questions, server, tend
from haechi.respond.accesses import Shown
from haechi.respond.decisions import answer_of
from haechi.respond.page import question_page
from haechi.respond.server import AnswerServer, Pace
from haechi.respond.steps import row_of
from haechi.respond.tend import send

DAY = 86_400_000_000
STOLEN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}


@contextmanager
def serving(office: Office, **options: int) -> Iterator[httpx.Client]:
    answers = AnswerServer(office.workspace, "127.0.0.1", 0, lambda: office.now, **options)
    thread = threading.Thread(target=answers.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{answers.server_port}"
    office.settle(url=url)
    answers.workspace = office.workspace
    try:
        with httpx.Client(base_url=url, timeout=20) as client:
            yield client
    finally:
        answers.shutdown()
        answers.server_close()


def asked(office: Office, **wish: object) -> tuple[str, str]:
    """A question that was sent: its id, and the path of its link."""
    with office.desk() as desk:
        name = questions.ask(desk, office.plan(desk, **wish))
        assert [one.ended.how for one in send(desk)] == ["sent"]
    return name, link(office)


def link(office: Office) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+(/a/\S+)", office.box.messages[-1].get_content())
    assert found is not None
    return found[1]


def state(office: Office, name: str) -> str:
    with office.desk() as desk, desk.database.reading() as connection:
        return str(row_of(connection, name)["state"])


def test_a_link_answers_once(office: Office) -> None:
    with serving(office) as client:
        name, path = asked(office)
        page = client.get(path)
        assert page.status_code == 200 and name in page.text and "1000177" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        assert (
            client.get(path).status_code == 200 and state(office, name) == "asked"
        )  # to look changes nothing
        short = client.post(path, data={"answer": " x "})
        assert short.status_code == 422 and 'role="alert"' in short.text
        done = client.post(path, data={"answer": "Ticket 4711,\r\nby phone 전화"})
        assert done.status_code == 200 and "recorded" in done.text
        assert client.get(path).status_code == client.post(path, data={"answer": "again"}).status_code == 404
    with office.desk() as desk, desk.database.reading() as connection:
        given = answer_of(connection, name)
        assert given is not None and given["said"]["text"] == "Ticket 4711,\nby phone 전화"
        assert (given["by"], given["sealed"]) == ("asked, by link", True)
        assert set(desk.store.snapshot().catalog.asks[name]) == {1, 2, 3}


def test_nobody_else_gets_anything(office: Office) -> None:
    with serving(office) as client:
        name, path = asked(office)
        wrong = [
            path[:-1],
            path + "A",
            path.swapcase(),
            "/a/",
            "/",
            "/a/x.y",
            "/favicon.ico",
            path + "/",
            "/a/" + "é" * 9,
        ]
        pages = {(answer.status_code, answer.text) for answer in (client.get(one) for one in wrong)}
        assert len(pages) == 1 and next(iter(pages))[0] == 404
        assert client.post(path, data={"answer": "Ticket 1"}, headers=STOLEN).status_code == 404
        assert client.post(path, data={"answer": "Ticket 1"}, headers={"Origin": "null"}).status_code == 404
        assert (
            client.post(path, content=b"\xff=%ff", headers={"Sec-Fetch-Site": "same-origin"}).status_code
            == 422
        )
        assert client.post(path, content=b"answer=" + b"a" * 70_000).status_code == 413
        office.now += 31 * DAY
        assert client.get(path).status_code == client.post(path, data={"answer": "late"}).status_code == 404
        assert state(office, name) == "asked"


@pytest.mark.parametrize(
    "head", ["Content-Length: 12\r\nTransfer-Encoding: chunked", "Content-Length: x", ""]
)
def test_a_body_is_never_read_as_a_request(office: Office, head: str) -> None:
    with serving(office) as client:
        _, path = asked(office)
        with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=10) as raw:
            raw.sendall(
                f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\nGET {path} HTTP/1.1\r\n\r\n".encode()
            )
            answers = b""
            with suppress(ConnectionResetError):
                while part := raw.recv(4096):
                    answers += part
        assert answers.count(b"HTTP/1.1 ") <= 1 and b" 200 OK" not in answers


def test_two_answers_at_once_are_one(office: Office) -> None:
    with serving(office) as client:
        name, path = asked(office)
        codes: list[int] = []

        def answer(n: int) -> None:
            codes.append(client.post(path, data={"answer": f"Ticket {n}"}).status_code)

        threads = [threading.Thread(target=answer, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [200, 404, 404, 404] and state(office, name) == "answered"


def test_an_answer_is_kept_although_the_log_cannot_be_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(office) as client:
        name, path = asked(office)

        def full(*_: object) -> int:
            raise StoreError("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(server, "seal", full)
            assert client.post(path, data={"answer": "Ticket 4711"}).status_code == 200
        with office.desk() as desk:
            assert 3 not in desk.store.snapshot().catalog.asks[name]
            assert tend.tend(desk).sealed == 1
            assert desk.store.snapshot().catalog.asks[name][3].step == "answered"


def test_who_stands_in_for_a_manager_answers_and_does_not_decide(office: Office) -> None:
    with serving(office) as client:
        office.settle(url=str(client.base_url).rstrip("/"), more='escalate-to = "chief@office.example"')
        name, _ = asked(office, account="chan", to="c@office.example")
        office.now += 10 * DAY
        with office.desk() as desk:
            assert [(one.kind, one.to) for one in tend.tend(desk).sent] == [
                ("escalated", "chief@office.example")
            ]
        assert client.post(link(office), data={"answer": "Ticket 4711"}).status_code == 200
    with (
        office.desk("chief (uid 9)") as desk,
        pytest.raises(AskError, match="who accepts cannot be who is asked"),
    ):
        decisions.accept(desk, name)
    with office.desk() as desk:
        decisions.accept(desk, name)


def test_too_many_requests_are_told_to_wait(office: Office) -> None:
    with serving(office, per_minute=3) as client:
        assert [client.get("/").status_code for _ in range(5)] == [404, 404, 404, 429, 429]


def test_the_pace_comes_back_and_is_each_address_own() -> None:
    time = 0.0
    pace = Pace(60, lambda: time)
    assert [pace.may("a") for _ in range(61)] == [True] * 60 + [False]
    assert pace.may("b")
    time = 1.5
    assert [pace.may("a"), pace.may("a")] == [True, False]


def test_a_link_outlives_a_key_that_was_replaced(office: Office) -> None:
    with serving(office) as client:
        name, path = asked(office)
        assert run(["key", "rotate", "-w", str(office.folder)]) == 0
        assert client.get(path).status_code == 200
        assert client.post(path, data={"answer": "Ticket 4711"}).status_code == 200
    with serving(office) as client:
        assert client.get(path).status_code == 404 and state(office, name) == "answered"


def test_hostile_text_is_text(office: Office) -> None:
    evil = "</title><script>alert(1)</script>\u202e"
    with office.desk() as desk:
        name = questions.ask(desk, office.plan(desk))
        with desk.database.reading() as connection:
            row = dict(row_of(connection, name))
        row |= {
            "whom": evil,
            "shown": [dict.fromkeys(Shown.__struct_fields__, evil) | {"time": 0, "subjects": None}],
        }
        page = question_page(row, "self", "a@b.example", desk.zone, evil, "")  # type: ignore[arg-type]
    assert "<script" not in page and page.count("&lt;script&gt;") >= 7
    assert "\u202e" not in page.split("<textarea")[0]  # behind it stands what its reader wrote


def test_the_log_of_the_server_holds_no_link(
    office: Office, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with serving(office) as client:
        _, path = asked(office)
        client.get(path)
        client.post(path, data={"answer": "Ticket 4711"})
    said = capfd.readouterr().err
    assert " GET 200" in said and " POST 200" in said and path[3:20] not in said and "4711" not in said
