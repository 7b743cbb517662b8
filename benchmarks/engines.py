"""Each drill inspected by DuckDB and by Spark over the same store: the same rows, and what each engine costs.

    python benchmarks/engines.py                      all drills, as small as they get
    python benchmarks/engines.py coupang-2025 --scale 0.0001 --seed 1

Rows compared: each flagged access by its rule and entity, each finding, each case with its scope, each access and each
person of each case, each hole. Processor seconds count the driver, the JVM and the workers of local Spark; the first
drill's contain the start of the JVM. Exits with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil

from haechi.drill.make import make
from haechi.drill.run import World
from haechi.drill.scenarios import SCENARIOS
from haechi.model.settings import BUILT_IN, EngineSettings
from haechi.report.custody import Look
from haechi.report.inspection import Inspected, collect, reopen
from haechi.report.workspaces import open_workspace
from haechi.workspace.load import Workspace

FLAGS = (
    "SELECT rule, entity_kind, entity, source, seq FROM flag ORDER BY rule, entity_kind, entity, source, seq"
)
# Of all that an inspection says, this alone is not an answer: how long each rule took.
TIMES = ("seconds",)


@dataclass(frozen=True)
class Answer:
    """All that an inspection says: its document, each flagged access, each case's accesses and people."""

    document: dict[str, Any]
    flags: list[tuple[Any, ...]]
    requests: dict[str, list[dict[str, Any]]]
    people: dict[str, list[dict[str, Any]]]
    cpu: float  # seconds
    wall: float

    def rows(self) -> int:
        """How many rows are compared."""
        listed = len(self.document["findings"]) + len(self.document["coverage"]["holes"])
        cases = sum(map(len, self.requests.values())) + sum(map(len, self.people.values()))
        return len(self.flags) + len(self.document["cases"]) + listed + cases


def answer(workspace: Workspace, engine: EngineSettings, rules: Sequence[str] = ()) -> Answer:
    """Inspect what the workspace's store holds, by these rules; (): by all."""
    began, spent = time.perf_counter(), _cpu()
    with reopen(workspace, Look("inspect"), rules, engine=engine) as inspected:
        requests = {case.id: inspected.requests(case.id).to_pylist() for case in inspected.inspection.cases}
        people = {case: scope.rows().to_pylist() for case, scope in inspected.scopes.items()}
        flags = inspected.engine.rows(FLAGS)
        document = _document(inspected)
        return Answer(document, flags, requests, people, _cpu() - spent, time.perf_counter() - began)


def differences(one: Answer, other: Answer) -> list[str]:
    """Where two answers differ, a line each."""
    found = list(_differ("document", one.document, other.document))
    for name in ("flags", "requests", "people"):
        found += _differ(name, getattr(one, name), getattr(other, name))
    return found


def world(name: str, folder: Path, scale: float, seed: int) -> Workspace:
    """The collected logs of a drill."""
    made = make(name, folder, **World(scale=scale, seed=seed).asked())
    workspace = open_workspace(made.inspect)
    assert workspace is not None
    collect([], workspace)
    return workspace


def _document(inspected: Inspected) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(inspected.inspection)
    for rule in document["rules"]:
        for name in TIMES:
            rule.pop(name)
    # An entry of the log for each look: the head moves on.
    del document["checkpoint"]
    return document


def _differ(place: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _differ(f"{place}.{key}", one.get(key), other.get(key))
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        for n, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _differ(f"{place}[{n}]", mine, theirs)
    elif one != other:
        sizes = f" ({len(one)} and {len(other)})" if isinstance(one, list) and isinstance(other, list) else ""
        yield f"{place}{sizes}: {str(one)[:160]} | {str(other)[:160]}"


def _cpu() -> float:
    """Processor seconds of this process and of all that it started and that still run."""
    total = 0.0
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("drills", nargs="*", default=sorted(SCENARIOS), metavar="DRILL")
    parser.add_argument("--scale", type=float, default=0.00001)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    options = dict(option.split("=", 1) for option in given.option)
    spark = EngineSettings(kind="spark", master=given.master, options=options)
    print(
        "| drill | records | findings | cases | rows compared | DuckDB, CPU s | Spark, CPU s | differences |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    different = 0
    for name in given.drills:
        with tempfile.TemporaryDirectory(prefix="haechi-engines-") as folder:
            workspace = world(name, Path(folder), given.scale, given.seed)
            one, other = answer(workspace, BUILT_IN), answer(workspace, spark)
        found = differences(one, other)
        different += len(found)
        records = sum(one.document["records"].values())
        counts = (
            f"{records:,} | {len(one.document['findings'])} | {len(one.document['cases'])} | {one.rows():,}"
        )
        print(f"| {name} | {counts} | {one.cpu:.1f} | {other.cpu:.1f} | {len(found)} |", flush=True)
        for line in found[:10]:
            print(f"  {line}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
