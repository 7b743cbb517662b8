"""How fast records are sealed, and a store is verified beside how fast it was collected.

    python benchmarks/evidence.py [--lines 1500000] [--runs 3] [--folder DIR]

Sealing is measured on one thread and counts the processor's time alone: SHA-256 of each raw line and each record,
person-period keys, blinds, leaves and the batch's Merkle tree, from records already in canonical form. Collecting and
verifying are processes of their own, on the same file in the same run; both use all cores. The table is Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import collect as reading

BLOCK = 65_536


def seal(log: Path, folder: Path) -> int:
    """Seal the lines of a log as if each were its own record: about the bytes that a record's canonical form has."""
    import numpy as np
    import pyarrow as pa

    from haechi.evidence.blind import PeriodKeys
    from haechi.evidence.merkle import tree_root
    from haechi.store.seal import Texts, raw_hashes
    from haechi.store.seal import seal as sealed

    keys, done = PeriodKeys.make(), 0
    empty = Texts(np.empty(0, np.int64), pa.array([], pa.string()), pa.array([], pa.string()))
    lines = log.read_bytes().splitlines(keepends=True)
    blocks = []
    for at in range(0, len(lines), BLOCK):
        some = lines[at : at + BLOCK]
        offsets = np.cumsum([0, *map(len, some)])
        persons = pa.array([str((at + i) * 7919 % 30_000_000) for i in range(len(some))])
        texts = Texts(np.arange(len(some)), persons, pa.array([line.decode() for line in some]))
        blocks.append((at, b"".join(some), offsets, texts))
    started = time.process_time()
    for at, data, offsets, texts in blocks:
        leaves = sealed(keys, b"k" * 32, at, raw_hashes(data, offsets), texts, empty)
        tree_root(leaves)
        done += len(leaves)
    print(json.dumps({"lines": done, "cpu": time.process_time() - started}))
    return done


def collected(log: Path, folder: Path) -> int:
    return reading.collect(log, folder)


def verified(log: Path, folder: Path) -> int:
    from haechi.proof.verify_store import Trust, verify_store

    key = folder / "haechi.key"
    found = verify_store(folder / "store", Trust([(folder / "haechi.key.pub").read_text().strip()]), key)
    assert found.whole, found.sentence
    return int(found.counts["records"])


STEPS = {"collect": collected, "verify": verified}


def child(step: str, log: Path, folder: Path) -> None:
    if step == "seal":
        seal(log, folder)
        return
    import haechi.proof.verify_store
    import haechi.report.inspection  # noqa: F401

    started, busy = time.perf_counter(), time.process_time()
    count = STEPS[step](log, folder)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"lines": count, "wall": wall, "cpu": cpu, "peak": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where the logs and the stores go")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child[0], Path(asked.child[1]), Path(asked.child[2]))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as scratch:
        logs = dict(zip(("nginx JSON", "combined"), reading.make(Path(scratch), asked.lines), strict=True))
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        for _ in range(asked.runs):
            for name, log in logs.items():
                folder = reading.fresh(Path(scratch))
                for step in ("seal", "collect", "verify"):
                    found.setdefault((name, step), []).append(reading.run(step, log, folder, __file__))
        versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "datafusion"))
        print(f"{asked.lines:,} lines; median of {asked.runs} runs in turn; {os.cpu_count()} cores", end=" ")
        print(f"{reading.processor()};\n{versions}\n")
        print("| what | records/s | records/s and core | core-µs a record | peak memory |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for (name, step), runs in found.items():
            middle = {key: statistics.median(r[key] for r in runs) for key in runs[0]}
            lines, each = middle["lines"], middle["cpu"] / middle["lines"]
            wall = f"{lines / middle['wall']:,.0f}" if "wall" in middle else "-"
            peak = f"{middle['peak'] / 1e6:.2f} GB" if "peak" in middle else "-"
            print(f"| {step}, {name} | {wall} | {1 / each:,.0f} | {each * 1e6:.2f} | {peak} |")


if __name__ == "__main__":
    main()
