"""Rules find on Spark what their fixtures say, and leave the near misses alone.

Each rule's first scene; HAECHI_SPARK_FIXTURES=all plays every scene.
"""

from __future__ import annotations

import os

import pytest
from tests.store.spark.conftest import Opened

from haechi.detect.fixture import Scene, play, read_fixture
from haechi.detect.rule import rule_files
from haechi.detect.trial import fixture_of

pytestmark = pytest.mark.xdist_group("spark")

MOST = None if os.environ.get("HAECHI_SPARK_FIXTURES") == "all" else 1
SCENES = [(path.stem, scene) for path in rule_files(None) for scene in read_fixture(fixture_of(path))[:MOST]]


@pytest.mark.parametrize(("rule", "scene"), SCENES, ids=[f"{rule}: {scene.name}" for rule, scene in SCENES])
def test_scene(spark_memory: Opened, rule: str, scene: Scene) -> None:
    assert play(rule, scene, None, spark_memory) == []
