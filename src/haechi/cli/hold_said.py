"""What is said of a hold, on a terminal and as JSON."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from rich.table import Table

from haechi.model.times import moment
from haechi.report.figures import count
from haechi.report.figures import moment as to_the_second
from haechi.report.safe import inert
from haechi.store.catalog import Catalog
from haechi.store.holds import Standing, holding
from haechi.store.leaves import HoldLeaf


def document(standing: Standing, catalog: Catalog) -> dict[str, Any]:
    """A hold as JSON: what it covers, whether it stands, who agreed to lift it, what it protects now."""
    held, expired = _protected(standing.hold, catalog)
    return {
        "id": standing.hold.id,
        "stands": standing.active,
        "from": moment(standing.hold.first),
        "to": moment(standing.hold.last),
        "sources": standing.hold.sources,
        "order": standing.hold.order,
        "laid": moment(standing.hold.at),
        "by": standing.hold.by,
        "custodians": [key.split("+")[0] for key in standing.hold.lifters],
        "agreed": [
            {
                "at": moment(lift.at),
                "by": lift.by,
                "custodian": lift.vkey.split("+")[0],
                "reason": lift.reason,
            }
            for lift in standing.agreed
        ],
        "batches": len(held),
        "records": sum(catalog.batch(number).rows for number in held),
        "batches_expired": len(expired),
        "records_expired": sum(catalog.batch(number).rows for number in expired),
    }


def lines(standing: Standing, catalog: Catalog, zone: tzinfo) -> Table:
    """The same for a person to read."""
    hold = standing.hold
    told = document(standing, catalog)
    sources = ", ".join(hold.sources) or "all sources"
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    said = [
        (
            "span",
            f"{_when(hold.first, zone, 'the beginning')} to {_when(hold.last, zone, 'no end')}, of {sources}",
        ),
        ("order", hold.order),
        ("laid", f"{_when(hold.at, zone, '')} by {hold.by}"),
        (
            "protects" if standing.active else "protected",
            f"{count(told['records'], 'record')} in {count(told['batches'], 'batch')}",
        ),
    ]
    if told["batches_expired"]:
        gone = f"{count(told['records_expired'], 'record')} in {count(told['batches_expired'], 'batch')}"
        said.append(("gone", f"{gone} of its span had expired before: no hold brings them back"))
    if standing.active:
        who = ", ".join(told["custodians"])
        said.append(("lift", f"needs two of: {who}" if who else "needs two accounts of this machine"))
    for lift in standing.agreed:
        person = f"{lift.vkey.split('+')[0]}, as {lift.by}" if lift.vkey else lift.by
        said.append(("agreed", f"{_when(lift.at, zone, '')} {person}: {lift.reason}"))
    if standing.ended is not None:
        said.append(("lifted", _when(standing.ended, zone, "")))
    for label, text in said:
        table.add_row(label, inert(text))
    return table


def _protected(hold: HoldLeaf, catalog: Catalog) -> tuple[list[int], list[int]]:
    """The batches in the span of a hold: those that are there, and those that expired."""
    inside = [batch.number for batch in catalog.batches if holding(batch, [hold])]
    return (
        [number for number in inside if number not in catalog.expired],
        [number for number in inside if number in catalog.expired],
    )


def _when(micros: int | None, zone: tzinfo, otherwise: str) -> str:
    at = moment(micros)
    return otherwise if at is None else to_the_second(at, zone)
