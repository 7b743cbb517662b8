"""`haechi inspect --schedule`: what makes a machine inspect by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from haechi.cli.options import NOTHING
from haechi.report.safe import inert

if TYPE_CHECKING:
    from haechi.cli.output import Output
    from haechi.workspace.load import Workspace

KINDS = ("systemd", "cron")


def schedule(workspace: Workspace, kind: str, folder: Path | None, out: Output) -> int:
    """Print units for systemd or lines for cron; write units into a folder, if one is named.

    Raises:
        typer.BadParameter: it is neither, or cron is to be written: its file is not ours.
    """
    from haechi.model.errors import InputError
    from haechi.respond.schedule import cron_lines, systemd_units

    if kind not in KINDS:
        raise typer.BadParameter(f"Choose one of: {', '.join(KINDS)}.", param_hint="--schedule")
    if kind == "cron":
        if folder is not None:
            raise typer.BadParameter("Lines for cron are added with crontab -e.", param_hint="--out")
        files = {"crontab": cron_lines(workspace)}
    else:
        files = systemd_units(workspace)
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"the units cannot be written: {error.strerror}", where=str(folder)) from None
    if out.as_json:
        out.document({"files": files, "written": folder is not None})
        return NOTHING
    for name, text in files.items():
        if folder is not None:
            out.answer.print(inert(str(folder / name)), soft_wrap=True)
            continue
        if kind == "systemd":
            out.answer.print(inert(f"# {name}"), soft_wrap=True)
        for line in text.splitlines():
            out.answer.print(inert(line), soft_wrap=True)
    timers = " ".join(name for name in files if name.endswith(".timer"))
    if kind == "cron":
        out.say("Add these lines with crontab -e. cron has the machine's time zone.")
    elif folder is None:
        out.say(
            "Nothing was written: --out ~/.config/systemd/user (or /etc/systemd/system) writes these files."
        )
    else:
        out.say(f"Now: systemctl --user daemon-reload && systemctl --user enable --now {timers}")
    return NOTHING
