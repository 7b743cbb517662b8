"""Tokens at an issuer: what disabling an account leaves alive, and what "not active" does not say."""

from __future__ import annotations

import pytest
from tests.identity.probes.asking import Folder
from tests.servers.fixtures import oidc  # noqa: F401
from tests.servers.oidc import Oidc

from haechi.identity.ask import Result
from haechi.model.settings import ProbeSettings, SystemSettings


def ask(folder: Folder, issuer: Oidc, kind: str, token: str, control: str, client: str = "monitor") -> Result:
    secret = folder.secret("client", f"{client}-not-a-secret")
    system = SystemSettings("login", "oidc", issuer.url, secret, options={"client-id": client})
    probe = ProbeSettings(
        "p", "login", kind, "kim", folder.secret("token", token), folder.secret("control", control)
    )
    return folder.ask(probe, system)


def test_a_refresh_token_survives_the_account(folder: Folder, oidc: Oidc) -> None:  # noqa: F811
    leaver, stays = oidc.login("kim"), oidc.login("park")
    oidc.disable("kim")
    result = ask(folder, oidc, "refresh", leaver.refresh, stays.refresh)
    assert (result.state, result.control) == ("alive", "alive")
    # Asking about it did not use it up, and it really works.
    assert oidc.refresh(leaver.refresh).status_code == 200


def test_a_revoked_token_is_dead(folder: Folder, oidc: Oidc) -> None:  # noqa: F811
    leaver, stays = oidc.login("lee"), oidc.login("choi")
    assert ask(folder, oidc, "introspection", leaver.opaque, stays.opaque).state == "alive"
    oidc.revoke(leaver.opaque)
    oidc.revoke(leaver.refresh)
    for kind, old, good in (
        ("introspection", leaver.opaque, stays.opaque),
        ("refresh", leaver.refresh, stays.refresh),
    ):
        result = ask(folder, oidc, kind, old, good)
        assert (result.state, result.control) == ("dead", "alive")
        assert old not in result.evidence


def test_not_active_can_mean_that_we_may_not_ask(folder: Folder, oidc: Oidc) -> None:  # noqa: F811
    leaver, stays = oidc.login("jung"), oidc.login("kang")
    assert oidc.introspect(leaver.opaque, "stranger") == {"active": False}  # and it is good
    result = ask(folder, oidc, "introspection", leaver.opaque, stays.opaque, client="stranger")
    assert (result.state, result.control) == ("unknown", "dead")


def test_a_wrong_client_may_not_ask(folder: Folder, oidc: Oidc) -> None:  # noqa: F811
    tokens = oidc.login("yoon")
    result = ask(folder, oidc, "introspection", tokens.opaque, tokens.opaque, client="nobody")
    assert result.state == "unknown"
    assert "may not ask" in result.evidence


@pytest.mark.parametrize("path", ["token", "token/revocation"])
def test_an_address_that_acts_is_not_posted_to(folder: Folder, oidc: Oidc, path: str) -> None:  # noqa: F811
    tokens = oidc.login("han")
    system = SystemSettings(
        "login", "oidc", oidc.url, folder.secret("c", oidc.client_secret),
        options={"client-id": oidc.client, "introspection": f"{oidc.url}/{path}"},
    )  # fmt: skip
    token = folder.secret("t", tokens.refresh)
    result = folder.ask(ProbeSettings("p", "login", "refresh", "han", token, token), system)
    assert result.state == "unknown"
    assert "nothing was sent" in result.evidence
    assert oidc.introspect(tokens.refresh)["active"] is True
