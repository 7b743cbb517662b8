"""The report's line on reasons: how many accesses at work are explained, and what is not known of the rest."""

from __future__ import annotations

from rich.console import Console

from haechi.model.values import Explained
from haechi.report.figures import count
from haechi.report.layout import indented, section
from haechi.report.safe import inert


def print_explained(explained: Explained | None, console: Console) -> None:
    """Print nothing where nobody at work was seen."""
    lines = explained_lines(explained)
    if lines:
        section(console, "Reasons")
        indented(console, *map(inert, lines))


def explained_lines(explained: Explained | None) -> list[str]:
    """Sentences on staff, on what cannot be known, and on services."""
    if explained is None or not (explained.staff_accesses or explained.service_accesses):
        return []
    lines = []
    if explained.staff_accesses:
        lines.append(
            f"{count(explained.explained, 'access')} of {explained.staff_accesses:,} by staff to personal data "
            f"{'has' if explained.explained == 1 else 'have'} a reason on record ({_share(explained)})"
            + (f": {_kinds(explained)}." if explained.by_kind else ".")
        )
    if explained.unknown:
        lines.append(
            f"Of the others, {explained.unknown:,} are by teams for whom few or no reasons are on record: "
            "whether they had one is unknown."
        )
    if explained.service_accesses:
        lines.append(
            f"Of {count(explained.service_accesses, 'access')} by services, {explained.services_explained:,} "
            "had a declared purpose or another reason."
        )
    return lines


def _share(explained: Explained) -> str:
    # Cut, not rounded: 100 % means that all are.
    return f"{explained.explained * 1000 // explained.staff_accesses / 10:.1f} %"


def _kinds(explained: Explained) -> str:
    by_size = sorted(explained.by_kind.items(), key=lambda item: -item[1])
    return ", ".join(f"{kind} {accesses:,}" for kind, accesses in by_size)
