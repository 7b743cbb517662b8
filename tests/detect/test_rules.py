"""Every built-in rule finds what its fixture says, and leaves its near misses alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.detect.fixture import Scene, play, read_fixture
from haechi.detect.rule import BUILT_IN, read_rule, rule_files, used

RULES = [path.stem for path in rule_files(None)]


def fixture_of(rule: str) -> Path:
    return BUILT_IN / "fixtures" / f"{rule}.toml"


SCENES = [
    (rule, scene) for rule in RULES if fixture_of(rule).exists() for scene in read_fixture(fixture_of(rule))
]


@pytest.mark.parametrize(("rule", "scene"), SCENES, ids=[f"{rule}: {scene.name}" for rule, scene in SCENES])
def test_scene(rule: str, scene: Scene) -> None:
    assert play(rule, scene) == []


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_scenes_that_find_and_scenes_that_stay_silent(rule: str) -> None:
    scenes = read_fixture(fixture_of(rule))
    assert any(scene.findings for scene in scenes)
    assert any(scene.has_near_miss for scene in scenes)


@pytest.mark.parametrize("rule", RULES)
def test_header_and_sql_agree(rule: str) -> None:
    read = read_rule(BUILT_IN / f"{rule}.sql")
    assert used(read.sql) | used(read.header.unknown) == set(read.header.params)
    assert read.values({}).keys() == read.header.params.keys()


def test_no_fixture_without_its_rule() -> None:
    assert {path.stem for path in (BUILT_IN / "fixtures").glob("*.toml")} == set(RULES)
