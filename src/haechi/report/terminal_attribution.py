"""Where a case came from, and what speaks for an insider and for an outsider, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from haechi.model.values import Attribution, NetworkShare
from haechi.report.figures import count
from haechi.report.safe import inert

NETWORKS_SHOWN = 4


def networks_table(networks: Sequence[NetworkShare]) -> Table:
    """The networks that a case came from, as far as the workspace's files tell."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for number, share in enumerate(networks[:NETWORKS_SHOWN]):
        owner = share.owner or (f"AS{share.asn}" if share.asn else "owner not known")
        named = ", ".join(part for part in (owner, share.country, share.kind) if part)
        counts = f"{count(share.requests, 'request')} from {count(share.addresses, 'address')}"
        table.add_row("" if number else "Networks", Text.assemble(inert(named), ": ", counts))
    if len(networks) > NETWORKS_SHOWN:
        table.add_row("", f"and {count(len(networks) - NETWORKS_SHOWN, 'more network')}; --json lists them")
    return table


def attribution_table(attribution: Attribution) -> Table:
    """What speaks for an insider and what for an outsider; never the leaning alone."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    leaning = {
        "insider": "the evidence leans towards an insider, or somebody who was one",
        "outsider": "the evidence leans towards an outsider",
        "unknown": "the evidence does not tell",
    }[attribution.leaning]
    table.add_row("Insider or outsider?", leaning)
    for side in ("insider", "outsider"):
        facts = [fact for fact in (*attribution.for_, *attribution.against) if fact.speaks_for == side]
        for number, fact in enumerate(facts):
            table.add_row("" if number else f"  for an {side}", inert(fact.sentence))
        if not facts:
            table.add_row(f"  for an {side}", Text("nothing that was looked at", style="dim"))
    return table
