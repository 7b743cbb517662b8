"""coupang-2025 from log lines: a part of the full-size world collected, inspected and scoped, with exact counters.

    python -m benchmarks.full.collected --folder DIR [--part 0.05] [--memory 6GB] [--rules RULE ...] [--out FILE]

DIR holds a world of `run.py` of this part, or gets one. Its days are written as a gateway's nginx JSON, its tokens as
an issuer's events, its members as a list; collecting them is timed from the first file to the last checkpoint. Rules,
cases and scope then read the store that this made. Lines take 0.45 GB a million records, the store 0.1.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

import duckdb

from benchmarks.full.results import keep
from benchmarks.full.run import PROVENANCE, Steps, inspected
from benchmarks.full.world import World
from benchmarks.suite.timed import forget_peak
from haechi.report.inspection import collect
from haechi.report.workspaces import open_workspace
from haechi.store.open import open_engine
from haechi.store.store import Store

_SQL = Path(__file__).parent
SETTINGS = """
[[source]]
name = "gateway"
paths = ["gateway-*.json"]

[[source]]
name = "issuer"
paths = ["issuance-*.jsonl"]
table = "issuance"

[[source]]
name = "members"
paths = ["members.csv"]
table = "subject"

[[route]]
path = "/members/{{id}}/addresses"
fields = ["name", "phone", "address"]
subject = "path:id"

[[route]]
path = "/members/{{id}}"
fields = ["name", "email"]
subject = "path:id"

[[route]]
path = "/products/{{product}}"
fields = []
subject = "none"

[[issuer]]
name = "login"
token-life = "25h"
issuance = "issuer"

[[issuer.key]]
kid = "main"

[[issuer.key]]
kid = "backup"

[store]
memory = "{memory}"
"""


def write_lines(world: Path, run: Path) -> int:
    """The world's records as files to collect, those that are not there yet. Returns their bytes."""
    engine = duckdb.connect(config={"memory_limit": "2GB"})
    for day in sorted((world / "access").glob("*.parquet")):
        _write(engine, "lines", day, run / f"gateway-{day.stem}.json")
    for part in sorted((world / "issuance").glob("*.parquet")):
        _write(engine, "events", part, run / f"issuance-{part.stem}.jsonl")
    members = (
        f"SELECT subject AS member_id, since, withdrawn, kind, canary FROM '{world}/subject/all.parquet'"
    )
    engine.execute(f"COPY ({members}) TO '{run}/members.csv' (HEADER)")
    return sum(file.stat().st_size for file in run.iterdir() if file.is_file())


def _write(engine: duckdb.DuckDBPyConnection, query: str, day: Path, file: Path) -> None:
    if not file.exists():
        engine.execute((_SQL / f"{query}.sql").read_text().format(day=day, file=f"{file}.tmp"))
        Path(f"{file}.tmp").rename(file)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--part", type=float, default=0.05)
    asked.add_argument("--memory", default="6GB")
    asked.add_argument("--rules", nargs="*", default=list(PROVENANCE), help="without names: all rules")
    asked.add_argument("--out", type=Path, help="where to keep the figures (benchmarks/results/full.json)")
    given = asked.parse_args()
    world, steps, run = World(given.part), Steps(), given.folder / "run"
    run.mkdir(parents=True, exist_ok=True)
    if (run / "store").exists():
        asked.error(f"{run / 'store'} is there already: what is collected into it again would not be counted")
    with steps.step("make"):
        world.make(given.folder)
    with steps.step("lines"):
        size = write_lines(given.folder, run)
    (run / "haechi.toml").write_text(SETTINGS.format(memory=given.memory))
    workspace = open_workspace(run)
    assert workspace is not None
    forget_peak()
    with steps.step("collect"):
        report = collect([], workspace)
    assert report.stored == world.records + world.tokens + world.members, report
    print(
        f"{report.stored:,} records of {size / 1e9:.1f} GB of lines; {report.set_aside} set aside", flush=True
    )
    store = Store.open(run / "store")
    with store.reading(), closing(open_engine(store.snapshot(), workspace.settings.store)) as engine:
        exact = inspected(engine, world, workspace.settings, given.rules, steps)
    if given.out:
        common = {"records": report.stored, "memory": given.memory, "exact": exact}
        keep(given.out, [one | common for one in steps.figures if one["step"] == "collect"])
    return 0 if exact else 1


if __name__ == "__main__":
    raise SystemExit(main())
