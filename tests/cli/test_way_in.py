"""What every error becomes, and what the command line says of itself."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest

import haechi as package
from haechi.cli import main as way_in
from haechi.cli.docs import render
from haechi.cli.options import EXIT_CODES
from haechi.cli.output import encode
from haechi.model.errors import StoreError

Haechi = Callable[..., Any]
Process = Callable[..., "subprocess.Popen[bytes]"]
ROOT = Path(__file__).parents[2]


def test_version(haechi: Haechi) -> None:
    said = haechi("--version")
    assert (said.code, said.out) == (0, f"haechi {package.__version__}\n")


def test_help_names_the_verbs_and_the_exit_codes(haechi: Haechi) -> None:
    said = haechi("--help")
    text = " ".join(said.out.split())
    assert said.code == 0
    assert text.count(EXIT_CODES) == 1
    for verb in ("inspect", "init", "collect", "case", "scope", "coverage", "rule", "drill"):
        assert f" {verb} " in text
        assert haechi(verb, "--help").code == 0


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["inspect", "--no-such-option"], ["case"], ["drill", "make"]]
)
def test_wrong_use_is_exit_code_2(haechi: Haechi, arguments: list[str]) -> None:
    said = haechi(*arguments)
    assert said.code == 2
    assert said.err or said.out


def test_without_a_verb_it_is_help(haechi: Haechi) -> None:
    said = haechi()
    assert said.code == 2
    assert said.err.strip() == haechi("--help").out.strip()


def test_wrong_use_with_json_is_a_document(haechi: Haechi) -> None:
    assert "no-such-option" in haechi("inspect", "--json", "--no-such-option").document["error"]["what"]


def test_an_error_on_purpose_says_where_and_what_to_do(
    haechi: Haechi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise StoreError("the disk is full", where="/data\x1b[2J", kept="everything", todo="free space")

    monkeypatch.setattr(way_in, "_invoke", fail)
    said = haechi("anything", "--json")
    assert said.code == 3
    assert (
        said.err
        == "the disk is full\n  where: /data\\x1b[2J\n  kept safe: everything\n  what to do: free space\n"
    )
    assert said.document["error"]["what"] == "the disk is full"


def test_an_unexpected_error_is_one_sentence_without_data(
    haechi: Haechi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise ValueError("Hong Gildong, 010-0000-0000")

    monkeypatch.setattr(way_in, "_invoke", fail)
    said = haechi("anything")
    assert said.code == 70
    assert "ValueError" in said.err and "Traceback" not in said.err
    assert "Hong" not in said.out + said.err
    monkeypatch.setenv("HAECHI_DEBUG", "1")
    assert "Traceback" in haechi("anything").err


def test_interrupted(haechi: Haechi, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(way_in, "_invoke", fail)
    said = haechi("anything")
    assert said.code == 130
    assert said.err.startswith("Interrupted.")


@pytest.mark.parametrize("error", [duckdb.InterruptException("x"), RuntimeError("Query interrupted")])
def test_what_an_engine_makes_of_an_interrupt_is_one(
    haechi: Haechi, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(way_in, "_invoke", fail)
    said = haechi("anything")
    assert (said.code, said.err.split(".")[0]) == (130, "Interrupted")


@pytest.mark.parametrize("after", [0.4, 0.9, 1.5])
def test_an_interrupt_at_any_time_ends_with_the_sentence(process: Process, after: float) -> None:
    running = process("drill", "run", "coupang-2025", "--scale", "0.001")
    time.sleep(after)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert b"Traceback" not in err
    assert (running.returncode, err.count(b"Interrupted.")) == (130, 1)


def test_an_interrupt_while_a_module_makes_its_classes(process: Process, tmp_path: Path) -> None:
    """Dataclasses and named tuples execute text, after which `python -m` would kill itself by the signal."""
    hindering = "exec('import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(9)')"
    (tmp_path / "typer.py").write_text(hindering)
    running = process("drill", "list", PYTHONPATH=str(tmp_path))
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err.count(b"Interrupted."), b"Traceback" in err) == (130, 1, False)


def test_an_interrupt_from_outside_ends_with_a_sentence(process: Process, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.log"
    os.mkfifo(pipe)
    running = process("inspect", pipe)
    writing = _once_read(pipe, running)
    os.write(writing, b'192.0.2.7 - - [05/Mar/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"\n')
    running.send_signal(signal.SIGINT)
    os.close(writing)
    _, err = running.communicate(timeout=60)
    assert b"Traceback" not in err
    assert running.returncode == 130, err


def _once_read(pipe: Path, running: subprocess.Popen[bytes]) -> int:
    """The pipe's writing end, as soon as the command has opened it for reading."""
    while running.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            time.sleep(0.05)
    raise AssertionError(running.communicate()[1])


def test_a_reader_that_leaves_is_no_error(process: Process, access_log: Path) -> None:
    running = process("inspect", access_log, "--json")
    assert running.stdout is not None
    running.stdout.close()
    running.wait(timeout=120)
    assert running.stderr is not None
    assert running.stderr.read() == b""
    assert running.returncode in (0, 141)  # the pipe may take it all before anybody notices


@pytest.mark.parametrize("name", ["access.log", "missing.log"])
def test_a_reader_that_leaves_is_no_finding(process: Process, access_log: Path, name: str) -> None:
    running = process("inspect", name, PYTHONUNBUFFERED="1")
    assert running.stdout is not None
    running.stdout.close()
    assert running.wait(timeout=120) == 141


def test_no_terminal_no_colour(process: Process, access_log: Path) -> None:
    out, err = process("inspect", access_log, TERM="xterm-256color").communicate(timeout=120)
    assert b"\x1b" not in out + err
    assert max(len(line) for line in out.decode().splitlines() if not line.startswith("Checkpoint")) <= 100


def test_json_holds_what_json_cannot() -> None:
    seoul = timezone(timedelta(hours=9))
    document = json.loads(
        encode(
            {
                "naive": datetime(2025, 1, 1),
                "utc": datetime(2025, 1, 1, tzinfo=UTC),
                "seoul": datetime(2025, 1, 1, 9, tzinfo=seoul),
                "name": "caf\udce9",
                "nan": float("nan"),
                "path": Path("a/b"),
            }
        )
    )
    assert document["naive"] == document["utc"] == document["seoul"] == "2025-01-01T00:00:00Z"
    assert document["name"] == "caf\\udce9"
    assert document["nan"] is None
    assert document["path"] == "a/b"


def test_the_page_of_commands_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == render(), "run: make docs"
