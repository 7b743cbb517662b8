"""`haechi expire`: remove what was kept long enough, unless a hold protects it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.report.figures import count, day
from haechi.report.layout import indented, section
from haechi.report.safe import broken, inert

if TYPE_CHECKING:
    from haechi.store.catalog import Catalog
    from haechi.store.retention import Part, Plan

NAME = 20  # columns of a source's name, so that the others fit beside it

Apply = Annotated[bool, typer.Option("--apply", help="Do it. Without this nothing is removed.")]
ClockIsRight = Annotated[
    bool, typer.Option("--clock-is-right", help="Expire although nothing was written for more than a month.")
]


def expire(
    apply: Apply = False,
    clock_is_right: ClockIsRight = False,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """List what was kept long enough, and with --apply remove it. A legal hold wins over every expiry.

    That it was removed, what, by whom and for which reason is sealed in the evidence log first.
    """
    from haechi.report.stores import open_store
    from haechi.store import expire as keeping

    found = needed_workspace(workspace)
    store = open_store(found)
    remaining = 0
    if apply:
        done = keeping.expire(store, found.settings, clock_is_right=clock_is_right)
        plan, remaining = done.plan, done.remaining
    else:
        plan = keeping.preview(store, found.settings)
    catalog = store.snapshot().catalog
    out = Output.open(as_json)
    if as_json:
        out.document(_document(plan, apply, remaining))
        return NOTHING
    _print(plan, out, zone_of(found), catalog, apply)
    if remaining:
        out.say(
            f"Somebody reads the store: {count(remaining, 'file')} will go with the next command that writes to it."
        )
    return NOTHING


def _print(plan: Plan, out: Output, zone: tzinfo, catalog: Catalog, applied: bool) -> None:
    rows = sum(part.rows for part in plan.going)
    head = f"{count(rows, 'record')} {'expired' if applied else 'would expire'}."
    out.answer.print(inert(head, "bold"))
    if plan.going:
        indented(out.answer, "", _table(plan.going, zone), *_reasons(plan.going))
    if plan.held:
        section(out.answer, "Over, but under a legal hold")
        indented(out.answer, _table(plan.held, zone), *_reasons(plan.held))
        for name in dict.fromkeys(name for part in plan.held for name in part.holds):
            order = Table.grid(padding=(0, 1, 0, 0))
            order.add_row(f"{name}:", inert(catalog.holds[name].order))
            indented(out.answer, order)
    if plan.waiting:
        waiting = sum(part.rows for part in plan.waiting)
        out.answer.print()
        out.answer.print(inert(f"{count(waiting, 'record')} will go with the rest of their day."))
    if plan.going and not applied:
        out.say("Nothing was removed: --apply removes it.")


def _table(parts: Sequence[Part], zone: tzinfo) -> Table:
    from haechi.model.times import moment

    held = any(part.holds for part in parts)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Source", "Table"):
        table.add_column(title, no_wrap=True)
    for title in ("Records", "Batches"):
        table.add_column(title, no_wrap=True, justify="right")
    for title in ("From and to", "Kept for", *(["Held by"] if held else [])):
        table.add_column(title, no_wrap=title != "Held by")
    for part in parts:
        days = [day(time, zone) for time in (moment(part.oldest), moment(part.newest)) if time]
        table.add_row(
            Text(broken(part.source, NAME)),
            part.table,
            f"{part.rows:,}",
            f"{len(part.numbers):,}",
            " –\n".join(dict.fromkeys(days)),
            inert(part.rule.keep),
            *([inert(", ".join(part.holds))] if held else []),
        )
    return table


def _reasons(parts: Sequence[Part]) -> list[Text]:
    """Why something is kept for another time than the usual one, each reason once."""
    rules = dict.fromkeys((part.rule.keep, part.rule.reason) for part in parts if part.rule.reason)
    return [inert(f"Kept for {keep}: {reason}") for keep, reason in rules]


def _document(plan: Plan, applied: bool, remaining: int) -> dict[str, Any]:
    return {
        "applied": applied,
        "expired": [_part(part) for part in plan.going],
        "held": [_part(part) for part in plan.held],
        "waiting": [_part(part) for part in plan.waiting],
        "files_remaining": remaining,
    }


def _part(part: Part) -> dict[str, Any]:
    from haechi.model.times import moment

    return {
        "source": part.source,
        "table": part.table,
        "records": part.rows,
        "set_aside": part.set_aside,
        "batches": len(part.numbers),
        "from": moment(part.oldest),
        "to": moment(part.newest),
        "keep": part.rule.keep,
        "reason": part.rule.reason,
        "holds": part.holds,
    }
