"""docs/probes.md explains every kind of probe and every option, and names none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from haechi.identity.probes.registry import PROBES, SYSTEM_OPTIONS

PAGE = (Path(__file__).parents[3] / "docs" / "probes.md").read_text(encoding="utf-8")
SECTIONS = {
    kind: body
    for title, body in re.findall(r"^## ([a-z, -]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    for kind in title.split(", ")
}


def test_each_kind_has_its_section() -> None:
    assert set(SECTIONS) == set(PROBES)


@pytest.mark.parametrize("kind", PROBES)
def test_options_and_systems_are_named(kind: str) -> None:
    section = SECTIONS[kind]
    for option in PROBES[kind].options:
        assert f"`{option}`" in section, option
    for system in PROBES[kind].systems:
        assert f"kind `{system}`" in section or f"`{system}` (" in section or "as above" in section, system
    for row in re.findall(r"^\| options? (.+?) \|", section, re.M):
        assert set(re.findall(r"`([\w-]+)`", row)) <= PROBES[kind].options


@pytest.mark.parametrize("system", SYSTEM_OPTIONS)
def test_options_of_systems_are_named(system: str) -> None:
    about = "".join(SECTIONS[kind] for kind, probe in PROBES.items() if system in probe.systems)
    for option in SYSTEM_OPTIONS[system] - {"plain"}:
        assert f"`{option}`" in about, option
