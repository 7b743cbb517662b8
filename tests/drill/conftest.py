"""One small world, made once for each test process: making it takes a few seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.drill.small_world import Small, make_small


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    world = make_small(tmp_path_factory.mktemp("drill"))
    yield world
    world.sql.close()
