"""The scope of the full-size case alone: whose data, of how many requests, in a process of its own.

    python -m benchmarks.full.scope --folder DIR [--part 1.0] [--days 208] [--memory 6GB] [--limit 8GB] [--out FILE]

DIR holds a world of `run.py`. What the rules flag there, all forged accesses, is written down at once, as they would
leave it; then the case is scoped, and each counter must meet the truth.
"""

from __future__ import annotations

import argparse
import os
import resource
from contextlib import closing
from pathlib import Path

from benchmarks.full.results import keep
from benchmarks.full.run import Steps, opened, settings
from benchmarks.full.world import World
from haechi.detect.queries import statements
from haechi.scope.case import scope_case
from haechi.workspace.units import memory_bytes

FLAG = """
INSERT INTO flagged_block
SELECT 0, source, seq // 8192, bitstring_agg((seq % 8192)::INTEGER, 0, 8191)
FROM access
WHERE client = 'ShopApp/6.1'
GROUP BY source, seq // 8192
"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--part", type=float, default=1.0)
    asked.add_argument("--days", type=int, default=208)
    asked.add_argument("--memory", default="6GB")
    asked.add_argument("--limit", default="", help="what the system lets the process allocate at all (8GB)")
    asked.add_argument("--out", type=Path, help="where to keep the figures (benchmarks/results/full.json)")
    given = asked.parse_args()
    if given.limit:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes(given.limit),) * 2)
    world, steps = World(given.part, given.days), Steps()
    world.make(given.folder)
    with closing(opened(given.folder, given.memory, world.days)) as engine:
        with steps.step("flag"):
            for statement in [*statements("flag_tables"), *statements("flag_block_tables")]:
                engine.execute(statement)
            engine.execute("INSERT INTO flagged_by VALUES (0, 'never-issued', 'key', 'backup')")
            engine.execute(FLAG)
        with steps.step("scope alone"):
            count = scope_case(engine, [0], settings(given.memory)).count
    truth = world.truth()
    found = {name: getattr(count, name) for name in truth}
    same = "the same" if found == truth else "NOT THE SAME"
    print(f"found {found}\ntruth {truth}: {same}; load {os.getloadavg()[0]:.1f}")
    if given.out:
        common = {"records": world.records, "memory": given.memory, "exact": found == truth}
        keep(given.out, [one | common for one in steps.figures if one["step"] == "scope alone"])
    return 0 if found == truth else 1


if __name__ == "__main__":
    raise SystemExit(main())
