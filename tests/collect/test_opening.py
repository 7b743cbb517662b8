"""What may not be read is named, and the rest is still found."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from haechi.collect.opening import Named, expand

NOBODY = 65534


@pytest.fixture
def forbidden() -> Iterator[Path]:
    """A folder with a closed folder, a closed file and an open file in it."""
    base = Path(tempfile.mkdtemp())
    base.chmod(0o755)
    (base / "closed").mkdir()
    for name in ("closed/in.log", "secret.log", "open.log"):
        (base / name).write_text("x\n")
        (base / name).chmod(0o644)
    (base / "secret.log").chmod(0)
    (base / "closed").chmod(0)
    yield base
    (base / "closed").chmod(0o755)
    shutil.rmtree(base)


def expand_as_nobody(names: list[str]) -> list[tuple[str, str]]:
    """(file name, problem or nothing) as an ordinary user sees them; root may read everything."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        found = [(Path(i.path).name, "" if isinstance(i, Named) else i.problem) for i in expand(names)]
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        return [(name, problem) for name, problem in json.load(answer)]


def test_a_closed_folder_and_a_closed_file_are_named(forbidden: Path) -> None:
    assert expand_as_nobody([str(forbidden)]) == [
        ("closed", "no permission to look into it"),
        ("open.log", ""),
        ("secret.log", "no permission to read it"),
    ]


def test_a_file_in_a_closed_folder_is_not_called_missing(forbidden: Path) -> None:
    assert expand_as_nobody([str(forbidden / "closed" / "in.log")]) == [
        ("in.log", "no permission to look for it")
    ]
