"""Run the command line in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from haechi.cli.main import run

LINE = '192.0.2.7 - - [05/Mar/2025:10:{:02d}:00 +0000] "GET /page/{} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def haechi(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Run a command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start a command as a process of its own."""

    def start(*arguments: str | Path, **env: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "haechi.cli.start", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, **env},
            # Tests that run in the background ignore Ctrl-C, and what they start would, too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


@pytest.fixture
def access_log(tmp_path: Path) -> Path:
    """A small public web site's log: nothing in it is personal."""
    file = tmp_path / "access.log"
    file.write_text("".join(LINE.format(n, n) for n in range(40)))
    return file


@pytest.fixture(scope="session")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an incident in it, collected once. Tests only read it."""
    folder = tmp_path_factory.mktemp("drill")
    assert (
        run(["drill", "make", "coupang-2025", "--scale", "0.00005", "--seed", "3", "--out", str(folder)]) == 0
    )
    assert run(["collect", "--workspace", str(folder / "inspect")]) == 0
    return folder / "inspect"
