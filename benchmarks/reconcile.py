"""Exact reconciliation of presented against issued credentials: time and peak memory, forgeries found.

    python benchmarks/reconcile.py [--issued 100000000] [--presented 200000000] [--forged 10000] [--threads 2]
                                   [--folder DIR] [--runs 1] [--duckdb]

Makes both logs' credentials as Parquet, as a store holds them (16 bytes, zstd, no dictionary, row groups of 122,880):
each issued one is presented twice on average, not long after; forged ones stand anywhere between. Then, in a process of
its own, `haechi.identity.reconcile` over the files. --duckdb runs an anti-join in DuckDB over the same files beside it.

Checks that exactly the planted ones were found, by file and row; exit code 1 where not.
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
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from haechi.identity.reconcile.files import reconcile
from haechi.store.prepare import ROW_GROUP

A_FILE = 5_000_000  # issued ones; twice as many presented
PACKED = "none" if "--unpacked" in sys.argv else "zstd"
Bytes = npt.NDArray[np.uint64]


def column(rows: Bytes) -> pa.Array:
    """Rows of two numbers as binary values of 16 bytes."""
    offsets = np.arange(0, 16 * len(rows) + 1, 16, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(), len(rows), [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows))]
    )


def write(file: Path, rows: Bytes) -> None:
    pq.write_table(
        pa.table({"credential": column(rows)}),
        file,
        compression=PACKED,
        use_dictionary=False,
        row_group_size=ROW_GROUP,
    )


def make(folder: Path, issued: int, presented: int, forged: int) -> dict[str, list[int]]:
    """The files `issued-*` and `presented-*`; rows of the forged ones by file."""
    random = np.random.default_rng(2025)
    numbers = -(-issued // A_FILE)
    planted: dict[str, list[int]] = {}
    for n in range(numbers):
        size = min(A_FILE, issued - n * A_FILE)
        rows = random.integers(0, 2**64, (size, 2), np.uint64)
        write(folder / f"issued-{n:03d}.parquet", rows)
        count, bad = (((n + 1) * total // numbers) - (n * total // numbers) for total in (presented, forged))
        # A window moves on through the issued ones: what is presented was issued not long before.
        at = np.linspace(0, size - 1, count).astype(np.int64) - random.integers(0, min(size, 200_000), count)
        seen = rows.take(at, axis=0, mode="wrap")
        where = np.sort(random.choice(count, bad, replace=False))
        seen[where] = random.integers(0, 2**64, (bad, 2), np.uint64)
        write(folder / f"presented-{n:03d}.parquet", seen)
        planted[f"presented-{n:03d}.parquet"] = where.tolist()
    return planted


def peak() -> float:
    """The most memory that this process held, in GB. Not ru_maxrss: that is the parent's where it was larger."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1e6


def task(given: argparse.Namespace) -> None:
    folder = Path(given.folder)
    presented, issued = (sorted(folder.glob(f"{name}-*.parquet")) for name in ("presented", "issued"))
    began, before = time.perf_counter(), os.times()
    found: dict[str, list[int]] = {file.name: [] for file in presented}
    if given.task == "duckdb":
        by_duckdb(folder, given.threads, found)
    else:
        for one in reconcile(presented, issued, given.threads).never_issued:
            found[one.file.name].append(one.row)
    after = os.times()
    figures = {
        "wall": time.perf_counter() - began,
        "user": after.user - before.user,
        "system": after.system - before.system,
    }
    print(json.dumps({**figures, "peak": peak(), "found": found}))


def by_duckdb(folder: Path, threads: int, found: dict[str, list[int]]) -> None:
    with duckdb.connect(
        config={"threads": threads, "memory_limit": "5GB", "temp_directory": str(folder / "spill")}
    ) as engine:
        rows = engine.execute(
            f"SELECT filename, file_row_number FROM read_parquet('{folder}/presented-*.parquet', filename = true, "
            f"file_row_number = true) AS p ANTI JOIN read_parquet('{folder}/issued-*.parquet') AS i USING (credential)"
        ).fetchall()
    for file, row in sorted(rows):
        found[Path(file).name].append(row)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--issued", type=int, default=100_000_000)
    asked.add_argument("--presented", type=int, default=200_000_000)
    asked.add_argument("--forged", type=int, default=10_000)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--runs", type=int, default=1)
    asked.add_argument("--folder", default="", help="keep the files here, and use those that are here")
    asked.add_argument(
        "--unpacked", action="store_true", help="leave zstd out: not as a store writes them, quicker to read"
    )
    asked.add_argument("--duckdb", action="store_true")
    asked.add_argument("--task", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.task:
        task(given)
        return
    folder = Path(given.folder or tempfile.mkdtemp(prefix="haechi-reconcile-"))
    truth = folder / "planted.json"
    if not truth.is_file():
        folder.mkdir(exist_ok=True)
        truth.write_text(json.dumps(make(folder, given.issued, given.presented, given.forged)))
    planted = json.loads(truth.read_text())
    size = sum(file.stat().st_size for file in folder.glob("*.parquet")) / 1e9
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "",
    )
    print(
        f"{os.cpu_count()} cores {model or platform.machine()}, numpy {np.__version__}, pyarrow {pa.__version__}, "
        f"duckdb {duckdb.__version__}"
    )
    print(
        f"{given.presented:,} presented, {given.issued:,} issued, {given.forged:,} forged; files of {size:.1f} GB"
    )
    print(
        "| how | wall s | user s | system s | peak GB | load | forgeries |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        flush=True,
    )
    right = True
    for name in ["haechi"] * given.runs + ["duckdb"] * given.duckdb:
        done = subprocess.run(
            [
                sys.executable,
                __file__,
                "--task",
                name,
                "--folder",
                str(folder),
                "--threads",
                str(given.threads),
            ],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        got = json.loads(done.stdout)
        exact = got["found"] == planted
        right &= exact
        said = "all, and nothing else" if exact else "WRONG"
        print(
            f"| {name} | {got['wall']:.1f} | {got['user']:.1f} | {got['system']:.1f} | {got['peak']:.2f} "
            f"| {os.getloadavg()[0]:.1f} | {said} |",
            flush=True,
        )
    if not given.folder:
        shutil.rmtree(folder)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
