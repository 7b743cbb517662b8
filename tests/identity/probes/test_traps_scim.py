"""SCIM: `active` as it should be, as a word, and left out; services that do not filter."""

from __future__ import annotations

from typing import Any

import pytest
from tests.identity.probes.asking import Folder
from tests.identity.probes.web_server import Asked, Reply, listening
from tests.servers.fixtures import scim  # noqa: F401
from tests.servers.scim import Scim

from haechi.identity.ask import Result
from haechi.model.settings import ProbeSettings, SystemSettings


def ask(folder: Folder, url: str, target: str, control: str = "park", token: str = "scim-t") -> Result:
    system = SystemSettings("people", "scim", url, folder.secret("scim", token))
    return folder.ask(ProbeSettings("p", "people", "scim", target, control=control), system)


def test_a_real_service(folder: Folder, scim: Scim) -> None:  # noqa: F811
    gone, stays = scim.user("kim"), scim.user("park")
    assert ask(folder, scim.url, "kim", token=scim.token).state == "alive"
    scim.active(gone, False)
    for target, control in (
        ("kim", "park"),
        ("KIM", "park"),
        (f"id:{gone}", f"id:{stays}"),
        ("nobody", "park"),
    ):
        result = ask(folder, scim.url, target, control, scim.token)
        assert (result.state, result.control) == ("dead", "alive"), result.evidence
    assert ask(folder, scim.url, "kim", control="kim", token=scim.token).state == "unknown"
    assert ask(folder, scim.url, "kim", token="another token").state == "unknown"


@pytest.mark.parametrize(
    ("active", "state"),
    [
        ({"active": "False"}, "dead"),
        ({"active": "false"}, "dead"),
        ({"active": "True"}, "alive"),
        ({"active": True}, "alive"),
        ({"active": False}, "dead"),
        ({"active": "no"}, "unknown"),
        ({"active": 0}, "unknown"),
        ({"active": None}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_active_as_services_write_it(folder: Folder, active: dict[str, Any], state: str) -> None:
    def answer(asked: Asked) -> Reply:
        name = "park" if "park" in asked.query["filter"][0] else "kim"
        user = {"userName": name, **(active if name == "kim" else {"active": True})}
        return Reply(body={"totalResults": 1, "Resources": [user]})

    with listening(answer) as server:
        result = ask(folder, server.url, "kim")
    assert (result.state, result.control) == (state, "alive")


def test_a_service_that_ignores_filters_hides_nobody(folder: Folder) -> None:
    users = [{"userName": "park", "active": True}]
    with listening(lambda asked: Reply(body={"totalResults": 900, "Resources": users})) as server:
        result = ask(folder, server.url, "kim")
    assert result.state == "unknown"
    assert "did not filter" in result.evidence


def test_a_name_cannot_widen_the_filter(folder: Folder) -> None:
    with listening(lambda asked: Reply(body={"totalResults": 0, "Resources": []})) as server:
        ask(folder, server.url, 'x" or userName pr or userName eq "\\')
    assert server.asked[1].query["filter"] == ['userName eq "x\\" or userName pr or userName eq \\"\\\\"']
