"""What policies allow, against what a real OpenBao says that they allow."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.identity.sources.asking import NOW
from tests.servers.fixtures import openbao  # noqa: F401
from tests.servers.openbao import OpenBao as Server

from haechi.identity.sources.openbao_policy import allowing, deciding, rules

SEGMENTS = ("a", "ab", "b", "keys")
ENDS = ("", "", "*", "/*", "/")
CAPABILITIES = ("read", "list", "update", "deny", "sudo")


def _text(chance: random.Random) -> str:
    """A policy of some paths that overlap much."""
    blocks = []
    for _ in range(chance.randint(1, 6)):
        parts = [chance.choice((*SEGMENTS, "+")) for _ in range(chance.randint(1, 4))]
        end = chance.choice(ENDS)
        path = "/".join(parts) + ("" if parts[-1] == "+" and end == "*" else end)
        held = ", ".join(f'"{name}"' for name in chance.sample(CAPABILITIES, chance.choice((1, 1, 2))))
        blocks.append(f'path "{path}" {{\n  capabilities = [{held}]\n}}')
    return "# made up\n" + "\n".join(blocks)


@pytest.mark.parametrize("seed", range(12))
def test_as_openbao_decides(openbao: Server, seed: int) -> None:  # noqa: F811
    chance = random.Random(seed)
    names = [f"p{seed}-{number}" for number in range(chance.randint(1, 3))]
    texts = {name: _text(chance) for name in names}
    for name, text in texts.items():
        openbao.policy(name, text)
    token = openbao.call("POST", "auth/token/create", {"policies": names, "no_default_policy": True})
    held = [rule for name, text in texts.items() for rule in rules(name, text, NOW)]
    paths = sorted({"/".join(chance.choices(SEGMENTS, k=chance.randint(1, 5))) for _ in range(40)})
    asked = {"token": token["auth"]["client_token"], "paths": paths}
    told = openbao.call("POST", "sys/capabilities", asked)["data"]
    ours = {path: sorted(deciding(held, path)[0]) or ["deny"] for path in paths}
    assert ours == {path: sorted(told[path]) for path in paths}, texts


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ('path "a" { policy = "write" }', True),
        ('path "a" { policy = "deny" }', False),
        ('{"path": {"a": {"capabilities": ["read"]}}}', True),
        ('{"path": [{"a": [{"capabilities": ["list"]}]}]}', False),
        ('name = "x" /* path "a" */ // no\npath "/a" { capabilities = ["read",] comment = "p \\"q" }', True),
        ('path "a" { capabilities = ["read"] expiration = "2026-11-22T11:59:59Z" }', False),
        ('path "a" { capabilities = ["read"] expiration = "2026-11-22T12:00:01Z" }', True),
        ('path "a" { capabilities = ["list"] required_parameters = ["b"] allowed_parameters = { "*" = [] } }', False),
        ("", False),
    ],
)  # fmt: skip
def test_ways_to_write_a_policy(text: str, may: bool) -> None:
    assert bool(allowing(rules("p", text, NOW), "a", "read")) is may


@pytest.mark.parametrize(
    "text", ["path", 'path "a" {', "path = 3", 'path "a" { capabilities = 1 }', "{", '{"path": 1}', "\0", "[" * 9999]
)  # fmt: skip
def test_what_cannot_be_read_allows_all(text: str) -> None:
    held = [*rules("p", text, NOW), *rules("q", 'path "a" { capabilities = ["list"] }', NOW)]
    assert [rule.policy for rule in allowing(held, "a", "read")] == ["p"]


@given(st.text(alphabet='path"{}[]=,:#/\\ \nab*+', max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    allowing(rules("p", text, NOW), "a/b", "read")
