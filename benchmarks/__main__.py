"""The benchmark suite: `python -m benchmarks`, or `make bench`.

Makes the same world at three sizes and takes it through every step, each in a process of its own; then puts Haechi
beside GoAccess, CrowdSec and a plain loop on the same file. Writes what was measured as JSON into benchmarks/results,
and from it the tables and the plot of docs/performance.md, and the arithmetic of docs/scaling.md.

`python -m benchmarks NAME ...` runs one of the scripts for one question each, such as days or reconcile.
"""

from __future__ import annotations

import argparse
import json
import runpy
import sys
from pathlib import Path
from typing import Any

from benchmarks.peers.compare import compare
from benchmarks.suite.run import run_suite
from benchmarks.suite.spawn import Failed

HERE = Path(__file__).parent
SCRIPTS = {file.stem for file in HERE.glob("[!_]*.py")} - {"pages"}
SIZES = (500_000, 1_000_000, 2_000_000)
PEER_LINES = (20_000, 1_000_000)


def main() -> int:
    if len(sys.argv) > 1 and sys.argv[1] in SCRIPTS:
        return _script(sys.argv[1])
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    try:
        if given.only != "peers":
            suite = run_suite(given.sizes, given.honest, given.runs, given.folder)
            _keep(given.out / "suite.json", suite)
        if given.only != "suite":
            _keep(given.out / "peers.json", compare(given.peer_lines, given.crowdsec_most, given.folder))
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    from benchmarks import pages  # heavy, and a child's memory would count what this process holds

    for text in pages.tables(given.out).values():
        print(f"{text}\n")
    if given.out == HERE / "results":
        pages.write(given.out)
    return 0


def _script(name: str) -> int:
    """Run one of the scripts for one question each, with the arguments that follow its name."""
    file = str(HERE / f"{name}.py")
    sys.argv[:2], sys.path[0] = [file], str(HERE)
    runpy.run_path(file, run_name="__main__")
    return 0


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="access records of the worlds, about"
    )
    asked.add_argument("--honest", type=float, default=10.0, help="honest requests for each bad one")
    asked.add_argument("--runs", type=int, default=1, help="of each step; medians are shown")
    asked.add_argument(
        "--peer-lines", type=int, nargs="+", default=PEER_LINES, help="lines of the peers' file"
    )
    asked.add_argument(
        "--crowdsec-most", type=int, default=20_000, help="CrowdSec gets no larger file: it takes ms a line"
    )
    asked.add_argument(
        "--only", choices=["suite", "peers"], help="leave the other half as it was measured last"
    )
    asked.add_argument("--folder", type=Path, help="where logs and stores go meanwhile")
    asked.add_argument(
        "--out", type=Path, default=HERE / "results", help="another folder leaves the pages alone"
    )
    return asked.parse_args()


def _keep(file: Path, document: dict[str, Any]) -> None:
    file.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
