"""Servers that are down, lie, drip, never end, or point elsewhere: each a clear error, and the secret stays unsaid."""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.identity.sources.asking import asking
from tests.identity.sources.certificates import certificate
from tests.identity.sources.hostile import Handle, answering, send, send_json

from haechi.identity.interface import Source
from haechi.identity.sources import making
from haechi.identity.sources.jwks import Jwks
from haechi.identity.sources.openbao import OpenBao
from haechi.identity.sources.scim import Scim
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

SECRET = "hunter2hunter2hunter2"
SOURCES: tuple[Source, ...] = (Scim(), OpenBao(), Jwks())


def _refused(source: Source, url: str, folder: Path, wait: float = 5.0, ca: str = "") -> IdentityError:
    system = SystemSettings(name="them", kind=source.kind, url=url, credential="env:SECRET", ca=ca)
    with pytest.raises(IdentityError) as caught:
        list(source.gather(system, asking(folder, {"SECRET": SECRET}, wait)))
    told = caught.value.diagnostics() + repr(caught.value)
    assert SECRET not in told and "them" in told
    return caught.value


def _always(body: bytes, status: int = 200, **headers: str) -> Handle:
    return lambda request: send(request, body, status, **headers)


def _echoing(request: BaseHTTPRequestHandler) -> None:
    """It repeats what it was sent, as error pages do."""
    send_json(request, {"detail": str(request.headers), SECRET: SECRET}, 500)


def _dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


def _endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(1000):
        request.wfile.write(b"[" * 65_536)


ANSWERS: dict[str, Handle] = {
    "HTML": _always(b"<html><body>Sign in</body></html>", **{"Content-Type": "text/html"}),
    "nothing": _always(b""),
    "half": _always(b'{"data": {"keys": ['),
    "another shape": _always(b'{"data": 7, "keys": 7, "totalResults": "many", "Resources": {}}'),
    "null": _always(b"null"),
    "deep": _always(b"[" * 200_000),
    "odd bytes": _always(b'{"data": {"keys": ["\xff\xfe"]}, "keys": [{"kty": "\xff"}], "totalResults": "\xff"}'),
    "half characters": _always(b'{"data": {"keys": ["\\ud800"]}, "keys": "\\ud800", "totalResults": "\\ud800"}'),
    "unauthorized": _always(b"{}", 401),
    "teapot": _always(b"{}", 418),
    "echo": _echoing,
    "endless": _endless,
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none(
    source: Source, name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(ANSWERS[name]) as url:
        _refused(source, url, tmp_path)
    assert SECRET not in caplog.text


def _dripping_headers(request: BaseHTTPRequestHandler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100:
        request.wfile.write(bytes([byte]))
        request.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("drip", [_dripping, _dripping_headers])
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
def test_a_drip_ends(source: Source, drip: Handle, tmp_path: Path) -> None:
    with answering(drip) as url:
        begun = time.monotonic()
        _refused(source, url, tmp_path, wait=0.5)
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_takes_the_secret_nowhere(source: Source, status: int, tmp_path: Path) -> None:
    heard: list[str] = []
    with answering(lambda request: heard.append(str(request.headers))) as elsewhere:

        def away(request: BaseHTTPRequestHandler) -> None:
            send(request, b"", status, Location=f"{elsewhere}{request.path}")

        with answering(away) as url:
            assert "not followed" in _refused(source, url, tmp_path).what
    assert heard == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
def test_nobody_there(source: Source, tmp_path: Path) -> None:
    with answering(_always(b"")) as url:
        pass
    _refused(source, url, tmp_path)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
def test_a_secret_does_not_go_over_a_network_in_the_clear(source: Source, tmp_path: Path) -> None:
    assert "unencrypted" in _refused(source, "http://192.0.2.1:8200", tmp_path).what


def test_a_certificate_of_somebody_else_gets_no_secret(tmp_path: Path) -> None:
    theirs, other = certificate(tmp_path, "theirs"), certificate(tmp_path, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(theirs)
    heard: list[str] = []

    def page(request: BaseHTTPRequestHandler) -> None:
        heard.append(request.headers["Authorization"])
        send_json(request, {"totalResults": 1, "Resources": [{"id": "1", "active": True}]})

    with answering(page, context) as url:
        assert "certificate" in _refused(Scim(), url, tmp_path, ca=other.name).what
        assert heard == []
        system = SystemSettings(name="them", kind="scim", url=url, credential="env:SECRET", ca=theirs.name)
        facts = list(Scim().gather(system, asking(tmp_path, {"SECRET": SECRET})))
        assert {f.object for f in facts if f.kind == "listing"} == {"account", "grant"} and set(heard) == {
            f"Bearer {SECRET}"
        }


@pytest.mark.parametrize(
    ("source", "told", "words"),
    [(Scim(), {"totalResults": 0, "Resources": []}, "no user"), (Jwks(), {"keys": []}, "no key")],
)
def test_a_list_of_nothing_is_nobody_s_death(
    source: Source, told: object, words: str, tmp_path: Path
) -> None:
    with answering(_always(json.dumps(told).encode())) as url:
        assert words in _refused(source, url, tmp_path).what


def _scim(resources: Callable[[int], list[dict[str, str]]], total: Callable[[int], int]) -> Handle:
    def handle(request: BaseHTTPRequestHandler) -> None:
        start = int(parse_qs(urlsplit(request.path).query)["startIndex"][0])
        send_json(request, {"totalResults": total(start), "Resources": resources(start)})

    return handle


def test_the_same_page_again_and_again(tmp_path: Path) -> None:
    with answering(_scim(lambda start: [{"id": "1"}], lambda start: 50)) as url:
        assert "fewer entries" in _refused(Scim(), url, tmp_path).what


def test_pages_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from haechi.identity.sources import scim

    monkeypatch.setattr(scim, "MOST_PAGES", 10)
    with answering(_scim(lambda start: [{"id": str(start)}], lambda start: 900_000)) as url:
        assert "more than 10 pages" in _refused(Scim(), url, tmp_path).what
    with answering(_scim(lambda start: [], lambda start: 10**12)) as url:
        assert "more than 1,000,000 entries" in _refused(Scim(), url, tmp_path).what


def test_a_list_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """One that shrank may have let somebody slip from one page to the one before."""
    with answering(_scim(lambda start: [{"id": str(start)}], lambda start: 100 - start)) as url:
        assert "changed each of 3 times" in _refused(Scim(), url, tmp_path).what


def test_names_that_no_honest_system_has(tmp_path: Path) -> None:
    with answering(_scim(lambda start: [{"id": "1", "userName": "k" * 3000}], lambda start: 1)) as url:
        assert "more than 2,048 characters" in _refused(Scim(), url, tmp_path).what


def test_controls_in_names_are_shown_and_change_no_line(tmp_path: Path) -> None:
    with answering(
        _scim(lambda start: [{"id": "1", "userName": "kim\n\x00\x1b[2J\u2028lee 해치"}], lambda start: 1)
    ) as url:
        system = SystemSettings(name="them", kind="scim", url=url)
        account = next(iter(Scim().gather(system, asking(tmp_path)))).account
    assert account == "kim\\n\\x00\\x1b[2J\\u2028lee 해치"


def test_more_facts_than_there_are_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_FACTS", 3)
    users = [{"id": str(number)} for number in range(5)]
    with answering(_scim(lambda start: users, lambda start: 5)) as url:
        assert "more than 3 facts" in _refused(Scim(), url, tmp_path).what


def test_a_credential_that_would_end_its_header(tmp_path: Path) -> None:
    system = SystemSettings(name="them", kind="scim", url="http://127.0.0.1:9", credential="env:SECRET")
    for secret in ("a\r\nHost: b", "", "a b", "비밀"):
        with pytest.raises(IdentityError, match="not one word") as caught:
            list(Scim().gather(system, asking(tmp_path, {"SECRET": secret})))
        assert not secret or secret not in caught.value.diagnostics()


def test_a_vault_that_names_odd_things(tmp_path: Path) -> None:
    """Names with slashes, dots and question marks stay inside their own place in the path."""
    paths: list[str] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        paths.append(request.path)
        asked = urlsplit(request.path)
        if asked.path.startswith("/v1/sys/mounts"):
            send_json(request, {"data": {"t/": {"type": "transit", "options": None}}})
        elif asked.path == "/v1/t/keys":
            send_json(request, {"data": {"keys": ["a?b=c#d", "..%2f..", "gone"]}})
        elif asked.path == "/v1/t/keys/gone":  # since it was listed
            send(request, b'{"errors": []}', 404)
        elif asked.path.startswith("/v1/t/keys/"):
            send_json(
                request, {"data": {"keys": {"1": 1, "2": {"creation_time": 7}, "x": None}, "type": "z"}}
            )
        elif asked.path.endswith("sys/auth"):
            send_json(request, {"data": {}})
        else:
            send(request, json.dumps({"errors": []}).encode(), 404)

    with answering(handle) as url:
        system = SystemSettings(name="them", kind="openbao", url=url, credential="env:SECRET")
        facts = list(OpenBao().gather(system, asking(tmp_path, {"SECRET": SECRET})))
    assert {fact.object for fact in facts if fact.kind == "secret"} == {"t/keys/a?b=c#d", "t/keys/..%2f.."}
    assert {"/v1/t/keys/a%3Fb%3Dc%23d", "/v1/t/keys/..%252f.."} <= set(paths)


def test_names_that_no_address_can_hold(tmp_path: Path) -> None:
    odd = (
        {"jwks_uri": "/" + "k" * 100_000},
        {"jwks_uri": "a\nb"},
        {"jwks_uri": "http://[bad"},
        {"jwks_uri": ""},
    )
    for told in odd:
        with answering(lambda request, told=told: send_json(request, told)) as url:
            assert len(_refused(Jwks("oidc"), url, tmp_path).where) < 400
