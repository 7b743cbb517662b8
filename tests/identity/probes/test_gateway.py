"""What a gateway's answers mean, and that a page which lets everybody in proves nothing."""

from __future__ import annotations

import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from tests.identity.probes.asking import QUICK, Folder
from tests.identity.probes.web_server import Asked, Reply, listening

from haechi.identity.ask import Question, ask
from haechi.identity.probes.jwt_times import times
from haechi.identity.probes.registry import PROBES
from haechi.model.settings import ProbeSettings, SystemSettings


def system(folder: Folder, url: str, **options: str) -> SystemSettings:
    good = folder.secret("good", "token-of-the-control")
    return SystemSettings("shop", "gateway", url, good, options={"path": "/me", **options})


def probe(folder: Folder, **more: str) -> ProbeSettings:
    return ProbeSettings(
        "old-key", "shop", "gateway", "k1", folder.secret("old", "token-of-the-dead"), **more
    )


def lets_in(*tokens: str) -> object:
    return lambda asked: Reply(200 if asked.headers.get("authorization") in tokens else 401)


@pytest.mark.parametrize(
    ("tokens", "state", "control"),
    [
        (["Bearer token-of-the-control"], "dead", "alive"),
        (["Bearer token-of-the-control", "Bearer token-of-the-dead"], "alive", "alive"),
        (["Bearer token-of-the-dead"], "alive", "dead"),
        ([], "unknown", "dead"),
    ],
)
def test_a_token_is_let_in_or_refused(folder: Folder, tokens: list[str], state: str, control: str) -> None:
    with listening(lets_in(*tokens)) as server:  # type: ignore[arg-type]
        result = folder.ask(probe(folder), system(folder, server.url))
    assert (result.state, result.control) == (state, control)
    assert [asked.method for asked in server.asked] == ["GET"] * 3


def test_a_page_that_lets_everybody_in_tells_nothing(folder: Folder) -> None:
    with listening(lambda asked: Reply(200)) as server:
        result = folder.ask(probe(folder), system(folder, server.url))
    assert result.state == "unknown"
    assert len(server.asked) == 1  # no token was sent


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_other_answers_tell_neither(folder: Folder, status: int) -> None:
    def answer(asked: Asked) -> Reply:
        sent = asked.headers.get("authorization", "")
        return Reply(status if "dead" in sent else 200 if sent else 401)

    with listening(answer) as server:
        result = folder.ask(probe(folder), system(folder, server.url))
    assert result.state == "unknown"
    assert str(status) in result.evidence


@pytest.mark.parametrize(
    ("nobody", "refused", "before", "state"),
    [
        (401, 403, False, "unknown"),  # a session that lacks rights is a session
        (401, 403, True, "dead"),
        (401, 401, False, "dead"),
        (403, 403, False, "dead"),
    ],
)
def test_a_refusal_may_be_for_lack_of_rights(
    folder: Folder, nobody: int, refused: int, before: bool, state: str
) -> None:
    def answer(asked: Asked) -> Reply:
        sent = asked.headers.get("authorization", "")
        return Reply(refused if "dead" in sent else 200 if sent else nobody)

    with listening(answer) as server:
        question = Question(probe(folder), system(folder, server.url), before)
        result = ask(question, PROBES, folder.path, QUICK, lambda: None)
    assert (result.state, result.control) == (state, "alive")


@pytest.mark.parametrize("method", ["POST", "delete", "PUT"])
def test_a_method_that_could_change_something_is_not_sent(folder: Folder, method: str) -> None:
    with listening(lambda asked: Reply(200)) as server:
        result = folder.ask(probe(folder), system(folder, server.url, method=method))
    assert result.state == "unknown"
    assert "could change something" in result.evidence
    assert server.asked == []


def test_the_settings_that_are_missing_are_named(folder: Folder) -> None:
    bare = SystemSettings("shop", "gateway", "http://127.0.0.1:1")
    result = folder.ask(ProbeSettings("p", "shop", "gateway"), bare)
    assert result.state == "unknown"
    assert "needs credential and control and path" in result.evidence


@pytest.mark.parametrize(("ends", "state"), [(-60, "unknown"), (60, "dead")])
def test_an_expired_token_tells_nothing_of_its_key(folder: Folder, ends: int, state: str) -> None:
    token = jwt.encode({"alg": "HS256"}, {"exp": int(time.time()) + ends}, OctKey.generate_key(256))
    with listening(lets_in("Bearer token-of-the-control")) as server:  # type: ignore[arg-type]
        asked = ProbeSettings("p", "shop", "gateway", "k1", folder.secret("old", token))
        result = folder.ask(asked, system(folder, server.url))
    assert result.state == state


@pytest.mark.parametrize(
    "token", [b"a.b.c", b"x", b"..", b"e30.e30.", b"e30.W10.x", b"e30.eyJleHAiOjFlOTl9.x"]
)
def test_what_is_no_token_or_an_odd_one_has_no_times(token: bytes) -> None:
    told = times(token)
    assert told is None or (told.made, told.ends) == (None, None)
