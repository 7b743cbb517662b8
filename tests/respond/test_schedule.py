"""What --schedule writes is what systemd and a shell understand, whatever the workspace's folder is called."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.respond import world

from haechi.model.errors import AskError
from haechi.respond.schedule import cron_lines, systemd_units
from haechi.workspace.load import Workspace, load

Haechi = Callable[..., tuple[int, str, str]]


@pytest.fixture(params=["office", 'an office $HOME %h\'s "1"'])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    folder = tmp_path / request.param
    world.make(folder, port=25)
    return load(folder)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Tells where it runs and with what."""
    file = tmp_path / "told $1"
    file.write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n')
    file.chmod(0o755)
    return file


def test_cron_runs_what_is_meant(workspace: Workspace, program: Path) -> None:
    comment, *lines = cron_lines(workspace, (str(program),)).splitlines()
    assert comment.startswith("#") and len(lines) == 3
    told = []
    for line in lines:
        minute, hour, day, month, weekday, command = line.split(" ", 5)
        assert minute.isdecimal() and hour.isdecimal() and (month, weekday) == ("*", "*")
        assert "%" not in command.replace("\\%", "")
        shell = command.replace("\\%", "%")  # as cron does it
        said = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=True).stdout
        where, *arguments = said.splitlines()
        assert where == str(workspace.root) and arguments[-2:] == ["--workspace", str(workspace.root)]
        told.append((day, arguments[:-2]))
    assert told == [("*", ["inspect"]), ("*", ["case", "tend", "--apply"]), ("1", ["report", "inspection"])]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(workspace: Workspace, program: Path, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    for name, text in systemd_units(workspace, (str(program),)).items():
        (folder / name).write_text(text)
    files = sorted(map(str, folder.iterdir()))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--user", *files],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0 and not said.stderr.strip(), said.stderr
    lines = [line for file in files for line in Path(file).read_text().splitlines()]
    times = [line.partition("=")[2] for line in lines if "OnCalendar" in line]
    assert len(times) == 3
    assert subprocess.run(["systemd-analyze", "calendar", *times], capture_output=True).returncode == 0


def test_nothing_is_sent_by_whom_no_mail_server_is_set(workspace: Workspace) -> None:
    (workspace.root / "haechi.toml").write_text("")
    assert "tend" not in cron_lines(load(workspace.root))


def test_a_folder_that_no_schedule_can_name_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "a\nb"
    world.make(folder)
    with pytest.raises(AskError, match="letters that a schedule cannot name"):
        cron_lines(load(folder))


def test_the_verb_prints_and_writes(haechi: Haechi, workspace: Workspace, tmp_path: Path) -> None:
    code, out, err = haechi("inspect", "--schedule", "systemd", "-w", workspace.root)
    assert code == 0 and "OnCalendar=*-*-* 05:10:00 Asia/Seoul" in out and "Nothing was written" in err
    folder = tmp_path / "made"
    assert haechi("inspect", "--schedule", "systemd", "--out", folder, "-w", workspace.root)[0] == 0
    assert len(list(folder.iterdir())) == 6
    assert haechi("inspect", "--schedule", "at", "-w", workspace.root)[0] == 2
    assert haechi("inspect", "--schedule", "cron", "--out", folder, "-w", workspace.root)[0] == 2
