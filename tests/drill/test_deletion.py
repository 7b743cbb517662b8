"""Whatever share of the records is lost: the truth lies within what is confirmed and what is possible.

A handful here; HAECHI_DELETIONS=200 tries as many at random.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from tests.drill.deletion import KINDS, SHARES, delete, law

from haechi.drill.interface import Made
from haechi.drill.make import make

SCALE = 0.00002
MORE = int(os.environ.get("HAECHI_DELETIONS", "0"))
TRIES = [("time", 0.3, 1), ("machine", 0.1, 2), ("random", 0.01, 3), ("issuance", 0.1, 4)]


def tries() -> list[tuple[str, float, int]]:
    random = Random(5)
    return TRIES + [(random.choice(KINDS), random.choice(SHARES), 100 + n) for n in range(MORE)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make("coupang-2025", tmp_path_factory.mktemp("whole"), scale=SCALE, seed=3)


@pytest.mark.parametrize(("kind", "share", "seed"), tries())
def test_the_truth_lies_within_confirmed_and_possible(
    world: Made, tmp_path: Path, kind: str, share: float, seed: int
) -> None:
    lost = delete(world.inspect, tmp_path / "left", kind, share, Random(seed))
    assert lost > 0
    said = law(tmp_path / "left", world.truth)
    assert said.holds, said


def test_with_nothing_lost_everything_is_confirmed(world: Made, tmp_path: Path) -> None:
    delete(world.inspect, tmp_path / "left", "random", 0.0, Random(1))
    said = law(tmp_path / "left", world.truth)
    assert said.holds
    assert said.confirmed == said.truth > 1_000
