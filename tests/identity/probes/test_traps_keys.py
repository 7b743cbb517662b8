"""Signing keys: a cache that still believes in a removed key, the same key under another name."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.identity.probes.asking import Folder
from tests.identity.probes.web_server import Reply, listening
from tests.servers import gateway, nginx
from tests.servers.fixtures import oidc, or_skip  # noqa: F401
from tests.servers.oidc import Oidc, signing_key

from haechi.identity.ask import Result
from haechi.model.settings import ProbeSettings, SystemSettings


def ask(folder: Folder, url: str, target: str, control: str = "", **options: str) -> Result:
    system = SystemSettings("keys", "jwks", url)
    return folder.ask(ProbeSettings("p", "keys", "jwks", target, control=control, options=options), system)


def test_a_cache_believes_in_a_removed_key(folder: Folder, oidc: Oidc, tmp_path: Path) -> None:  # noqa: F811
    old, new = signing_key("old"), signing_key("new")
    oidc.keys([old, new])
    with or_skip(nginx.running(tmp_path / "nginx", oidc.url)) as cache:
        assert ask(folder, f"{cache.url}/jwks", "old").state == "alive"
        with gateway.running(tmp_path / "gateway", f"{cache.url}/jwks") as gate:
            oidc.keys([new])
            assert ask(folder, oidc.jwks, "old").state == "dead"
            assert ask(folder, f"{cache.url}/jwks", "old").state == "alive"
            dead, good = token(old), token(new)
            system = SystemSettings(
                "gate", "gateway", gate.url, folder.secret("good", good), options={"path": "/ping"}
            )
            probe = ProbeSettings("p", "gate", "gateway", "old", folder.secret("dead", dead))
            result = folder.ask(probe, system)
    assert (result.state, result.control) == ("alive", "alive")
    assert dead not in result.evidence


def token(key: dict[str, object]) -> str:
    header = {"alg": "ES256", "kid": key["kid"]}
    return str(jwt.encode(header, {"sub": "nobody", "exp": int(time.time()) + 600}, ECKey.import_key(key)))


def test_the_issuer_itself_can_be_asked(folder: Folder, oidc: Oidc) -> None:  # noqa: F811
    oidc.keys([signing_key("a"), signing_key("b")])
    system = SystemSettings("login", "oidc", oidc.url)
    for target, state in (("a", "alive"), ("gone", "dead")):
        assert folder.ask(ProbeSettings("p", "login", "jwks", target), system).state == state


@pytest.mark.parametrize(
    ("keys", "control", "state"),
    [
        ([{"kid": "other"}], "", "dead"),
        ([{"kid": "other"}], "other", "dead"),
        ([{"kid": "other"}], "third", "unknown"),
        ([], "", "unknown"),
        ([{"kty": "EC"}], "", "unknown"),
        ([{"kid": "old"}], "", "alive"),
    ],
)
def test_a_removed_key_is_dead_only_among_others(
    folder: Folder, keys: list[dict[str, str]], control: str, state: str
) -> None:
    with listening(lambda asked: Reply(body={"keys": keys})) as server:
        assert ask(folder, server.url, "old", control).state == state


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"keys": [{"kid": "other"}]}),
        Reply(200, b"<html>not found</html>"),
        Reply(200, {"keys": "none"}),
        Reply(200, ["x"]),
        Reply(301, {"keys": [{"kid": "other"}]}, {"location": "https://keys.example/"}),
    ],
)
def test_what_is_no_key_set_tells_nothing(folder: Folder, reply: Reply) -> None:
    with listening(lambda asked: reply) as server:
        assert ask(folder, server.url, "old").state == "unknown"


def test_the_same_key_under_another_name_is_alive(folder: Folder) -> None:
    key = ECKey.generate_key("P-256")
    served = {**key.as_dict(private=False), "kid": "renamed"}
    with listening(lambda asked: Reply(body={"keys": [served, {"kid": "x", "kty": "odd"}]})) as server:
        assert ask(folder, server.url, "old").state == "dead"
        result = ask(folder, server.url, "old", thumbprint=key.thumbprint())
    assert result.state == "alive"
    assert "another kid" in result.evidence


def test_only_past_caches_it_is_still_served(folder: Folder) -> None:
    keys = {False: [{"kid": "new"}], True: [{"kid": "new"}, {"kid": "old"}]}
    life = {"cache-control": "public, max-age=600", "age": "17"}
    with listening(
        lambda asked: Reply(body={"keys": keys["cache-control" in asked.headers]}, headers=life)
    ) as server:
        result = ask(folder, server.url, "old")
    assert result.state == "alive"
    assert "17 seconds old, to be kept by caches for 600 seconds" in result.evidence
