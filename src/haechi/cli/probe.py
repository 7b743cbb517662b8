"""`haechi probe`: ask real systems whether ways in are dead."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haechi.cli.options import FOUND, NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.report.custody import Look, record
from haechi.report.terminal_probe import print_planned, print_results
from haechi.store.of_workspace import open_store

if TYPE_CHECKING:
    from haechi.identity.ask import Result
    from haechi.identity.rounds import Planned

app = typer.Typer(
    no_args_is_help=True,
    help="Probes: ask real systems whether ways in are dead, changing nothing. Each answer is sealed.",
)
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Probes. Without one: all.")]
Due = Annotated[bool, typer.Option("--due", help="Only those whose time has come, as `every` says.")]
Pause = Annotated[
    float, typer.Option("--pause", min=0, metavar="SECONDS", help="Between two questions to one system.")
]
Wait = Annotated[float, typer.Option("--wait", min=0.1, metavar="SECONDS", help="For any one answer.")]
Together = Annotated[
    int, typer.Option("--together", min=1, max=64, metavar="N", help="Systems asked at the same time.")
]


@app.command("run")
def run(
    names: Names = None,
    due: Due = False,
    pause: Pause = 1.0,
    wait: Wait = 10.0,
    together: Together = 4,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Ask, and seal the answers. Exit code 0 if all are DEAD; 1 if one is ALIVE, or UNKNOWN, which is not dead."""
    from haechi.identity.ask import Manners
    from haechi.identity.rounds import ask_round

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    manners = Manners(pause, wait, together)
    if out.aside.is_terminal:
        with out.aside.status("Asking"):
            results = ask_round(found, names or (), due, manners)
    else:
        results = ask_round(found, names or (), due, manners)
    if results:
        record(open_store(found), Look("probe run"))
    if as_json:
        out.document({"probes": [_told(result) for result in results]})
    else:
        print_results(results, out.answer)
    return NOTHING if all(result.state == "dead" for result in results) else FOUND


@app.command("list")
def show(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List the probes, what each answered last, and when it is to be asked again."""
    from haechi.identity.rounds import planned

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    record(open_store(found), Look("probe list"))
    plans = planned(found)
    if as_json:
        out.document({"probes": [_plan(plan) for plan in plans]})
    else:
        print_planned(plans, out.answer, zone_of(found))
    return NOTHING


@app.command("schedule")
def schedule(
    cron: Annotated[
        bool, typer.Option("--cron", help="A line for crontab instead of systemd units.")
    ] = False,
    workspace: WorkspaceDir = None,
) -> int:
    """Print what makes the operating system ask each probe when it is due: units for systemd, or a cron line."""
    found = needed_workspace(workspace)
    out = Output.open(False)
    words = [_program(), "probe", "run", "--due", "--workspace", str(found.root)]
    if cron:
        # In a crontab % ends the command.
        text = f"17 * * * * {shlex.join(words)} >/dev/null\n".replace("%", r"\%")
    else:
        name = found.settings.workspace.name or found.root.name
        text = _UNITS.format(name=_unit(name), command=" ".join(_unit_word(word) for word in words))
    out.answer.file.write(text)
    return NOTHING


_UNITS = """\
# /etc/systemd/system/haechi-probe.service
[Unit]
Description=Haechi asks whether ways in are dead ({name})
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# 1: something is alive, or not known to be dead. `haechi leaver check` tells; the round itself was done.
SuccessExitStatus=1

# /etc/systemd/system/haechi-probe.timer
[Timer]
OnCalendar=hourly
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
"""


def _program() -> str:
    """The command to call later: as it was called now where that is a path, else by its name."""
    return sys.argv[0] if sys.argv and sys.argv[0].startswith("/") else "haechi"


def _unit(text: str) -> str:
    """Text in a unit file: % begins a specifier, and a line ends it."""
    return " ".join(text.split()).replace("%", "%%")


def _unit_word(text: str) -> str:
    """One word of a command line in a unit file (systemd.service(5), "Command lines")."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if any(char.isspace() or char in "'\"\\;" for char in text) else plain


def _told(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(result, name) for name in result.__dataclass_fields__}
    return {name: value for name, value in told.items() if value or name not in ("bug", "account")}


def _plan(plan: Planned) -> dict[str, Any]:
    probe, last = plan.question.probe, plan.last
    return {
        "name": probe.name,
        "system": probe.system,
        "kind": probe.kind,
        "target": probe.target,
        "every": probe.every or plan.question.system.every,
        "asked": last.asked if last else None,
        "state": last.state if last else None,
        "evidence": last.evidence if last else None,
        "next": plan.next,
    }
