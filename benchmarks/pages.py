"""The pages that rest on what was measured: `python -m benchmarks.pages` writes them anew from benchmarks/results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.full import results as full
from benchmarks.peers import shown as peers
from benchmarks.suite import bill, plot, shown
from benchmarks.suite.page import fill
from benchmarks.suite.targets import targets

REPOSITORY = Path(__file__).parent.parent
PERFORMANCE, SCALING = REPOSITORY / "docs/performance.md", REPOSITORY / "docs/scaling.md"
PICTURE = REPOSITORY / "docs/images/cost.svg"
FULL_PICTURE = REPOSITORY / "docs/images/full.svg"


def tables(results: Path) -> dict[str, str]:
    """What stands between the marks of docs/performance.md, by name, as far as it was measured."""
    parts: dict[str, str] = {}
    if suite := _read(results / "suite.json"):
        figures = suite["figures"]
        parts |= {
            "suite": f"{shown.circumstances(suite)}\n\n{shown.steps_table(figures)}",
            "exact": shown.exactness(figures),
            "growth": shown.growth_table(figures),
            "disk": shown.disk_table(figures),
        }
    if others := _read(results / "peers.json"):
        parts |= {
            "peers": f"{shown.circumstances(others)}\n\n{peers.peers_table(others)}",
            "ratios": peers.ratios_table(others),
            "who": f"{peers.who_table(others)}\n\nCrowdSec's scenarios: {peers.scenarios(others)}.",
        }
    if whole := _read(results / "full.json"):
        parts |= {
            "full": f"{shown.circumstances(whole, loads_shown=True)}\n\n{full.table(whole['figures'])}",
            "full-growth": shown.growth_table(whole["figures"], full.GROWING),
        }
    if suite:
        parts["targets"] = targets(suite, others)
    return parts


def written(results: Path) -> dict[Path, str]:
    """Every page and picture as it must stand."""
    suite = _read(results / "suite.json")
    return {
        PERFORMANCE: fill(PERFORMANCE.read_text(), tables(results)),
        SCALING: fill(SCALING.read_text(), bill.parts(suite["figures"])),
        PICTURE: plot.draw(suite["figures"]),
        FULL_PICTURE: plot.draw(_read(results / "full.json")["figures"], tuple(full.GROWING)),
    }


def write(results: Path) -> None:
    for file, text in written(results).items():
        file.write_text(text)


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text()) if file.is_file() else {}


if __name__ == "__main__":
    write(Path(__file__).parent / "results")
