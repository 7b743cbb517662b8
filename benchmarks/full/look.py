"""Every access to one person out of the full-size world, its days compacted as a store's are.

    python -m benchmarks.full.look --folder DIR [--part 1.0] [--days 208] [--persons 20] [--memory 2GB] [--out FILE]

DIR holds a world of `run.py`. Each day is sorted into a file of its own (DIR/sorted; what is there already is not
sorted again: delete DIR/sorted after a change to how files are sorted), by the code that compacts stores. Persons are
chosen by chance among all members. One engine is opened, and each is asked for once in it. What the system has in
memory of the files is left as it was: run it twice to see both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from benchmarks.full.results import keep
from benchmarks.full.run import peak
from benchmarks.full.world import BLOCK, REAL, World
from haechi.model.tables import SCHEMAS
from haechi.proof.whose import COLUMNS
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import borrow, connect
from haechi.store.look_up import looked_up, of_person
from haechi.store.sorted_file import write_sorted


def sort(folder: Path, days: int, memory: str) -> list[Path]:
    """The days' sorted files."""
    target = folder / "sorted"
    target.mkdir(exist_ok=True)
    files, rows = [], 0
    began, before = time.perf_counter(), os.times()
    with closing(DuckDBEngine(connect(memory, 0, folder / "spill"))) as engine:
        for day in sorted((folder / "access").glob("*.parquet"))[:days]:
            files.append(target / day.name)
            if not files[-1].exists():
                rows += write_sorted(engine, "access", [day], target / f"{day.name}.tmp")
                (target / f"{day.name}.tmp").rename(files[-1])
    after = os.times()
    cpu = after.user + after.system - before.user - before.system
    print(
        f"sorted {rows:,} records in {time.perf_counter() - began:,.1f} s ({cpu:,.1f} processor s, "
        f"peak {peak():,.0f} MB); {sum(file.stat().st_size for file in files) / 1e9:.1f} GB",
        flush=True,
    )
    return files


def look(files: list[Path], persons: list[str], memory: str) -> dict[str, Any]:
    """Ask for each person, and say what one took."""
    began = time.perf_counter()
    with closing(DuckDBEngine(borrow(memory, 0))) as engine:  # as engines over a store do
        engine.bind("access", SCHEMAS["access"], files)
        ((records,),) = engine.rows("SELECT count(*) FROM access")
        opened = time.perf_counter() - began
        took, asked, cpu, rows = [], [], [], 0
        for person in persons:
            began, before = time.perf_counter(), os.times()
            query = looked_up(engine, "access", of_person(COLUMNS["access"], person))
            asked.append(time.perf_counter() - began)
            rows += len(engine.arrow(query))
            after = os.times()
            took.append(time.perf_counter() - began)
            cpu.append(after.user + after.system - before.user - before.system)
    print(
        f"{records:,} records in {len(files)} files, opened in {opened:.2f} s; {len(persons)} persons, "
        f"{rows / len(persons):.1f} records each: median {statistics.median(took) * 1000:.0f} ms, "
        f"first {took[0] * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms; "
        f"{statistics.median(asked) * 1000:.0f} ms of it to ask which files hold the person; "
        f"processor median {statistics.median(cpu) * 1000:.0f} ms; peak {peak():,.0f} MB; "
        f"{os.cpu_count()} cores, duckdb {duckdb.__version__}, load {os.getloadavg()[0]:.1f}"
    )
    figure = {"step": "look-up", "records": records, "wall": statistics.median(took), "slowest": max(took)}
    return figure | {"cpu": statistics.median(cpu), "peak": round(peak()), "memory": memory}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--part", type=float, default=1.0)
    asked.add_argument("--days", type=int, default=208)
    asked.add_argument("--persons", type=int, default=20)
    asked.add_argument("--memory", default="2GB")
    asked.add_argument("--out", type=Path, help="where to keep the figures (benchmarks/results/full.json)")
    given = asked.parse_args()
    world, draw = World(given.part), Random(20250414)
    numbers = [
        number
        for number in draw.choices(range(world.ids), k=10 * given.persons)
        if number * REAL % BLOCK < REAL
    ]
    files = sort(given.folder, given.days, given.memory)
    figure = look(files, [f"M{number}" for number in numbers[: given.persons]], given.memory)
    if given.out:
        keep(given.out, [figure])


if __name__ == "__main__":
    main()
