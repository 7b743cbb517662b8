"""The accesses of a case, read a stretch at a time: memory is bounded by the plan, not by the case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from haechi.detect.blocks import has_blocks
from haechi.detect.prepare import ASKED_SUBJECT
from haechi.model.settings import ExposesSettings
from haechi.scope.queries import query, statements
from haechi.store.interface import Engine


@dataclass(frozen=True)
class Stretch:
    """Records `low` to `high` of a source, both included, and how many flags of the case fall on them."""

    source: str
    low: int
    high: int
    flags: int


def select(engine: Engine, findings: Sequence[int], exposes: Sequence[ExposesSettings]) -> list[Stretch]:
    """Name the findings whose flags make the case, and the routes that third persons stand on.

    Leaves in the engine `scope_route(route, mask, by_path)`, where bit i of `mask` stands for `exposes[i]` and
    `by_path` says that the path names a file of many people, and the views `scope_access` (the case's accesses, as
    they are) and `scope_seen` (narrowed). Returns the stretches of about eight million records in which the case has
    accesses.
    """
    engine.execute(ASKED_SUBJECT)
    masks: dict[str, int] = {}
    for number, setting in enumerate(exposes):
        for route in setting.routes:
            masks[route] = masks.get(route, 0) | 1 << number
    files = {route for setting in exposes if setting.by == "path" for route in setting.routes}
    routes = {
        "route": pa.array(masks, pa.string()),
        "mask": pa.array(masks.values(), pa.int64()),
        "by_path": pa.array([route in files for route in masks], pa.bool_()),
    }
    engine.register("scope_route", pa.table(routes))
    see(engine, findings)
    engine.execute(
        query("seen").format(
            routes="LEFT JOIN scope_route AS r ON a.route = r.route" if masks else "",
            mask="coalesce(r.mask, 0)" if masks else "0::BIGINT",
            by_path="r.by_path" if files else "FALSE",
        )
    )
    return [Stretch(*row) for row in engine.rows("SELECT * FROM scope_stretch ORDER BY ALL")]


def see(engine: Engine, findings: Sequence[int]) -> None:
    """Make the case of these findings what `scope_access` and `scope_seen` show."""
    engine.register("scope_finding", pa.table({"finding": pa.array(sorted(set(findings)), pa.int64())}))
    for statement in statements("case_blocks" if has_blocks(engine) else "case_rows"):
        engine.execute(statement)


def chunks(engine: Engine, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Fill `scope_chunk` with the case's accesses of one stretch after the other."""
    for stretch in stretches:
        engine.execute(query("chunk"), {"source": stretch.source, "low": stretch.low, "high": stretch.high})
        yield stretch
