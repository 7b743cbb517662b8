"""A standalone cluster of three workers, one of which is killed while it works: the same answer as DuckDB's.

The worker has done a task by then, and the inspection still runs. Whether what it had made was asked for again, which
hangs on the moment, is not shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from benchmarks.engines import world
from tests.servers.fixtures import or_skip
from tests.servers.spark import SMALL, Cluster, environment, running

pytestmark = pytest.mark.xdist_group("spark")

# Several tasks a query, so that every worker has some; and tables as files, as large ones are.
OPTIONS = {
    **SMALL,
    "spark.sql.shuffle.partitions": "3",
    "spark.default.parallelism": "3",
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
RULES = ("never-issued", "subject-never-existed", "leaver")
WAIT = 240.0


def test_a_worker_that_dies_changes_nothing(tmp_path: Path) -> None:
    workspace = world("coupang-2025", tmp_path / "world", 0.00001, 1)
    with or_skip(running(tmp_path / "cluster", workers=3)) as cluster:
        _use(workspace.root, cluster)
        alone = _finished(_inspect(workspace.root, "duckdb"))
        on_spark = _inspect(workspace.root, "spark")
        others = _kill_one_at_work(cluster, on_spark)
        together = _finished(on_spark)
    assert alone["findings"] and alone["cases"]
    assert {name: together[name] for name in ("findings", "cases", "coverage")} == {
        name: alone[name] for name in ("findings", "cases", "coverage")
    }
    assert sum(worker.finished() for worker in cluster.workers[1:]) > others


def _use(root: Path, cluster: Cluster) -> None:
    options = "".join(f'"{name}" = "{value}"\n' for name, value in OPTIONS.items())
    with (root / "haechi.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[engine]\nmaster = "{cluster.url}"\nmemory = "1GB"\n[engine.options]\n{options}')


def _inspect(root: Path, engine: str) -> subprocess.Popen[bytes]:
    rules = [part for rule in RULES for part in ("--rule", rule)]
    command = [sys.executable, "-m", "haechi.cli.start", "inspect", "--json", "--engine", engine, *rules]
    return subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )


def _kill_one_at_work(cluster: Cluster, inspection: subprocess.Popen[bytes]) -> int:
    """The first worker, once it has done a task. How many the others had done by then."""
    first, *others = cluster.workers
    end = time.monotonic() + WAIT
    while not first.finished() and time.monotonic() < end:
        assert inspection.poll() is None, "the inspection was over before a worker could be killed"
        time.sleep(0.1)
    assert first.finished(), "the first worker was given nothing to do"
    first.kill()
    done = sum(worker.finished() for worker in others)
    assert inspection.poll() is None, "the inspection was over when the worker was killed"
    return done


def _finished(inspection: subprocess.Popen[bytes]) -> dict[str, Any]:
    out, err = inspection.communicate(timeout=2 * WAIT)
    assert inspection.returncode == 1, err.decode()[-2000:]  # findings
    document: dict[str, Any] = json.loads(out)
    assert all(rule["ran"] for rule in document["rules"]), document["rules"]
    return document
