"""Killed at any moment, and run again: nothing lost, nothing twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.model.settings import Settings
from haechi.store.open import open_engine
from haechi.store.store import Store

LINES = 30_000
BAD_EVERY = 1_000

# Small blocks, so that a short run commits often.
CHILD = """
import sys
from pathlib import Path
from haechi.collect import blocks
blocks.BLOCK_BYTES = 1 << 17
from haechi.collect.opening import expand
from haechi.collect.run import Collector, Job
from haechi.model.settings import Settings
from haechi.store.store import Store
with Store.open(Path(sys.argv[1])).writer() as writer:
    print("reading", flush=True)
    report = Collector(writer, Settings(), live=False).run([Job(file, None) for file in expand(sys.argv[2:])])
print(report.lines, flush=True)
"""


def start(store: Path, log: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(store), str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def account(root: Path) -> tuple[int, int, int]:
    """Records and set-aside lines in the store, and how many different numbers they bear."""
    engine = open_engine(Store.open(root).snapshot(), Settings().store)
    try:
        rows = engine.rows("SELECT (SELECT count(*) FROM access), (SELECT count(*) FROM aside)")[0]
        numbers = "SELECT seq FROM access UNION SELECT seq FROM aside"
        return rows[0], rows[1], engine.rows(f"SELECT count(*) FROM ({numbers})")[0][0]
    finally:
        engine.close()


@pytest.mark.parametrize("seed", range(6))
def test_kill_and_run_again(tmp_path: Path, combined_line: Callable[..., str], seed: int) -> None:
    log, store = tmp_path / "access.log", tmp_path / "store"
    with log.open("w") as file:
        for i in range(LINES):
            file.write("broken\n" if i % BAD_EVERY == 7 else combined_line(i))
    chance = random.Random(seed)
    kills = 0
    for _ in range(6):
        child = start(store, log)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.9))
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            kills += 1
        child.communicate()
        stored, aside, numbers = account(store)
        assert stored + aside == numbers
    finish = start(store, log)
    _, errors = finish.communicate(timeout=120)
    assert finish.returncode == 0, errors
    assert kills >= 1
    assert account(store) == (LINES - LINES // BAD_EVERY, LINES // BAD_EVERY, LINES)
    leftover = [path.name for path in (store / "tmp").iterdir()]
    assert leftover == []
    numbers_of_files = {int(path.name.split(".")[0]) for path in (store / "batches").rglob("*.zst")}
    assert len(numbers_of_files) == len(Store.open(store).snapshot().batches)
