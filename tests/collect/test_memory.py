"""How much memory a collection takes, and that it keeps it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.collect import memory
from haechi.collect.memory import keep_memory, shape_for

MB = 1_000_000

# What a collection of one log takes: records, peak of resident memory in KB. Not ru_maxrss: a process that was
# started by a larger one, as by a test runner after a thousand tests, begins with the peak of that one.
CHILD = """
import resource, sys
from pathlib import Path
limit = int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from haechi.collect.opening import expand
from haechi.collect.run import Collector, Job
from haechi.model.settings import Settings, StoreSettings
from haechi.store.store import Store
settings = Settings(store=StoreSettings(memory=sys.argv[4], threads=2))
with Store.open(Path(sys.argv[1])).writer() as writer:
    report = Collector(writer, settings, live=False).run([Job(file, None) for file in expand([sys.argv[2]])])
status = Path("/proc/self/status").read_text()
print(report.stored, next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these switches")
def test_glibc_takes_every_switch() -> None:
    assert keep_memory()
    assert keep_memory()


@pytest.mark.parametrize("cores", [1, 2, 4, 8, 64])
@pytest.mark.parametrize("allowed", ["100MB", "400MB", "600MB", "1200MB", "2GB", "64 GiB"])
def test_blocks_fit_what_is_allowed(monkeypatch: pytest.MonkeyPatch, cores: int, allowed: str) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    workers, block = shape_for(allowed, 0, 32 << 20)
    assert 1 <= workers <= min(cores, memory.MOST_WORKERS) and 1 << 20 <= block <= 32 << 20
    taken = memory._PROGRAM + (workers + 1) * block * memory._OF_A_BLOCK
    assert taken <= memory.memory_bytes(allowed) or (workers, block) == (1, 1 << 20)


def test_small_blocks_are_left_as_they_are_and_threads_are_heard() -> None:
    assert shape_for("1200MB", 2, 32 << 20) == (2, 32 << 20)
    assert shape_for("64GB", 3, 1 << 12) == (3, 1 << 12)
    assert shape_for("450MB", 8, 32 << 20)[0] < 8


@pytest.mark.skipif(sys.platform != "linux", reason="limits and peaks as Linux counts them")
def test_less_memory_is_heard(tmp_path: Path, combined_line: Callable[..., str]) -> None:
    """Blocks of 32 MB take several times that; a tenth of the memory is a tenth of the block."""
    log = tmp_path / "access.log"
    with log.open("w") as file:
        for begin in range(0, 600_000, 50_000):
            file.write("".join(combined_line(begin + i) for i in range(50_000)))
    peaks = []
    for name, limit, allowed in (("wide", 0, "1200MB"), ("narrow", 2_000 * MB, "350MB")):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(tmp_path / name), str(log), str(limit), allowed],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        stored, peak = map(int, done.stdout.split())
        assert stored == 600_000
        peaks.append(peak)
    assert peaks[1] < 0.75 * peaks[0] and peaks[1] < 600_000
