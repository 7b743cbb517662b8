"""How fast access logs become committed batches, side by side with what DuckDB alone needs to read them.

    python benchmarks/collect.py [--lines 2000000] [--runs 3] [--folder DIR]

Each run is a process of its own. A run counts from opening the file to the last checkpoint on the disk: records
parsed and routed, raw lines kept, Merkle roots made, everything synced. "DuckDB alone" reads the same JSON file into
a Parquet file with the same columns and does none of that. The table is written in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "ShopApp/7.2 (Android 15)",
)
PAGES = (
    "/api/me/addresses",
    "/api/me/profile",
    "/api/products/{}",
    "/api/orders/{}",
    "/search?q=word{}",
    "/cart",
)
ROUTES = """
[[route]]
path = "/api/me/addresses"
fields = ["name", "phone", "address"]
subject = "token"
[[route]]
path = "/api/me/profile"
fields = ["name", "email"]
subject = "token"
[[route]]
path = "/api/orders/{id}"
fields = ["order"]
subject = "token"
[[route]]
path = "/api/products/{id}"
"""
COLUMNS = ["time", "remote_addr", "request_method", "uri", "status", "body_bytes_sent", "http_user_agent"]
COLUMNS += ["jwt_claim_sub", "jwt_header_kid", "jwt_claim_iss", "token_sha256", "host", "node", "seq"]


def records(count: int) -> Iterator[tuple[str, str]]:
    """The same requests as an nginx JSON line and as a combined line."""
    chance = random.Random(1)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    for i in range(count):
        clock = time.gmtime(1_744_560_000 + i // 400)
        page = chance.choice(PAGES).format(chance.randrange(1_000_000))
        address = f"198.18.{chance.randrange(256)}.{chance.randrange(256)}"
        agent, member, size = chance.choice(AGENTS), chance.randrange(30_000_000), chance.randrange(200, 9000)
        day = f"{clock.tm_mday:02d}/{months[clock.tm_mon - 1]}/{clock.tm_year}"
        hour = f"{clock.tm_hour:02d}:{clock.tm_min:02d}:{clock.tm_sec:02d}"
        line = {
            "time": f"{clock.tm_year}-{clock.tm_mon:02d}-{clock.tm_mday:02d}T{hour}.{i % 1000:03d}+00:00",
            "node": f"gw-{i % 4}",
            "seq": i // 4,
            "remote_addr": address,
            "request_method": "GET",
            "host": "shop.example",
            "uri": page,
            "status": 200,
            "body_bytes_sent": size,
            "request_time": 0.034,
            "http_user_agent": agent,
            "jwt_claim_sub": str(member),
            "jwt_header_kid": "login-2024-07",
            "jwt_claim_iss": "https://login.shop.example",
            "token_sha256": f"{chance.getrandbits(256):064x}",
        }
        combined = (
            f'{address} - {member} [{day}:{hour} +0000] "GET {page} HTTP/1.1" 200 {size} "-" "{agent}"\n'
        )
        yield json.dumps(line, separators=(",", ":")) + "\n", combined


def make(folder: Path, count: int) -> tuple[Path, Path]:
    nginx, combined = folder / "nginx.json", folder / "combined.log"
    with nginx.open("w") as one, combined.open("w") as other:
        for a, b in records(count):
            one.write(a)
            other.write(b)
    return nginx, combined


def collect(log: Path, folder: Path) -> int:
    from haechi.report.inspection import collect
    from haechi.report.workspaces import open_workspace

    (folder / "haechi.toml").write_text(f'[[source]]\nname = "gateway"\npaths = ["{log}"]\n{ROUTES}')
    workspace = open_workspace(folder)
    assert workspace is not None
    report = collect([], workspace)
    assert report.set_aside == 0, report
    return report.stored


def bare(log: Path, folder: Path) -> int:
    import duckdb

    types = {"status": "INTEGER", "body_bytes_sent": "BIGINT", "seq": "BIGINT", "time": "TIMESTAMPTZ"}
    columns = ", ".join(f"{name}: '{types.get(name, 'VARCHAR')}'" for name in COLUMNS)
    connection = duckdb.connect()
    connection.execute(
        f"COPY (SELECT * FROM read_json('{log}', format = 'newline_delimited', columns = {{{columns}}})) "
        f"TO '{folder / 'out.parquet'}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    return int(connection.execute(f"SELECT count(*) FROM '{folder / 'out.parquet'}'").fetchall()[0][0])


STEPS = {"haechi": collect, "duckdb": bare}


def child(step: str, log: Path, folder: Path) -> None:
    """One run, timed within its own process once the imports are done."""
    import haechi.report.inspection  # noqa: F401

    started, busy = time.perf_counter(), time.process_time()
    count = STEPS[step](log, folder)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    used = resource.getrusage(resource.RUSAGE_SELF)
    size = sum(
        f.stat().st_size for f in folder.rglob("*") if f.is_file() and f.suffix in (".parquet", ".zst")
    )
    print(
        json.dumps(
            {
                "lines": count,
                "wall": wall,
                "cpu": cpu,
                "peak": used.ru_maxrss,
                "size": size,
            }
        )
    )


def fresh(scratch: Path) -> Path:
    """An empty folder for one run."""
    folder = scratch / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def run(step: str, log: Path, folder: Path, script: str = __file__) -> dict[str, float]:
    """One step of a benchmark as a process of its own, and what it measured."""
    done = subprocess.run(
        [sys.executable, script, "--child", step, str(log), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where the logs and the stores go")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child[0], Path(asked.child[1]), Path(asked.child[2]))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as scratch:
        nginx, combined = make(Path(scratch), asked.lines)
        tasks = [("Haechi, nginx JSON", "haechi", nginx), ("DuckDB alone, nginx JSON", "duckdb", nginx)]
        tasks.append(("Haechi, combined", "haechi", combined))
        rounds = [[run(step, log, fresh(Path(scratch))) for _, step, log in tasks] for _ in range(asked.runs)]
        versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "datafusion"))
        print(
            f"{asked.lines:,} lines; median of {asked.runs} runs in turn; {os.cpu_count()} cores {processor()};"
        )
        print(f"{versions}\n")
        print("| what | bytes a line | lines/s | core-µs a line | peak memory | on disk, bytes a line |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for at, (title, _, log) in enumerate(tasks):
            middle = {key: statistics.median(r[at][key] for r in rounds) for key in rounds[0][at]}
            lines = middle["lines"]
            print(
                f"| {title} | {log.stat().st_size / lines:.0f} | {lines / middle['wall']:,.0f} "
                f"| {middle['cpu'] / lines * 1e6:.2f} | {middle['peak'] / 1e6:.2f} GB | {middle['size'] / lines:.0f} |"
            )


def processor() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
