"""A secret goes to the system it is configured for and nowhere else: no other host, no log, no evidence, no error."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.identity.probes.asking import Folder
from tests.identity.probes.web_server import Asked, Listening, Reply, listening

from haechi.identity.interface import Asking
from haechi.identity.probes.registry import PROBES
from haechi.identity.probes.web import Refused, Web
from haechi.model.settings import ProbeSettings, SystemSettings

ASKED, OURS, GOOD = "secret-of-the-leaver-4711", "secret-of-ours-0815", "secret-of-the-control-42"
SECRETS = (ASKED, OURS, GOOD)
ISSUER = ".well-known/openid-configuration"


def system(folder: Folder, kind: str, url: str) -> SystemSettings:
    """A system of a kind that speaks HTTP."""
    options = {
        "oidc": {"client-id": "haechi", "introspection": f"{url}/introspect"},
        "gateway": {"path": "/me"},
    }
    secret = f"AKIAOWN:{OURS}" if kind == "aws" else OURS
    return SystemSettings("there", kind, url, folder.secret("ours", secret), options=options.get(kind, {}))


def probe(folder: Folder, kind: str) -> ProbeSettings:
    """A probe of a kind, with all that it may need."""
    targets = {"openbao-key": "transit/keys/login:1", "openbao-token": "accessor", "scim": "kim"}
    asked = f"AKIAOLD:{ASKED}" if kind.startswith("aws") else ASKED
    controls = {
        "scim": "park",
        "openbao-token": "other",
        "openbao-key": "transit/keys/x:1",
        "aws-key": "AKIAX",
    }
    by_file = kind in ("introspection", "refresh", "gateway")
    control = folder.secret("good", GOOD) if by_file else controls.get(kind, "")
    options = {"user": "kim", "control-user": "park"} if kind == "aws-key" else {}
    return ProbeSettings(
        "p", "there", kind, targets.get(kind, "k1"), folder.secret("asked", asked), control, options=options
    )


OVER_HTTP = {"oidc", "jwks", "gateway", "openbao", "scim", "aws"}
KINDS = [(name, kind) for name, made in PROBES.items() for kind in sorted(made.systems & OVER_HTTP)]
Answering = Callable[[Asked], Reply]


def told(listening: Listening) -> str:
    return repr(listening.asked)


@pytest.mark.parametrize(("name", "kind"), KINDS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(folder: Folder, name: str, kind: str, status: int) -> None:
    with listening(lambda asked: Reply(200, {"active": True})) as thief:
        redirect = Reply(status, b"", {"location": f"{thief.url}/stolen"})
        with listening(lambda asked: redirect) as there:
            result = folder.ask(probe(folder, name), system(folder, kind, there.url))
    assert result.state == "unknown"
    assert there.asked
    assert thief.asked == []


@pytest.mark.parametrize("member", ["introspection_endpoint", "jwks_uri"])
def test_a_document_that_points_elsewhere_is_not_followed(folder: Folder, member: str) -> None:
    # The same host, another port: another server all the same.
    with (
        listening(lambda asked: Reply(200, {"active": True, "keys": [{"kid": "k1"}]})) as thief,
        listening(lambda asked: Reply(200, {member: f"{thief.url}/x"})) as there,
    ):
        bare = SystemSettings("there", "oidc", there.url, folder.secret("ours", OURS))
        name = "jwks" if member == "jwks_uri" else "introspection"
        result = folder.ask(probe(folder, name), bare)
    assert result.state == "unknown"
    assert "another host" in result.evidence
    assert thief.asked == []


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_no_log_no_evidence_no_error_tells_a_secret(
    folder: Folder, name: str, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    replies: list[Answering] = [
        lambda asked: Reply(200, repr(asked).encode()),  # a server that sends back all it was sent
        lambda asked: Reply(500, {"error": repr(asked)}),
        lambda asked: Reply(401, {"error": asked.headers.get("authorization", "")}),
        lambda asked: Reply(200, {"active": repr(asked), "data": {"expire_time": repr(asked)}}),
        lambda asked: Reply(200, {"introspection_endpoint": f"http://127.0.0.1:9/{asked.headers}"}),
    ]
    for answer in replies:
        with listening(answer) as there:
            result = folder.ask(probe(folder, name), system(folder, kind, there.url))
        out = capfd.readouterr()
        for secret in SECRETS:
            assert secret not in repr(result)
            assert secret not in repr(result.fact("secret"))
            assert secret not in caplog.text
            assert secret not in out.out + out.err


@pytest.mark.parametrize("name", sorted({name for name, _ in KINDS}))
@pytest.mark.parametrize("url", ["http://192.0.2.1", "http://gateway.invalid"])
def test_in_the_clear_a_secret_stays_on_this_machine(
    folder: Folder, name: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = sorted(PROBES[name].systems & OVER_HTTP)[0]
    sent = resolving(monkeypatch, {"192.0.2.1": "192.0.2.1", "gateway.invalid": "192.0.2.1"})
    quick = Asking(lambda reference: OURS.encode(), folder.path, 0.05, datetime.now(UTC))
    web = Web(system(folder, kind, url), quick)
    with pytest.raises(Refused, match="unencrypted"):
        web.ask("GET", "/me", headers={"authorization": OURS})
    assert sent == []


def test_a_name_that_is_suddenly_elsewhere_gets_no_secret(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is looked up once, and what was looked at is what is connected to."""
    with listening(lambda asked: Reply(200)) as there:
        port = there.url.rsplit(":", 1)[1]
        answers = iter(["127.0.0.1", "192.0.2.1", "192.0.2.1"])
        sent = resolving(monkeypatch, {}, then=lambda host: next(answers))
        quick = Asking(lambda reference: OURS.encode(), folder.path, 2, datetime.now(UTC))
        web = Web(system(folder, "gateway", f"http://shop.test:{port}"), quick)
        assert web.ask("GET", "/me", headers={"authorization": OURS}).status == 200
        assert there.asked[0].headers["host"] == f"shop.test:{port}"
        with pytest.raises(Refused, match="unencrypted"):
            web.ask("GET", "/me", headers={"authorization": OURS})
    assert len(there.asked) == 1
    assert "192.0.2.1" not in sent


def resolving(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, str], then: Callable[[str], str] | None = None
) -> list[str]:
    """Let names lead to these addresses; the hosts that are connected to."""

    real_look, real_connect = socket.getaddrinfo, socket.create_connection
    connected: list[str] = []

    def look(host: str, *arguments: object, **named: object) -> object:
        if host in names:
            host = names[host]
        elif then and not host[0].isdigit():
            host = then(host)
        return real_look(host, *arguments, **named)  # type: ignore[arg-type]

    def connect(address: tuple[str, int], *arguments: object, **named: object) -> socket.socket:
        connected.append(address[0])
        return real_connect(address, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setattr(socket, "create_connection", connect)
    return connected


def test_no_proxy_of_the_environment_is_asked(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(lambda asked: Reply(200)) as thief, listening(lambda asked: Reply(401)) as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, thief.url)
        folder.ask(probe(folder, "gateway"), system(folder, "gateway", there.url))
        assert there.asked
        assert thief.asked == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get", "OPTIONS"])
def test_what_could_change_something_is_refused_before_it_is_sent(folder: Folder, method: str) -> None:
    with listening(lambda asked: Reply(200)) as there:
        quick = Asking(lambda reference: b"", folder.path, 2, datetime.now(UTC))
        web = Web(system(folder, "gateway", there.url), quick, questions={"/introspect"})
        with pytest.raises(Refused, match="could change something"):
            web.ask(method, "/me")
        assert there.asked == []
        assert web.ask("POST", "/introspect").status == 200


def test_endless_and_slow_answers_end(folder: Folder) -> None:
    with listening(lambda asked: Reply(200, b"x" * 5_000_000)) as there:
        result = folder.ask(probe(folder, "jwks"), system(folder, "jwks", there.url))
    assert result.state == "unknown"
    assert "too much" in result.evidence


def test_a_name_with_two_addresses_of_this_machine(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(lambda asked: Reply(200)) as there:
        port = int(there.url.rsplit(":", 1)[1])
        both = [(2, 1, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
        quick = Asking(lambda reference: OURS.encode(), folder.path, 2, datetime.now(UTC))
        web = Web(system(folder, "gateway", f"http://two.test:{port}"), quick)
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **n: both if host == "two.test" else real(host, *a, **n)
        )
        assert web.ask("GET", "/me", headers={"authorization": OURS}).status == 200
