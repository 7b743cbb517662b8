"""Reasons for accesses: how far they reach, and which purposes an account has declared."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from haechi.model.settings import PurposeSettings, ReasonsSettings
from haechi.workspace.positions import Path
from haechi.workspace.problems import did_you_mean
from haechi.workspace.read import Complain
from haechi.workspace.units import duration

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = (*WEEKDAYS, *map(str, range(1, 32)), "last")
DAY = 24 * 60
_WINDOW = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)", re.ASCII)


def check_reasons(
    reasons: ReasonsSettings,
    purposes: Sequence[PurposeSettings | None],
    routes: Collection[str] | None,
    complain: Complain,
) -> None:
    """Complain about lengths that are none, and purposes that name nobody, no window, no day or no route.

    `routes` are the paths of all routes; None where not all are known.
    """
    lengths = {
        "grace-before": reasons.grace_before,
        "grace-after": reasons.grace_after,
        "open-for": reasons.open_for,
    }
    for key, text in lengths.items():
        try:
            duration(text)
        except ValueError as error:
            complain(("reasons", key), f"is {error}.")
    seen: dict[str, int] = {}
    for number, purpose in enumerate(purposes):
        if purpose is None:
            continue
        if purpose.name in seen:
            complain(
                ("purpose", number, "name"),
                f'"{purpose.name}" is also the name of purpose[{seen[purpose.name] + 1}].',
            )
        seen.setdefault(purpose.name, number)
        _purpose(purpose, ("purpose", number), routes, complain)


def minutes(window: str) -> tuple[int, int]:
    """When a window begins and ends, in minutes from midnight. One that passes midnight ends beyond 1440.

    Raises:
        ValueError: it is not written like 02:00-05:00, or is empty.
    """
    match = _WINDOW.fullmatch(window.replace(" ", ""))
    begin = int(match[1]) * 60 + int(match[2]) if match else DAY
    end = int(match[3]) * 60 + int(match[4]) if match else 0
    if begin >= DAY or end > DAY or begin == end:
        raise ValueError('not a window such as "02:00-05:00" or "22:00-03:00"')
    return begin, end if end > begin else end + DAY


def _purpose(
    purpose: PurposeSettings, path: Path, routes: Collection[str] | None, complain: Complain
) -> None:
    for key in ("name", "actor", "reason"):
        if not getattr(purpose, key).strip():
            complain((*path, key), "is empty.")
    if purpose.window:
        try:
            minutes(purpose.window)
        except ValueError as error:
            complain((*path, "window"), f"is {error}.")
    for day in purpose.days:
        if day not in DAYS:
            complain((*path, "days"), f'names "{day}": write "mon" to "sun", "1" to "31", or "last".')
    for route in purpose.routes:
        # Some formats tell a route of their own (a database's table, a cloud's call): only paths can be looked up.
        if routes is not None and route.startswith("/") and route not in routes:
            complain(
                (*path, "routes"),
                f'names "{route}", which is the path of no route.{did_you_mean(route, sorted(routes))}',
            )
