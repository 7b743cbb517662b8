"""Rules find on Spark what their fixtures say, and leave the near misses alone.

The first scene of some rules of each tier and shape: a scene takes Spark seconds. HAECHI_SPARK_FIXTURES=first plays the
first scene of every rule, HAECHI_SPARK_FIXTURES=all every scene.
"""

from __future__ import annotations

import os

import pytest
from tests.store.spark.conftest import Opened

from haechi.detect.fixture import Scene, play, read_fixture
from haechi.detect.rule import rule_files
from haechi.detect.trial import fixture_of

pytestmark = pytest.mark.xdist_group("spark")

ASKED = os.environ.get("HAECHI_SPARK_FIXTURES", "some")
SOME = {
    "never-issued",
    "leaver",
    "lookup-without-reason",
    "more-than-peers",
    "persons-over-budget",
    "id-walk",
}
MOST = None if ASKED == "all" else 1
RULES = [path for path in rule_files(None) if ASKED != "some" or path.stem in SOME]
SCENES = [(path.stem, scene) for path in RULES for scene in read_fixture(fixture_of(path))[:MOST]]


@pytest.mark.parametrize(("rule", "scene"), SCENES, ids=[f"{rule}: {scene.name}" for rule, scene in SCENES])
def test_scene(spark_memory: Opened, rule: str, scene: Scene) -> None:
    assert play(rule, scene, None, spark_memory) == []
