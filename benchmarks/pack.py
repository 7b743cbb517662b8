"""How long one person's evidence pack takes out of a large store: the whole command, from start to exit.

    python benchmarks/pack.py --folder DIR [--records 100000000] [--persons 3400000] [--runs 5]

Makes combined log lines of seven months, some days at a time, collects each part into one workspace in DIR (kept for a
second run: what is there is not made again), compacts the store, and then runs `haechi prove person` for persons chosen
by chance, each once, and `haechi verify` on each pack. About 10 GB of disk for 100 million records.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from collect import processor

PART = 4_000_000  # lines made and collected at a time
DAYS = 213
SETTINGS = """
[[source]]
name = "gateway"
paths = ["part.log"]
format = "combined"

[[route]]
path = "/members/{id}/addresses"
fields = ["name", "phone", "address"]
subject = "path:id"
"""
LINES = """
COPY (
    SELECT format(
        '198.18.{}.{} - {} [{} +0000] "GET /members/{}/addresses HTTP/1.1" 200 {} "-" "ShopApp/7.2 (Android 15)"',
        hash(n) % 256, hash(n + 1) % 256, 'agent' || hash(n + 2) % 900,
        strftime(
            TIMESTAMP '2025-04-14' + to_microseconds((n * (86400 * $days) // $records) * 1000000),
            '%d/%b/%Y:%H:%M:%S'
        ),
        hash(n + 3) % $persons, 500 + hash(n + 4) % 9000
    ) AS line
    FROM range($first, $last) AS numbers (n)
) TO '{file}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\\x01')
"""


def fill(folder: Path, records: int, persons: int) -> None:
    from haechi.report.inspection import collect
    from haechi.report.workspaces import open_workspace

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "haechi.toml").write_text(SETTINGS)
    done = folder / "made"
    at = int(done.read_text()) if done.exists() else 0
    while at < records:
        upto, log = min(at + PART, records), folder / "part.log"
        values = {"days": DAYS, "records": records, "persons": persons, "first": at, "last": upto}
        sql = LINES.replace("{file}", str(log))
        for name, value in values.items():
            sql = sql.replace(f"${name}", str(value))
        engine = duckdb.connect()
        engine.execute("SET enable_progress_bar = false")
        engine.execute(sql)
        workspace = open_workspace(folder)
        assert workspace is not None
        started = time.perf_counter()
        report = collect([], workspace)
        assert report.set_aside == 0, report
        log.unlink()
        at = upto
        done.write_text(str(at))
        print(f"{at:,} records, {report.stored / (time.perf_counter() - started):,.0f}/s", file=sys.stderr)


def timed(command: list[str], folder: Path) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "haechi.cli.start", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(done.stderr + done.stdout)
    return wall, done.stdout


def measure(folder: Path, persons: int, runs: int) -> tuple[list[float], list[float], list[int]]:
    proving, verifying, rows = [], [], []
    key = (folder / "haechi.key.pub").read_text().strip()
    for _ in range(runs):
        person = str(random.randrange(persons))
        wall, said = timed(["prove", "person", person, "--out", "pack.zip", "--json"], folder)
        proving.append(wall)
        rows.append(json.loads(said)["rows"])
        verifying.append(timed(["verify", "pack.zip", "--key", key], folder)[0])
    return proving, verifying, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--records", type=int, default=100_000_000)
    parser.add_argument("--persons", type=int, default=3_400_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    folder: Path = asked.folder
    fill(folder, asked.records, asked.persons)
    started = time.perf_counter()
    print(timed(["compact", "--all"], folder)[1], file=sys.stderr)
    print(f"compacted in {time.perf_counter() - started:,.0f} s", file=sys.stderr)
    proving, verifying, rows = measure(folder, asked.persons, asked.runs)
    print(f"{asked.records:,} records, {asked.persons:,} persons; {os.cpu_count()} cores {processor()}\n")
    print("| what | median | fastest | slowest |\n| --- | ---: | ---: | ---: |")
    for name, walls in (("prove person", proving), ("verify the pack", verifying)):
        print(f"| {name} | {statistics.median(walls):.2f} s | {min(walls):.2f} s | {max(walls):.2f} s |")
    print(f"\nRows in a pack: {min(rows)} to {max(rows)}.")


if __name__ == "__main__":
    main()
