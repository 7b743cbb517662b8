"""SCIM users and groups, from a real server and from servers that do what real ones do wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.identity.sources.hostile import answering, json_pages
from tests.servers.fixtures import scim  # noqa: F401
from tests.servers.scim import Scim as Server

from haechi.identity.sources.scim import PAGE, Scim, active
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings


def _system(url: str, **options: str) -> SystemSettings:
    return SystemSettings(name="directory", kind="scim", url=url, credential="env:TOKEN", options=options)


def test_a_real_server(scim: Server, tmp_path: Path) -> None:  # noqa: F811
    for number in range(PAGE + 20):
        scim.user(f"user-{number:03}", f"E-{number:03}")
    gone = scim.user("kim", "E-kim")
    group = scim.call(
        "POST",
        "Groups",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "admins",
            "members": [{"value": gone}],
        },
    )
    system, asked = _system(scim.url, person="externalId"), asking(tmp_path, {"TOKEN": scim.token})
    before = gather(Scim(), system, asked)
    kim = next(fact for fact in of(before, "account") if fact.account == "kim")
    assert (kim.state, kim.person, kim.object) == ("alive", "E-kim", gone)
    assert kim.first is not None
    assert len(of(before, "account")) == PAGE + 21
    assert states(before, "grant") == {("kim", "group/admins", ""): "alive"}
    assert listed(before) == {"account", "grant"}

    scim.active(gone, False)
    scim.call("DELETE", f"Groups/{group['id']}")
    after = gather(Scim(), system, asked)
    assert states(after, "account")["kim", gone, ""] == "dead"
    assert states(after, "grant") == {} and "grant" in listed(after)


def test_a_wrong_token_tells_rights_and_not_the_token(scim: Server, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(IdentityError, match="may not read") as caught:
        gather(Scim(), _system(scim.url), asking(tmp_path, {"TOKEN": "hunter2hunter2"}))
    assert "hunter2" not in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("told", "alive"),
    [(True, True), ("True", True), (False, False), ("False", False), (" false", False), (None, True), (0, True),
     ("disabled", True), ({}, True)],
)  # fmt: skip
def test_only_a_plain_no_is_a_no(told: Any, alive: bool) -> None:
    assert active(told)[0] is alive


def test_the_word_false_from_a_server(tmp_path: Path) -> None:
    users = [{"id": "1", "userName": "kim", "active": "False"}, {"id": "2", "userName": "lee"}]
    with answering(json_pages({"/Users": users})) as url:
        facts = gather(Scim(), _system(url, person="userName"), asking(tmp_path, {"TOKEN": "t"}))
    assert states(facts, "account") == {("kim", "1", ""): "dead", ("lee", "2", ""): "alive"}
    assert listed(facts) == {"account"}  # it knows no groups: nothing is said of grants


def test_groups_inside_groups(tmp_path: Path) -> None:
    users = [{"id": "1", "userName": "kim", "roles": ["auditor", {"value": "dba"}]}]
    groups = [
        {"id": "a", "displayName": "inner", "members": [{"value": "1"}, {"value": "b"}]},
        {"id": "b", "displayName": "outer", "members": [{"value": "a"}]},
    ]
    with answering(json_pages({"/Users": users, "/Groups": groups})) as url:
        facts = gather(Scim(), _system(url), asking(tmp_path, {"TOKEN": "t"}))
    rights = {fact.object for fact in of(facts, "grant")}
    assert rights == {"group/inner", "group/outer", "role/auditor", "role/dba"}
