"""What makes a machine inspect by itself: units for systemd (systemd.timer(5)) or lines for cron (crontab(5))."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from haechi.model.errors import AskError
from haechi.workspace.load import Workspace


@dataclass(frozen=True)
class Job:
    """One thing to be done again and again. day: of the month; 0: each day. fine: exit codes that are no failure."""

    name: str
    title: str
    arguments: tuple[str, ...]
    hour: int
    minute: int
    day: int = 0
    fine: tuple[int, ...] = ()


def jobs(workspace: Workspace) -> list[Job]:
    """Inspect each day, tend the questions where mail is set up, write last month's report on the first."""
    found = [Job("inspect", "Inspect the access records", ("inspect",), 5, 10, fine=(1,))]
    if workspace.settings.mail.server:
        found.append(Job("tend", "Send, remind and tell managers", ("case", "tend", "--apply"), 8, 30))
    return [*found, Job("report", "Write the report of last month", ("report", "inspection"), 6, 40, 1, (1,))]


def cron_lines(workspace: Workspace, program: tuple[str, ...] = ()) -> str:
    """Lines for a crontab. Their times are the machine's, as cron has it."""
    lines = [f"# haechi: {_shown(workspace.root)}"]
    for job in jobs(workspace):
        command = (
            f"cd {shlex.quote(str(_root(workspace)))} && {shlex.join(_command(workspace, job, program))}"
        )
        # A percent sign would end the command there.
        lines.append(f"{job.minute} {job.hour} {job.day or '*'} * * {command.replace('%', chr(92) + '%')}")
    return "\n".join(lines) + "\n"


def systemd_units(workspace: Workspace, program: tuple[str, ...] = ()) -> dict[str, str]:
    """The units' files by their names: a service and a timer for each job."""
    slug = re.sub(r"[^a-z0-9]+", "-", workspace.root.name.lower()).strip("-") or "workspace"
    files = {}
    for job in jobs(workspace):
        name = f"haechi-{job.name}-{slug}"
        files[f"{name}.service"] = _service(workspace, job, program)
        files[f"{name}.timer"] = _timer(workspace, job)
    return files


def _service(workspace: Workspace, job: Job, program: tuple[str, ...]) -> str:
    program_path, *arguments = map(_quoted, _command(workspace, job, program))
    # Variables are put into arguments only, so that only there a dollar sign is written twice.
    command = " ".join([program_path, *(word.replace("$", "$$") for word in arguments)])
    lines = [
        "[Unit]",
        f"Description=Haechi: {job.title}",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={str(_root(workspace)).replace('%', '%%')}",
        f"ExecStart={command}",
    ]
    if job.fine:
        # Something was found: that is no failure of the program.
        lines.append(f"SuccessExitStatus={' '.join(map(str, job.fine))}")
    return "\n".join([*lines, "UMask=0077", ""])


def _timer(workspace: Workspace, job: Job) -> str:
    day = f"*-*-{job.day:02d}" if job.day else "*-*-*"
    when = f"{day} {job.hour:02d}:{job.minute:02d}:00 {workspace.settings.workspace.timezone}"
    return "\n".join([
        "[Unit]",
        f"Description=Haechi: {job.title}, at its time",
        "",
        "[Timer]",
        f"OnCalendar={when}",
        "Persistent=true",  # what was missed while the machine was off is done as soon as it is on
        "",
        "[Install]",
        "WantedBy=timers.target",
        "",
    ])  # fmt: skip


def _command(workspace: Workspace, job: Job, program: tuple[str, ...]) -> list[str]:
    return [*(program or this_program()), *job.arguments, "--workspace", str(_root(workspace))]


def this_program() -> tuple[str, ...]:
    """How this program is called from anywhere."""
    beside = Path(sys.executable).with_name("haechi")
    found = str(beside) if beside.exists() else shutil.which("haechi")
    return (found,) if found else (sys.executable, "-m", "haechi.cli.start")


def _root(workspace: Workspace) -> Path:
    root = workspace.root
    if any(not char.isprintable() for char in str(root)):
        raise AskError("the workspace's path holds letters that a schedule cannot name", where=_shown(root))
    return root


def _shown(root: Path) -> str:
    return ascii(str(root))[1:-1] if not str(root).isprintable() else str(root)


def _quoted(text: str) -> str:
    """One word of a command line as systemd reads it (systemd.service(5))."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if re.fullmatch(r"[\w./:=@+-]+", text) else f'"{escaped}"'
