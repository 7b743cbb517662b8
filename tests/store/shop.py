"""A small store with records of some members over some days, and what stands in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from haechi.collect.opening import Unread, expand
from haechi.collect.run import Collector, Job
from haechi.model.settings import RouteSettings, Settings, SourceSettings, StoreSettings
from haechi.store.open import open_engine
from haechi.store.store import Store

# Long ago enough to be over where a year is kept, and not where two are; and on a day that is over.
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=500)
MEMBERS = 40
ROUTES = (RouteSettings("/members/{id}", fields=["name"], subject="path:id"),)
GATEWAY = SourceSettings("gateway", ["*.log"], format="combined")
SOURCES = {"gateway": GATEWAY, "partner": SourceSettings("partner", ["*.log"], format="combined")}


def line(number: int, day: int, agent: str = "agent") -> str:
    """One request; each member turns up every `MEMBERS` lines."""
    at = START + timedelta(days=day, seconds=number)
    return (
        f"192.0.2.{number % 250 + 1} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "
        f'"GET /members/M{number % MEMBERS} HTTP/1.1" 200 {100 + number} "-" "{agent} {number % 3}"\n'
    )


class Shop:
    """Days are collected one file a day and source, each into a batch of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / "store"
        self.settings = Settings(
            sources=list(SOURCES.values()), store=StoreSettings(memory="512MB", threads=1)
        )

    @property
    def store(self) -> Store:
        return Store.open(self.path)

    def log(self, day: int, source: str = "gateway", lines: int = 100, broken: int = 1) -> Path:
        """A day's log file: `broken` lines in the middle are no records."""
        file = self.root / f"{source}-{day}.log"
        # A file that begins like one read before is known again: these differ from the first line on.
        text = [line(number, day, f"{source} {lines}") for number in range(lines)]
        text[lines // 2 : lines // 2] = [f"broken {source} {day} {number}\n" for number in range(broken)]
        file.write_text("".join(text))
        os.utime(file, (0, 0))  # nobody writes to it any more
        return file

    def collect(self, days: Sequence[int], sources: Sequence[str] = ("gateway",), lines: int = 100) -> None:
        for source in sources:
            self.collect_files([self.log(day, source, lines) for day in days], source)

    def collect_files(self, files: Sequence[Path], source: str = "gateway") -> None:
        found = expand([str(file) for file in files])
        jobs = [Job(item, SOURCES[source]) for item in found if not isinstance(item, Unread)]
        with self.store.writer() as writer:
            Collector(writer, self.settings, ROUTES, live=False).run(jobs)

    def table(self, sql: str = "SELECT * FROM access ORDER BY source, seq") -> pa.Table:
        with closing(open_engine(self.store.snapshot(), self.settings.store)) as engine:
            return engine.arrow(sql)

    def one(self, sql: str) -> object:
        return self.table(sql).to_pydict().popitem()[1][0]

    def files(self, pattern: str) -> list[str]:
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.glob(pattern))
