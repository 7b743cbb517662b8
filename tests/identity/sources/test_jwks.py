"""Published keys: of key sets, and of an OpenID provider."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.identity.sources.hostile import Handle, answering, send_json

from haechi.identity.sources.jwks import Jwks
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings


def _serving(paths: dict[str, Any], **headers: str) -> Handle:
    def handle(request: BaseHTTPRequestHandler) -> None:
        found = paths.get(request.path)
        told = found(f"http://{request.headers['Host']}") if callable(found) else found
        send_json(request, told, 200 if told else 404, **headers)

    return handle


def _key(kid: str, private: bool = False) -> dict[str, Any]:
    made = ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256", "use": "sig"})
    return dict(made.as_dict(private=private))


def test_keys_and_how_long_they_are_kept(tmp_path: Path) -> None:
    keys = [_key("a"), _key("b"), {name: value for name, value in _key("").items() if name != "kid"}]
    with answering(
        _serving({"/keys": {"keys": keys}}, **{"Cache-Control": "public, max-age=600", "Age": "42"})
    ) as url:
        facts = gather(Jwks(), SystemSettings(name="login", kind="jwks", url=f"{url}/keys"), asking(tmp_path))
    thumbprint = ECKey.import_key(keys[2]).thumbprint()
    assert states(facts, "secret") == {
        ("", "a", ""): "alive", ("", "b", ""): "alive", ("", f"thumbprint/{thumbprint}", ""): "alive"
    }  # fmt: skip
    words = of(facts, "secret")[0].evidence
    assert (
        "type EC" in words
        and "ES256" in words
        and "use sig" in words
        and "42 s old" in words
        and "600 s" in words
    )
    assert listed(facts) == {"secret"}


def test_a_provider_tells_where_its_keys_are(tmp_path: Path) -> None:
    paths = {
        "/.well-known/openid-configuration": lambda own: {"jwks_uri": f"{own}/jwks"},
        "/jwks": {"keys": [_key("a")]},
    }
    with answering(_serving(paths)) as url:
        facts = gather(Jwks("oidc"), SystemSettings(name="login", kind="oidc", url=url), asking(tmp_path))
    assert states(facts, "secret") == {("", "a", ""): "alive"}


def test_a_provider_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    told = {"jwks_uri": "http://127.0.0.1:9/jwks"}
    with (
        answering(_serving({"/.well-known/openid-configuration": told})) as url,
        pytest.raises(IdentityError),
    ):
        gather(Jwks("oidc"), SystemSettings(name="login", kind="oidc", url=url), asking(tmp_path))


def test_a_private_part_that_is_published_is_said_and_not_shown(tmp_path: Path) -> None:
    key = _key("open", private=True)
    with answering(_serving({"/": {"keys": [key]}})) as url:
        facts = gather(Jwks(), SystemSettings(name="login", kind="jwks", url=f"{url}/"), asking(tmp_path))
    (secret,) = of(facts, "secret")
    assert secret.how == "at-rest" and "PRIVATE" in secret.evidence
    assert key["d"] not in str(facts)


@pytest.mark.parametrize("told", [{"keys": [1]}, {"keys": [{}]}, {"keys": {}}, [], {"keys": [{"kty": 1}]}])
def test_what_is_no_key_set(tmp_path: Path, told: Any) -> None:
    with (
        answering(_serving({"/k": told or [0]})) as url,
        pytest.raises(IdentityError, match="not as it should be"),
    ):
        gather(Jwks(), SystemSettings(name="login", kind="jwks", url=f"{url}/k"), asking(tmp_path))
