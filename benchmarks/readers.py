"""How much ten readers slow down a collection.

    python benchmarks/readers.py [--lines 1000000] [--readers 10] [--every 1.0] [--runs 3] [--folder DIR]

A third of the log is collected before. Then the rest is collected with nobody reading, and in a store of its own with
`--readers` processes reading, in turn. Each reader asks as a person at a screen does: it takes the newest checkpoint,
counts all records, and fetches every access to one person; then it waits until `--every` seconds have passed since it
began. Each answer's count is compared with what that checkpoint says. Collecting is timed within its process.

The table is Markdown. "Wall" tells something only on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import collect as reading


def read(store: Path, stop: Path, every: float) -> None:
    """Ask until told to stop."""
    from haechi.model.settings import StoreSettings
    from haechi.store.open import open_engine
    from haechi.store.store import Store

    chance, opened = random.Random(os.getpid()), Store.open(store)
    took: list[float] = []
    before = 0.0
    while not stop.exists():
        began = time.perf_counter()
        with opened.reading():
            snapshot = opened.snapshot()
            with closing(open_engine(snapshot, StoreSettings(memory="256MB", threads=1))) as engine:
                ((count,),) = engine.rows("SELECT count(*) FROM access")
                person = str(chance.randrange(30_000_000))
                engine.rows("SELECT * FROM access WHERE subject = $person ORDER BY time", {"person": person})
        assert count == sum(batch.rows for batch in snapshot.batches), snapshot.checkpoint
        if not took:  # the first is not counted: it loads the program
            before = time.process_time()
            print("ready", flush=True)
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, every - took[-1]))
    print(json.dumps({"took": took[1:], "cpu": time.process_time() - before}))


def child(step: str, log: Path, folder: Path) -> None:
    """Collect one log, timed once the imports are done."""
    import haechi.report.inspection  # noqa: F401

    started, busy = time.perf_counter(), time.process_time()
    count = reading.collect(log, folder)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    print(json.dumps({"lines": count, "wall": wall, "cpu": cpu}))


def run(parts: tuple[Path, Path], folder: Path, readers: int, every: float) -> dict[str, float]:
    """Collect the first part, then the rest with so many readers."""
    reading.run("collect", parts[0], folder, __file__)
    stop = folder / "stop"
    command = [sys.executable, __file__, "--reader", str(folder / "store"), str(stop), str(every)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    try:
        for process in started:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        measured = reading.run("collect", parts[1], folder, __file__)
        stop.touch()
        answers = [json.loads(process.communicate(timeout=120)[0]) for process in started]
    finally:
        for process in started:
            process.kill()
    took = [seconds for answer in answers for seconds in answer["took"]]
    measured["asked"] = len(took)
    measured["answer"] = statistics.median(took) if took else 0.0
    measured["readers"] = sum(answer["cpu"] for answer in answers)
    return measured


def split(log: Path) -> tuple[Path, Path]:
    """The log's first third, and the rest, as two files."""
    parts = log.with_suffix(".first"), log.with_suffix(".rest")
    with log.open("rb") as whole, parts[0].open("wb") as first, parts[1].open("wb") as rest:
        first.write(whole.read(log.stat().st_size // 3) + whole.readline())
        while data := whole.read(1 << 24):
            rest.write(data)
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument("--every", type=float, default=1.0, help="seconds from one question to the next")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where the logs and the stores go")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--reader", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child[0], Path(asked.child[1]), Path(asked.child[2]))
        return
    if asked.reader:
        read(Path(asked.reader[0]), Path(asked.reader[1]), float(asked.reader[2]))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as scratch:
        log, _ = reading.make(Path(scratch), asked.lines)
        parts = split(log)
        found: dict[int, list[dict[str, float]]] = {0: [], asked.readers: []}
        for _ in range(asked.runs):
            for readers, runs in found.items():
                runs.append(run(parts, reading.fresh(Path(scratch)), readers, asked.every))
        print(
            f"{asked.lines:,} nginx JSON lines, two thirds measured; a question every {asked.every:g} s a reader;"
        )
        print(f"median of {asked.runs} runs in turn; {os.cpu_count()} cores {reading.processor()}\n")
        print(
            "| readers | lines/s, wall | core-µs a line | questions | median answer | readers' processor s |"
        )
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for readers, runs in found.items():
            middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            print(
                f"| {readers} | {middle['lines'] / middle['wall']:,.0f} | {middle['cpu'] / middle['lines'] * 1e6:.2f} "
                f"| {middle['asked']:.0f} | {middle['answer']:.2f} s | {middle['readers']:.1f} |"
            )


if __name__ == "__main__":
    main()
