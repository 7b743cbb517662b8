"""What inspecting the newest day of a growing store costs: with carried state, and with all of the store.

    python benchmarks/days.py [--days 30] [--records 200000] [--members 100000] [--at 10 20 30] [--folder DIR]

Makes a log a day (combined format; members at home, an office, staff with look-ups), collects it into one store, and at
the days `--at` measures, each in a process of its own: the first making of state, the next day's, and the rules over
the newest day (`Looked`) beside the rules over everything. Processor seconds over all threads are what counts on a
shared machine; wall time stands beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from haechi.collect.opening import Unread, expand
from haechi.collect.run import Collector, Job
from haechi.detect.prepare import EMPTY
from haechi.detect.runner import run_rules
from haechi.detect.state.keep import State
from haechi.detect.state.looked import Days, Looked
from haechi.model.settings import RouteSettings, Settings, SourceSettings, StoreSettings, WorkspaceSettings
from haechi.store.open import bind_span, open_engine
from haechi.store.store import Store

BEGIN = date(2025, 6, 1)
ROUTES = (
    RouteSettings("/members/{id}/addresses", fields=["address", "name", "phone"], subject="path:id"),
    RouteSettings("/members/{id}", fields=["name"], subject="path:id"),
    RouteSettings("/products/{id}", subject="none"),
)
SOURCE = SourceSettings("gateway", ["*.log"], format="combined")
SETTINGS = Settings(
    workspace=WorkspaceSettings(timezone="Asia/Seoul"),
    sources=[SOURCE],
    store=StoreSettings(memory="4GB", threads=2),
)


def log(file: Path, day: date, records: int, members: int) -> None:
    """A day of a shop: pages of products, and each member's own pages from the member's own address."""
    random = np.random.default_rng(day.toordinal())
    seconds = np.sort(random.integers(0, 86_400, records))
    member = np.minimum(random.zipf(1.2, records), members) * 7919 % members
    kind = random.random(records)
    product = random.integers(0, 50_000, records)
    midnight = datetime(day.year, day.month, day.day)
    lines = []
    # One address walks on through the members, a little each day: over its budget of the month alone.
    for n in range(60):
        who = (day - BEGIN).days * 60 + n
        lines.append(
            f"203.0.113.9 - - [{midnight + timedelta(seconds=n * 1000):%d/%b/%Y:%H:%M:%S} +0000] "
            f'"GET /members/M{who} HTTP/1.1" 200 500 "-" "walker"\n'
        )
    for at, who, page, item in zip(
        seconds.tolist(), member.tolist(), kind.tolist(), product.tolist(), strict=True
    ):
        path = (
            f"/members/M{who}/addresses"
            if page < 0.15
            else f"/members/M{who}"
            if page < 0.3
            else f"/products/{item}"
        )
        when = midnight + timedelta(seconds=at)
        lines.append(
            f"10.{who >> 16 & 255}.{who >> 8 & 255}.{who & 255} - M{who} [{when:%d/%b/%Y:%H:%M:%S} +0000] "
            f'"GET {path} HTTP/1.1" 200 {500 + item % 900} "-" "agent/{who % 400}"\n'
        )
    file.write_text("".join(lines))


def collect(store: Store, file: Path) -> None:
    jobs = [Job(item, SOURCE) for item in expand([str(file)]) if not isinstance(item, Unread)]
    with store.writer() as writer:
        Collector(writer, SETTINGS, ROUTES, live=False).run(jobs)


def state(root: Path) -> dict[str, float]:
    store = Store.open(root)
    with store.reading(), closing(open_engine(snapshot := store.snapshot(), SETTINGS.store)) as engine:
        made = State(snapshot, SETTINGS.workspace.timezone).make(engine)
    return {"read": made.read, "merged": made.merged, "kept": made.kept}


def rules(root: Path, day: date | None, only: list[str]) -> dict[str, float]:
    store = Store.open(root)
    with store.reading(), closing(open_engine(snapshot := store.snapshot(), SETTINGS.store)) as engine:
        looked = None
        if day:
            kept = State(snapshot, SETTINGS.workspace.timezone)
            kept.make(engine)
            kept.bind(engine)
            looked = Looked(engine, SETTINGS, Days(day, day), partial(bind_span, engine, snapshot))
        found = run_rules(engine, SETTINGS, only=only, looked=looked)
        broken = [
            run
            for run in found.runs
            if not run.ran and run.reason.removeprefix("in these days: ") not in EMPTY.values()
        ]
    return {
        "findings": len(found.findings),
        "flagged": sum(f.accesses for f in found.findings),
        "broken": len(broken),
    }


def measured(task: str, root: Path, day: date | None = None, only: str = "") -> dict[str, float]:
    """One task in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--task",
        task,
        "--folder",
        str(root),
        "--day",
        str(day or ""),
        "--only",
        only,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def peak() -> float:
    """The most memory that this process held, in MB. Not ru_maxrss: that is the parent's where it was larger."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def run_task(given: argparse.Namespace) -> None:
    day = date.fromisoformat(given.day) if given.day else None
    began, before = time.perf_counter(), os.times()
    root = Path(given.folder)
    said = state(root) if given.task == "state" else rules(root, day, [given.only] if given.only else [])
    after = os.times()
    figures = {
        "wall": time.perf_counter() - began,
        "cpu": after.user + after.system - before.user - before.system,
        "peak_mb": peak(),
    }
    print(json.dumps(figures | said))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--records", type=int, default=200_000, help="of a day")
    asked.add_argument("--members", type=int, default=100_000)
    asked.add_argument("--at", type=int, nargs="+", default=[10, 20, 30])
    asked.add_argument("--folder", default="")
    for hidden in ("--task", "--day", "--only"):
        asked.add_argument(hidden, default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.task:
        run_task(given)
        return
    folder = Path(given.folder or tempfile.mkdtemp(prefix="haechi-days-"))
    print(
        f"{os.cpu_count()} cores {platform.machine()}, duckdb {duckdb.__version__}, pyarrow {pa.__version__}; "
        f"{given.records:,} records a day; load {os.getloadavg()[0]:.1f}"
    )
    print("| day | what | processor s | wall s | peak MB | |\n| ---: | --- | ---: | ---: | ---: | --- |")
    root = folder / "store"
    for n in range(given.days):
        day = BEGIN + timedelta(days=n)
        file = folder / f"{day}.log"
        log(file, day, given.records, given.members)
        collect(Store.open(root), file)
        file.unlink()
        if n + 1 == given.at[0] - 1:
            line(n + 1, "state, from nothing", measured("state", root))
        if n + 1 in given.at:
            line(n + 1, "state, the days since", measured("state", root))
            for name, rule in (("persons-over-budget", "persons-over-budget"), ("all rules", "")):
                line(n + 1, f"{name}, the day", measured("rules", root, day, rule))
                line(n + 1, f"{name}, everything", measured("rules", root, None, rule))
    kept = sum(f.stat().st_size for f in (root / "state").rglob("*") if f.is_file())
    held = sum(f.stat().st_size for f in (root / "batches").rglob("*.parquet"))
    print(f"\nstate on disk: {kept / 1e6:.1f} MB beside {held / 1e6:.1f} MB of records")
    if not given.folder:
        shutil.rmtree(folder)


def line(day: int, what: str, figures: dict[str, float]) -> None:
    rest = ", ".join(
        f"{name} {value:,}" for name, value in figures.items() if name not in ("cpu", "wall", "peak_mb")
    )
    print(
        f"| {day} | {what} | {figures['cpu']:.2f} | {figures['wall']:.2f} | {figures['peak_mb']:,.0f} | {rest} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
