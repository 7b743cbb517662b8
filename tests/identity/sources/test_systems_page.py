"""docs/systems.md has a section for each kind of system, and a line for each option that listing reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from haechi.identity.registry import SOURCES

PAGE = (Path(__file__).parents[3] / "docs" / "systems.md").read_text()
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("kind", SOURCES)
def test_a_kind_and_its_options(kind: str) -> None:
    title = next((title for title in SECTIONS if kind in title.split(" and ")), None)
    assert title is not None
    told = set(re.findall(r"^\| `([\w-]+)` \|", SECTIONS[title], re.MULTILINE))
    general = {"plain"} if title == "jwks and oidc" else set()
    assert told | general == set(SOURCES[kind].options)
    assert "cannot see" in SECTIONS[title]
