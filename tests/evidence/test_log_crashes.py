"""A crash, a full disk or a kill at any step leaves the old log or the new one, whole."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from haechi.evidence.log import Log
from haechi.model.errors import StoreError

ORIGIN = "drill.example/log"
STEPS = ("replace", "fsync", "mkdir", "unlink")

# (entries before, entries appended): within a tile, filling one, and over several levels
CASES = [(0, 1), (3, 2), (250, 6), (250, 300), (511, 2)]


class Crash(BaseException):
    """The process dies: nothing that it would have done afterwards happens."""


def numbered(first: int, count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(first, first + count)]


@contextmanager
def failing(patch: pytest.MonkeyPatch, at: int, error: BaseException) -> Iterator[list[str]]:
    """Let the `at`-th file operation from now on raise; the list says which were begun. -1: none fails."""
    begun: list[str] = []

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            target = Path(f"/proc/self/fd/{args[0]}").readlink() if name == "fsync" else Path(str(args[0]))
            begun.append(f"{name} {target.name}")
            if len(begun) == at + 1:
                raise error
            return real(*args, **kwargs)

        return call

    with patch.context() as scope:
        for name in STEPS:
            scope.setattr(os, name, wrapped(name, getattr(os, name)))
        yield begun


def prepared(root: Path, count: int, step: int = 100) -> Log:
    log = Log(root, ORIGIN).open()
    for first in range(0, count, step):
        log.append(numbered(first, min(step, count - first)))
    return log


def steps_of(patch: pytest.MonkeyPatch, root: Path, before: int, count: int) -> list[str]:
    log = prepared(root, before)
    with failing(patch, -1, Crash()) as begun:
        log.append(numbered(before, count))
    return begun


@pytest.mark.parametrize(("before", "count"), CASES)
def test_a_crash_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, count: int
) -> None:
    steps = steps_of(monkeypatch, tmp_path / "whole", before, count)
    committed = len(steps) - 1 - steps[::-1].index("replace checkpoint.tmp")
    for at, step in enumerate(steps):
        root = tmp_path / str(at)
        log = prepared(root, before)
        with failing(monkeypatch, at, Crash()), pytest.raises(Crash):
            log.append(numbered(before, count))
        after = Log(root, ORIGIN).open()
        size = before if at <= committed else before + count
        assert after.checkpoint.size == size, step
        after.check()
        after.recover()
        assert after.recover() == []
        after.open().check()
        after.append(numbered(size, 7))
        assert list(Log(root, ORIGIN).open().entries()) == numbered(0, size + 7)
        after.check()


@pytest.mark.parametrize(("before", "count"), CASES)
def test_a_full_disk_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, count: int
) -> None:
    steps = steps_of(monkeypatch, tmp_path / "whole", before, count)
    committed = len(steps) - 1 - steps[::-1].index("replace checkpoint.tmp")
    for at in range(committed + 1):
        root = tmp_path / str(at)
        log = prepared(root, before)
        with (
            failing(monkeypatch, at, OSError(errno.ENOSPC, "No space left on device")),
            pytest.raises(StoreError, match="cannot be written: No space left on device"),
        ):
            log.append(numbered(before, count))
        assert log.checkpoint.size == before  # the log goes on as it was
        assert Log(root, ORIGIN).open().recover() == []
        log.append(numbered(before, count))  # space was made
        assert list(Log(root, ORIGIN).open().entries()) == numbered(0, before + count)
        log.check()


def test_a_disk_that_fails_after_the_head_was_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of(monkeypatch, tmp_path / "whole", 3, 2)
    at = len(steps) - 1 - steps[::-1].index("replace checkpoint.tmp") + 1
    log = prepared(tmp_path / "log", 3)
    with (
        failing(monkeypatch, at, OSError(errno.EIO, "Input/output error")),
        pytest.raises(StoreError) as caught,
    ):
        log.append(numbered(3, 2))
    assert "open the log again" in caught.value.diagnostics()
    with pytest.raises(StoreError, match="not open"):
        log.append([b"more"])
    log.open()
    assert list(log.entries()) == numbered(0, 5)
    log.check()


def test_a_failure_to_tidy_up_does_not_undo_the_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = prepared(tmp_path, 250, 50)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", _refuse)
        patch.setattr(os, "rmdir", _refuse)
        assert log.append(numbered(250, 6)).size == 256
    log.check()
    assert len(log.recover()) == 10  # the partial forms of the tile and of the bundle that are full now
    log.check()


def _refuse(*_: Any, **__: Any) -> None:
    raise OSError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(("before", "count"), CASES)
def test_the_head_is_replaced_when_all_else_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, count: int
) -> None:
    steps = steps_of(monkeypatch, tmp_path / "log", before, count)
    commit = len(steps) - 1 - steps[::-1].index("replace checkpoint.tmp")
    assert steps[commit - 1] == "fsync checkpoint.tmp"
    assert steps[commit + 1] == "fsync log"
    assert all(step.startswith("unlink") for step in steps[commit + 2 :])
    renamed = [at for at, step in enumerate(steps[:commit]) if step.startswith("replace")]
    for at in renamed:  # flushed before it gets its name
        assert steps[at - 1] == steps[at].replace("replace", "fsync")
    flushed = {step.removeprefix("fsync ") for step in steps[max(renamed) + 1 : commit]}
    assert {
        "log",
        "tile",
        "0",
        "entries",
    } <= flushed  # the names of the files, and of the folders they are in


def test_recovery_removes_what_no_checkpoint_covers_and_nothing_else(tmp_path: Path) -> None:
    log = prepared(tmp_path, 300)
    kept = {path for path in tmp_path.rglob("*") if path.is_file()}
    left = ["tile/0/001", "tile/0/001.p/45", "tile/1/000.p/2", "tile/entries/001", "tile/0/001.p/50.tmp"]
    for name in left:
        (tmp_path / name).write_bytes(b"half written")
    assert {path.relative_to(tmp_path).as_posix() for path in log.recover()} == set(left)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == kept


def test_tiles_without_a_checkpoint_are_damage_not_an_empty_log(tmp_path: Path) -> None:
    prepared(tmp_path, 3)
    (tmp_path / "checkpoint").unlink()
    with pytest.raises(StoreError, match="tiles but no checkpoint"):
        Log(tmp_path, ORIGIN).open()
    assert (tmp_path / "tile/0/000.p/3").exists()


WRITER = """
import sys
from pathlib import Path
from haechi.evidence.log import Log
log = Log(Path(sys.argv[1]), "drill.example/log").open()
log.recover()
while True:
    size = log.checkpoint.size
    log.append([f"entry {number}".encode() for number in range(size, size + 37)])
    print(log.checkpoint.size, flush=True)
"""


def test_kill_at_any_moment(tmp_path: Path) -> None:
    root = tmp_path / "log"
    said = 0
    for wait in (0.0, 0.013, 0.031, 0.057):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            said = int(writer.stdout.readline())
            time.sleep(wait)
            writer.kill()
            said = max(
                [
                    said,
                    *(
                        int(line)
                        for line in writer.stdout.read().splitlines(keepends=True)
                        if line[-1] == "\n"
                    ),
                ]
            )
        log = Log(root, ORIGIN).open()
        assert said <= log.checkpoint.size <= said + 37
        assert list(log.entries()) == numbered(0, log.checkpoint.size)
        log.check()
