"""Day one: gateway logs alone. What behaviour finds of a crawl that stays under every limit, and when.

One small world of coupang-2025 is collected once; the engine then sees it up to a moment, as if that were now, and with
the script's traces changed, so that no rule lives on how this drill happens to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from haechi.detect.runner import Detection, run_rules
from haechi.drill.interface import PARTS
from haechi.drill.make import make
from haechi.model.settings import Settings
from haechi.report.inspection import collect
from haechi.report.stores import open_store
from haechi.report.workspaces import open_workspace
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.open import open_engine

BEHAVIOUR = ["personal-pages-only", "persons-over-budget", "id-walk", "more-than-peers", "shared-credential"]
FIRST_DAY_OF_A_ENDS = "2025-04-14 15:00"  # midnight in Korea
THREE_DAYS_OF_B = "2025-06-26 15:00"


@dataclass(frozen=True)
class World:
    inspect: Path
    truth: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("day-one")
    made = make(
        "coupang-2025", folder, scale=0.00005, seed=3, honest=3, without=[p for p in PARTS if p != "gateway"]
    )
    workspace = open_workspace(made.inspect)
    assert workspace is not None
    collect([], workspace)
    return World(made.inspect, made.truth)


@contextmanager
def seen(
    world: World, until: str = "2026-01-01", change: str = ""
) -> Iterator[tuple[DuckDBEngine, Detection]]:
    """The behaviour rules over what there was before `until`; `change` replaces columns of the crawl's own requests."""
    workspace = open_workspace(world.inspect)
    assert workspace is not None
    store = open_store(workspace)
    with store.reading():
        engine = open_engine(store.snapshot(), workspace.settings.store)
        engine.execute(f"CREATE TEMP TABLE bad AS FROM read_parquet('{world.truth / 'requests.parquet'}')")
        engine.execute("ALTER VIEW access RENAME TO whole")
        columns = f"a.* REPLACE ({change})" if change else "a.*"
        engine.execute(
            f"CREATE TEMP VIEW access AS SELECT {columns} FROM whole AS a "
            "LEFT JOIN (SELECT node, node_seq, true AS crawl FROM bad) AS b USING (node, node_seq) "
            f"WHERE time < '{until}'"
        )
        yield engine, run_rules(engine, Settings(workspace=workspace.settings.workspace), only=BEHAVIOUR)
        engine.close()


SCORE = """
WITH found AS (SELECT DISTINCT a.node, a.node_seq FROM flag AS f JOIN access AS a USING (source, seq)),
there AS (SELECT b.* FROM bad AS b SEMI JOIN access USING (node, node_seq) WHERE {phase})
SELECT
    (SELECT count(DISTINCT t.subject) FROM there AS t SEMI JOIN found USING (node, node_seq))
    / (SELECT count(DISTINCT subject) FROM there),
    (SELECT count(*) FROM found SEMI JOIN bad USING (node, node_seq)) / greatest(1, (SELECT count(*) FROM found))
"""


def score(engine: DuckDBEngine, phase: str = "true") -> tuple[float, float]:
    """Persons recall of the bad requests there are (of a phase), and the precision of all that is flagged."""
    row = engine.rows(SCORE.format(phase=phase))[0]
    return float(row[0]), float(row[1])


def test_all_of_it_and_nothing_else(world: World) -> None:
    with seen(world) as (engine, detection):
        recall, precision = score(engine)
        assert recall >= 0.999
        assert precision >= 0.999
        assert {run.rule for run in detection.runs if run.ran} == set(BEHAVIOUR)


def test_nothing_before_it_begins(world: World) -> None:
    with seen(world, "2025-01-05") as (_, detection):
        assert detection.findings == []


def test_phase_a_by_the_end_of_its_first_day(world: World) -> None:
    with seen(world, FIRST_DAY_OF_A_ENDS) as (engine, _):
        recall, precision = score(engine, "time >= '2025-04-13 15:00'")
        assert recall >= 0.999
        assert precision >= 0.999


def test_phase_b_within_three_days(world: World) -> None:
    with seen(world, THREE_DAYS_OF_B) as (engine, _):
        assert score(engine, "phase IN ('profile', 'ghost')")[0] >= 0.999


# The crawl under a name that customers have, with a key that signs for all, or with a new name each time.
BORROWED = "CASE WHEN b.crawl THEN 'ShopApp/8.12.0 (Android 14; SM-S918N)' ELSE client END AS client"
CHANGING = "CASE WHEN b.crawl THEN 'Agent ' || (node_seq % 997) ELSE client END AS client"
SHARED_KEY = "CASE WHEN b.crawl THEN 'login-2024-07' ELSE key END AS key"


@pytest.mark.parametrize("name", [BORROWED, CHANGING], ids=["borrowed", "changing"])
def test_other_names_and_keys_do_not_hide_it(world: World, name: str) -> None:
    with seen(world, change=f"{name}, {SHARED_KEY}") as (engine, _):
        recall, precision = score(engine)
        assert recall >= 0.99
        assert precision >= 0.99
