"""Run a command and measure what it took: wall clock, processor seconds and memory, children included.

Imports nothing heavy: a child's peak is never less than what its parent held when it began.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Used:
    """What a process took from its start to its exit, with the processes that it waited for.

    wall, cpu: seconds; cpu is user and system time over all cores
    peak:      MB of resident memory, of whichever of them held the most
    said:      its standard output
    code:      its exit code, negative: killed by that signal
    """

    wall: float
    cpu: float
    peak: float
    said: str
    code: int


class Failed(Exception):
    """A step of the suite ended with an error; the message holds what it wrote."""


def spawn(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    allowed: Sequence[int] = (0,),
) -> Used:
    """Run it to its end. Raises `Failed` where its exit code is none of `allowed`."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=complained,
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # or Popen would wait for it once more
        said.seek(0)
        text = said.read().decode(errors="replace")
        if process.returncode not in allowed:
            complained.seek(0)
            told = complained.read().decode(errors="replace")
            raise Failed(
                f"{' '.join(command)} ended with {process.returncode}:\n{told[-4000:]}{text[-1000:]}"
            )
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return Used(wall, cpu, peak, text, process.returncode)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs one of this project's modules with the same interpreter."""
    return [sys.executable, "-m", module, *arguments]
