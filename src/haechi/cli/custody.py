"""`haechi custody`: who looked at personal data through Haechi, and when."""

from __future__ import annotations

import re
from datetime import tzinfo

from rich.table import Table

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.model.times import moment
from haechi.report.custody import entries
from haechi.report.figures import count
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.report.stores import open_store
from haechi.store.leaves import CustodyLeaf

SHOWN = 50


def custody(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List who looked at, exported, proved or verified something, and when; the newest last.

    Each entry was written to the evidence log before anything was shown. The person a pack was made for stands
    in it blinded.
    """
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    looks = entries(open_store(found))
    if as_json:
        out.document({"custody": looks})
        return NOTHING
    out.answer.print(inert(f"{count(len(looks), 'look')} at what the store holds.", "bold"))
    if looks:
        indented(out.answer, "", _table(looks[-SHOWN:], zone_of(found)))
    return NOTHING


def _table(looks: list[CustodyLeaf], zone: tzinfo) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("When", no_wrap=True)
    for title in ("Who", "Did", "What"):
        table.add_column(title, overflow="fold")
    for look in looks:
        time = moment(look.at)
        when = f"{time.astimezone(zone):%Y-%m-%d %H:%M:%S}" if time else "?"
        what = ", ".join(
            f"{name} {_short(name, value)}" for name, value in look.what.items() if value is not None
        )
        table.add_row(when, inert(look.by), inert(look.verb), inert(what))
    return table


def _short(name: str, value: object) -> object:
    """A checkpoint with the beginning of its root: enough to find it by. --json has all of it."""
    return (
        re.sub(r"(\S{12})\S+$", r"\1…", value) if name == "checkpoint" and isinstance(value, str) else value
    )
