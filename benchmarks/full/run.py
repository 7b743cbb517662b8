"""coupang-2025 at full size on one machine: records made, inspected and scoped, with exact counters.

    python -m benchmarks.full.run --folder DIR [--part 1.0] [--days 208] [--memory 6GB] [--limit 8GB]
        [--rules RULE ...] [--out FILE]

33.7 million members, 148,056,502 forged views of their address lists, 77.7 million forged page views of every member
number there could be (44 million of nobody), and as many honest requests again: 451.5 million records, 60 million
issuance records (docs/drills.md has the figures of the incident). Records are written as a store writes them, a
Parquet file a day in the order of time, without passing through log lines: what collecting costs is measured by the
suite. `--part` makes a smaller world, `--days` a shorter one; what is in DIR already is not made again (16 GB for the
whole).
The truth is arithmetic (`world.py`), and every counter must meet it.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.full.results import keep
from benchmarks.full.world import World
from haechi.detect.cases import build_cases
from haechi.detect.runner import run_rules
from haechi.model.settings import IssuerSettings, KeySettings, Settings, SourceSettings, StoreSettings
from haechi.model.tables import ASIDE, SCHEMAS
from haechi.scope.case import scope_case
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine
from haechi.store.interface import Engine
from haechi.store.lending import connect
from haechi.workspace.units import memory_bytes

PROVENANCE = (
    "never-issued",
    "subject-never-existed",
    "issued-to-another",
    "withdrawn-subject",
    "canary-touched",
)


def settings(memory: str) -> Settings:
    return Settings(
        sources=[SourceSettings("gateway", ["*"]), SourceSettings("issuer", ["*"], format="issuance-json")],
        issuers=[IssuerSettings("login", "issuer", "25h", [KeySettings("main"), KeySettings("backup")])],
        store=StoreSettings(memory=memory, threads=0),
    )


def opened(folder: Path, memory: str, days: int) -> DuckDBEngine:
    """An engine over the world's files, as one over a store's."""
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    engine = DuckDBEngine(connect(memory, 0, spill), "full 0 -", spill)
    for table, schema in SCHEMAS.items():
        files = sorted((folder / table).glob("*.parquet"))
        engine.bind(table, schema, files[:days] if table == "access" else files)
    engine.bind("aside", ASIDE, [])
    engine.register("batch", BATCH_VIEW.empty_table())
    return engine


class Steps:
    """What each step took, as it goes."""

    def __init__(self) -> None:
        self.figures: list[dict[str, Any]] = []
        self.ran: list[str] = []  # rules, to their end

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began, before = time.perf_counter(), os.times()
        yield
        after = os.times()
        wall, cpu = time.perf_counter() - began, after.user + after.system - before.user - before.system
        self.figures.append(
            {"step": name, "wall": round(wall, 2), "cpu": round(cpu, 2), "peak": round(peak())}
        )
        print(f"| {name} | {wall:,.1f} | {cpu:,.1f} | {peak():,.0f} |", flush=True)


def peak() -> float:
    """The most memory that this process held so far, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def inspected(engine: Engine, world: World, asked: Settings, rules: list[str], steps: Steps) -> bool:
    """Rules, cases and the scope of the greatest case; says whether its counters are the truth."""
    detected = []
    with steps.step("rules"):
        detection = run_rules(engine, asked, only=rules)
    steps.ran = [run.rule for run in detection.runs if run.ran]
    for run in sorted(detection.runs, key=lambda run: -run.seconds)[:12]:
        detected.append(f"{run.rule} {run.seconds:.1f} s" + (f" ({run.reason})" if not run.ran else ""))
    print("  " + ", ".join(detected))
    with steps.step("cases"):
        cases = build_cases(engine, detection)
    if not cases:
        print("No case: a rule did not run, or found nothing.")
        return False
    for n, case in enumerate(cases):
        with steps.step("scope" if n == 0 else f"scope of case {n + 1} of {len(cases)}"):
            scope = scope_case(engine, case.findings, asked)
        if n == 0:
            count = scope.count
    found = {name: getattr(count, name) for name in world.truth()}
    print(f"found {found}\ntruth {world.truth()}: {'the same' if found == world.truth() else 'NOT THE SAME'}")
    return found == world.truth()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--part", type=float, default=1.0)
    asked.add_argument("--days", type=int, default=208, help="of 208, from 78 on")
    asked.add_argument(
        "--memory", default="6GB", help="what the engine may hold; the process holds somewhat more"
    )
    asked.add_argument("--rules", nargs="*", default=list(PROVENANCE), help="without names: all rules")
    asked.add_argument("--out", type=Path, help="where to keep the figures (benchmarks/results/full.json)")
    asked.add_argument("--limit", default="", help="what the system lets the process allocate at all (2GB)")
    given = asked.parse_args()
    if given.limit:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes(given.limit),) * 2)
    world = World(given.part, given.days)
    print(
        f"{world.records:,} access records, {world.tokens:,} issuance records, {world.members:,} members; "
        f"{os.cpu_count()} cores, duckdb {duckdb.__version__}, pyarrow {pa.__version__}, python "
        f"{platform.python_version()}; memory {given.memory}; load {os.getloadavg()[0]:.1f}\n\n"
        "| step | wall s | processor s | peak MB so far |\n| --- | ---: | ---: | ---: |",
        flush=True,
    )
    steps = Steps()
    with steps.step("make"):
        world.make(given.folder)
    with closing(opened(given.folder, given.memory, world.days)) as engine:
        exact = inspected(engine, world, settings(given.memory), given.rules, steps)
    if given.out:
        common = {"records": world.records, "memory": given.memory, "rules": steps.ran, "exact": exact}
        keep(given.out, [one | common for one in steps.figures if one["step"] in ("rules", "cases", "scope")])
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
