"""A full disk: a clear sentence, nothing lost, and the same command goes on once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KB = 1 << 10


def mountable(folder: Path) -> bool:
    """Whether this machine lets us have a small disk of our own."""
    try:
        tried = subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)],
            capture_output=True,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


# From no room at all to nearly enough: each fails somewhere else.
@pytest.mark.parametrize(
    ("verb", "free"),
    [
        ("collect", 0), ("collect", 24 * KB), ("collect", 96 * KB), ("collect", 200 * KB),
        ("compact", 0), ("compact", 16 * KB), ("compact", 28 * KB),
        ("expire", 0), ("expire", 8 * KB),
        ("hold", 0), ("hold", 8 * KB),
        ("erase", 0), ("erase", 32 * KB), ("erase", 160 * KB), ("erase", 300 * KB),
    ],
)  # fmt: skip
def test_a_full_disk(tmp_path: Path, verb: str, free: int) -> None:
    if not mountable(tmp_path):
        pytest.skip("no small disk can be mounted here (unshare -rm mount -t tmpfs)")
    ran = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.store.disk", str(tmp_path), verb, str(free)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.strip().splitlines()[-1]
    if free == 0:
        assert said != "whole"
    assert said == "whole" or "full" in said or "space" in said or "No space left" in said, said
