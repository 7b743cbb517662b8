"""Collect files into a fresh store, and look at what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from haechi.collect.opening import Unread, expand
from haechi.collect.run import Collector, Job
from haechi.model.settings import RouteSettings, Settings, SourceSettings
from haechi.model.values import ReadReport
from haechi.store.open import open_engine
from haechi.store.store import Store


class Bench:
    """A store in a temporary folder, into which files can be collected again and again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store.open(root / "store")
        self.settings = Settings()

    def collect(
        self,
        *paths: Path | str,
        source: SourceSettings | None = None,
        routes: Sequence[RouteSettings] = (),
        live: bool = False,
    ) -> ReadReport:
        found = expand([str(path) for path in paths])
        jobs = [Job(item, source) for item in found if not isinstance(item, Unread)]
        with self.store.writer() as writer:
            collector = Collector(writer, self.settings, routes, live)
            return collector.run(jobs, [item for item in found if isinstance(item, Unread)])

    def table(self, sql: str) -> pa.Table:
        engine = open_engine(self.store.snapshot(), Settings().store)
        try:
            return engine.arrow(sql)
        finally:
            engine.close()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in self.table(sql).to_pylist()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def combined_line() -> Callable[..., str]:
    def line(second: int = 0, path: str = "/a", agent: str = "curl/8") -> str:
        clock = f"14/Apr/2025:03:{second // 60 % 60:02d}:{second % 60:02d} +0900"
        return (
            f'192.0.2.{second % 250 + 1} - - [{clock}] "GET {path} HTTP/1.1" 200 {second + 1} "-" "{agent}"\n'
        )

    return line
